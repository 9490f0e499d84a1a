"""Who decides about whom in a room: what is offered to each, and what it does on the other's screen."""

import pytest
from playwright.sync_api import expect

from accounts.models import User
from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.world import Person, World

WIDE = {"viewport": {"width": 1440, "height": 900}}
EVERYTHING = ["Message", "Role", "Mute", "Remove from the room…", "Ban from the room…"]
OVER = ["Message", "Mute", "Remove from the room…", "Ban from the room…"]


@pytest.fixture
def dave(world: World) -> Person:
    """Leads the room with its owner."""
    return world.person("dave")


@pytest.fixture
def led(stage: Stage, alice: Person, bob: Person, carol: Person, dave: Person) -> str:
    """A private room: Alice owns it, Dave leads it, Bob is a member, Carol a guest."""
    room = stage.room(alice, bob, carol, dave)
    stage.call(alice, "PATCH", f"rooms/{room}/memberships/{dave.id}/", {"role": "moderator"})
    return room


def offered(page: Window, person: Person) -> list[str]:
    """What the menu of her row offers; nothing if there is no menu."""
    row = page.member(person)
    expect(row).to_be_visible()
    row.hover()
    if not row.locator(".tool").count():
        return []
    row.locator(".tool").click()
    found: list[str] = page.page.locator(".popover .choice .choice-label").all_inner_texts()
    page.page.keyboard.press("Escape")
    return found


def sections(page: Window) -> set[str]:
    """What of the room's settings is offered to be changed."""
    info = page.about()
    names = {
        "name": info.get_by_role("button", name="Edit: Name"),
        "rules": info.get_by_role("checkbox", name="Announcement room"),
        "links": info.get_by_role("heading", name="Invite links"),
        "archive": info.get_by_role("button", name="Archive the room…"),
        "leave": info.get_by_role("button", name="Leave the room"),
    }
    return {name for name, control in names.items() if control.count()}


def test_each_is_offered_what_she_may_and_nothing_else(
    window: OpenWindow, alice: Person, bob: Person, carol: Person, dave: Person, led: str
) -> None:
    everything = {"name", "rules", "links", "archive", "leave"}
    expected = {
        # who: (about the owner, about the moderator, about the member, of the room, may add)
        alice.id: ([], EVERYTHING, EVERYTHING, everything, True),
        dave.id: (["Message"], [], OVER, everything - {"archive"}, True),
        bob.id: (["Message"], ["Message"], [], {"leave"}, False),
        carol.id: (["Message"], ["Message"], ["Message"], {"leave"}, False),
    }
    for person in (alice, dave, bob, carol):
        owner, moderator, member, room, adds = expected[person.id]
        page = window(person, led, **WIDE)
        page.members()
        assert offered(page, alice) == owner, person.handle
        assert offered(page, dave) == moderator, person.handle
        assert offered(page, bob) == member, person.handle
        assert bool(page.pane.get_by_role("button", name="Add people").count()) == adds, person.handle
        assert bool(page.pane.get_by_role("button", name="Invite by link").count()) == adds, person.handle
        assert sections(page) == room, person.handle
        page.page.close()


def test_who_runs_the_workspace_runs_its_public_rooms_and_a_guest_adds_nobody(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person, dave: Person
) -> None:
    public = stage.room(dave, alice, bob, carol, kind="public")
    page = window(alice, public, **WIDE)
    page.members()
    assert offered(page, dave) == ["Message", "Mute", "Remove from the room…", "Ban from the room…"], "the last owner"
    assert offered(page, bob) == EVERYTHING
    his, hers = window(bob, public, **WIDE), window(carol, public, **WIDE)
    for one, adds in ((his, 1), (hers, 0)):
        one.members()
        expect(one.pane.get_by_role("button", name="Add people")).to_have_count(adds)
        expect(one.pane.get_by_role("button", name="Invite by link")).to_have_count(0)


def test_muting_takes_the_words_away_and_lifting_gives_them_back_at_once(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, led: str
) -> None:
    page, his = window(alice, led, **WIDE), window(bob, led)
    page.members()
    his.composer.fill("half a sen")
    page.decide(bob, "Mute", "For one hour")
    expect(page.toast).to_have_text("Bob is muted.")
    expect(page.member(bob).locator(".chip")).to_have_text("Muted")
    expect(his.page.locator("section.composer")).to_contain_text("You have been muted in this room until")
    expect(his.composer).to_have_count(0)
    expect(his.page.locator(".room-head .chip")).to_have_text("You are muted")
    page.decide(bob, "Unmute")
    expect(his.composer).to_be_visible()
    expect(his.composer).to_have_value("half a sen")
    expect(his.page.locator(".room-head .chip")).to_have_count(0)
    expect(page.member(bob).locator(".chip")).to_have_count(0)

    page.decide(bob, "Mute", "Until it is lifted")
    expect(his.page.locator("section.composer")).to_contain_text("until somebody unmutes you")


