"""Where messages are written: its keys, its marks, and what stands in its place for who may not write."""

import time

from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person

# Puts something into the clipboard's event, as the browser does at Ctrl+V.
PASTE = """(field, { text, file }) => {
  const data = new DataTransfer();
  if (text) data.setData("text/plain", text);
  if (file) data.items.add(new File(["x"], file, { type: "image/png" }));
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
# Drags a file over the page and lets it go there; whether the browser was kept from opening it.
DROP = """() => ["dragover", "drop"].map((type) => {
  const data = new DataTransfer();
  data.items.add(new File(["x"], "x.png", { type: "image/png" }));
  const event = new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true });
  document.querySelector(".messages").dispatchEvent(event);
  return event.defaultPrevented;
})"""


def choose_keys(page: Window, keys: str) -> None:
    page.page.evaluate("(keys) => localStorage.setItem('parley.choice.send', keys)", keys)


def test_enter_sends_and_shift_enter_breaks_the_line_or_the_other_way_round(
    window: OpenWindow, stage: Stage, alice: Person, room: str
) -> None:
    page = window(alice, room)
    keys = page.page.locator("#composer-keys")
    page.composer.press_sequentially("one")
    expect(keys).to_be_visible()
    expect(keys).to_have_text("Enter sends · Shift+Enter for a new line")
    page.composer.press("Shift+Enter")
    page.composer.press_sequentially("two")
    page.composer.press("Enter")
    page.shows("one\ntwo")
    expect(keys).to_be_hidden()

    choose_keys(page, "mod-enter")
    page.reload(room)
    page.composer.press_sequentially("three")
    expect(keys).to_have_text("Ctrl+Enter sends · Enter for a new line")
    page.composer.press("Enter")
    page.composer.press_sequentially("four")
    expect(page.composer).to_have_value("three\nfour")
    page.composer.press("Control+Enter")
    page.composer.press("Control+Enter")
    page.shows("one\ntwo", "three\nfour")
    # The same keys in the edit box; the button is there in any case.
    page.tool("three", "Edit")
    box = page.page.locator(".editor textarea")
    box.press("Enter")
    box.press_sequentially("five")
    box.press("Control+Enter")
    page.shows("one\ntwo", "three\nfour\nfive")
    page.composer.fill("by button")
    page.page.locator(".send").click()
    eventually(lambda: stage.stored(room)[-1] == "by button")


def test_marks_by_key_are_taken_back_by_the_same_key_and_undone(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    field = page.composer
    keyboard = page.page.keyboard
    for key, marked in (("b", "**word**"), ("i", "*word*"), ("e", "`word`")):
        field.fill("word")
        field.select_text()
        keyboard.press(f"Control+{key}")
        expect(field).to_have_value(marked)
        keyboard.press(f"Control+{key}")
        expect(field).to_have_value("word")
        keyboard.press("Control+z")
        expect(field).to_have_value(marked)
    field.fill("")
    keyboard.press("Control+b")
    keyboard.type("bold")
    expect(field).to_have_value("**bold**")
    keyboard.press("End")
    keyboard.press("Enter")
    expect(page.page.locator(".message strong")).to_have_text("bold")
    # Several lines of code stand in a block of their own.
    field.fill("a = 1\nb = 2")
    field.select_text()
    keyboard.press("Control+e")
    expect(field).to_have_value("```\na = 1\nb = 2\n```")


def test_the_row_of_buttons_is_there_for_who_wants_it(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    bar = page.page.get_by_role("toolbar", name="Formatting")
    expect(bar).to_have_count(0)
    page.page.get_by_role("button", name="Formatting").click()
    expect(bar).to_be_visible()
    page.reload(room)
    expect(bar).to_be_visible()
    page.composer.fill("one\ntwo")
    page.composer.select_text()
    bar.get_by_role("button", name="List").click()
    expect(page.composer).to_have_value("- one\n- two")
    expect(page.composer).to_be_focused()
    bar.get_by_role("button", name="List").click()
    bar.get_by_role("button", name="Quote").click()
    expect(page.composer).to_have_value("> one\n> two")
    # One stop for Tab; arrows go through it.
    bar.get_by_role("button", name="Bold").focus()
    page.page.keyboard.press("ArrowRight")
    expect(bar.get_by_role("button", name="Italic")).to_be_focused()
    assert bar.locator('[tabindex="0"]').count() == 1


def test_an_address_pasted_over_words_makes_them_a_link(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    page.composer.fill("the minutes")
    page.composer.select_text()
    page.composer.evaluate(PASTE, {"text": "https://example.org/a_(b)"})
    expect(page.composer).to_have_value("[the minutes](<https://example.org/a_(b)>)")
    page.composer.press("Enter")
    link = page.page.locator(".message a")
    expect(link).to_have_text("the minutes")
    assert link.get_attribute("href") == "https://example.org/a_(b)"


def test_a_file_is_refused_politely_and_the_page_stays(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    page.composer.fill("words")
    assert page.page.evaluate(DROP) == [True, True]
    expect(page.page.get_by_text("Files cannot be sent yet.")).to_have_count(1)
    page.composer.evaluate(PASTE, {"file": "x.png"})
    expect(page.page.get_by_text("Files cannot be sent yet.")).to_have_count(2)
    expect(page.composer).to_have_value("words")


def test_near_the_limit_code_points_are_counted(window: OpenWindow, stage: Stage, alice: Person, room: str) -> None:
    page = window(alice, room)
    page.composer.fill("𠮷" * 7999)
    expect(page.page.locator("#composer-left")).to_have_text("1 character left")
    page.composer.fill("𠮷" * 8001)
    expect(page.page.locator("#composer-left")).to_have_text("1 character too many")
    page.composer.press("Enter")
    assert stage.stored(room) == []
    expect(page.page.locator(".send")).to_have_attribute("aria-disabled", "true")


def test_who_is_muted_is_told_until_when_and_may_write_again_by_herself(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page = window(bob, room)
    page.composer.fill("half a sentence")
    place = page.page.get_by_role("region", name="Message field")
    until = int((time.time() + 6) * 1000)
    stage.call(alice, "PATCH", f"rooms/{room}/memberships/{bob.id}/", {"muted_until": until})
    expect(place).to_contain_text("You have been muted in this room until")
    expect(page.composer).to_have_count(0)
    # Without a word of the server's, and with what was written before.
    expect(page.composer).to_be_visible(timeout=15_000)
    assert time.time() * 1000 >= until
    expect(page.composer).to_have_value("half a sentence")
    page.composer.press("Enter")
    page.shows("half a sentence")


def test_in_an_announcement_room_only_those_who_lead_write(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page, hers = window(bob, room), window(alice, room)
    place = page.page.get_by_role("region", name="Message field")
    stage.call(alice, "PATCH", f"rooms/{room}/", {"announcement": True})
    expect(place).to_contain_text("Only owners and moderators can write here.")
    expect(hers.composer).to_be_visible()
    stage.call(alice, "PATCH", f"rooms/{room}/memberships/{bob.id}/", {"role": "moderator"})
    expect(page.composer).to_be_visible()
    stage.call(alice, "PATCH", f"rooms/{room}/", {"archived": True})
    expect(place).to_contain_text("This room is archived")


def test_nobody_writes_to_a_closed_account(window: OpenWindow, stage: Stage, alice: Person, mallory: Person) -> None:
    direct = stage.direct(alice, mallory)
    page = window(alice, direct)
    expect(page.composer).to_be_visible()
    stage.call(alice, "PATCH", f"admin/people/{mallory.id}/", {"active": False})
    place = page.page.get_by_role("region", name="Message field")
    expect(place).to_contain_text(f"{mallory.name} no longer has an account here.")


def test_leaving_the_room_ends_the_writing(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    his = window(bob, room)
    page = window(alice, room)
    page.composer.press_sequentially("I am writ")
    expect(his.typing).to_contain_text(alice.name)
    page.go(other)
    expect(his.typing).to_have_text("", timeout=2000)
