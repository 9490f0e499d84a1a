"""A person's page, in the words of the tests: what she sees and what she does. Every wait is for a condition."""

import re
from typing import TYPE_CHECKING, Any

from playwright.sync_api import BrowserContext, CDPSession, Locator, Page, expect

from tests.servers import eventually

if TYPE_CHECKING:
    from tests.world import Person  # which needs Django, and the screenshots do not

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}

# What a page shows, in order: the words of each message, its state, and where it stands.
SHOWN = """() => [...document.querySelectorAll(".message")].map((node) => ({
  seq: Number(node.dataset.seq ?? 0),
  text: (node.querySelector(".markup, .tombstone, textarea")?.textContent ?? "").trim(),
  state: node.dataset.seq ? "stored" : node.dataset.state,
}))"""
TOP = """(text) => {
  const words = (node) => node.querySelector(".markup")?.textContent ?? "";
  const node = [...document.querySelectorAll(".message")].find((one) => words(one).includes(text));
  return node ? node.getBoundingClientRect().top : null;
}"""
# Keeps every socket of the page in reach, and the chance that says when it tries again.
SOCKETS = """
  window.sockets = [];
  window.patient = false;
  const chance = Math.random;
  Math.random = () => (patient ? 1000 : chance());
  window.WebSocket = class extends WebSocket {
    constructor(...how) { super(...how); sockets.push(this); }
  };
"""
# Resolves when what the first view does without is there, and what waited for it has run.
LOADED = """async () => {
  const { behind } = await import("parley/views/lazy.js");
  await new Promise((done) => behind.subscribe((module) => module && setTimeout(done)));
}"""
# Scrolls as the wheel does; answers when it is drawn, with the message at the top of the view and its place there.
SCROLL = """async (by) => {
  const list = document.querySelector(".messages");
  list.scrollTop += by;
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  const top = list.getBoundingClientRect().top;
  const node = [...document.querySelectorAll(".message")].find((one) => one.getBoundingClientRect().top >= top + 40);
  return node.querySelector(".markup").textContent.trim();
}"""


def sign_in(page: Page, person: "Person") -> None:
    """Through the form, as people do; returns when the page after it has loaded."""
    page.goto("/accounts/login/")
    page.locator('input[name="login"]').fill(person.handle)
    page.locator('input[name="password"]').fill(person.password)
    page.locator('form:has(input[name="password"]) [type="submit"]').click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


