"""Suggestions while one writes: people, rooms, emoji, commands, in the composer and in the edit box."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.test_accessibility import findings
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person, World

# Where the list stands, where the field does, and what of the screen is seen.
PLACES = """() => {
  const rect = (node) => {
    const { top, bottom, left, right } = node.getBoundingClientRect();
    return { top, bottom, left, right };
  };
  const seen = visualViewport;
  return {
    list: rect(document.querySelector("[data-testid=suggestions]")),
    field: rect(document.activeElement),
    screen: { top: seen.offsetTop, bottom: seen.offsetTop + seen.height, left: 0, right: seen.width },
  };
}"""

# Holds back what the search for people answers, and notes what was asked and what was given up.
HELD = """() => {
  window.asked = [];
  const real = window.fetch;
  window.fetch = (address, how) => {
    const q = new URL(address, location).searchParams.get("q");
    if (!String(address).includes("/people/") || q === null) return real(address, how);
    const one = { q, aborted: false };
    asked.push(one);
    return new Promise((resolve, reject) => {
      how.signal.addEventListener("abort", () => { one.aborted = true; reject(new DOMException("", "AbortError")); });
      one.answer = () => real(address, how).then(resolve, reject);
    });
  };
}"""

# Writes letters one after another with no pause between them, however slow the machine is.
QUICKLY = "(field, letters) => [...letters].forEach((letter) => document.execCommand('insertText', false, letter))"


def options(page: Window) -> Locator:
    return page.page.get_by_test_id("suggestions").get_by_role("option")


def closed(page: Window) -> None:
    expect(page.page.get_by_test_id("suggestions")).to_have_count(0)


def write(page: Window, text: str) -> None:
    """As keys, one after another, after what is there."""
    page.composer.focus()
    page.page.keyboard.type(text)


def chosen(page: Window) -> str:
    text: str = page.page.locator('.suggest [aria-selected="true"]').inner_text()
    return text


@pytest.fixture
def wang(world: World) -> Person:
    return world.person("wangfang", display_name="王芳")


def test_people_are_found_by_handle_name_and_pinyin(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, wang: Person
) -> None:
    room = stage.room(alice, bob, wang)
    page = window(alice, room)
    for query in (wang.handle[:6], "王", "wangf", "wf"):
        write(page, f"@{query}")
        expect(options(page).first).to_contain_text("王芳")
        page.composer.fill("")
        closed(page)
    write(page, "你好@王")
    expect(options(page)).to_have_count(1)
    page.page.keyboard.press("Enter")
    expect(page.composer).to_have_value(f"你好@{wang.handle} ")
    closed(page)
    page.page.keyboard.type("在吗")
    page.page.keyboard.press("Enter")
    mention = page.page.locator(f'.message .mention[data-user="{wang.id}"]')
    expect(mention).to_have_text(f"@{wang.handle}")


def test_after_a_latin_letter_or_a_digit_a_sign_is_a_sign(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    for text in ("mail@", "10:3", "a#1"):
        write(page, text)
        page.page.wait_for_timeout(100)
        closed(page)
        page.composer.fill("")
    for text in ("@", "＠", "(@", "好@", "かな@", "한@"):
        write(page, text)
        expect(options(page).first).to_be_visible()
        page.composer.fill("")


def test_it_is_a_combobox_and_its_keys_do_not_leave_the_field(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person
) -> None:
    room = stage.room(alice, bob, carol)
    page = window(alice, room)
    field = page.composer
    expect(field).not_to_have_attribute("role", "combobox")
    write(page, "hi @")
    expect(options(page)).to_have_count(4)
    expect(field).to_have_attribute("role", "combobox")
    expect(field).to_have_attribute("aria-expanded", "true")
    list_id = page.page.get_by_role("listbox").get_attribute("id")
    assert field.get_attribute("aria-controls") == list_id
    first = chosen(page)
    active = field.get_attribute("aria-activedescendant")
    assert page.page.locator(f"#{active}").inner_text() == first
    page.page.keyboard.press("ArrowDown")
    second = chosen(page)
    assert second != first
    assert field.get_attribute("aria-activedescendant") != active
    page.page.keyboard.press("ArrowUp")
    page.page.keyboard.press("ArrowUp")
    assert "here" in chosen(page), "it goes round"
    page.page.keyboard.press("Escape")
    closed(page)
    expect(field).to_be_focused()
    assert field.get_attribute("aria-expanded") is None
    page.page.keyboard.type("b")
    page.page.wait_for_timeout(200)
    closed(page)
    # Another sign is another question.
    page.page.keyboard.type(f" @{bob.handle}")
    expect(options(page).first).to_contain_text(bob.name)
    page.page.keyboard.press("Tab")
    expect(field).to_have_value(f"hi @b @{bob.handle} ")
    expect(field).to_be_focused()
    # Undone as if it had been typed.
    page.page.keyboard.press("Control+z")
    expect(field).not_to_have_value(re.compile(f"@{bob.handle} $"))


def test_the_mouse_chooses_without_taking_the_focus(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page = window(alice, room)
    page.page.evaluate(
        "() => document.querySelector('#composer-text').addEventListener('blur', () => (window.blurred = true))"
    )
    write(page, "@bo")
    options(page).first.click()
    expect(page.composer).to_have_value(f"@{bob.handle} ")
    expect(page.composer).to_be_focused()
    assert page.page.evaluate("() => window.blurred") is None


def test_who_is_not_in_the_room_is_found_by_the_server_and_said_to_be_outside(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, mallory: Person, room: str
) -> None:
    page = window(alice, room)
    write(page, f"@{mallory.handle}")
    outside = options(page).filter(has_text=mallory.handle)
    expect(outside).to_contain_text("not in this room")
    page.page.keyboard.press("Enter")
    expect(page.composer).to_have_value(f"@{mallory.handle} ")


def test_an_answer_that_comes_late_does_not_replace_a_newer_question(
    window: OpenWindow, stage: Stage, alice: Person, mallory: Person, bob: Person, room: str
) -> None:
    page = window(alice, room)
    page.page.evaluate(HELD)
    write(page, "@m")
    eventually(lambda: page.page.evaluate("() => asked.length") == 1)
    page.composer.evaluate(QUICKLY, "al")
    eventually(lambda: page.page.evaluate("() => asked.length") == 2)
    page.page.keyboard.type(" and more")
    page.page.evaluate("() => asked.forEach((one) => one.answer())")
    page.page.wait_for_timeout(500)
    closed(page)
    assert page.composer.input_value() == "@mal and more"
    asked = page.page.evaluate("() => asked.map(({ q, aborted }) => ({ q, aborted }))")
    # Typed quickly, letters are not asked for one by one.
    assert [one["q"] for one in asked] == ["m", "mal"]
    assert all(one["aborted"] for one in asked), "nobody waits for them any more"


def test_everybody_is_offered_only_where_it_reaches_them_and_says_how_many(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person, room: str
) -> None:
    window(bob, room)
    page = window(alice, room)
    write(page, "@room")
    expect(options(page).filter(has_text="@room")).to_contain_text("notifies 1 person")
    page.composer.fill("")
    write(page, "@here")
    expect(options(page).filter(has_text="@here")).to_contain_text("notifies 1 person online")
    page.composer.fill("")

    quiet = stage.room(alice, bob)
    stage.call(alice, "PATCH", f"rooms/{quiet}/", {"mention_room": "leaders"})
    his = window(bob, quiet)
    write(his, "@")
    expect(options(his)).to_have_count(1)
    expect(options(his)).to_contain_text(alice.name)
    # With nobody of that name there is no list at all.
    write(his, "room")
    closed(his)


def test_a_room_becomes_a_link_that_leads_there(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    name = stage.world.unique("茶 [馆]*")
    tea = stage.room(alice, bob, name=name, kind="public")
    page = window(alice, room)
    write(page, "见#茶")
    option = options(page).filter(has_text=name)
    expect(option).to_be_visible()
    # After 汉字 a # may be plain: nothing is chosen, and Enter would send.
    expect(page.page.locator('.suggest [aria-selected="true"]')).to_have_count(0)
    option.click()
    page.page.keyboard.press("Enter")
    link = page.page.locator(".message .markup a")
    expect(link).to_have_text(f"#{name}")
    assert link.get_attribute("href") == f"/rooms/{tea}/"
    # It leads there in this tab; the web is in another one.
    link.click()
    page.drawn(tea)
    assert len(page.context.pages) == 1


def test_emoji_have_english_and_chinese_names(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    for text, sign in ((":tada", "🎉"), (":thumbsup", "👍"), ("：庆祝", "🎉"), (":xiaoku", "😂")):
        write(page, text)
        expect(options(page).filter(has_text=sign).first).to_be_visible()
        page.composer.fill("")
        closed(page)
    write(page, "ok :tada")
    expect(options(page).first).to_contain_text("🎉")
    page.page.keyboard.press("Enter")
    expect(page.composer).to_have_value("ok 🎉")
    page.composer.fill("")
    # A Chinese colon is mostly punctuation: Enter sends.
    write(page, "大家：生日")
    expect(options(page).first).to_be_visible()
    expect(page.page.locator('.suggest [aria-selected="true"]')).to_have_count(0)
    page.page.keyboard.press("Enter")
    page.shows("大家：生日")
    closed(page)


def test_a_name_between_colons_becomes_its_emoji_and_can_be_taken_back(
    window: OpenWindow, alice: Person, room: str
) -> None:
    page = window(alice, room)
    write(page, "done :tada")
    expect(options(page).first).to_be_visible()
    page.page.keyboard.type(": and :nothing-like-it:")
    expect(page.composer).to_have_value("done 🎉 and :nothing-like-it:")
    closed(page)
    page.composer.fill("")
    write(page, "`:tada:` ")
    expect(page.composer).to_have_value("`:tada:` ")
    page.composer.fill("")
    write(page, ":rocket:")
    expect(page.composer).to_have_value("🚀")
    page.page.keyboard.press("Control+z")
    expect(page.composer).to_have_value(":rocket:")
    page.page.keyboard.press("Enter")
    page.shows(":rocket:")
    # Who has closed the list means the letters.
    write(page, ":smile")
    expect(options(page).first).to_be_visible()
    page.page.keyboard.press("Escape")
    page.page.keyboard.type(":")
    page.page.keyboard.press("Enter")
    page.shows(":rocket:", ":smile:")


def test_commands_do_what_they_say_and_only_what_one_may(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, mallory: Person, room: str
) -> None:
    page = window(alice, room)
    write(page, "/")
    expect(options(page)).to_have_count(5)
    names = [text.split()[0] for text in options(page).all_inner_texts()]
    assert names == ["/status", "/topic", "/invite", "/mute", "/leave"]
    page.page.keyboard.type("top")
    expect(options(page)).to_have_count(1)
    page.page.keyboard.press("Enter")
    expect(page.composer).to_have_value("/topic ")
    page.page.keyboard.type("tea and cake")
    page.page.keyboard.press("Enter")
    expect(page.page.locator(".room-head")).to_contain_text("tea and cake")
    expect(page.composer).to_have_value("")

    write(page, f"/invite {mallory.handle}")
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_text(f"{mallory.name} is now in the room.")).to_be_visible()
    write(page, "/invite nobody-at-all")
    page.page.keyboard.press("Enter")
    # What was wrong is said, and the words are still there.
    expect(page.page.get_by_role("alert")).to_contain_text("There is nobody called @nobody-at-all.")
    expect(page.composer).to_have_value("/invite nobody-at-all")
    page.composer.fill("")

    write(page, "/mut")
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_text("This conversation is muted.")).to_be_visible()
    expect(page.composer).to_have_value("")
    # A slip of a command is not for everybody to read; what cannot be one is said, and so is what one insists on.
    write(page, "/nonsense and a secret")
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("alert")).to_contain_text("There is no command /nonsense here.")
    expect(page.composer).to_have_value("/nonsense and a secret")
    page.say("/etc/passwd")
    page.say(r"\/leave")
    page.say(" /nonsense")
    page.say("/leave it to me")
    page.shows("/etc/passwd", "/leave", "/nonsense", "/leave it to me")
    write(page, "/leave")
    page.page.keyboard.press("Enter")
    expect(page.page.get_by_role("dialog")).to_contain_text("Leave")

    his = window(bob, room)
    write(his, "/")
    expect(options(his).first).to_be_visible()
    names = [text.split()[0] for text in options(his).all_inner_texts()]
    assert "/topic" not in names
    assert "/invite" not in names


def test_the_edit_box_suggests_people_too_but_no_commands(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, ["ask"])
    page = window(alice, room)
    page.tool("ask", "Edit")
    box = page.page.locator(".editor textarea")
    expect(box).to_be_focused()
    page.page.keyboard.type(" @bo")
    expect(options(page).first).to_contain_text(bob.name)
    page.page.keyboard.press("Escape")
    closed(page)
    expect(box).to_be_focused()
    page.page.keyboard.type(" @bo")
    expect(options(page).first).to_be_visible()
    page.page.keyboard.press("Enter")
    expect(box).to_have_value(f"ask @bo @{bob.handle} ")
    box.fill("")
    page.page.keyboard.type("/")
    page.page.wait_for_timeout(100)
    closed(page)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_in_a_list(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, mallory: Person, language: str, *, dark: bool
) -> None:
    stage.call(alice, "PATCH", "me/", {"language": language})
    room = stage.room(alice, bob, topic="Tea")
    page = window(alice, room, language=language, color_scheme="dark" if dark else "light")
    for text in ("@", f"@{mallory.handle[:4]}", "#", ":smile", "/"):
        write(page, text)
        expect(options(page).first).to_be_visible()
        assert findings(page.page) == [], text
        page.composer.fill("")


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (390, 844), (390, 420)], ids=str)
def test_the_list_never_covers_the_line_nor_leaves_the_screen(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person, width: int, height: int
) -> None:
    """The last size is what a phone's keyboard leaves of the screen."""
    room = stage.room(alice, bob, carol)
    stage.past(room, alice, [f"number {number}" for number in range(40)])
    page = window(alice, room, viewport={"width": width, "height": height})
    page.composer.fill("\n".join(["line"] * 12))
    page.composer.focus()
    page.page.keyboard.press("End")
    page.page.keyboard.type(" @")
    expect(options(page).first).to_be_visible()
    inside(page)
    page.page.keyboard.press("Escape")
    page.composer.fill("")
    # In the edit box, wherever it stands.
    page.scroller.evaluate("(node) => (node.scrollTop -= 200)")
    for text in ("number 39", "number 34"):
        page.message(text).scroll_into_view_if_needed()
        page.tool(text, "Edit")
        expect(page.page.locator(".editor textarea")).to_be_focused()
        page.page.keyboard.type(" @")
        expect(options(page).first).to_be_visible()
        inside(page)
        page.page.keyboard.press("Escape")
        page.page.keyboard.press("Escape")


def inside(page: Window) -> None:
    at = page.page.evaluate(PLACES)
    shown, field, screen = at["list"], at["field"], at["screen"]
    assert shown["bottom"] <= field["top"] or shown["top"] >= field["bottom"], at
    assert screen["top"] <= shown["top"] <= shown["bottom"] <= screen["bottom"], at
    assert screen["left"] <= shown["left"] <= shown["right"] <= screen["right"], at
    assert shown["bottom"] - shown["top"] >= 36, "something of it is seen"
