"""From a small phone to a wide screen: nothing is cut off, nothing scrolls sideways, everything can be hit."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.world import Person, World

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}

OVERFLOW = """() => ({
  page: document.scrollingElement.scrollWidth - innerWidth,
  list: Math.max(0, ...[...document.querySelectorAll(".messages")].map((list) => list.scrollWidth - list.clientWidth)),
  out: [...document.querySelectorAll("body *")].filter((node) => {
    if (node.closest("pre, table, .visually-hidden, .skip, svg, [hidden]")) return false;
    const box = node.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && (box.right > innerWidth + 1 || box.left < -1);
  }).map((node) => node.outerHTML.slice(0, 120)),
})"""
# What can be tapped and is smaller than a finger: words inside a message are text.
SMALL = """() => [...document.querySelectorAll("a, button, input, textarea, [role=option]")].filter((node) => {
  if (node.closest(".markup, .skip, .visually-hidden, [hidden]") || node.type === "hidden") return false;
  const box = node.getBoundingClientRect();
  const style = getComputedStyle(node);
  if (!box.width || style.visibility === "hidden" || style.pointerEvents === "none") return false;
  const label = node.closest("label");
  const hit = label ? label.getBoundingClientRect() : box;
  return hit.width < 44 || hit.height < 44;
}).map((node) => [node.outerHTML.slice(0, 120), node.offsetWidth, node.offsetHeight])"""


@pytest.fixture
def wide_words(stage: Stage, world: World, alice: Person, bob: Person) -> str:
    """A room of words that have no place to break."""
    room = stage.room(
        alice, bob, name=world.unique("a-room-with-a-very-long-name-that-goes-on-and-on-and-on"), topic="t" * 200
    )
    stage.direct(alice, bob)
    stage.past(
        room,
        bob,
        [
            "W" * 300,
            "https://example.org/" + "a" * 200,
            "```\n" + "x = 1; " * 60 + "\n```",
            "| a | b |\n|---|---|\n| " + "wide " * 30 + " | " + "cell" * 40 + " |",
            "没有空格的很长很长的中文" * 30,
            "> " * 5 + "deep",
        ],
    )
    stage.past(room, alice, ["mine"])
    return room


def fits(page: Window) -> None:
    overflow = page.page.evaluate(OVERFLOW)
    assert overflow["page"] <= 0, overflow
    assert overflow["list"] <= 0, overflow
    assert overflow["out"] == []


@pytest.mark.parametrize("width", [360, 390, 768, 1024, 1440])
def test_nothing_scrolls_sideways_and_the_composer_is_there(
    window: OpenWindow, alice: Person, wide_words: str, width: int
) -> None:
    page = window(alice, wide_words, viewport={"width": width, "height": 740})
    page.sees("mine")
    fits(page)
    expect(page.composer).to_be_in_viewport(ratio=1)
    expect(page.page.locator(".send")).to_be_in_viewport(ratio=1)


def test_on_a_phone_everything_can_be_hit_and_the_keyboard_hides_nothing(
    window: OpenWindow, alice: Person, wide_words: str
) -> None:
    page = window(alice, wide_words, **PHONE)
    page.sees("mine")
    fits(page)
    assert page.page.evaluate(SMALL) == []
    # As with the on-screen keyboard: the page gets what is left (interactive-widget=resizes-content).
    page.page.set_viewport_size({"width": 360, "height": 400})
    expect(page.composer).to_be_in_viewport(ratio=1)
    expect(page.message("mine")).to_be_in_viewport()
    page.composer.fill("one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\nten\neleven\ntwelve")
    expect(page.page.locator(".send")).to_be_in_viewport(ratio=1)
    expect(page.page.locator(".room-head")).to_be_in_viewport(ratio=1)
    page.composer.fill("")
    page.page.set_viewport_size({"width": 360, "height": 740})

    page.message("mine").locator("article").tap()
    expect(page.message("mine").get_by_role("button", name="Reply")).to_be_visible()
    assert page.page.evaluate(SMALL) == []
    fits(page)

    page.page.locator(".back").tap()
    expect(page.link(wide_words)).to_be_visible()
    expect(page.composer).to_be_hidden()
    fits(page)
    assert page.page.evaluate(SMALL) == []
    page.page.locator(".me-button").tap()
    expect(page.page.get_by_role("menu")).to_be_visible()
    fits(page)
    assert page.page.evaluate(SMALL) == []
    page.page.keyboard.press("Escape")
    page.link(wide_words).tap()
    page.drawn(wide_words)
    page.page.go_back()
    expect(page.link(wide_words)).to_be_visible()


def test_the_sign_in_page_fits_a_phone(open_page: OpenPage) -> None:
    page = Window(open_page(path="/accounts/login/", **PHONE), None)
    fits(page)
    assert page.page.evaluate(SMALL) == []


def test_text_twice_as_large_loses_nothing(window: OpenWindow, alice: Person, wide_words: str) -> None:
    page = window(alice, wide_words, viewport={"width": 1280, "height": 900})
    page.page.evaluate("() => { document.documentElement.style.fontSize = '200%'; }")
    page.sees("mine")
    fits(page)
    expect(page.composer).to_be_in_viewport(ratio=1)
    expect(page.page.locator(".send")).to_be_in_viewport(ratio=1)


HEIGHTS = (
    """() => [...document.querySelectorAll(".message:not(.head)")].map((node) => node.getBoundingClientRect().height)"""
)
LISTS = [".room-item", ".entries li", "[data-key]"]


def test_compact_is_denser_than_cozy_in_every_list(window: OpenWindow, stage: Stage, alice: Person, room: str) -> None:
    stage.past(room, alice, ["one", "two", "三", "four"])
    page = window(alice, room, viewport={"width": 1440, "height": 900})
    page.sees("four")
    page.members()

    def heights(density: str) -> list[float]:
        page.page.evaluate("(density) => { document.documentElement.dataset.density = density; }", density)
        found: list[float] = [max(page.page.evaluate(HEIGHTS))]
        for one in LISTS:
            box = page.page.locator(one).first.bounding_box()
            assert box is not None, one
            found.append(box["height"])
        return found

    cozy = heights("cozy")
    compact = heights("compact")
    assert all(less <= more for less, more in zip(compact, cozy, strict=True)), (compact, cozy)
    # Words of one line: nothing but them sets the height.
    assert compact[0] < cozy[0] < 29


OVERLAID = """(selectors) => {
  // What a list does not show of a message is not covered.
  const box = (node) => {
    const { left, right, top, bottom } = node.getBoundingClientRect();
    const list = node.closest(".messages")?.getBoundingClientRect();
    if (!list) return { left, right, top, bottom };
    return { left, right, top: Math.max(top, list.top), bottom: Math.min(bottom, list.bottom) };
  };
  const met = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
    && b.top < b.bottom;
  const over = [...document.querySelectorAll(".toast, .banner")].map(box);
  return selectors.flatMap((one) => [...document.querySelectorAll(one)])
    .filter((node) => over.some((bar) => met(bar, box(node)))).map((node) => node.outerHTML.slice(0, 80));
}"""


@pytest.mark.outage
@pytest.mark.parametrize("width", [390, 1440])
def test_what_is_told_covers_neither_the_newest_messages_nor_the_composer(
    window: OpenWindow, stage: Stage, alice: Person, room: str, width: int
) -> None:
    stage.past(room, alice, [f"line {number}" for number in range(60)])
    page = window(alice, room, viewport={"width": width, "height": 780})
    page.sees("line 59")
    page.page.evaluate(
        "import('parley/views/derived.js').then(({ toast }) => ['one', 'two', 'three'].forEach((one) => toast(one)))"
    )
    expect(page.toast).to_have_text(["two", "three"])
    newest = ".message:nth-last-child(-n+5)"
    assert page.page.evaluate(OVERLAID, [newest, ".composer"]) == []
    page.cut()
    expect(page.banner).to_be_visible()
    expect(page.toast).to_have_count(0)
    # Only the header is below it, and not the way back.
    assert page.page.evaluate(OVERLAID, [".message", ".composer", ".room-head .back", ".room-head .head-info"]) == []