class Window:
    """One page. `person` is who signed in there."""

    def __init__(self, page: Page, person: "Person | None") -> None:
        self.page = page
        self._person = person
        self._devtools: CDPSession | None = None

    @property
    def person(self) -> "Person":
        assert self._person is not None, "nobody is signed in here"
        return self._person

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    @property
    def devtools(self) -> CDPSession:
        """What Playwright has no word for."""
        if self._devtools is None:
            self._devtools = self.context.new_cdp_session(self.page)
        return self._devtools

    # ---- going somewhere ------------------------------------------------------------------------------------------

    def enter(self, room: str, seq: int | None = None) -> "Window":
        """Open a room by its address; returns when it is live, drawn and ready."""
        self.page.goto(f"/rooms/{room}/" + ("" if seq is None else f"{seq}/"))
        return self.drawn(room)

    def drawn(self, room: str) -> "Window":
        self.live()
        expect(self.page.locator(f'main[data-room="{room}"]')).to_be_visible()
        expect(self.page.locator(".message, .empty-title").first).to_be_attached()
        return self.ready()

    def ready(self) -> "Window":
        """Returns when a key acts as it is pressed: what the first view does without has come."""
        self.page.evaluate(LOADED)
        return self

    def live(self, *, within: float = 15) -> "Window":
        expect(self.page.locator('.frame[data-phase="live"]')).to_be_attached(timeout=within * 1000)
        return self

    def reload(self, room: str) -> "Window":
        self.page.reload()
        return self.drawn(room)

    def go(self, room: str) -> "Window":
        """Through the list, without loading the page."""
        self.link(room).click()
        return self.drawn(room)

    # ---- writing ----------------------------------------------------------------------------------------------------

    @property
    def composer(self) -> Locator:
        return self.page.locator("#composer-text")

    def say(self, *texts: str) -> None:
        for text in texts:
            self.composer.fill(text)
            self.composer.press("Enter")

    def tool(self, text: str, name: str) -> None:
        """Click one of a message's actions, as shown when the pointer is on it."""
        message = self.message(text)
        message.locator("article").hover()
        message.get_by_role("button", name=name, exact=True).click()

    def menu(self, text: str, name: str, *, more: str = "More") -> None:
        """Choose something in a message's menu; `more` is what its button is called in her language."""
        self.tool(text, more)
        self.page.locator(".popover .choice", has=self.page.locator(".choice-label", has_text=name)).click()

    def edit(self, text: str, new: str) -> None:
        self.tool(text, "Edit")
        box = self.page.locator(".editor textarea")
        expect(box).to_be_focused()
        box.fill(new)
        box.press("Enter")

    def delete(self, text: str) -> None:
        self.menu(text, "Delete")
        self.page.get_by_role("dialog").get_by_role("button", name="Delete").click()

    def finger_down(self, x: float, y: float) -> None:
        """Put a finger there, and leave it."""
        self.devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})

    def finger_up(self) -> None:
        self.devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    # ---- seeing -----------------------------------------------------------------------------------------------------

    def message(self, text: str) -> Locator:
        """By its own words; a quote of them is not it."""
        return self.page.locator(".message").filter(has=self.page.locator(".markup", has_text=text))

    def shown(self) -> list[dict[str, Any]]:
        """Every message on the page: seq (0: not stored), text, state."""
        shown: list[dict[str, Any]] = self.page.evaluate(SHOWN)
        return shown

    def texts(self) -> list[str]:
        return [message["text"] for message in self.shown()]

    def shows(self, *texts: str, within: float = 10) -> None:
        """Exactly these, in this order, all of them stored."""
        try:
            eventually(
                lambda: [(m["text"], m["state"]) for m in self.shown()] == [(t, "stored") for t in texts], within=within
            )
        except AssertionError:
            raise AssertionError(f"{self.shown()} instead of {texts}") from None

    def sees(self, text: str, *, within: float = 10) -> None:
        """One stored message with these words comes to be on the page."""
        expect(self.message(text).and_(self.page.locator("[data-seq]"))).to_have_count(1, timeout=within * 1000)

    def top(self, text: str) -> float:
        """The vertical place of a message, in pixels of the window."""
        top: float | None = self.page.evaluate(TOP, text)
        assert top is not None, text
        return top

    def scroll(self, by: int) -> str:
        """Scroll by so many pixels; the words of a message that is then near the top of the view."""
        text: str = self.page.evaluate(SCROLL, by)
        return text

    @property
    def scroller(self) -> Locator:
        return self.page.get_by_test_id("messages")

    @property
    def banner(self) -> Locator:
        return self.page.get_by_test_id("connection")

    @property
    def newer(self) -> Locator:
        return self.page.locator(".float")

    @property
    def divider(self) -> Locator:
        return self.page.locator("[data-divider]")

    @property
    def typing(self) -> Locator:
        return self.page.get_by_test_id("typing")

    def link(self, room: str) -> Locator:
        return self.page.locator(f'.room-link[data-room="{room}"]')

    def expect_unread(self, room: str, count: int, *, within: float = 10) -> None:
        expect(self.link(room)).to_have_attribute("data-unread", str(count), timeout=within * 1000)

    def expect_title(self, pattern: str) -> None:
        expect(self.page).to_have_title(re.compile(pattern))

    # ---- beside the messages ----------------------------------------------------------------------------------------

    @property
    def pane(self) -> Locator:
        return self.page.locator("aside.pane")

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def toast(self) -> Locator:
        return self.page.locator(".toast")

    def members(self) -> Locator:
        """Open the list of members; returns when it is drawn."""
        self._open(".room-head .members")
        expect(self.pane.locator(".long-rows")).to_be_visible()
        return self.pane.locator(".long-rows [data-key]")

    def about(self) -> Locator:
        """Open what there is to know of the room; returns when it is drawn."""
        self._open(".room-head .head-info")
        expect(self.pane.locator(".info")).to_be_visible()
        return self.pane.locator(".info")

    def _open(self, button: str) -> None:
        """What this button opens, unless it is open or about to be: the address says so before anything is drawn."""
        if self.page.locator(button).get_attribute("aria-expanded") != "true":
            self.page.locator(button).click()

    def member(self, person: "Person") -> Locator:
        """Her row in the list of members that is open."""
        return self.pane.locator(f'[data-key="{person.id}"]')

    def decide(self, person: "Person", *choices: str) -> None:
        """Choose in her row's menu, and in the menus below."""
        row = self.member(person)
        row.hover()
        row.locator(".tool").click()
        for choice in choices:
            self.page.locator(".popover .choice", has_text=choice).click()

    # ---- losing the connection --------------------------------------------------------------------------------------

    def cut(self) -> None:
        """Break this page's socket; it does not come back by itself before `mend`."""
        self.page.evaluate("() => { patient = true; sockets.at(-1).close(); }")

    def mend(self) -> None:
        """As if the network said that it is back."""
        self.page.evaluate("() => { patient = false; dispatchEvent(new Event('online')); }")

    # ---- looking away -----------------------------------------------------------------------------------------------

    def look_away(self) -> None:
        """As if another window had the focus. (Playwright tells every page that it is focused.)"""
        self.page.evaluate("() => { document.hasFocus = () => false; dispatchEvent(new Event('blur')); }")

    def look_back(self) -> None:
        self.page.evaluate("() => { delete document.hasFocus; dispatchEvent(new Event('focus')); }")
