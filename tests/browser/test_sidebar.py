"""The list of conversations: its sections, what it says of each, and what one can do from it."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.test_accessibility import LANGUAGES, findings
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person, World

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
# Sections and the rooms shown in each, as one reads them.
LIST = """() => [...document.querySelectorAll(".section")].map((section) => [
  section.querySelector("h2 span").textContent,
  [...section.querySelectorAll(".room-name")].map((name) => name.textContent),
])"""
# From the click to the moment everything of the other room is laid out.
SWITCH = """async ([from, to]) => {
  const link = document.querySelector(`.room-link[data-room="${to}"]`);
  const started = performance.now();
  link.click();
  while (!document.querySelector(`main[data-room="${to}"] .message`)) await new Promise((done) => setTimeout(done));
  document.querySelector("main").getBoundingClientRect();
  return performance.now() - started;
}"""


def shown(page: Window) -> list[tuple[str, list[str]]]:
    return [(title, names) for title, names in page.page.evaluate(LIST)]


def section(page: Window, name: str) -> Locator:
    return page.page.get_by_role("region", name=name, exact=True)


def room_menu(page: Window, room: str) -> Locator:
    page.link(room).click(button="right")
    menu = page.page.get_by_role("menu")
    expect(menu).to_be_visible()
    return menu


def test_rooms_stand_in_their_sections_each_once(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person
) -> None:
    name = {key: stage.world.unique(key) for key in ("loved", "second", "first", "office", "plain", "muted", "over")}
    room = {key: stage.room(alice, bob, name=value) for key, value in name.items()}
    direct = stage.direct(alice, bob)
    group = stage.call(alice, "POST", "groups/", {"users": [bob.id, carol.id], "name": ""})["id"]
    stage.prefer(room["loved"], alice, favourite=True, folder="Projects")
    stage.prefer(room["second"], alice, folder="Projects", place=2)
    stage.prefer(room["first"], alice, folder="Projects", place=1)
    stage.prefer(room["office"], alice, folder="办公室")
    stage.prefer(room["muted"], alice, notify="none")
    stage.archive(room["over"], alice)
    page = window(alice, room["plain"])
    assert shown(page) == [
        ("Favourites", [name["loved"]]),
        ("Projects", [name["first"], name["second"]]),
        ("办公室", [name["office"]]),
        ("Rooms", [name["plain"], name["muted"]]),
        ("Direct messages", [bob.name, f"{bob.name}, {carol.name}"]),
        ("Archived", []),
    ]
    expect(page.link(room["muted"])).to_have_class(re.compile("muted"))
    expect(page.link(room["muted"])).to_contain_text("muted")
    # A group is not one person: it shows two of its faces.
    expect(page.link(group).locator(".avatar")).to_have_count(2)
    expect(page.link(direct).locator(".avatar")).to_have_count(1)

    section(page, "Archived").get_by_role("button", expanded=False).click()
    expect(page.link(room["over"])).to_be_visible()
    expect(page.link(room["over"])).to_contain_text("Archived")


def test_bold_is_unread_a_badge_is_a_mention_and_muted_rooms_are_quiet(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    plain, muted = stage.room(alice, bob), stage.room(alice, bob)
    stage.prefer(muted, alice, notify="none")
    page = window(alice, room)
    bold = re.compile(r"\bunread\b")
    page.expect_title(r"^[^(]")

    stage.say(plain, bob, "something")
    expect(page.link(plain)).to_have_class(bold)
    expect(page.link(plain).locator(".count")).to_have_count(0)
    expect(page.link(plain)).to_contain_text("1 unread")
    page.expect_title(r"^\(1\) ")

    stage.say(muted, bob, "noise", "more noise")
    page.expect_unread(muted, 2)
    expect(page.link(muted)).not_to_have_class(bold)
    page.expect_title(r"^\(1\) ")

    stage.say(plain, bob, f"@{alice.handle} look")
    expect(page.link(plain).locator(".count")).to_have_text("1")
    mentions = page.page.get_by_role("link", name="Mentions")
    expect(mentions.locator(".count")).to_have_text("1")
    stage.say(muted, bob, "@room everybody")
    expect(page.link(muted)).to_have_class(bold)
    expect(page.link(muted).locator(".count")).to_have_text("1")
    expect(mentions.locator(".count")).to_have_text("2")
    page.expect_title(r"^\(3\) ")


def test_a_closed_section_still_shows_what_is_unread_and_stays_closed(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    quiet, loud = stage.room(alice, bob), stage.room(alice, bob)
    stage.past(loud, bob, ["news"])
    page = window(alice, room)
    fold = section(page, "Rooms").get_by_role("button", name="Rooms")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(page.link(quiet)).to_have_count(0)
    expect(page.link(loud)).to_be_visible()
    expect(page.link(room)).to_be_visible()  # where one is
    stage.say(quiet, bob, "now I have something to say")
    expect(page.link(quiet)).to_be_visible()
    page.reload(room)
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(page.link(quiet)).to_be_visible()
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")


def test_one_may_look_at_the_unread_ones_alone(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    quiet, loud = stage.room(alice, bob), stage.room(alice, bob)
    stage.past(loud, bob, ["news"])
    page = window(alice, room)
    only = page.page.get_by_role("button", name="Unread")
    only.click()
    expect(only).to_have_attribute("aria-pressed", "true")
    expect(page.link(quiet)).to_have_count(0)
    expect(page.link(loud)).to_be_visible()
    only.click()
    expect(page.link(quiet)).to_be_visible()


def test_a_rooms_menu_changes_how_one_keeps_it_on_every_device(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    stage.past(other, bob, ["unread"])
    page, elsewhere = window(alice, room), window(alice, room)
    room_menu(page, other).get_by_role("menuitem", name="Mark as read").click()
    for one in (page, elsewhere):
        one.expect_unread(other, 0)

    room_menu(page, other).get_by_role("menuitem", name="Add to favourites").click()
    for one in (page, elsewhere):
        expect(section(one, "Favourites").locator(f'[data-room="{other}"]')).to_be_visible()
    room_menu(page, other).get_by_role("menuitem", name="Remove from favourites").click()
    expect(section(elsewhere, "Favourites")).to_have_count(0)

    room_menu(page, other).get_by_role("menuitem", name="Folder").click()
    page.page.get_by_role("menuitem", name="New folder").click()
    box = page.page.get_by_label("Name of the folder")
    expect(box).to_be_focused()
    box.fill("x" * 41)
    box.press("Enter")
    expect(page.page.get_by_role("alert")).to_have_text("At most 40 characters.")
    box.fill("项目")
    box.press("Enter")
    for one in (page, elsewhere):
        expect(section(one, "项目").locator(f'[data-room="{other}"]')).to_be_visible()
    room_menu(page, other).get_by_role("menuitem", name="Folder").click()
    expect(page.page.get_by_role("menuitemradio", name="项目")).to_have_attribute("aria-checked", "true")
    page.page.get_by_role("menuitem", name="Remove from the folder").click()
    expect(section(elsewhere, "项目")).to_have_count(0)

    room_menu(page, other).get_by_role("menuitem", name="Notifications").click()
    page.page.get_by_role("menuitemradio", name="mute").click()
    expect(elsewhere.link(other)).to_have_class(re.compile("muted"))

    room_menu(page, other).get_by_role("menuitem", name="Leave the room").click()
    expect(page.page.get_by_role("dialog")).to_be_visible()
    page.page.keyboard.press("Escape")


def test_what_the_server_does_not_take_is_shown_as_it_was(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    page = window(alice, room)
    menu = room_menu(page, other)
    page.cut()
    menu.get_by_role("menuitem", name="Add to favourites").click()
    expect(page.page.locator(".toast")).to_be_visible()
    expect(section(page, "Rooms").locator(f'[data-room="{other}"]')).to_be_visible()
    expect(section(page, "Favourites")).to_have_count(0)
    page.mend()


def test_a_menu_opens_by_keys_walks_by_arrows_and_gives_the_focus_back(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob, name=stage.world.unique("zz"))
    page = window(alice, room)
    keys = page.page.keyboard
    page.link(room).focus()
    keys.press("ArrowDown")
    expect(page.link(other)).to_be_focused()
    keys.press("ContextMenu")
    items = page.page.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    keys.press("ArrowUp")
    expect(items.last).to_be_focused()
    keys.press("Home")
    expect(items.first).to_be_focused()
    keys.press("f")
    expect(page.page.get_by_role("menuitem", name="Folder")).to_be_focused()
    keys.press("ArrowRight")
    expect(page.page.get_by_role("menuitem", name="New folder")).to_be_visible()
    keys.press("ArrowLeft")
    expect(page.page.get_by_role("menuitem", name="Folder")).to_be_focused()
    keys.press("Escape")
    expect(page.page.get_by_role("menu")).to_have_count(0)
    expect(page.link(other)).to_be_focused()

    # By the button that hovering shows; a second press closes what the first opened, a click elsewhere too.
    page.link(other).hover()
    more = page.page.locator(f'.room-item:has([data-room="{other}"]) .room-more')
    more.click()
    expect(more).to_have_attribute("aria-expanded", "true")
    more.click()
    expect(page.page.get_by_role("menu")).to_have_count(0)
    more.click()
    expect(page.page.get_by_role("menu")).to_be_visible()
    page.page.mouse.click(700, 300)
    expect(page.page.get_by_role("menu")).to_have_count(0)
    page.drawn(room)


def test_a_press_before_the_menu_is_even_painted_closes_it(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    page.page.evaluate(
        """room => new Promise(pressed => {
          new MutationObserver((_, observer) => {
            if (!document.querySelector("[role=menu]")) return;
            observer.disconnect();
            document.body.dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }));
            pressed();
          }).observe(document.body, { childList: true, subtree: true });
          document.querySelector(`.room-item:has([data-room="${room}"]) .room-more`).click();
        })""",
        room,
    )
    expect(page.page.get_by_role("menu")).to_have_count(0)


def test_a_long_press_opens_the_menu_and_not_the_room(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page = window(alice, **PHONE)
    page.page.goto("/")
    page.live()
    box = page.link(room).bounding_box()
    assert box
    page.finger_down(box["x"] + 60, box["y"] + box["height"] / 2)
    expect(page.page.get_by_role("menu")).to_be_visible()
    page.finger_up()
    expect(page.page.get_by_role("menuitem", name="Add to favourites")).to_be_visible()
    assert page.page.url.endswith("/")
    page.page.get_by_role("menuitem", name="Add to favourites").tap()
    expect(section(page, "Favourites").locator(f'[data-room="{room}"]')).to_be_visible()
    page.link(room).tap()
    page.drawn(room)


def test_the_list_is_as_wide_as_one_makes_it(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    edge = page.page.get_by_role("separator", name="Width of the list")
    width = lambda: page.page.locator(".sidebar").evaluate("(node) => node.offsetWidth")  # noqa: E731
    assert width() == 260
    box = edge.bounding_box()
    assert box
    page.page.mouse.move(box["x"] + 4, 300)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 64, 320, steps=4)
    page.page.mouse.up()
    assert width() == 320
    expect(edge).to_have_attribute("aria-valuenow", "320")
    page.reload(room)
    assert width() == 320
    edge.focus()
    page.page.keyboard.press("ArrowLeft")
    eventually(lambda: width() == 304)
    page.page.keyboard.press("End")
    eventually(lambda: width() == 400)
    page.page.keyboard.press("Home")
    eventually(lambda: width() == 200)
    page.page.mouse.move(200, 300)
    page.page.mouse.down()
    page.page.mouse.move(20, 300, steps=4)
    page.page.mouse.up()
    assert width() == 200, "not narrower than that"
    edge.dblclick()
    eventually(lambda: width() == 260)


def test_ones_own_status_is_set_from_the_menu_and_seen_in_it(window: OpenWindow, alice: Person, room: str) -> None:
    page, elsewhere = window(alice, room), window(alice, room)
    page.page.locator(".me-button").click()
    page.page.get_by_role("menuitem", name="Set a status").click()
    box = page.page.get_by_label("What others should know")
    expect(box).to_be_focused()
    box.fill("开会中")
    box.press("Enter")
    for one in (page, elsewhere):
        expect(one.page.locator(".me-button")).to_contain_text("开会中")
    page.page.keyboard.press("Escape")
    page.page.keyboard.press("Escape")
    expect(page.page.locator(".me-button")).to_be_focused()


def test_the_own_menu_shows_what_one_may(
    window: OpenWindow, stage: Stage, world: World, alice: Person, carol: Person, room: str
) -> None:
    def choices(page: Page) -> list[str]:
        page.locator(".me-button").click()
        expect(page.get_by_role("menuitem").first).to_be_visible()
        names: list[str] = page.get_by_role("menuitem").locator(".choice-label").all_inner_texts()
        page.keyboard.press("Escape")
        return names

    hers, guests = choices(window(alice, room).page), choices(window(carol, stage.room(alice, carol)).page)
    assert "Invite people" in hers
    assert "Invite people" not in guests
    assert "Administration" not in guests
    assert {"Appearance", "Language", "Settings", "Keyboard shortcuts", "Sign out"} <= set(guests)


def test_light_and_dark_are_a_choice_in_the_menu(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room, color_scheme="light")
    canvas = lambda: page.page.evaluate("() => getComputedStyle(document.querySelector('main')).backgroundColor")  # noqa: E731
    light = canvas()
    page.page.locator(".me-button").click()
    page.page.get_by_role("menuitem", name="Appearance").click()
    page.page.get_by_role("menuitemradio", name="Dark").click()
    eventually(lambda: canvas() != light)
    expect(page.page.get_by_role("menuitemradio", name="Dark")).to_have_attribute("aria-checked", "true")
    page.reload(room)
    assert canvas() != light


def test_on_a_phone_back_goes_up_the_stack_and_never_in_circles(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    page = window(alice, **PHONE)
    page.page.goto("/")
    page.live()
    depth = lambda: page.page.evaluate("() => history.length")  # noqa: E731
    before = depth()
    for one in (room, other, room):
        page.link(one).tap()
        page.drawn(one)
        page.page.locator("main .back").tap()
        expect(page.link(one)).to_be_visible()
    assert depth() == before + 1, "going up is going back"
    page.link(room).tap()
    page.drawn(room)
    page.page.go_back()
    expect(page.link(room)).to_be_visible()
    # Who came by a link from outside goes up to the list all the same.
    page.enter(other)
    page.page.locator("main .back").tap()
    expect(page.link(other)).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_serious_in_the_list_and_its_menus(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str, language: str
) -> None:
    stage.call(alice, "PATCH", "me/", {"language": language})
    stage.prefer(room, alice, folder="项目", notify="none")
    stage.past(stage.room(alice, bob), bob, [f"@{alice.handle}"])
    stage.archive(stage.room(alice, bob), alice)
    page = window(alice, room, language=language)
    assert findings(page.page) == []
    page.link(room).click(button="right")
    expect(page.page.get_by_role("menu")).to_be_visible()
    assert findings(page.page) == [], "a room's menu"
    page.page.keyboard.press("Escape")
    page.page.locator(".me-button").click()
    page.page.get_by_role("menuitem").first.click()
    expect(page.page.locator(".popover input")).to_be_focused()
    assert findings(page.page) == [], "the status"


def test_a_room_seen_before_is_there_within_100_ms_among_200(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person
) -> None:
    rooms = stage.many(alice, bob, names=[stage.world.unique(f"room-{n:03}") for n in range(200)])
    one, other = rooms[20], rooms[150]
    for room in (one, other):
        stage.past(room, bob, [f"message {n}" for n in range(60)])
    page = window(alice, one)
    page.go(other)
    page.go(one)
    took: list[float] = []
    for _ in range(5):
        took.append(page.page.evaluate(SWITCH, [one, other]))
        took.append(page.page.evaluate(SWITCH, [other, one]))
    took.sort()
    print(f"a cached room among 200: {took[len(took) // 2]:.0f} ms (worst {took[-1]:.0f} ms)")
    assert took[len(took) // 2] <= 100