def test_who_is_removed_leaves_the_room_with_a_sentence(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, led: str
) -> None:
    stage.past(led, alice, ["a secret"])
    page, his = window(alice, led, **WIDE), window(bob, led)
    his.sees("a secret")
    name = his.page.locator("main h1").inner_text()
    page.members()
    page.decide(bob, "Remove from the room…")
    expect(page.dialog).to_contain_text("will no longer see the room")
    expect(page.dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.dialog.get_by_role("button", name="Remove", exact=True).click()
    expect(page.toast).to_have_text("Bob is no longer in the room.")
    expect(page.member(bob)).to_have_count(0)
    expect(his.page.get_by_role("alert")).to_contain_text(f"You were removed from {name}.")
    expect(his.link(led)).to_have_count(0)
    assert "a secret" not in his.page.inner_text("body")


@pytest.mark.refusals(403)
def test_who_is_banned_is_kept_out_until_it_is_lifted(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person
) -> None:
    room = stage.room(alice, bob, kind="public")
    page, his = window(alice, room, **WIDE), window(bob, room)
    page.members()
    page.decide(bob, "Ban from the room…")
    expect(page.dialog).to_contain_text("leaves the room at once and cannot come back")
    page.dialog.get_by_label("Why").fill("spam")
    page.dialog.get_by_role("button", name="Ban", exact=True).click()
    expect(page.toast).to_have_text("Bob is banned from the room.")
    expect(his.page.get_by_role("alert")).to_contain_text("You were banned from")

    his.page.goto("/browse/")
    name = page.page.locator(".title-name").inner_text()
    his.page.locator("#browse-text").fill(name)
    card = his.page.locator(f'[data-room="{room}"].room-card')
    card.get_by_role("button", name="Join").click()
    expect(his.toast).to_have_text("You are banned from this room: spam")

    page.about()
    line = page.pane.locator(".line", has_text="Bob")
    expect(line).to_contain_text("for good · by Alice · spam")
    line.get_by_role("button", name="Lift").click()
    expect(page.pane.get_by_role("heading", name="Banned")).to_have_count(0)
    card.get_by_role("button", name="Join").click()
    his.drawn(room)


def test_a_new_role_shows_at_once_in_what_she_is_offered(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person, led: str
) -> None:
    page, his = window(alice, led, **WIDE), window(bob, led, **WIDE)
    his.about()
    expect(his.pane.get_by_role("heading", name="Invite links")).to_have_count(0)
    page.members()
    page.decide(bob, "Role", "Moderator")
    expect(his.pane.get_by_role("heading", name="Invite links")).to_be_visible()
    expect(page.pane.locator(".long-title").nth(1)).to_have_text("Moderators · 2")
    page.decide(bob, "Role", "Member")
    expect(his.pane.get_by_role("heading", name="Invite links")).to_have_count(0)


@pytest.mark.refusals(409)
def test_a_guest_is_not_made_to_lead_and_the_page_says_why(
    window: OpenWindow, alice: Person, carol: Person, led: str
) -> None:
    page = window(alice, led, **WIDE)
    page.members()
    page.decide(carol, "Role", "Moderator")
    expect(page.toast).to_have_text("A guest can only be a member.")


def test_only_who_leads_an_announcement_room_writes_and_a_change_of_that_is_live(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, dave: Person, led: str
) -> None:
    page, his, dans = window(alice, led, **WIDE), window(bob, led), window(dave, led)
    page.about().get_by_role("checkbox", name="Announcement room").click()
    expect(his.page.locator("section.composer")).to_contain_text("Only owners and moderators can write here.")
    expect(his.page.locator(".room-head .chip")).to_have_text("Announcements")
    expect(dans.composer).to_be_visible()
    expect(dans.page.locator(".room-head .chip")).to_have_text("Announcements")
    page.about().get_by_role("checkbox", name="Announcement room").click()
    expect(his.composer).to_be_visible()


def test_who_is_no_longer_here_cannot_be_written_to(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person
) -> None:
    room = stage.direct(alice, bob)
    page = window(alice, room)
    stage.call(alice, "PATCH", f"admin/people/{bob.id}/", {"active": False})
    expect(page.page.locator("section.composer")).to_contain_text("Bob no longer has an account here.")
    expect(page.page.locator(".room-head .chip")).to_have_text("Deactivated")
    assert world.do(lambda: User.objects.get(pk=bob.id).is_active) is False
