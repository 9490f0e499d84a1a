"""Making rooms, finding them, changing what they are called, coming in by a link, and going."""

import re

import pytest
from playwright.sync_api import expect

from accounts.models import User
from chat.services.room import room_create
from tests.browser.conftest import OpenPage, OpenWindow
from tests.browser.stage import Stage
from tests.browser.test_accessibility import LANGUAGES, findings
from tests.browser.window import Window
from tests.world import Person, World

WIDE = {"viewport": {"width": 1440, "height": 900}}


def pick(page: Window, *people: Person) -> None:
    """Choose these people in the dialog that is open."""
    for person in people:
        page.page.locator("#pick-text").fill(person.handle)
        page.page.locator(f"#pick-{person.id}").click()
        expect(page.page.locator(".pick", has_text=person.name)).to_be_visible()


def called(page: Window) -> str:
    name: str = page.page.locator(".title-name").inner_text()
    return name


# ---- making -------------------------------------------------------------------------------------------------------


@pytest.mark.refusals(409)
def test_a_room_is_made_with_its_people_and_what_is_wrong_stands_at_its_field(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, mallory: Person, room: str
) -> None:
    taken, name = world.unique("taken"), world.unique("新的聊天室")
    stage.room(alice, name=taken)
    page, his = window(alice, room), window(bob, room)
    page.page.get_by_role("button", name="New room").click()
    box = page.page.locator("#room-name")
    expect(box).to_be_focused()
    create = page.dialog.get_by_role("button", name="Create")
    create.click()
    expect(page.page.locator("#wrong-name")).to_have_text("This may not be empty.")
    expect(box).to_be_focused()

    box.fill(taken)
    page.page.locator("#room-topic").fill("What it is about")
    page.dialog.get_by_text("Private", exact=True).click()
    page.dialog.get_by_role("checkbox", name="Announcement room").check()
    pick(page, bob, mallory)
    create.click()
    expect(page.page.locator("#wrong-name")).to_have_text("Already taken.")
    expect(page.page.locator("#room-topic")).to_have_value("What it is about")
    expect(page.page.locator(".pick")).to_have_count(2)
    box.fill(name)
    expect(page.page.locator("#wrong-name")).to_have_count(0)
    expect(box).not_to_have_attribute("aria-invalid", "true")
    create.click()
    expect(page.page.locator("main h1")).to_have_text(name)
    expect(page.page.locator(".topic")).to_have_text("What it is about")
    expect(page.page.locator(".faces-count")).to_have_text("3")
    expect(page.page.locator(".room-head .chip")).to_have_text("Announcements")
    expect(page.composer).to_be_focused()
    link = his.page.locator(".room-link", has_text=name)
    expect(link).to_be_visible()
    link.click()
    expect(his.page.locator("section.composer")).to_contain_text("Only owners and moderators can write here.")


def test_the_keyboard_alone_chooses_people_and_takes_them_out_again(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, room: str
) -> None:
    world.person("aa-sima", display_name="司马青衫")
    page = window(alice, room)
    page.page.get_by_role("button", name="New direct message").click()
    box = page.page.locator("#pick-text")
    expect(box).to_be_focused()
    box.press_sequentially("simaq")
    expect(page.page.get_by_role("option")).to_have_count(1)
    page.page.keyboard.press("Enter")
    expect(page.page.locator(".pick")).to_have_text(re.compile("司马青衫"))
    expect(box).to_have_value("")
    box.press_sequentially(bob.handle)
    expect(page.page.locator(f"#pick-{bob.id}")).to_be_visible()
    page.page.keyboard.press("Enter")
    expect(page.page.locator(".pick")).to_have_count(2)
    expect(page.page.locator("#group-name")).to_be_visible()
    page.page.keyboard.press("Backspace")
    expect(page.page.locator(".pick")).to_have_count(1)
    expect(page.page.locator("#group-name")).to_have_count(0)
    page.page.keyboard.press("Enter")
    expect(page.page.locator("main h1")).to_have_text("司马青衫")
    expect(page.composer).to_be_focused()


