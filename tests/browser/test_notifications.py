"""Told of messages while looking elsewhere: by Chromium's own notifications, in one tab, and never twice."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person

# Every notification the page makes is a real one; this only writes down what was asked for.
WATCH = """
  window.notes = [];
  window.sounds = 0;
  window.Notification = class extends Notification {
    constructor(title, options) {
      super(title, options);
      notes.push({ title, body: options.body, tag: options.tag, note: this, closed: false });
      const kept = notes.at(-1);
      const close = this.close.bind(this);
      this.close = () => { kept.closed = true; close(); };
    }
  };
  window.OscillatorNode = class extends OscillatorNode {
    constructor(...how) { super(...how); sounds += 1; }
  };
"""
HIDE = """(hidden) => {
  const state = { hidden, visibilityState: hidden ? "hidden" : "visible" };
  for (const name in state) Object.defineProperty(document, name, { configurable: true, get: () => state[name] });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def choose(page: Window, choice: str, **more: str) -> None:
    for name, value in {"notify": choice, **more}.items():
        page.page.evaluate("([name, value]) => localStorage.setItem(`parley.choice.${name}`, value)", [name, value])


def notes(page: Window) -> list[dict[str, Any]]:
    said: list[dict[str, Any]] = page.page.evaluate(
        "() => notes.map(({ title, body, tag, closed }) => ({ title, body, tag, closed }))"
    )
    return said


def told(page: Window, *bodies: str) -> None:
    """Exactly these, in this order, come to be told of."""
    try:
        eventually(lambda: [note["body"] for note in notes(page)] == list(bodies), within=10)
    except AssertionError:
        raise AssertionError(f"{notes(page)} instead of {bodies}") from None


def locks(page: Window) -> list[str]:
    """What the tabs of this browser hold, beginning with who speaks."""
    held: list[str] = page.page.evaluate(
        "async () => (await navigator.locks.query()).held.map((lock) => lock.name).sort()"
    )
    return held


@pytest.fixture
def listener(window: OpenWindow, stage: Stage, alice: Person) -> Any:
    """`listener(room, choice)`: Alice's page in that room, in a browser that may show notifications."""

    def open(room: str, choice: str = "all", **more: str) -> Window:
        page = window(alice)
        page.context.grant_permissions(["notifications"])
        page.context.add_init_script(WATCH)
        page.page.goto("/accounts/login/")
        choose(page, choice, **more)
        page.enter(room)
        assert page.page.evaluate("() => Notification.permission") == "granted"
        if choice != "off":
            eventually(lambda: any(name.startswith("parley.speaks.") for name in locks(page)))
        return page

    return open


def test_messages_elsewhere_are_told_of_and_those_on_screen_are_not(
    listener: Any, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    elsewhere = stage.room(alice, bob, name=stage.world.unique("elsewhere"))
    page = listener(room)
    stage.say(room, bob, "here")
    page.sees("here")
    stage.say(elsewhere, bob, "there **now**")
    told(page, "there now")
    assert notes(page)[0]["title"].startswith("Bob in elsewhere")
    page.page.evaluate(HIDE, True)
    stage.say(room, bob, "hidden")
    told(page, "there now", "hidden")
    # One's own words are no news, wherever they were written.
    stage.say(elsewhere, alice, "mine")
    stage.say(elsewhere, bob, "after mine")
    told(page, "there now", "hidden", "after mine")
    assert len({note["tag"] for note in notes(page)}) == 2, "one at a time for each room"


def test_a_click_leads_to_the_message_and_reading_puts_it_away(
    listener: Any, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    elsewhere = stage.room(alice, bob)
    page = listener(room)
    stage.say(elsewhere, bob, "come here")
    told(page, "come here")
    page.page.evaluate("() => notes[0].note.onclick()")
    page.drawn(elsewhere)
    page.sees("come here")
    assert "/1/" in page.page.url
    assert notes(page)[0]["closed"]
    page.go(room)
    stage.say(elsewhere, bob, "and again")
    told(page, "come here", "and again")
    assert not notes(page)[1]["closed"]
    # Read on another device.
    stage.read(elsewhere, alice, 2)
    eventually(lambda: notes(page)[1]["closed"], within=10)


def test_only_what_is_meant_for_one_and_silenced_rooms_stay_silent(
    listener: Any, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    loud, quiet, silent = (
        stage.room(alice, bob, name=stage.world.unique(name)) for name in ("loud", "quiet", "silent")
    )
    direct = stage.direct(alice, bob)
    stage.call(alice, "PATCH", f"rooms/{quiet}/preferences/", {"notify": "mentions"})
    stage.call(alice, "PATCH", f"rooms/{silent}/preferences/", {"notify": "none"})
    page = listener(room, "all")
    for one in (loud, quiet, silent):
        stage.say(one, bob, "everybody", f"@{alice.handle} you")
    stage.say(direct, bob, "just us")
    told(page, "everybody", f"@{alice.handle} you", f"@{alice.handle} you", "just us")

    page = listener(room, "mentions")
    stage.say(loud, bob, "nobody", f"@{alice.handle} again")
    stage.say(quiet, bob, f"@{alice.handle} quiet")
    stage.say(direct, bob, "us again")
    told(page, f"@{alice.handle} again", f"@{alice.handle} quiet", "us again")

    page = listener(room, "off")
    stage.say(direct, bob, "unheard")
    page.expect_unread(direct, 3)
    assert notes(page) == []


def test_one_tab_speaks_for_the_browser_and_none_while_another_shows_the_room(
    listener: Any, window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    second, third = stage.room(alice, bob), stage.room(alice, bob)
    first = listener(room)
    other = window(room=second, beside=first)
    eventually(lambda: sum(name.startswith("parley.looks.") for name in locks(first)) == 2)
    stage.say(second, bob, "in the other tab")
    other.sees("in the other tab")
    stage.say(third, bob, "in none")
    told(first, "in none")
    assert notes(other) == []
    # The one that spoke is closed: the other one takes over.
    first.page.close()
    eventually(lambda: sum(name.startswith("parley.speaks.") for name in locks(other)) == 1)
    stage.say(third, bob, "still told")
    told(other, "still told")


@pytest.mark.outage
def test_what_came_while_the_line_was_cut_is_not_told_afterwards(
    listener: Any, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    elsewhere = stage.room(alice, bob)
    page = listener(room)
    stage.say(elsewhere, bob, "before")
    told(page, "before")
    page.cut()
    stage.say(elsewhere, bob, "meanwhile")
    page.mend()
    page.expect_unread(elsewhere, 2)
    stage.say(elsewhere, bob, "after")
    told(page, "before", "after")


def test_hostile_words_are_plain_words(listener: Any, stage: Stage, alice: Person, bob: Person, room: str) -> None:
    elsewhere = stage.room(alice, bob, name=stage.world.unique("<b>x</b>"))
    page = listener(room)
    stage.say(elsewhere, bob, "<img src=x onerror=alert(1)> \u202eevil\u2066 **bold**\u0007", "x" * 4000)
    eventually(lambda: len(notes(page)) == 2, within=10)
    first, second = notes(page)
    assert "<img src=x onerror=alert(1)>" in first["body"]
    assert "bold" in first["body"]
    assert "*" not in first["body"]
    assert not set(first["body"]) & set("\u202e\u2066\u0007")
    assert "<b>x</b>" in first["title"]
    assert len(second["body"]) <= 161


def test_the_sound_is_off_until_one_wants_it(
    listener: Any, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    elsewhere = stage.room(alice, bob)
    page = listener(room)
    page.composer.click()
    stage.say(elsewhere, bob, "silently")
    told(page, "silently")
    assert page.page.evaluate("() => sounds") == 0
    page = listener(room, "all", sound="on")
    page.composer.click()
    stage.say(elsewhere, bob, "softly")
    told(page, "softly")
    eventually(lambda: page.page.evaluate("() => sounds") == 2)


def test_without_any_permission_the_title_counts_and_the_sign_has_a_dot(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    elsewhere, silent = stage.room(alice, bob), stage.room(alice, bob)
    stage.call(alice, "PATCH", f"rooms/{silent}/preferences/", {"notify": "none"})
    page = window(alice, room)
    sign = page.page.locator("link[rel=icon]")
    plain = sign.get_attribute("href") or ""
    stage.say(silent, bob, "unheard")
    page.expect_unread(silent, 1)
    assert sign.get_attribute("href") == plain
    stage.say(elsewhere, bob, "one", "two")
    page.expect_title(r"^\(2\) ")
    expect(sign).not_to_have_attribute("href", plain)
    assert "unread" in (sign.get_attribute("href") or "")
    page.go(elsewhere)
    page.expect_title(r"^(?!\()")
    assert "unread" not in (sign.get_attribute("href") or "")


def test_the_settings_ask_on_a_click_only_and_explain_what_the_browser_says(
    window: OpenWindow, alice: Person, room: str
) -> None:
    page = window(alice)
    page.context.add_init_script(
        """window.asked = 0;
        let allowed = "default";
        window.Notification = class { static get permission() { return allowed; }
          static async requestPermission() { asked += 1; allowed = window.answer ?? "denied"; return allowed; } };"""
    )
    page.page.goto("/settings/notifications/")
    state = page.page.get_by_test_id("permission")
    expect(state).to_have_attribute("data-permission", "default")
    assert page.page.evaluate("() => asked") == 0
    page.page.get_by_text("Mentions and direct messages").click()
    expect(state).to_have_attribute("data-permission", "denied")
    expect(state).to_contain_text("does not allow")
    assert page.page.evaluate("() => asked") == 1
    page.page.reload()
    page.page.evaluate("() => (answer = 'granted')")
    expect(page.page.locator('[data-value="mentions"] input')).to_be_checked()
    page.page.get_by_role("button", name="Ask for permission").click()
    expect(state).to_have_attribute("data-permission", "granted")
    expect(state).to_contain_text("This browser allows notifications")
