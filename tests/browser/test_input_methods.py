"""Writing 汉字: while an input method composes, its keys are its own, in every field."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person

# As the browser says it while candidates are chosen: once flagged, once by the code 229, once by both.
KEYS = """(field) => {
  const pressed = [];
  for (const key of ["Enter", "Escape", "Tab", "ArrowUp", "ArrowDown", "1"])
    for (const how of [{ isComposing: true }, { keyCode: 229 }, { isComposing: true, keyCode: 229 }]) {
      const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...how });
      field.dispatchEvent(event);
      if (event.defaultPrevented) pressed.push([key, how]);
    }
  return pressed;
}"""
# What happens to the composition of a field: everything but the user's own updates is an interruption.
WATCH = """(field) => {
  window.composition = { started: 0, ended: 0, writes: 0 };
  field.addEventListener("compositionstart", () => (composition.started += 1));
  field.addEventListener("compositionend", () => (composition.ended += 1));
  const { get, set } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value");
  Object.defineProperty(field, "value", {
    configurable: true,
    get() { return get.call(this); },
    set(text) { composition.writes += 1; set.call(this, text); },
  });
}"""

# The Enter that chose the candidate comes after compositionend in Safari: neither sent nor a new line.
LATE = """(field) => field.addEventListener("compositionend", () => {
  const enter = new KeyboardEvent("keydown", { key: "Enter", keyCode: 13, bubbles: true, cancelable: true });
  field.dispatchEvent(enter);
  window.late = { composing: enter.isComposing, prevented: enter.defaultPrevented };
}, { once: true })"""
# What changes on the page between compositionstart and compositionend, but for what others do.
STILL = """(field) => {
  window.drawn = [];
  const note = (changes) => drawn.push(...changes.map(({ type, target }) =>
    `${type} of ${(target.closest ? target : target.parentElement)?.className}: ${target.textContent}`));
  const watch = new MutationObserver(note);
  const attributeFilter = ["aria-expanded", "aria-activedescendant", "aria-selected", "role"];
  field.addEventListener("compositionstart", () => {
    for (const part of document.querySelectorAll(".composer, .editor, .suggest"))
      watch.observe(part, { subtree: true, childList: true, characterData: true, attributes: true, attributeFilter });
  });
  field.addEventListener("compositionend", () => { note(watch.takeRecords()); watch.disconnect(); });
}"""


def compose(page: Window, field: Locator, *steps: str) -> None:
    """Type with an input method that has not decided yet; the last step stays underlined in the field."""
    field.focus()
    for text in steps:
        page.devtools.send(
            "Input.imeSetComposition", {"text": text, "selectionStart": len(text), "selectionEnd": len(text)}
        )


def choose(page: Window, text: str) -> None:
    """Choose a candidate: the composition ends with it."""
    page.devtools.send("Input.insertText", {"text": text})


def rest(page: Window) -> None:
    """Longer than the 50 ms in which a key still belongs to the composition that just ended."""
    page.page.wait_for_timeout(70)


def test_enter_sends_only_after_the_composition(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, ["mine"])
    page = window(alice, room)
    page.composer.evaluate(WATCH)
    compose(page, page.composer, "n", "ni", "nihao")
    assert page.composer.evaluate(KEYS) == [], "a key of the input method was taken away from it"
    page.page.keyboard.press("Shift")
    # A real Enter, as Chromium gives it during a composition, reaches nobody but the input method.
    assert page.composer.input_value() == "nihao"

    # Drafts are saved after a quarter of a second and the list is drawn again: none of it touches the field.
    stage.say(room, bob, "meanwhile")
    page.sees("meanwhile")
    page.page.wait_for_timeout(400)
    assert page.page.evaluate("() => composition") == {"started": 1, "ended": 0, "writes": 0}
    assert page.composer.input_value() == "nihao"
    assert page.page.evaluate("() => Object.keys(localStorage).filter((key) => key.includes('draft'))") == []
    assert page.texts() == ["mine", "meanwhile"]

    page.composer.evaluate(LATE)
    choose(page, "你好")
    assert page.page.evaluate("() => late") == {"composing": False, "prevented": True}
    assert page.composer.input_value() == "你好"
    assert stage.stored(room) == ["mine", "meanwhile"]
    rest(page)
    page.page.keyboard.press("Enter")
    page.shows("mine", "meanwhile", "你好")
    expect(page.composer).to_have_value("")


def test_a_draft_is_kept_once_the_composition_is_over(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    compose(page, page.composer, "w", "wo")
    choose(page, "我")
    eventually(
        lambda: page.page.evaluate("() => Object.keys(localStorage).some((key) => localStorage[key].includes('我'))")
    )
    page.reload(room)
    expect(page.composer).to_have_value("我")


def test_in_the_edit_box_enter_and_esc_belong_to_the_input_method(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, ["原文"])
    page = window(alice, room)
    page.tool("原文", "Edit")
    box = page.page.locator(".editor textarea")
    expect(box).to_be_focused()
    box.evaluate(WATCH)
    compose(page, box, "g", "gai")
    assert box.evaluate(KEYS) == []
    stage.say(room, bob, "meanwhile")
    page.sees("meanwhile")
    expect(box).to_have_value("原文gai")
    assert page.page.evaluate("() => composition") == {"started": 1, "ended": 0, "writes": 0}
    assert stage.stored(room)[0] == "原文"
    box.evaluate(LATE)
    choose(page, "改")
    assert page.page.evaluate("() => late") == {"composing": False, "prevented": True}
    expect(box).to_have_value("原文改")
    rest(page)
    page.page.keyboard.press("Enter")
    page.shows("原文改", "meanwhile")


def test_in_the_search_box_keys_choose_candidates_and_not_results(
    window: OpenWindow, stage: Stage, alice: Person, room: str
) -> None:
    name = stage.world.unique("茶馆")
    tea = stage.room(alice, name=name)
    page = window(alice, room)
    page.page.keyboard.press("Control+k")
    box = page.page.locator("#find-text")
    expect(box).to_be_focused()
    expect(page.page.get_by_role("option").first).to_be_visible()
    box.evaluate(WATCH)
    first = page.page.locator('[role="option"][aria-selected="true"]').inner_text()
    compose(page, box, "c", "cha")
    # Esc is kept from the dialog, which the browser would close; the input method has it already.
    assert {key for key, _ in box.evaluate(KEYS)} <= {"Escape"}
    page.page.wait_for_timeout(300)
    expect(page.page.get_by_role("dialog")).to_be_visible()
    assert page.page.locator('[role="option"][aria-selected="true"]').inner_text() == first
    assert page.page.evaluate("() => composition") == {"started": 1, "ended": 0, "writes": 0}
    choose(page, name)
    expect(page.page.get_by_role("option")).to_have_count(1)
    rest(page)
    page.page.keyboard.press("Enter")
    page.drawn(tea)


@pytest.mark.parametrize("key", ["Enter", "Escape"])
def test_in_a_form_a_composing_key_neither_submits_nor_closes(
    window: OpenWindow, alice: Person, room: str, key: str
) -> None:
    page = window(alice, room)
    page.page.get_by_role("button", name="New room").click()
    box = page.page.locator("#room-name")
    compose(page, box, "f", "fang")
    # A key of the keyboard, not a made-up event: the browser's own reaction is what counts here.
    page.page.keyboard.press(key)
    page.page.wait_for_timeout(100)
    expect(page.page.get_by_role("dialog")).to_be_visible()
    expect(page.page.locator(".error-text")).to_have_count(0)
    page.drawn(room)


def test_suggestions_neither_come_nor_change_while_a_composition_runs(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    wang = stage.world.person("wangfang", display_name="王芳")
    li = stage.world.person("lina", display_name="李娜")
    for person in (wang, li):
        stage.call(alice, "POST", f"rooms/{room}/memberships/", {"user": person.id})
    page = window(alice, room)
    options = page.page.get_by_test_id("suggestions").get_by_role("option")
    page.composer.evaluate(WATCH)
    page.composer.evaluate(STILL)
    page.composer.focus()
    page.page.keyboard.type("@")
    expect(options.filter(has_text="王芳")).to_be_visible()
    shown = options.all_inner_texts()
    selected = page.page.locator('.suggest [aria-selected="true"]').inner_text()
    compose(page, page.composer, "w", "wa", "wang")
    # Its keys choose candidates: none moves in the list, takes from it or closes it.
    assert page.composer.evaluate(KEYS) == []
    stage.say(room, bob, "meanwhile")
    page.sees("meanwhile")
    page.page.wait_for_timeout(400)
    assert options.all_inner_texts() == shown
    assert page.page.locator('.suggest [aria-selected="true"]').inner_text() == selected
    assert page.page.evaluate("() => composition") == {"started": 1, "ended": 0, "writes": 0}
    page.composer.evaluate(LATE)
    choose(page, "王")
    assert page.page.evaluate("() => late.prevented") is True
    assert page.composer.input_value() == "@王", "the Enter of the candidate takes nothing from the list"
    assert page.page.evaluate("() => drawn") == []
    # Now they follow what was written.
    expect(options).to_have_count(1)
    expect(options).to_contain_text("王芳")
    rest(page)
    page.page.keyboard.press("Enter")
    expect(page.composer).to_have_value(f"@{wang.handle} ")


def test_a_sign_that_an_input_method_writes_asks_after_its_end(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page = window(alice, room)
    options = page.page.get_by_test_id("suggestions").get_by_role("option")
    compose(page, page.composer, "ni", "ni@")
    page.page.wait_for_timeout(200)
    expect(options).to_have_count(0)
    choose(page, "你＠")
    expect(options.first).to_be_visible()
    rest(page)
    page.page.keyboard.press("Escape")
    expect(options).to_have_count(0)
    # A late answer of the server's waits for the end, too.
    page.composer.fill("")
    page.page.keyboard.type(f"@{bob.handle[:2]}")
    expect(options.first).to_be_visible()
    page.composer.evaluate(STILL)
    compose(page, page.composer, "x")
    count = options.count()
    page.page.wait_for_timeout(500)
    assert options.count() == count


def test_renaming_a_room_belongs_to_the_input_method_while_it_composes(
    window: OpenWindow, alice: Person, room: str
) -> None:
    page = window(alice)
    page.page.goto(f"/rooms/{room}/?pane=info")
    page.drawn(room)
    name = page.page.locator("main").get_attribute("aria-label")
    page.page.get_by_role("button", name="Edit: Name").click()
    box = page.page.get_by_role("textbox", name="Name")
    expect(box).to_be_focused()
    box.evaluate(WATCH)
    compose(page, box, "c", "cha")
    # Enter is kept from the form, which would send it; the input method has it already.
    assert {key for key, _ in box.evaluate(KEYS)} <= {"Enter"}
    for key in ("Enter", "Escape"):
        page.page.keyboard.press(key)
    page.page.wait_for_timeout(100)
    expect(box).to_be_focused()
    assert page.page.evaluate("() => composition") == {"started": 1, "ended": 0, "writes": 0}
    assert page.page.locator("main").get_attribute("aria-label") == name