def test_a_message_to_several_is_a_group_which_each_of_them_may_rename(
    window: OpenWindow, world: World, alice: Person, bob: Person, mallory: Person, room: str
) -> None:
    page, his = window(alice, room, **WIDE), window(bob, room, **WIDE)
    for _twice in range(2):
        page.page.get_by_role("button", name="New direct message").click()
        pick(page, bob, mallory)
        page.dialog.get_by_role("button", name="Message").click()
        expect(page.dialog).to_have_count(0)
        expect(page.page.locator("main h1")).to_have_text(re.compile("Bob, Mallory|Mallory, Bob"))
    group = page.page.locator("main").get_attribute("data-room")
    assert group is not None
    expect(page.page.locator(".room-head .group-face")).to_be_visible()
    expect(page.page.locator('.room-link[aria-current="page"]')).to_have_count(1)
    page.say("hello, both")
    his.go(group)
    his.sees("hello, both")

    name = world.unique("the three")
    info = his.about()
    info.get_by_role("button", name="Edit: Name").click()
    info.get_by_label("Name").fill(name)
    page.page.keyboard.press("Escape")
    his.page.keyboard.press("Enter")
    expect(page.page.locator("main h1")).to_have_text(name)
    expect(page.link(group)).to_contain_text(name)
    # Nobody leads it: no rules, no links, no archive. More people are another group.
    expect(his.pane.get_by_role("heading", name="Permissions")).to_have_count(0)
    his.pane.get_by_role("tab", name="Members").click()
    his.pane.get_by_role("button", name="New group with more people").click()
    expect(his.page.locator(".pick")).to_have_count(2)


def test_people_are_added_several_at_once(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, carol: Person, mallory: Person
) -> None:
    room = stage.room(alice, bob, kind="public")
    page, hers = window(alice, room, **WIDE), window(mallory)
    hers.page.goto("/")
    hers.live()
    page.members()
    page.pane.get_by_role("button", name="Add people").click()
    page.page.locator("#pick-text").fill(bob.handle)
    expect(page.page.get_by_text("Nobody by that name.")).to_be_visible()
    pick(page, carol, mallory)
    page.dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.toast).to_have_text("2 people are now in the room.")
    expect(page.member(mallory)).to_be_visible()
    expect(hers.link(room)).to_be_visible()
    expect(page.pane.get_by_role("button", name="Add people")).to_be_focused()
    # Who is taken out takes the row with her that the dialog was opened from.
    page.decide(mallory, "Remove")
    page.dialog.get_by_role("button", name="Remove").click()
    expect(page.member(mallory)).to_have_count(0)
    expect(page.pane).to_be_focused()


@pytest.mark.refusals(409)
def test_who_cannot_be_added_stays_chosen_with_the_reason(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, mallory: Person
) -> None:
    room = stage.room(alice, bob)
    stage.call(alice, "POST", f"rooms/{room}/bans/", {"user": mallory.id})
    stage.remove(room, alice, bob)
    page = window(alice, room, **WIDE)
    page.members()
    page.pane.get_by_role("button", name="Add people").click()
    pick(page, bob, mallory)
    page.dialog.get_by_role("button", name="Add", exact=True).click()
    expect(page.dialog.get_by_role("alert")).to_have_text("Mallory: Lift the ban first.")
    expect(page.page.locator(".pick")).to_have_text(re.compile("Mallory"))
    expect(page.toast).to_have_text("Bob is now in the room.")


