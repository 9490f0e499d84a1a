"""What is done with messages, by keys, by the pointer's tools and by a finger."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.world import Person

PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
COPIED = "() => { window.copied = []; navigator.clipboard.writeText = async (text) => void copied.push(text); }"
# Where the focus is: the message's words, whether one sees it and its frame.
FOCUS = """() => {
  const node = document.activeElement;
  const list = document.querySelector(".messages").getBoundingClientRect();
  const box = node.getBoundingClientRect();
  return {
    text: node.closest(".message")?.querySelector(".markup")?.textContent.trim() ?? "",
    ring: getComputedStyle(node).outlineStyle !== "none",
    seen: box.bottom > list.top + 20 && box.top < list.bottom - 4,
    stops: document.querySelectorAll('.message > article[tabindex="0"]').length,
  };
}"""
# A finger that rests on a message for so long, or one that moves away before.
PRESS = """async ([text, ms, by]) => {
  const words = [...document.querySelectorAll(".message .markup")].find((one) => one.textContent.includes(text));
  const { x, y } = words.getBoundingClientRect();
  const at = (name, dy) => words.dispatchEvent(new PointerEvent(name, {
    bubbles: true, pointerType: "touch", pointerId: 5, isPrimary: true, clientX: x + 5, clientY: y + 5 + dy,
  }));
  at("pointerdown", 0);
  if (by) at("pointermove", by);
  await new Promise((done) => setTimeout(done, ms));
  at("pointerup", by);
  words.click();
}"""


def focus(page: Window) -> dict[str, Any]:
    found: dict[str, Any] = page.page.evaluate(FOCUS)
    return found


def choices(page: Window) -> list[str]:
    labels = page.page.locator(".popover .choice-label")
    expect(labels.first).to_be_visible()
    return labels.all_inner_texts()


def choice(page: Window, name: str) -> Locator:
    return page.page.locator(".popover .choice", has=page.page.locator(".choice-label", has_text=name))


def leave_field(page: Window) -> None:
    """The focus nowhere in particular."""
    page.page.evaluate("() => document.activeElement.blur()")


def before_the_keys(window: OpenWindow, who: Person, room: str) -> tuple[Window, list[Route]]:
    """A window whose keys are not loaded, the focus nowhere in particular, and the requests for them to be let go."""
    page = window(who, room)
    held: list[Route] = []
    page.page.route(re.compile(r"/views/behind"), lambda route: held.append(route))
    page.page.reload()
    page.sees("mine")
    leave_field(page)
    return page, held


@pytest.fixture
def talk(stage: Stage, alice: Person, bob: Person, room: str) -> str:
    stage.past(room, bob, [f"message {number}." for number in range(1, 121)])
    stage.past(room, alice, ["mine"])
    stage.read(room, alice, 121)
    return room


def test_keys_that_are_pressed_before_they_are_loaded_act_in_their_order_when_they_are(
    window: OpenWindow, alice: Person, talk: str
) -> None:
    page, held = before_the_keys(window, alice, talk)
    page.page.keyboard.press("k")
    page.page.keyboard.press("e")
    expect(page.page.locator(".editor")).to_have_count(0)
    assert held, "the keys are loaded by and by"
    held[0].continue_()
    expect(page.page.locator(".editor textarea")).to_have_value("mine")


def test_a_key_that_waited_leaves_a_field_alone_that_was_entered_meanwhile(
    window: OpenWindow, alice: Person, talk: str
) -> None:
    page, held = before_the_keys(window, alice, talk)
    page.page.keyboard.press("k")
    page.composer.fill("I am writing")
    held[0].continue_()
    page.ready()
    expect(page.composer).to_be_focused()


def test_j_and_k_go_from_message_to_message_in_sight_and_the_window_goes_along(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person
) -> None:
    room = stage.room(alice, bob)
    stage.past(room, bob, [f"message {number}." + " and more" * (number % 40) for number in range(1, 401)])
    stage.read(room, alice, 400)
    page = window(alice, room)
    page.sees("message 400.")
    page.composer.press("J")
    assert focus(page)["text"] == "", "a letter in a field is a letter"
    page.composer.fill("")
    leave_field(page)
    page.page.keyboard.press("k")
    assert focus(page)["text"].startswith("message 400.")
    for number in range(399, 279, -1):
        if int(page.shown()[0]["seq"]) > number:
            # At its edge the window takes a moment to load.
            expect(page.page.locator(f'.message[data-seq="{number}"]')).to_be_attached()
        page.page.keyboard.press("k" if number % 2 else "ArrowUp")
        found = focus(page)
        assert found["text"].startswith(f"message {number}.")
        assert (found["seen"], found["ring"]) == (True, True), found
        assert found["stops"] == 1, "Tab stops at one message, not at hundreds"
    page.page.keyboard.press("j")
    assert focus(page)["text"].startswith("message 281.")
    assert len(page.shown()) <= 400
    page.page.keyboard.press("Escape")
    expect(page.composer).to_be_focused()


def test_tab_goes_from_the_message_to_its_tools_and_out_of_the_list(
    window: OpenWindow, alice: Person, talk: str
) -> None:
    page = window(alice, talk)
    page.sees("mine")
    leave_field(page)
    page.page.keyboard.press("k")
    assert focus(page)["text"] == "mine"
    page.page.keyboard.press("Tab")
    tools = page.message("mine").locator(".tools")
    expect(tools.get_by_role("button", name="Reply")).to_be_focused()
    page.page.keyboard.press("ArrowRight")
    expect(tools.get_by_role("button", name="Edit")).to_be_focused()
    page.page.keyboard.press("ArrowRight")
    expect(tools.get_by_role("button", name="More")).to_be_focused()
    page.page.keyboard.press("Enter")
    expect(choice(page, "Copy text")).to_be_focused()
    page.page.keyboard.press("Escape")
    expect(tools.get_by_role("button", name="More")).to_be_focused()
    page.page.keyboard.press("Tab")
    assert page.page.evaluate("() => !document.activeElement.closest('.messages')")


def test_keys_reply_edit_copy_the_link_and_make_unread(
    window: OpenWindow, stage: Stage, alice: Person, talk: str
) -> None:
    page = window(alice, talk)
    page.sees("mine")
    page.page.evaluate(COPIED)
    leave_field(page)
    page.page.keyboard.press("k")
    page.page.keyboard.press("e")
    expect(page.page.locator(".editor textarea")).to_have_value("mine")
    page.page.keyboard.press("Escape")
    page.message("message 120.").locator("article").focus()
    page.page.keyboard.press("e")
    expect(page.page.locator(".editor")).to_have_count(0)
    page.page.keyboard.press("l")
    assert page.page.evaluate("() => copied") == [f"{stage.world.a.url}/rooms/{talk}/120/"]
    page.page.keyboard.press("u")
    page.expect_unread(talk, 1)
    expect(page.divider).to_have_count(1)
    page.page.keyboard.press("r")
    expect(page.composer).to_be_focused()
    expect(page.page.locator(".replying")).to_contain_text("message 120.")
    page.enter(talk, seq=120)
    expect(page.message("message 120.")).to_contain_class("marked")


def test_single_keys_can_be_switched_off_and_arrows_stay(window: OpenWindow, alice: Person, talk: str) -> None:
    page = window(alice, talk)
    page.sees("mine")
    page.page.evaluate("() => localStorage.setItem('parley.choice.keys', 'off')")
    page.reload(talk)
    page.sees("mine")
    leave_field(page)
    page.message("mine").locator("article").focus()
    for key in ("k", "e", "r", "u", "l"):
        page.page.keyboard.press(key)
    assert focus(page)["text"] == "mine"
    expect(page.page.locator(".editor, .replying, .toast")).to_have_count(0)
    page.page.keyboard.press("ArrowUp")
    assert focus(page)["text"] == "message 120."
    page.page.keyboard.press("Enter")
    assert "Reply" in choices(page)


def test_the_menu_has_what_one_may_do_and_nothing_else(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, talk: str
) -> None:
    hers, his = window(alice, talk), window(bob, talk)
    for page in (hers, his):
        page.sees("mine")
    hers.page.evaluate(COPIED)
    hers.menu("mine", "Copy link")
    hers.menu("mine", "Copy text")
    assert hers.page.evaluate("() => copied") == [f"{stage.world.a.url}/rooms/{talk}/121/", "mine"]
    hers.tool("message 120.", "More")
    assert "Delete" in choices(hers), "who leads the room deletes others' messages"
    assert "Edit history" not in choices(hers)
    hers.page.keyboard.press("Escape")
    his.tool("mine", "More")
    assert "Delete" not in choices(his)
    his.page.keyboard.press("Escape")
    expect(his.message("mine").get_by_role("button", name="Edit", exact=True)).to_have_count(0)
    hers.delete("message 120.")
    expect(his.page.locator(".tombstone")).to_have_count(1)
    stage.archive(talk, alice)
    expect(hers.page.locator(".composer textarea")).to_have_count(0)
    hers.message("mine").locator("article").hover()
    expect(hers.message("mine").locator(".tools button")).to_have_count(1)
    hers.tool("mine", "More")
    assert not {"Reply", "Edit", "Delete"} & set(choices(hers))


def test_a_tap_shows_the_tools_and_moves_nothing_not_even_at_the_very_end(
    window: OpenWindow, alice: Person, talk: str
) -> None:
    page = window(alice, talk, **PHONE)
    page.sees("mine")
    for text in ("mine", "message 119."):
        before = page.top(text)
        page.message(text).locator("article").tap()
        tools = page.message(text).locator(".tools")
        expect(tools).to_be_visible()
        for button in tools.locator("button").all():
            box = button.bounding_box()
            assert min(box["height"], box["width"]) >= 44
        expect(tools).to_be_in_viewport(ratio=1)
        moved = abs(page.top(text) - before)
        print(f"a tap moved {text!r} by {moved:.2f} px")
        assert moved <= 1
        page.message(text).locator("article").tap()
        expect(tools).to_have_count(0)


def test_a_finger_that_rests_opens_the_menu_from_below_and_one_that_moves_does_not(
    window: OpenWindow, alice: Person, talk: str
) -> None:
    page = window(alice, talk, **PHONE)
    page.sees("mine")
    leave_field(page)
    page.page.evaluate(PRESS, ["mine", 600, 30])
    expect(page.page.locator(".popover")).to_have_count(0)
    page.message("mine").locator("article").tap()  # that press ended as a tap
    page.page.evaluate(PRESS, ["mine", 600, 0])
    menu = page.page.locator(".popover")
    expect(menu).to_be_visible()
    assert {"Reply", "Edit", "Copy text", "Delete"} <= set(choices(page))
    expect(page.message("mine").locator(".tools")).to_have_count(0)
    box = menu.bounding_box()
    assert box["y"] + box["height"] > 700, "a sheet at the lower edge"
    choice(page, "Reply").tap()
    expect(page.page.locator(".replying")).to_contain_text("mine")


def test_who_is_mentioned_sees_it_and_a_mention_an_author_and_her_picture_lead_to_the_person(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["nobody", f"@{alice.handle} please look", "@room all of you", f"@{bob.handle} that is me"])
    page = window(alice, room)
    page.sees("please look")
    for text in ("please look", "all of you"):
        expect(page.message(text)).to_contain_class("addressed")
        expect(page.message(text).locator(".mention.me")).to_have_count(1)
        expect(page.message(text).locator("article")).to_have_accessible_name(re.compile("mentions you"))
    for text in ("nobody", "that is me"):
        expect(page.message(text)).not_to_contain_class("addressed")
        expect(page.message(text).locator(".mention.me")).to_have_count(0)
    page.message("that is me").locator(".mention").click()
    expect(page.page).to_have_url(f"{stage.world.a.url}/rooms/{room}/?pane=person%3A{bob.id}")
    page.page.go_back()
    page.message("nobody").locator(".author").click()
    expect(page.page).to_have_url(f"{stage.world.a.url}/rooms/{room}/?pane=person%3A{bob.id}")
    page.page.go_back()
    page.message("nobody").locator(".face").click()
    expect(page.page).to_have_url(f"{stage.world.a.url}/rooms/{room}/?pane=person%3A{bob.id}")


def test_the_finger_that_opened_the_menu_chooses_nothing_in_it_when_it_is_lifted(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, [f"message {number}." for number in range(1, 31)])
    stage.read(room, alice, 30)
    page = window(alice, room, **PHONE)
    page.sees("message 30.")
    menu = page.page.get_by_role("menu")
    for text in ("message 30.", "message 27."):
        box = page.message(text).locator(".markup").bounding_box()
        assert box
        touch = box["x"] + 30, box["y"] + box["height"] / 2
        page.finger_down(*touch)
        expect(menu).to_be_visible()
        under = "([x, y]) => document.elementFromPoint(x, y).closest('[role=menu]') !== null"
        assert page.page.evaluate(under, touch), "the menu came under the finger"
        page.finger_up()
        page.page.wait_for_timeout(300)
        expect(menu).to_be_visible()
        expect(page.page.locator(".replying, .pane, .toast")).to_have_count(0)
        page.page.keyboard.press("Escape")
        expect(menu).to_have_count(0)
    # The next finger means it.
    page.finger_down(*touch)
    expect(menu).to_be_visible()
    page.finger_up()
    choice(page, "Reply").tap()
    expect(page.page.locator(".replying")).to_contain_text("message 27.")


def test_what_is_deleted_keeps_the_focus_and_only_others_words_can_be_unread(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, ["first", "second"])
    page = window(alice, room)
    page.delete("first")
    expect(page.page.locator(".message[data-seq='1'] .tombstone")).to_be_visible()
    expect(page.page.locator(".message[data-seq='1'] article")).to_be_focused()
    page.page.keyboard.press("j")
    page.page.keyboard.press("u")
    expect(page.toast).to_have_text("From here on there are only your own messages.")
    expect(page.divider).to_have_count(0)
    stage.say(room, bob, "third")
    page.sees("third")
    page.page.keyboard.press("u")
    expect(page.divider).to_have_count(1)
