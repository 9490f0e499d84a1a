"""For everybody: what axe finds, what the keyboard reaches, what is announced."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.servers import ROOT
from tests.world import Person, World

AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = [390, 768, 1440]
LANGUAGES = ["en", "zh-hans"]
CODE = "```python\ndef f(x):\n    return x + 1  # add\n```"

FOCUSED = """() => {
  const node = document.activeElement;
  const style = getComputedStyle(node);
  const around = node.closest(".composer-row");
  const ring = (one) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 1) || boxShadow !== "none";
  };
  const box = node.getBoundingClientRect();
  return {
    end: node === document.body,
    what: node.id || node.getAttribute("aria-label") || node.textContent.trim().slice(0, 40),
    ring: ring(node) || (around !== null && ring(around)),
    seen: box.width > 0 && box.bottom > 0 && box.top < innerHeight && style.visibility === "visible",
    landmark: node.closest("[data-landmark]")?.className ?? "",
  };
}"""


def findings(page: Page) -> list[str]:
    """What axe calls serious or critical, with where."""
    page.evaluate(AXE + "; undefined")
    found: dict[str, Any] = page.evaluate(
        "(rules) => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES
    )
    return [
        f"{one['impact']} {one['id']}: {node['html'][:160]} | {node['failureSummary'].splitlines()[-1]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"]
    ]


def test_axe_would_find_something(open_page: OpenPage) -> None:
    page = open_page(path="/accounts/login/")
    assert findings(page) == []
    page.evaluate("() => document.querySelectorAll('label').forEach((label) => label.remove())")
    assert any("label" in finding for finding in findings(page))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_serious_on_the_sign_in_page(open_page: OpenPage, language: str, scheme: str) -> None:
    page = open_page(path="/accounts/login/", language=language, color_scheme=scheme)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert findings(page) == [], width
    page.locator('input[name="login"]').fill("x")
    page.locator('input[name="password"]').fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert findings(page) == []


@pytest.fixture
def busy(stage: Stage, world: World, alice: Person, bob: Person, room: str) -> str:
    """A room with one of everything: code, a list, a quote, an edit, a tombstone, something unread."""
    stage.room(alice, bob, kind="public", name=world.unique("general"))
    stage.past(stage.direct(alice, bob), bob, ["hello"])
    stage.past(room, bob, ["one", CODE, "- a\n- b\n\n> quoted `code`", "four"])
    stage.call(bob, "PATCH", f"rooms/{room}/messages/1/", {"text": "one, [edited](https://example.org)"})
    stage.call(bob, "DELETE", f"rooms/{room}/messages/4/")
    stage.past(room, alice, ["mine"])
    stage.past(room, bob, ["unread"])
    return room


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_serious_in_a_room_and_what_opens_over_it(
    window: OpenWindow, stage: Stage, world: World, alice: Person, busy: str, language: str, scheme: str
) -> None:
    stage.call(alice, "PATCH", "me/", {"language": language})
    page = window(alice, busy, color_scheme=scheme, language=language)
    expect(page.page.locator("html")).to_have_attribute("lang", "zh-Hans" if language == "zh-hans" else "en")
    page.look_away()
    expect(page.divider).to_have_count(1)
    for width in WIDTHS:
        page.page.set_viewport_size({"width": width, "height": 800})
        assert findings(page.page) == [], f"the room at {width}"
    page.message("mine").locator("article").hover()
    assert findings(page.page) == [], "a message's tools"
    page.message("mine").locator(".tools button").first.click()
    page.message("mine").locator(".tools button").nth(1).click()
    expect(page.page.locator(".editor")).to_be_visible()
    assert findings(page.page) == [], "answering and editing"
    page.page.keyboard.press("Escape")
    page.page.locator(".me-button").click()
    expect(page.page.get_by_role("menu")).to_be_visible()
    assert findings(page.page) == [], "the menu"
    page.page.keyboard.press("Escape")
    page.page.locator(".members").click()
    expect(page.page.locator(".person")).to_have_count(2)
    assert findings(page.page) == [], "the members"
    page.page.keyboard.press("Escape")
    page.page.keyboard.press("Control+k")
    expect(page.page.get_by_role("option").first).to_be_visible()
    assert findings(page.page) == [], "the search"
    page.page.locator(".find-foot .button").click()
    expect(page.page.locator("#room-name")).to_be_visible()
    assert findings(page.page) == [], "a new room"
    page.page.keyboard.press("Escape")
    page.page.set_viewport_size({"width": 390, "height": 800})
    page.page.locator(".back").click()
    expect(page.link(busy)).to_be_visible()
    assert findings(page.page) == [], "the list on a phone"


def test_tab_reaches_everything_in_order_and_the_focus_is_always_seen(
    window: OpenWindow, alice: Person, busy: str
) -> None:
    page = window(alice, busy)
    page.look_away()
    # From the very beginning of the page, as after loading it.
    page.page.evaluate(
        "() => { const { body } = document; body.tabIndex = -1; body.focus(); body.removeAttribute('tabindex'); }"
    )
    stops = []
    for _ in range(40):
        page.page.keyboard.press("Tab")
        stop = page.page.evaluate(FOCUSED)
        if stop["end"]:
            break
        stops.append(stop)
    what = [stop["what"] for stop in stops]
    assert what[0] == "Skip to the message field"
    assert [stop["what"] for stop in stops if not stop["ring"]] == []
    assert [stop["what"] for stop in stops if not stop["seen"]] == []
    # The landmarks come in their order: banner, navigation, main, composer.
    marks = [stop["landmark"].split()[0] for stop in stops if stop["landmark"]]
    order = [mark for number, mark in enumerate(marks) if number == 0 or marks[number - 1] != mark]
    assert order == ["site", "rooms", "room", "composer"] or order == ["site", "rooms", "me", "room", "composer"], order
    assert "composer-text" in what
    assert len(stops) < 40, "a way around: the messages are one stop, not hundreds"


def test_keys_go_from_room_to_room_and_esc_closes(window: OpenWindow, stage: Stage, alice: Person, bob: Person) -> None:
    first, second, third = (stage.room(alice, bob, name=stage.world.unique(name)) for name in ("a", "b", "c"))
    stage.past(third, bob, ["unread"])
    page = window(alice, first)
    page.page.keyboard.press("Alt+ArrowDown")
    page.drawn(second)
    page.page.keyboard.press("Alt+ArrowUp")
    page.drawn(first)
    page.page.keyboard.press("Alt+Shift+ArrowDown")
    page.drawn(third)
    page.page.go_back()
    page.drawn(first)

    page.page.keyboard.press("Control+k")
    expect(page.page.get_by_role("dialog")).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(page.page.get_by_role("dialog")).to_have_count(0)
    expect(page.composer).to_be_focused()

    seen = []
    for _ in range(4):
        page.page.keyboard.press("F6")
        seen.append(page.page.evaluate(FOCUSED)["landmark"].split()[0])
    assert len(set(seen)) == 4, seen

    page.composer.fill("mine")
    page.composer.press("Enter")
    page.sees("mine")
    page.composer.press("ArrowUp")
    box = page.page.locator(".editor textarea")
    expect(box).to_be_focused()
    expect(box).to_have_value("mine")
    page.page.keyboard.press("Escape")
    expect(box).to_have_count(0)
    expect(page.composer).to_be_focused()


def test_new_messages_of_the_open_room_are_announced_and_nothing_else(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    elsewhere = stage.room(alice, bob)
    stage.past(room, bob, ["history"])
    page: Window = window(alice, room)
    page.page.evaluate(
        """() => {
          window.announced = [];
          const region = document.querySelector("[data-testid=announcer]");
          new MutationObserver(() => region.textContent && announced.push(region.textContent))
            .observe(region, { subtree: true, childList: true, characterData: true });
        }"""
    )
    page.say("my own")
    page.sees("my own")
    stage.say(elsewhere, bob, "somewhere else")
    page.expect_unread(elsewhere, 1)
    stage.say(room, bob, "news", "news")
    expect(page.message("news")).to_have_count(2)
    assert page.page.evaluate("() => announced") == ["Bob: news", "Bob: news"]
    expect(page.page.get_by_test_id("announcer")).to_have_attribute("aria-live", "polite")
    page.go(elsewhere)
    expect(page.page.get_by_test_id("announcer")).to_have_text("")