def test_a_click_beside_a_form_does_not_throw_away_what_was_typed(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    new = page.page.get_by_role("button", name="New room")
    new.click()
    page.page.locator("#room-name").fill("half a name")
    page.page.mouse.click(8, 400)
    expect(page.page.locator("#room-name")).to_have_value("half a name")
    page.page.keyboard.press("Escape")
    expect(page.dialog).to_have_count(0)
    expect(new).to_be_focused()
    new.click()
    page.page.mouse.click(8, 400)
    expect(page.dialog).to_have_count(0)


# ---- what it is called --------------------------------------------------------------------------------------------


@pytest.mark.refusals(409)
def test_names_and_topics_are_edited_in_their_place_and_seen_by_all(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, room: str
) -> None:
    taken, name = world.unique("taken"), world.unique("renamed")
    stage.room(alice, name=taken)
    page, his = window(alice, room, **WIDE), window(bob, room, **WIDE)
    info = page.about()
    before = called(page)
    info.get_by_role("button", name="Edit: Name").click()
    box = info.get_by_label("Name")
    expect(box).to_be_focused()
    box.fill(taken)
    page.page.keyboard.press("Enter")
    expect(info.get_by_role("alert")).to_have_text("Already taken.")
    expect(box).to_have_value(taken)
    expect(box).to_be_focused()
    page.page.keyboard.press("Escape")
    expect(info.locator(".fact-text").first).to_have_text(before)
    expect(info.get_by_role("button", name="Edit: Name")).to_be_focused()

    page.page.keyboard.press("Enter")
    box.fill(name)
    page.page.keyboard.press("Enter")
    expect(his.page.locator("main h1")).to_have_text(name)
    expect(info.get_by_role("button", name="Save")).to_have_count(0)
    info.get_by_role("button", name="Edit: Description").click()
    info.get_by_label("Description").fill("first line\nsecond <b>line</b>")
    info.get_by_role("button", name="Save").click()
    expect(info.locator(".fact-text.long")).to_have_text("first line\nsecond <b>line</b>")
    told = his.about()
    expect(told.locator(".fact-text.long")).to_have_text("first line\nsecond <b>line</b>")
    stage.call(alice, "PATCH", f"rooms/{room}/", {"description": "shorter"})
    expect(told.locator(".fact-text.long")).to_have_text("shorter")
    expect(told.get_by_role("button", name="Edit: Name")).to_have_count(0)


def test_what_one_sets_for_oneself_is_kept_and_nobody_else_sees_it(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page, other = window(alice, room, **WIDE), window(alice, room)
    info = page.about()
    info.get_by_role("checkbox", name="Favourite").click()
    info.get_by_role("radio", name="Nothing (muted)").click()
    info.get_by_label("Folder").fill("茶 & tea")
    info.get_by_label("Folder").press("Enter")
    expect(other.page.get_by_role("region", name="Favourites")).to_be_visible()
    page.reload(room)
    info = page.about()
    expect(info.get_by_role("checkbox", name="Favourite")).to_be_checked()
    expect(info.get_by_role("radio", name="Nothing (muted)")).to_be_checked()
    expect(info.get_by_label("Folder")).to_have_value("茶 & tea")
    his = window(bob, room, **WIDE)
    expect(his.about().get_by_role("checkbox", name="Favourite")).not_to_be_checked()


# ---- going --------------------------------------------------------------------------------------------------------


@pytest.mark.refusals(409)
def test_the_last_owner_is_told_what_to_do_before_she_may_leave(
    window: OpenWindow, alice: Person, bob: Person, room: str
) -> None:
    page, his = window(alice, room, **WIDE), window(bob, room, **WIDE)
    name = called(page)
    info = page.about()
    leave = info.get_by_role("button", name="Leave the room")
    expect(leave).to_have_accessible_description(re.compile("You are the only owner"))
    leave.click()
    expect(page.dialog).to_contain_text("You are the only owner")
    page.dialog.get_by_role("button", name="Leave", exact=True).click()
    expect(page.dialog.get_by_role("alert")).to_have_text("Name another owner first.")
    page.dialog.get_by_role("button", name="Cancel").click()
    info.get_by_role("button", name="Choose one of the members").click()
    page.decide(bob, "Role", "Owner")
    expect(his.about().get_by_role("button", name="Archive the room…")).to_be_visible()
    page.about().get_by_role("button", name="Leave the room").click()
    expect(page.dialog).to_contain_text("you can only come back if somebody adds you")
    page.dialog.get_by_role("button", name="Leave", exact=True).click()
    expect(page.toast.last).to_have_text(f"You have left {name}.")
    expect(page.link(room)).to_have_count(0)
    expect(his.page.locator(".faces-count")).to_have_text("1")


def test_leaving_a_group_names_it_as_the_list_does(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, mallory: Person
) -> None:
    group = stage.call(alice, "POST", "groups/", {"users": [bob.id, mallory.id]})["id"]
    page = window(alice, group, **WIDE)
    name = called(page)
    page.about().get_by_role("button", name="Leave the group").click()
    expect(page.dialog.get_by_role("heading")).to_have_text(f"Leave {name}?")
    page.dialog.get_by_role("button", name="Leave", exact=True).click()
    expect(page.toast).to_have_text(f"You have left {name}.")


def test_an_archived_room_is_read_only_until_it_is_brought_back(
    window: OpenWindow, alice: Person, bob: Person, room: str
) -> None:
    page, his = window(alice, room, **WIDE), window(bob, room, **WIDE)
    info = page.about()
    info.get_by_role("button", name="Archive the room…").click()
    expect(page.dialog).to_contain_text("Everybody can still read it")
    page.dialog.get_by_role("button", name="Archive", exact=True).click()
    for one in (page, his):
        expect(one.page.locator("section.composer")).to_contain_text("This room is archived")
        expect(one.page.locator(".room-head .chip")).to_have_text("Archived")
    page.members()
    expect(page.pane.get_by_role("button", name="Add people")).to_have_count(0)
    page.about().get_by_role("button", name="Bring the room back").click()
    for one in (page, his):
        expect(one.composer).to_be_visible()


# ---- finding ------------------------------------------------------------------------------------------------------


def test_public_rooms_are_found_read_about_and_joined(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, mallory: Person
) -> None:
    prefix = world.unique("br")
    rooms = [
        stage.room(alice, bob, kind="public", name=f"{prefix} {name}", topic=f"About {name}")
        for name in ("tea", "coffee")
    ]
    hidden = stage.room(alice, name=f"{prefix} secret")
    page = window(mallory)
    page.page.goto("/browse/")
    page.page.locator("#browse-text").fill(prefix)
    cards = page.page.locator(".room-card")
    expect(cards).to_have_count(2)
    assert page.page.locator(f'[data-room="{hidden}"]').count() == 0
    tea = page.page.locator(f'.room-card[data-room="{rooms[0]}"]')
    expect(tea).to_contain_text("About tea")
    expect(tea).to_contain_text("2 members")
    tea.get_by_role("button", name="Join").click()
    page.drawn(rooms[0])
    page.page.go_back()
    page.page.locator("#browse-text").fill(prefix)
    expect(tea).to_contain_text("Joined")
    tea.get_by_role("link", name="Open").click()
    page.drawn(rooms[0])
    page.page.goto("/browse/")
    page.page.locator("#browse-text").fill("no room is called that")
    expect(page.page.get_by_text("No room by that name.")).to_be_visible()


def test_more_rooms_than_a_page_holds_are_all_there(
    window: OpenWindow, stage: Stage, world: World, alice: Person, mallory: Person
) -> None:
    prefix = world.unique("many")

    def fill() -> None:
        actor = User.objects.get(pk=alice.id)
        for number in range(55):
            room_create(actor=actor, kind="public", name=f"{prefix} {number:02}")

    world.do(fill)
    page = window(mallory)
    page.page.goto("/browse/")
    page.page.locator("#browse-text").fill(prefix)
    expect(page.page.locator(".room-card h2").first).to_have_text(f"{prefix} 00")
    expect(page.page.locator(".room-card")).to_have_count(50)
    page.page.get_by_role("button", name="Show more").click()
    expect(page.page.locator(".room-card")).to_have_count(55)
    expect(page.page.get_by_role("button", name="Show more")).to_have_count(0)


def test_a_guest_finds_only_her_own_rooms_and_makes_none(
    window: OpenWindow, stage: Stage, world: World, alice: Person, carol: Person
) -> None:
    hers = stage.room(alice, carol, name=world.unique("hers"))
    stage.room(alice, kind="public", name=world.unique("public"))
    page = window(carol)
    page.page.goto("/browse/")
    main = page.page.locator("main")
    expect(main).to_contain_text("Guests join rooms when somebody adds them, or by a link.")
    expect(main.locator("a.line-link")).to_have_count(1)
    expect(main.get_by_role("button", name="New room")).to_have_count(0)
    main.locator("a.line-link").click()
    page.drawn(hers)


@pytest.mark.outage
def test_a_list_that_cannot_be_read_says_so_and_is_tried_again(
    window: OpenWindow, stage: Stage, alice: Person, room: str
) -> None:
    stage.room(alice, kind="public")
    page = window(alice, room)
    page.page.route("**/api/v1/rooms/browse/**", lambda route: route.abort())
    page.page.get_by_role("link", name="Browse rooms").click()
    expect(page.page.locator("main").get_by_role("alert")).to_contain_text("Not connected.")
    page.page.unroute("**/api/v1/rooms/browse/**")
    page.page.get_by_role("button", name="Retry").click()
    expect(page.page.locator(".room-card").first).to_be_visible()


# ---- coming in by a room's own address ----------------------------------------------------------------------------


def test_the_address_of_a_message_in_a_public_room_leads_who_is_not_in_it_through_its_door_to_that_message(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, carol: Person, mallory: Person
) -> None:
    name = world.unique("open")
    room = stage.room(alice, bob, kind="public", name=name, topic="What it is about")
    stage.past(room, alice, [f"line {number:03}" for number in range(1, 151)])
    page = window(mallory)
    page.page.goto(f"/rooms/{room}/20/")
    main = page.page.locator("main#main")
    expect(main.get_by_role("heading", level=1, name=name)).to_be_visible()
    expect(main).to_contain_text("What it is about")
    expect(main).to_contain_text("2 members")
    assert "line" not in main.inner_text()
    main.get_by_role("button", name="Join").click()
    page.drawn(room)
    page.sees("line 020")
    expect(page.message("line 020")).to_be_in_viewport()
    expect(page.page).to_have_url(re.compile(f"/rooms/{room}/20/$"))
    expect(page.composer).to_be_focused()

    # Who could not browse it learns nothing of it.
    guest = window(carol)
    guest.page.goto(f"/rooms/{room}/20/")
    expect(guest.page.get_by_text("There is no such conversation here.")).to_be_visible()
    assert name not in guest.page.content()


def test_a_door_stands_only_where_one_may_come_in(
    window: OpenWindow, stage: Stage, world: World, alice: Person, mallory: Person
) -> None:
    name = world.unique("open")
    public, private = stage.room(alice, kind="public", name=name), stage.room(alice)
    page = window(mallory)
    page.page.goto(f"/rooms/{private}/1/")
    expect(page.page.get_by_text("There is no such conversation here.")).to_be_visible()
    expect(page.page.get_by_text("Perhaps it is private, or you have left it.")).to_be_visible()
    assert page.page.locator("main").get_by_role("button", name="Join").count() == 0
    page.page.goto(f"/rooms/{public}/")
    expect(page.page.locator("main").get_by_role("heading", name=name)).to_be_visible()
    stage.archive(public, alice)
    page.page.goto(f"/rooms/{public}/")
    expect(page.page.get_by_text("There is no such conversation here.")).to_be_visible()


def test_who_was_removed_from_a_public_room_reads_so_before_she_is_asked_in_again(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person
) -> None:
    room = stage.room(alice, bob, kind="public", name=world.unique("open"))
    page = window(bob, room)
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.url))
    stage.call(alice, "DELETE", f"rooms/{room}/memberships/{bob.id}/")
    expect(page.page.get_by_role("alert")).to_contain_text("You were removed from")
    join = page.page.locator("main").get_by_role("button", name="Join")
    assert join.count() == 0
    assert [url for url in asked if "rooms/browse/" in url] == []
    page.page.reload()
    expect(join).to_be_visible()
    assert [url for url in asked if f"rooms/browse/?id={room}&" in url] != []


