"""The network goes, the server dies: nothing is lost, nothing comes twice, and the page says what is the matter."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person, World

pytestmark = pytest.mark.outage

# When the connection was lost and when the banner came, in the page's own clock.
WATCH = """() => {
  const seen = (window.outage = {});
  const look = () => {
    const phase = document.querySelector(".frame").dataset.phase;
    const banner = document.querySelector("[data-testid=connection]");
    if (phase !== "live" && seen.lost === undefined) seen.lost = performance.now();
    if (banner && seen.shown === undefined) seen.shown = performance.now();
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, attributes: true });
}"""


def banner_delay(window: Window) -> float:
    """Milliseconds from losing the connection to the banner."""
    seen = window.page.evaluate("() => window.outage")
    delay: float = seen["shown"] - seen["lost"]
    return delay


def states(window: Window) -> list[tuple[str, str]]:
    return [(message["text"], message["state"]) for message in window.shown()]


def test_what_is_written_without_a_network_is_sent_once_and_in_order_when_it_is_back(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    elsewhere = stage.room(alice, bob)
    hers, his = window(alice, room), window(bob, room)
    hers.say("before")
    his.shows("before")
    hers.page.evaluate(WATCH)

    hers.context.set_offline(True)
    hers.say("one", "two", "three")
    grey = [("before", "stored"), *((text, "queued") for text in ("one", "two", "three"))]
    his.say("meanwhile 1", "meanwhile 2")
    his.shows("before", "meanwhile 1", "meanwhile 2")
    stage.say(elsewhere, bob, "a", "b", "c")
    expect(hers.banner).to_contain_text("Reconnecting…", timeout=12_000)
    delay = banner_delay(hers)
    print(f"banner {delay:.0f} ms after the connection was lost")
    assert 1900 <= delay <= 3000
    expect(hers.banner.get_by_role("button")).to_have_text("Retry now")
    eventually(lambda: states(hers) == grey)
    expect(hers.page.locator(".message.pending")).to_have_count(3)
    expect(hers.page.locator(".message.pending").last.get_by_label("Waiting for the connection")).to_be_visible()
    assert stage.stored(room) == ["before", "meanwhile 1", "meanwhile 2"]

    hers.context.set_offline(False)
    after = ("before", "meanwhile 1", "meanwhile 2", "one", "two", "three")
    hers.shows(*after)
    his.shows(*after)
    expect(hers.banner).to_have_count(0)
    hers.expect_unread(elsewhere, 3)
    hers.expect_unread(room, 0)
    assert stage.stored(room) == list(after)


def test_a_server_that_is_killed_and_comes_back_has_cost_nothing(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, room: str
) -> None:
    elsewhere = stage.room(alice, bob)
    hers, his = window(alice, room), window(bob, room)
    hers.say("before")
    his.shows("before")
    for one in (hers, his):
        one.page.evaluate(WATCH)

    # Whether "in flight" was stored before the end nobody knows; it is to be there once.
    hers.say("in flight")
    world.a.kill()
    hers.say("alice 1", "alice 2")
    his.say("bob 1", "bob 2")
    for one in (hers, his):
        expect(one.banner).to_contain_text("Reconnecting…")
        assert 1900 <= banner_delay(one) <= 3000
        expect(one.page.locator(".message.pending", has_text=re.compile(" [12]$"))).to_have_count(2)
    stage.past(elsewhere, bob, ["while", "it was", "away"])

    world.a.start()
    for one in (hers, his):
        # Unless it has come back by itself just now.
        one.page.evaluate("() => document.querySelector('[data-testid=connection] button')?.click()")
    for one in (hers, his):
        one.live()
        expect(one.banner).to_have_count(0)
    eventually(lambda: len(stage.stored(room)) == 6)
    stored = stage.stored(room)
    assert sorted(stored) == ["alice 1", "alice 2", "before", "bob 1", "bob 2", "in flight"]
    assert [text for text in stored if "alice" in text] == ["alice 1", "alice 2"]
    assert [text for text in stored if "bob" in text] == ["bob 1", "bob 2"]
    assert stored.index("in flight") < stored.index("alice 1")
    hers.shows(*stored)
    his.shows(*stored)
    hers.expect_unread(elsewhere, 3)


def test_now_connects_at_once(window: OpenWindow, world: World, alice: Person, room: str) -> None:
    page = window(alice, room)
    world.a.kill()
    page.cut()
    expect(page.banner).to_contain_text("Reconnecting…")
    world.a.start()
    expect(page.page.locator('.frame[data-phase="backoff"]')).to_be_attached()
    now = page.banner.get_by_role("button", name="Retry now")
    started = time.monotonic()
    now.click()
    page.live(within=2)
    print(f"live {time.monotonic() - started:.2f} s after Now")


def test_a_server_that_hangs_gets_each_message_once(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, room: str
) -> None:
    hers, his = window(alice, room), window(bob, room)
    hers.say("before")
    his.shows("before")
    world.a.pause()
    try:
        hers.say("one", "two")
        his.say("three")
        # One in flight, the next waits for it: that is what keeps them in order.
        eventually(lambda: states(hers)[1:] == [("one", "sending"), ("two", "queued")])
        expect(hers.banner).to_have_count(0)
    finally:
        world.a.resume()
    eventually(lambda: len(stage.stored(room)) == 4)
    stored = stage.stored(room)
    assert sorted(stored) == ["before", "one", "three", "two"]
    assert stored.index("one") < stored.index("two")
    hers.shows(*stored)
    his.shows(*stored)


def test_a_short_gap_shows_no_banner(window: OpenWindow, alice: Person, bob: Person, stage: Stage, room: str) -> None:
    page = window(alice, room)
    page.page.evaluate(WATCH)
    page.page.evaluate("() => sockets.at(-1).close()")
    eventually(lambda: "lost" in page.page.evaluate("() => outage"))
    page.live(within=2)
    stage.say(room, bob, "on the new socket")
    page.shows("on the new socket")
    assert page.page.evaluate("() => sockets.length") == 2
    page.page.wait_for_timeout(2500)
    assert "shown" not in page.page.evaluate("() => outage")


def test_a_reload_before_the_server_is_back_loses_nothing_that_was_written(
    window: OpenWindow, stage: Stage, world: World, alice: Person, room: str
) -> None:
    page = window(alice, room)
    world.a.pause()
    try:
        page.say("kept on disk")
        page.composer.fill("half a sen")
        # The page goes away while its message is unanswered, as with a crash.
        page.page.goto("about:blank")
    finally:
        world.a.kill()
    world.a.start()
    page.enter(room)
    page.shows("kept on disk")
    expect(page.composer).to_have_value("half a sen")
    assert stage.stored(room) == ["kept on disk"]
