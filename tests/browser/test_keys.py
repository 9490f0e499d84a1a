"""Keys: the table of keys.js, the sheet that shows it, and where a key is nobody's but the writer's."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.test_accessibility import LANGUAGES, findings
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person

LANDMARK = """() => {
  const mark = document.activeElement.closest("[data-landmark]");
  return mark?.tagName === "MAIN" ? "main" : mark?.className.split(" ")[0] ?? "none";
}"""
COLUMNS = "(node) => getComputedStyle(node).gridTemplateColumns.split(' ').length"
TITLES = {"en": "Keyboard shortcuts", "zh-hans": "键盘快捷键"}


def sheet(page: Window) -> None:
    page.page.keyboard.press("Control+/")
    expect(page.page.locator(".sheet")).to_be_visible()


# Presses Ctrl+K in the same moment as the frame is put into the page.
PRESSED = """new MutationObserver((_, observer) => {
  if (!document.querySelector(".frame")) return;
  observer.disconnect();
  const press = { key: "k", ctrlKey: true, bubbles: true, cancelable: true };
  document.body.dispatchEvent(new KeyboardEvent("keydown", press));
}).observe(document, { childList: true, subtree: true });"""


def test_a_key_pressed_before_the_page_is_even_painted_counts(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    page.page.add_init_script(PRESSED)
    page.page.reload()
    expect(page.page.get_by_role("combobox")).to_be_focused()


def row(page: Window, key: str) -> list[str]:
    signs: list[str] = page.page.locator(f'.sheet [data-key="{key}"] kbd').all_inner_texts()
    return signs


def test_f6_goes_round_the_parts_of_the_page_in_their_order(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    page.page.get_by_role("button", name="Your menu").focus()
    for part in ("rooms", "main", "composer", "site"):
        page.page.keyboard.press("F6")
        eventually(lambda part=part: page.page.evaluate(LANDMARK) == part)
    page.page.keyboard.press("Shift+F6")
    expect(page.composer).to_be_focused()
    # The list is entered where one is, and the pane comes after the composer.
    page.page.keyboard.press("Shift+F6")
    page.page.keyboard.press("Shift+F6")
    expect(page.link(room)).to_be_focused()
    page.page.goto(f"/rooms/{room}/?pane=info")
    page.drawn(room)
    expect(page.page.get_by_role("complementary")).to_be_visible()
    page.composer.focus()
    page.page.keyboard.press("F6")
    assert page.page.evaluate("() => document.activeElement.closest('[data-landmark]').tagName") == "ASIDE"


@pytest.mark.parametrize("path", ["/mentions/", "/drafts/", "/browse/", "/people/", "/settings/profile/"])
def test_every_view_has_one_main_part_and_one_heading(window: OpenWindow, alice: Person, room: str, path: str) -> None:
    page = window(alice, room)
    page.page.goto(path)
    page.live()
    expect(page.page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page.page.get_by_role("main")).to_have_count(1)
    for role in ("banner", "navigation"):
        expect(page.page.get_by_role(role).first).to_be_visible()
    # What the view is called is what the browser calls the page.
    eventually(lambda: page.page.title().partition(" · ")[0] in page.page.locator("main").inner_text())


def test_alt_and_arrows_go_through_the_list_as_it_stands(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person
) -> None:
    first, second, third = (stage.room(alice, bob, name=stage.world.unique(name)) for name in ("a", "b", "c"))
    loved = stage.room(alice, bob, name=stage.world.unique("z"))
    stage.prefer(loved, alice, favourite=True)
    stage.past(third, bob, ["unread"])
    page = window(alice, loved)
    keys = page.page.keyboard
    for expected in (first, second, third):
        keys.press("Alt+ArrowDown")
        page.drawn(expected)
    keys.press("Alt+ArrowUp")
    page.drawn(second)
    keys.press("Alt+ArrowUp")
    keys.press("Alt+ArrowUp")
    page.drawn(loved)
    stage.say(second, bob, "news")
    page.expect_unread(second, 1)
    keys.press("Alt+Shift+ArrowDown")
    page.drawn(second)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sheet_says_what_the_keys_do(
    window: OpenWindow, stage: Stage, alice: Person, room: str, language: str
) -> None:
    stage.call(alice, "PATCH", "me/", {"language": language})
    page = window(alice, room, language=language)
    sheet(page)
    expect(page.page.get_by_role("dialog").get_by_role("heading", name=TITLES[language])).to_be_visible()
    assert row(page, "switcher") == ["Ctrl", "K"]
    assert row(page, "next-unread") == ["Alt", "Shift", "↓"]
    assert row(page, "send") == ["Enter"]
    untold = page.page.locator(".sheet dt").filter(has_text="sheet.do.")
    expect(untold).to_have_count(0)
    for width in (1440, 390):
        page.page.set_viewport_size({"width": width, "height": 800})
        assert findings(page.page) == []
        columns = page.page.locator(".sheet").evaluate(COLUMNS)
        assert columns == (2 if width > 767 else 1), width
    page.page.keyboard.press("Escape")
    expect(page.page.get_by_role("dialog")).to_have_count(0)
    expect(page.composer).to_be_focused()


def test_the_sheet_shows_what_one_has_chosen(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    page.page.evaluate(
        "() => { localStorage['parley.choice.send'] = 'mod-enter'; localStorage['parley.choice.keys'] = 'off'; }"
    )
    page.reload(room)
    sheet(page)
    assert row(page, "send") == ["Ctrl", "Enter"]
    expect(page.page.locator('.sheet [data-key="send"]')).to_contain_text("your choice")
    expect(page.page.locator('.sheet [data-key="reply"]')).to_contain_text("switched off")
    page.page.get_by_role("link", name="Change what keys do").click()
    expect(page.page).to_have_url(re.compile("/settings/keys/$"))
    expect(page.page.get_by_role("dialog")).to_have_count(0)


def test_single_keys_act_on_messages_and_never_in_a_field(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["one", "two"])
    page = window(alice, room)
    page.composer.press_sequentially("jkreul")
    expect(page.composer).to_have_value("jkreul")
    expect(page.page.locator(".replying")).to_have_count(0)
    page.message("two").locator("article").focus()
    page.page.keyboard.press("k")
    expect(page.message("one").locator("article")).to_be_focused()
    page.page.keyboard.press("r")
    expect(page.page.locator(".replying")).to_contain_text("one")
    expect(page.composer).to_have_value("jkreul")
    page.page.keyboard.press("Escape")

    page.page.evaluate("() => { localStorage['parley.choice.keys'] = 'off'; }")
    page.reload(room)
    page.message("two").locator("article").focus()
    page.page.keyboard.press("r")
    page.page.keyboard.press("k")
    expect(page.message("two").locator("article")).to_be_focused()
    expect(page.page.locator(".replying")).to_have_count(0)


def test_while_one_composes_no_key_of_the_page_acts(window: OpenWindow, stage: Stage, alice: Person, room: str) -> None:
    stage.room(alice)
    page = window(alice, room)
    page.composer.focus()
    page.devtools.send("Input.imeSetComposition", {"text": "cha", "selectionStart": 3, "selectionEnd": 3})
    for key in ("Control+k", "Control+/", "Alt+ArrowDown", "F6"):
        page.page.keyboard.press(key)
    expect(page.page.get_by_role("dialog")).to_have_count(0)
    page.drawn(room)
    expect(page.composer).to_be_focused()
    page.devtools.send("Input.insertText", {"text": "茶"})
    expect(page.composer).to_have_value("茶")