@pytest.mark.outage
def test_where_nobody_answers_about_a_room_its_place_says_so_and_asks_again(
    window: OpenWindow, stage: Stage, world: World, alice: Person, mallory: Person
) -> None:
    room = stage.room(alice, kind="public", name=world.unique("open"))
    page = window(mallory)
    page.page.route("**/api/v1/rooms/browse/**", lambda route: route.abort())
    page.page.goto(f"/rooms/{room}/")
    expect(page.page.locator("main").get_by_role("alert")).to_contain_text("Not connected.")
    page.page.unroute("**/api/v1/rooms/browse/**")
    page.page.get_by_role("button", name="Retry").click()
    expect(page.page.locator("main").get_by_role("button", name="Join")).to_be_visible()


# ---- coming in by a link ------------------------------------------------------------------------------------------


@pytest.mark.refusals(404)
def test_a_link_is_made_copied_and_followed_and_no_server_is_told_it(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, carol: Person, room: str
) -> None:
    page = window(alice, room, **WIDE)
    name = called(page)
    page.about().get_by_role("button", name="Make a link").click()
    page.dialog.get_by_label("For how many people").select_option("One person")
    page.dialog.get_by_role("button", name="Make a link").click()
    link = page.page.locator("#link-made").input_value()
    token = link.partition("#")[2]
    assert re.fullmatch(r"[\w-]{32}", token)
    page.dialog.get_by_role("button", name="Done").click()
    line = page.pane.locator(".line", has_text="1 use left")
    expect(line).to_be_visible()

    hers = window(carol)
    asked: list[str] = []
    hers.page.on("request", lambda request: asked.append(request.url + str(request.headers.get("referer"))))
    hers.page.goto(link)
    main = hers.page.locator("main")
    expect(main).to_contain_text("Alice invites you to this room.")
    expect(main.get_by_role("heading", name=name)).to_be_visible()
    expect(main).to_contain_text("Private · 2 members")
    assert "#" not in hers.page.url, "nor is it in the history"
    hers.page.reload()
    main.get_by_role("button", name="Join").click()
    hers.drawn(room)
    assert asked
    assert [url for url in asked if token in url] == []

    # It was for one.
    his = window(bob)
    his.page.goto(link)
    expect(his.page.get_by_role("alert")).to_contain_text("This link is not good any more.")


