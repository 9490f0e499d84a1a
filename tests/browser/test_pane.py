"""What stands beside the messages: its places at every width, its list of members, the people in it."""

import re
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import expect

from accounts.models import User
from accounts.services.bot import bot_create
from accounts.services.user import user_picture_set
from chat.models import Membership, Room, RoomHead
from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.test_accessibility import LANGUAGES, findings
from tests.browser.window import Window
from tests.world import Person, World

PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True}
BOX = "(node) => { const { left, right, width } = node.getBoundingClientRect(); return { left, right, width }; }"


def size(width: int) -> dict[str, object]:
    return {"viewport": {"width": width, "height": 800}}


def test_on_a_wide_screen_it_stands_beside_the_messages_and_stays_open_from_room_to_room(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    page = window(alice, room, **size(1440))
    page.members()
    pane, main = page.pane.evaluate(BOX), page.page.locator("main").evaluate(BOX)
    assert round(pane["width"]) == 380
    assert main["right"] <= pane["left"] + 0.5
    expect(page.page).to_have_url(re.compile(rf"/rooms/{room}/\?pane=members$"))

    page.go(other)
    expect(page.pane).to_have_attribute("data-pane", "members")
    expect(page.page).to_have_url(re.compile(rf"/rooms/{other}/\?pane=members$"))
    expect(page.composer).to_be_focused()
    page.page.go_back()
    page.drawn(room)
    expect(page.pane).to_have_attribute("data-pane", "members")

    page.page.locator(".pane-close").click()
    expect(page.pane).to_have_count(0)
    expect(page.page).to_have_url(re.compile(rf"/rooms/{room}/$"))
    page.go(other)
    expect(page.pane).to_have_count(0)


def test_on_a_middling_screen_it_lies_over_the_messages_and_esc_or_a_click_beside_it_closes_it(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    page = window(alice, room, **size(1024))
    before = page.page.locator("main").evaluate(BOX)
    page.members()
    assert page.page.locator("main").evaluate(BOX) == before
    expect(page.pane).to_be_focused()
    page.page.keyboard.press("Escape")
    expect(page.pane).to_have_count(0)
    expect(page.page.locator(".room-head .members")).to_be_focused()

    page.about()
    page.page.mouse.click(400, 500)
    expect(page.pane).to_have_count(0)
    expect(page.page.locator(".room-head .head-info")).to_be_focused()

    page.members()
    page.go(other)
    expect(page.pane).to_have_count(0)


def test_on_a_phone_it_is_a_screen_of_its_own_and_back_leads_out(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, [f"message {number}" for number in range(40)])
    stage.read(room, alice, 40)
    page = window(alice, room, **PHONE)
    page.sees("message 39")
    place = page.top("message 39")
    page.members()
    assert round(page.pane.evaluate(BOX)["width"]) == 390
    expect(page.composer).to_be_hidden()
    page.member(bob).locator(".person").tap()
    expect(page.pane.locator(".card-name")).to_have_text("Bob")
    page.page.go_back()
    expect(page.pane.locator(".long-rows")).to_be_visible()
    page.page.go_back()
    expect(page.pane).to_have_count(0)
    expect(page.composer).to_be_visible()
    assert abs(page.top("message 39") - place) <= 1, "what was below kept its place"

    # Out of it at once, also from the second screen, and Back is then not in it again.
    page.members()
    page.page.locator(".pane-out").tap()
    expect(page.pane).to_have_count(0)
    page.page.locator(".room-head .back").tap()
    expect(page.link(room)).to_be_visible()


def test_closing_it_is_a_step_back_however_deep_it_was(
    window: OpenWindow, alice: Person, bob: Person, room: str
) -> None:
    page = window(alice, room, **size(1440))
    steps = page.page.evaluate("() => history.length")
    page.members()
    page.member(bob).locator(".person").click()
    expect(page.pane.locator(".card-name")).to_have_text("Bob")
    page.pane.get_by_role("button", name="Back").click()
    expect(page.pane.locator(".long-rows")).to_be_visible()
    page.member(bob).locator(".person").click()
    page.page.locator(".pane-close").click()
    expect(page.pane).to_have_count(0)
    expect(page.page).to_have_url(re.compile(rf"/rooms/{room}/$"))
    assert page.page.evaluate("() => history.length") == steps + 2
    # A page that was opened with it has no step back into the room; it is closed all the same.
    page.page.goto(f"/rooms/{room}/?pane=info")
    expect(page.pane.locator(".info")).to_be_visible()
    page.page.locator(".pane-close").click()
    expect(page.pane).to_have_count(0)
    expect(page.page).to_have_url(re.compile(rf"/rooms/{room}/$"))


def test_its_tabs_go_by_arrows_and_f6_comes_to_it_last(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room, **size(1440))
    page.members()
    members, about = (page.pane.get_by_role("tab", name=name) for name in ("Members", "About"))
    expect(members).to_have_attribute("aria-selected", "true")
    members.focus()
    page.page.keyboard.press("ArrowRight")
    expect(about).to_be_focused()
    expect(about).to_have_attribute("aria-selected", "true")
    expect(page.pane.locator(".info")).to_be_visible()
    page.page.keyboard.press("ArrowLeft")
    expect(members).to_be_focused()
    page.composer.focus()
    page.page.keyboard.press("F6")
    expect(page.pane).to_be_focused()
    expect(page.page.get_by_role("complementary")).to_have_count(1)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_serious_in_it(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person, language: str
) -> None:
    room = stage.room(alice, bob, carol, kind="public", topic="What it is about")
    stage.call(alice, "POST", f"rooms/{room}/links/", {"uses": 3})
    stage.call(alice, "POST", f"rooms/{room}/bans/", {"user": carol.id, "reason": "spam"})
    page = window(alice, language=language)
    for name in ("members", "info", f"person:{bob.id}"):
        page.page.goto(f"/rooms/{room}/?pane={name}")
        drawn = {"members": ".long-rows", "info": ".info"}.get(name, ".card-person")
        expect(page.pane.locator(drawn)).to_be_visible()
        for width in (390, 1024, 1440):
            page.page.set_viewport_size({"width": width, "height": 800})
            assert findings(page.page) == [], (name, width)


# ---- its members --------------------------------------------------------------------------------------------------


@pytest.fixture
def crowd(stage: Stage, world: World, alice: Person) -> str:
    """A private room of Alice's with a thousand others."""
    room = stage.room(alice)

    def fill() -> None:
        names = [f"Member {number:04}" for number in range(997)] + ["王芳", "张伟", "Zoë Brandt"]
        nonce = world.unique("m")
        people = User.objects.bulk_create(
            User(
                handle=f"{nonce}-{number}",
                handle_key=f"{nonce}-{number}",
                display_name=name,
                email=f"{nonce}-{number}@example.org",
                password="!",
            )
            for number, name in enumerate(names)
        )
        head = RoomHead.objects.get(room_id=room)
        Membership.objects.bulk_create(
            Membership(
                room=Room.objects.get(pk=room),
                user=person,
                joined_rev=head.rev + place,
                rev=head.rev + place,
                user_rev=1,
                role="member",
            )
            for place, person in enumerate(people, 1)
        )
        RoomHead.objects.filter(pk=head.pk).update(rev=head.rev + len(people))

    world.do(fill)
    return room


def test_a_thousand_members_cost_nothing_and_every_key_reaches_them(
    window: OpenWindow, alice: Person, crowd: str
) -> None:
    page = window(alice, crowd, **size(1440))
    expect(page.page.locator(".room-head .members")).to_have_accessible_name("1,001 members", timeout=20_000)
    took = page.page.evaluate(
        """async () => {
          const started = performance.now();
          document.querySelector(".room-head .members").click();
          while (!document.querySelector(".long-rows [data-key]")) await new Promise(requestAnimationFrame);
          return performance.now() - started;
        }"""
    )
    rows = page.pane.locator(".long-rows li")
    print(f"1 001 members: {rows.count()} rows in the page, drawn after {took:.0f} ms")
    assert rows.count() <= 40
    first = page.pane.locator(".long-rows .person").first
    expect(first).to_contain_text("Alice (you)")
    first.focus()
    page.page.keyboard.press("End")
    expect(page.page.locator(":focus")).to_contain_text("王芳")
    assert rows.count() <= 40
    page.page.keyboard.press("ArrowUp")
    expect(page.page.locator(":focus")).to_contain_text("张伟")
    page.page.keyboard.press("Home")
    expect(page.page.locator(":focus")).to_contain_text("Alice")
    page.page.keyboard.press("ArrowDown")
    expect(page.page.locator(":focus")).to_contain_text("Member 0000")
    page.page.keyboard.press("ArrowRight")
    expect(page.page.locator(":focus")).to_have_accessible_name("Actions for Member 0000")
    assert page.pane.locator("[tabindex='0'].person").count() == 1, "one of them is a stop for Tab"
    place = page.pane.locator("[data-key]").nth(1)
    expect(place).to_have_attribute("aria-setsize", "1001")

    for typed, name in (
        ("wangf", "王芳"),
        ("芳", "王芳"),
        ("zoe", "Zoë Brandt"),
        ("zw", "张伟"),
        ("0123", "Member 0123"),
    ):
        page.page.locator("#member-text").fill(typed)
        expect(page.pane.locator(".long-rows .person").first).to_contain_text(name)
        assert page.pane.locator(".long-rows [data-key]").count() <= 3
    page.page.locator("#member-text").fill("nobody is called that")
    expect(page.pane.get_by_text("Nobody by that name.")).to_be_visible()
    page.page.locator("#member-text").press("Escape")
    expect(page.pane).to_be_visible()
    assert page.pane.locator(".long-rows [data-key]").count() > 10


def test_a_search_waits_for_the_input_method(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person
) -> None:
    fang = world.person("fang", display_name="王芳")
    page = window(alice, stage.room(alice, bob, fang), **size(1440))
    assert page.members().count() == 3
    page.page.locator("#member-text").focus()
    page.devtools.send("Input.imeSetComposition", {"text": "wang", "selectionStart": 4, "selectionEnd": 4})
    page.page.keyboard.press("Escape")
    expect(page.pane).to_be_visible()
    assert page.pane.locator(".long-rows [data-key]").count() == 3, "letters on their way to 汉字 are no search"
    page.devtools.send("Input.insertText", {"text": "王"})
    expect(page.pane.locator(".long-rows [data-key]")).to_have_count(1)
    expect(page.member(fang)).to_be_visible()


def test_who_comes_and_goes_is_there_and_gone_while_one_looks(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, mallory: Person, room: str
) -> None:
    page = window(alice, room, **size(1440))
    page.members()
    stage.call(alice, "POST", f"rooms/{room}/memberships/", {"user": mallory.id})
    expect(page.member(mallory)).to_be_visible()
    expect(page.page.locator(".faces-count")).to_have_text("3")
    stage.call(alice, "DELETE", f"rooms/{room}/memberships/{bob.id}/")
    expect(page.member(bob)).to_have_count(0)


# ---- its people ---------------------------------------------------------------------------------------------------


def drawn(page: Window, place: str) -> bool:
    """Whether the picture there is decoded and as large as its place."""
    found: bool = page.page.locator(f"{place} img").first.evaluate(
        "(image) => image.complete && image.naturalWidth > 0 && image.offsetWidth === image.parentElement.offsetWidth"
    )
    return found


def test_a_picture_stands_where_the_sign_stood_and_moves_nothing(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["hello", "again"])
    page = window(alice, room, **size(1440))
    page.members()
    face = page.message("hello").locator(".avatar")
    before = face.bounding_box()
    below = page.top("again")
    expect(face).to_have_text("B")

    def paint() -> None:
        file = BytesIO()
        Image.new("RGB", (600, 400), "teal").save(file, "PNG")
        user_picture_set(user_id=int(bob.id), picture=file.getvalue())

    world.do(paint)
    # Said by the server itself, so that it is heard at once: the picture goes with it.
    stage.call(bob, "PATCH", "me/", {"status": "On the train"})
    expect(face.locator("img")).to_have_count(1)
    page.page.wait_for_function("() => [...document.querySelectorAll('.avatar img')].every((one) => one.complete)")
    assert face.bounding_box() == before
    assert abs(page.top("again") - below) <= 1
    assert drawn(page, f'.pane [data-key="{bob.id}"] .avatar')
    expect(page.member(bob).locator(".status")).to_have_text("On the train")
    page.member(bob).locator(".person").click()
    large = page.pane.locator(".avatar.large img")
    expect(large).to_have_attribute("src", re.compile(r"/512\.webp$"))
    expect(page.pane.locator(".card-status")).to_have_text("On the train")


@pytest.mark.refusals(404)
def test_a_picture_that_is_not_there_leaves_the_sign(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, room: str
) -> None:
    world.do(lambda: User.objects.filter(pk=bob.id).update(picture="A" * 22))
    page = window(alice, room, **size(1440))
    page.members()
    expect(page.member(bob).locator(".avatar img")).to_have_count(0)
    expect(page.member(bob).locator(".avatar")).to_have_text("B")


def test_a_person_says_who_she_is_and_where_one_meets_her(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, room: str
) -> None:
    shared = stage.room(alice, bob, name=world.unique("shared"))
    made = world.do(lambda: bot_create(actor=User.objects.get(pk=alice.id), handle=world.unique("robot")))
    bot = Person(id=str(made.pk), handle=made.handle, name=made.display_name, email="", password="")
    stage.call(alice, "POST", f"rooms/{room}/memberships/", {"user": bot.id})
    page = window(alice, room, **size(1440))
    page.members()
    expect(page.member(bot).locator(".signs")).to_have_text("Bot")
    page.member(bob).locator(".person").click()
    card = page.pane.locator(".card-person")
    expect(card.locator(".card-name")).to_have_text("Bob")
    expect(card.get_by_text(f"@{bob.handle}")).to_be_visible()
    links = card.locator(".shared a")
    expect(links).to_have_count(2)
    expect(card.locator(f'.shared a[href="/rooms/{shared}/"]')).to_be_visible()
    card.get_by_role("button", name="Message").click()
    expect(page.page.locator("main h1")).to_have_text("Bob")
    expect(page.composer).to_be_focused()
    # In a conversation of two the same is there from its title.
    page.page.locator(".title-button").click()
    expect(page.pane.locator(".card-name")).to_have_text("Bob")
    expect(page.pane.get_by_role("checkbox", name="Favourite")).to_be_visible()
