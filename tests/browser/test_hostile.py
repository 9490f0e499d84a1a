"""Whatever people call themselves, their rooms or write: it is shown, and nothing of it runs."""

import re

import pytest
from playwright.sync_api import expect

from accounts.services.user import user_update
from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.servers import eventually
from tests.world import Person, World

ATTACKS = [
    "<script>window.__pwned=1</script>",
    '"><img src=x onerror="window.__pwned=1">',
    "'><svg/onload=window.__pwned=1>",
    "</script><script>window.__pwned=1</script>",
    "${window.__pwned=1}{{constructor.constructor('window.__pwned=1')()}}",
    "<a href='javascript:window.__pwned=1'>x</a>",
]
LINKS = [
    "[click](javascript:window.__pwned=1)",
    "[click](JaVaScRiPt:window.__pwned=1 'title')",
    "[click](java\tscript:window.__pwned=1)",
    "<javascript:window.__pwned=1>",
    "[click](data:text/html,<script>window.__pwned=1</script>)",
    '![x](x" onerror="window.__pwned=1)',
    '[x](https://example.org/"onmouseover="window.__pwned=1)',
    "```<img src=x onerror=window.__pwned=1>\n<script>window.__pwned=1</script>\n```",
    "<iframe srcdoc='<script>parent.__pwned=1</script>'></iframe><style>*{display:none}</style>",
    "<form action=//example.org><button>x</button></form><base href=//example.org>",
]
VIOLATIONS = """
  window.violations = [];
  addEventListener("securitypolicyviolation",
    (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));
"""


@pytest.fixture
def attacked(stage: Stage, world: World, alice: Person, bob: Person) -> str:
    """A room of hostile words, its members hostile by name."""
    world.do(lambda: user_update(user_id=int(bob.id), display_name=ATTACKS[1]))
    room = stage.room(alice, bob, name=world.unique(ATTACKS[0]), topic=ATTACKS[1])
    stage.room(alice, bob, name=world.unique(ATTACKS[2]))
    stage.direct(alice, bob)
    stage.past(room, bob, [*ATTACKS, *LINKS])
    stage.read(room, alice, len(ATTACKS) + len(LINKS))
    return room


def test_hostile_words_are_words_everywhere_they_are_shown(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, attacked: str
) -> None:
    page = window(alice)
    page.context.add_init_script(VIOLATIONS)
    page.enter(attacked)
    page.sees("<iframe srcdoc=")
    shown = page.texts()
    for attack in ATTACKS:
        assert any(attack in text for text in shown), f"{attack} is not shown as written"
    expect(page.page.locator(".room-head h1")).to_contain_text(ATTACKS[0])
    expect(page.page.locator(".author").first).to_have_text(ATTACKS[1])

    # Typing, quoting, announcing, the members, the search, an own grey row: names and words go there too.
    his = window(bob, attacked)
    his.composer.press_sequentially("x")
    expect(page.typing).to_contain_text(ATTACKS[1])
    page.tool("</script><script>", "Reply")
    page.say(ATTACKS[1])
    expect(his.page.locator(".quote").last).to_contain_text("window.__pwned")
    page.say(ATTACKS[0])
    page.members()
    expect(page.pane).to_contain_text(ATTACKS[1])
    page.member(bob).locator(".person").click()
    expect(page.pane.locator(".card-name")).to_have_text(ATTACKS[1])
    page.page.locator(".pane-close").click()
    expect(page.about()).to_contain_text(ATTACKS[0])
    page.page.keyboard.press("Escape")
    page.page.keyboard.press("Control+k")
    page.page.locator("#find-text").fill("<")
    expect(page.page.get_by_role("option").first).to_contain_text("<")
    page.page.keyboard.press("Escape")

    for one in (page, his):
        assert one.page.evaluate("() => window.__pwned") is None
        inside = one.page.locator(".markup")
        foreign = (
            "script, iframe, style, form, base, object, embed, link, meta, button:not(.copy), svg:not(.copy > svg)"
        )
        assert inside.locator(foreign).count() == 0, "the page's own copy button apart"
        assert inside.locator("[onerror], [onload], [onmouseover], [style], [srcdoc]").count() == 0
    assert page.page.evaluate("() => violations") == []


def test_a_link_leads_to_the_web_and_gives_nothing_away(
    window: OpenWindow, stage: Stage, alice: Person, attacked: str
) -> None:
    stage.say(attacked, alice, "see https://example.org/page and [there](https://example.org/there)")
    page = window(alice, attacked)
    page.sees("see https://example.org/page")
    links = page.page.locator(".markup a")
    found = links.evaluate_all("(all) => all.map((a) => [a.protocol, a.target, a.rel])")
    assert len(found) >= 2
    for protocol, target, rel in found:
        assert re.fullmatch(r"https?:|mailto:", protocol), protocol
        if protocol != "mailto:":
            assert target == "_blank"
            assert {"noopener", "noreferrer", "nofollow"} <= set(rel.split())


def test_text_of_the_other_direction_stays_in_its_own_place(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["\u202egnp.exe", "\u2067hidden", "abc \u05d0\u05d1\u05d2 def"])
    page = window(alice, room)
    page.sees("gnp.exe")
    page.tool("gnp.exe", "Reply")
    page.say("answer")
    page.sees("answer")
    # What people wrote never shares a line's order with what the page says.
    loose = page.page.evaluate(
        """() => {
          const apart = ["isolate", "isolate-override", "plaintext"];
          const isolates = (node) => apart.includes(getComputedStyle(node).unicodeBidi)
            || getComputedStyle(node).display !== "inline";
          const walker = document.createTreeWalker(document.querySelector("#app"), NodeFilter.SHOW_TEXT);
          const loose = [];
          let found = 0;
          while (walker.nextNode()) {
            const { textContent, parentElement: node } = walker.currentNode;
            if (!/[\\u202a-\\u202e\\u2066-\\u2069\\u0590-\\u08ff]/.test(textContent)) continue;
            found += 1;
            if (!isolates(node) && !isolates(node.closest("[dir=auto]") ?? node)) loose.push(node.outerHTML);
          }
          return { loose, found };
        }"""
    )
    assert loose["found"] >= 4, "three messages and a quote"
    assert loose["loose"] == []


@pytest.mark.planted
def test_the_answer_to_every_page_forbids_what_it_does_not_need(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    answer = page.page.reload()
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert re.search(r"script-src 'self' 'nonce-[\w-]+'", policy)
    assert "no-store" in answer.headers["cache-control"]
    # What a hole would let in does not run, does not load and does not leave.
    page.page.evaluate(VIOLATIONS)
    page.page.evaluate(
        """() => {
          const plant = (tag, more) => document.body.appendChild(Object.assign(document.createElement(tag), more));
          plant("script", { textContent: "window.__pwned = 1" });
          plant("div", { innerHTML: "<img src=x onerror='window.__pwned = 1'>" });
          plant("script", { src: "https://example.org/evil.js" });
          plant("iframe", { src: "https://example.org/" });
        }"""
    )
    eventually(lambda: len(page.page.evaluate("() => violations")) >= 4)
    violated = " ".join(page.page.evaluate("() => violations"))
    for directive in ("script-src-elem inline", "script-src-attr", "script-src-elem https://example.org", "frame-src"):
        assert directive in violated, violated
    assert page.page.evaluate("() => window.__pwned") is None