@pytest.mark.refusals(403, 404)
def test_a_link_that_leads_nowhere_says_why(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, mallory: Person, room: str
) -> None:
    made = stage.call(alice, "POST", f"rooms/{room}/links/", {})
    stage.call(alice, "POST", f"rooms/{room}/bans/", {"user": mallory.id, "reason": "spam"})
    page = window(mallory)
    page.page.goto("/rooms/join/")
    expect(page.page.locator("main")).to_contain_text("There is no link here.")
    page.page.goto(f"/rooms/join/#{made['token']}")
    page.page.get_by_role("button", name="Join").click()
    expect(page.page.get_by_role("alert")).to_contain_text("You cannot join this room.")
    expect(page.page.get_by_role("alert")).to_contain_text("You are banned from this room: spam")

    his = window(bob)
    his.page.goto(f"/rooms/join/#{made['token']}")
    expect(his.page.locator("main")).to_contain_text("You are in this room already.")
    his.page.get_by_role("link", name="Open the room").click()
    his.drawn(room)

    stage.call(alice, "DELETE", f"rooms/{room}/links/{made['id']}/")
    his.page.goto(f"/rooms/join/#{made['token']}")
    expect(his.page.get_by_role("alert")).to_contain_text("This link is not good any more.")
    expect(his.page.get_by_role("alert")).to_contain_text("Ask whoever sent it for a new one.")


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_not_signed_in_keeps_the_link_through_the_sign_in(
    open_page: OpenPage, stage: Stage, alice: Person, mallory: Person, room: str, language: str
) -> None:
    made = stage.call(alice, "POST", f"rooms/{room}/links/", {})
    page = open_page(path=f"/rooms/join/#{made['token']}", language=language)
    words = {"en": ("You are invited to a room", "Sign in"), "zh-hans": ("你被邀请加入一个聊天室", "登录")}
    title, sign_in = words[language]
    expect(page.get_by_role("heading", name=title)).to_be_visible()
    assert findings(page) == []
    assert made["token"] not in page.url
    page.get_by_role("link", name=sign_in).click()
    page.locator('input[name="login"]').fill(mallory.handle)
    page.locator('input[name="password"]').fill(mallory.password)
    page.keyboard.press("Enter")
    button = page.locator("main").get_by_role("button")
    expect(button).to_be_visible()
    expect(page).to_have_url(re.compile("/rooms/join/$"))
    button.click()
    Window(page, mallory).drawn(room)
    assert page.evaluate("() => sessionStorage.getItem('parley.link')") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_serious_in_these_views_and_dialogs(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, language: str
) -> None:
    room = stage.room(alice, bob, kind="public", topic="What it is about")
    made = stage.call(alice, "POST", f"rooms/{room}/links/", {})
    elsewhere = stage.room(bob, kind="public", topic="What it is about")
    page = window(alice, language=language)
    for path, there in (
        ("/browse/", ".room-card"),
        ("/people/", ".long-rows"),
        (f"/people/{bob.id}/", ".card-person"),
        (f"/rooms/join/#{made['token']}", ".join-card"),
        (f"/rooms/{elsewhere}/", ".join-card"),
    ):
        page.page.goto(path)
        expect(page.page.locator(there).first).to_be_visible()
        for width in (390, 1024, 1440):
            page.page.set_viewport_size({"width": width, "height": 800})
            assert findings(page.page) == [], (path, width)
    page.enter(room)
    for opened in (
        {"name": "create"},
        {"name": "message"},
        {"name": "add", "room": room},
        {"name": "link", "room": room},
        {"name": "archive", "room": room},
        {"name": "ban", "room": room, "person": {"id": bob.id, "handle": bob.handle, "name": bob.name}},
    ):
        page.page.evaluate("async (open) => { (await import('parley/views/derived.js')).dialog.value = open; }", opened)
        expect(page.dialog.locator("form, .actions").first).to_be_visible()
        for width in (390, 1024):
            page.page.set_viewport_size({"width": width, "height": 800})
            assert findings(page.page) == [], (opened, width)
