"""In rooms of few people one sees who has read up to where; nothing moves when somebody reads on."""

from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.world import Person, World

# The places of all words and the height of everything, now and after each change of who has read what.
PLACES = """() => {
  const list = document.querySelector(".messages");
  return [list.scrollHeight, ...[...document.querySelectorAll(".message .markup")].map((node) => {
    const { top, left, width, height } = node.getBoundingClientRect();
    return [top, left, width, height];
  })];
}"""


def faces(page: Window, text: str) -> Locator:
    return page.message(text).locator(".receipts")


def test_a_face_stands_at_the_last_message_read_and_goes_on_without_moving_anything(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person
) -> None:
    room = stage.room(alice, bob, carol)
    stage.past(room, alice, [f"message {number}." for number in range(1, 31)])
    stage.read(room, bob, 12)
    stage.read(room, carol, 12)
    page = window(alice, room)
    expect(faces(page, "message 12.")).to_have_attribute("aria-label", "Read up to here by Bob and Carol")
    expect(page.page.locator(".receipts")).to_have_count(1)
    expect(faces(page, "message 12.").locator(".avatar")).to_have_count(2)
    before = page.page.evaluate(PLACES)

    stage.call(bob, "PUT", f"rooms/{room}/read/", {"seq": 20})
    expect(faces(page, "message 20.")).to_have_attribute("aria-label", "Read up to here by Bob")
    expect(faces(page, "message 12.")).to_have_attribute("aria-label", "Read up to here by Carol")
    stage.call(carol, "PUT", f"rooms/{room}/read/", {"seq": 30})
    expect(faces(page, "message 30.")).to_have_attribute("aria-label", "Read up to here by Carol")
    expect(faces(page, "message 12.")).to_have_count(0)
    after = page.page.evaluate(PLACES)
    assert after == before, "drift 0"

    page.tool("message 20.", "More")
    page.page.locator(".popover .choice", has_text="Read by 2 people").click()
    expect(page.page.locator(".readers li > [dir]")).to_have_text(["Bob", "Carol"])
    page.page.keyboard.press("Escape")
    page.page.keyboard.press("Escape")


def test_no_words_are_under_a_face_at_any_width(window: OpenWindow, stage: Stage, alice: Person, bob: Person) -> None:
    room = stage.room(alice, bob)
    stage.past(room, alice, ["words " * 80, "没有空格的中文" * 40])
    stage.read(room, bob, 2)
    page = window(alice, room)
    for width in (360, 390, 1024, 1440):
        page.page.set_viewport_size({"width": width, "height": 740})
        face = faces(page, "没有空格").bounding_box()
        words = page.message("没有空格").locator(".markup").bounding_box()
        assert face["x"] >= words["x"] + words["width"], width
        assert face["x"] + face["width"] <= width


def test_who_writes_has_read_and_needs_no_face(window: OpenWindow, stage: Stage, alice: Person, bob: Person) -> None:
    room = stage.room(alice, bob)
    stage.past(room, alice, ["one"])
    page, his = window(alice, room), window(bob, room)
    expect(faces(page, "one")).to_have_count(1)
    his.say("two")
    page.sees("two")
    expect(page.page.locator(".receipts")).to_have_count(0)
    page.say("three")
    expect(faces(page, "three")).to_have_attribute("aria-label", "Read up to here by Bob")


def test_who_comes_has_read_nothing_of_what_was_said_before(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person
) -> None:
    room = stage.room(alice, carol)
    page = window(alice, room)
    for text in ("one", "two", "three"):
        page.say(text)
    page.sees("three")
    stage.call(carol, "PUT", f"rooms/{room}/read/", {"seq": 3})
    expect(faces(page, "three")).to_have_attribute("aria-label", "Read up to here by Carol")
    stage.call(alice, "POST", f"rooms/{room}/memberships/", {"user": bob.id})
    page.page.reload()
    expect(faces(page, "three")).to_have_attribute("aria-label", "Read up to here by Carol")

    page.say("four")
    page.sees("four")
    stage.call(bob, "PUT", f"rooms/{room}/read/", {"seq": 4})
    expect(faces(page, "four")).to_have_attribute("aria-label", "Read up to here by Bob")
    for text, readers in (("three", ["Carol"]), ("four", ["Bob"])):
        page.tool(text, "More")
        page.page.locator(".popover .choice", has_text="Read by 1 person").click()
        expect(page.page.locator(".readers li > [dir]")).to_have_text(readers)
        page.page.keyboard.press("Escape")
        page.page.keyboard.press("Escape")


def test_in_a_room_of_many_nobody_is_told_who_has_read_what(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person
) -> None:
    many = [world.person(f"member{number}") for number in range(18)]
    room = stage.room(alice, bob, *many)
    stage.past(room, alice, ["hello"])
    stage.read(room, bob, 1)
    page = window(alice, room)
    expect(faces(page, "hello")).to_have_count(1)
    larger = stage.room(alice, bob, *many, world.person("one-more"))
    stage.past(larger, alice, ["hello"])
    stage.read(larger, bob, 1)
    page.enter(larger)
    page.tool("hello", "More")
    expect(page.page.locator(".popover .choice")).not_to_have_count(0)
    expect(page.page.locator(".popover", has_text="Read by")).to_have_count(0)
    expect(page.page.locator(".receipts")).to_have_count(0)
