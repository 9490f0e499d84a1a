"""An own message: there at once, in its place for good, and never twice."""

import statistics
import time

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.servers import eventually
from tests.world import Person, World

# From each Enter to the frame in which the words stand on the page, and where they stood in every frame after.
PROBE = """() => {
  window.sent = [];
  let waiting = null;
  document.querySelector("#composer-text").addEventListener("keydown", (event) => {
    if (event.key === "Enter") waiting = { text: event.target.value, pressed: event.timeStamp, tops: [], states: [] };
  }, { capture: true });
  const find = (text) =>
    [...document.querySelectorAll(".message .markup")].find((node) => node.textContent.trim() === text);
  new MutationObserver(() => {
    if (!waiting || !find(waiting.text)) return;
    const one = waiting;
    waiting = null;
    one.drawn = performance.now();
    sent.push(one);
    const follow = () => {
      const node = find(one.text);
      if (one.tops.length === 0) one.painted = performance.now();
      one.tops.push(node.getBoundingClientRect().top);
      one.states.push(node.closest(".message").dataset.seq ? "stored" : "grey");
      const stored = one.states.filter((state) => state === "stored").length;
      if (stored < 10 && one.tops.length < 300) requestAnimationFrame(follow);
      else one.done = true;
    };
    requestAnimationFrame(follow);
  }).observe(document.querySelector("main"), { subtree: true, childList: true });
}"""


def test_an_own_message_is_there_within_50_ms_and_its_row_takes_its_very_place(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, [f"past {number}" for number in range(60)])
    page = window(alice, room)
    page.page.evaluate(PROBE)
    for number in range(9):
        page.say(f"own message {number}")
        eventually(lambda: page.page.evaluate("() => sent.at(-1)?.done"), every=0.02)
    sent = page.page.evaluate("() => sent")
    assert len(sent) == 9
    drawn = [one["drawn"] - one["pressed"] for one in sent]
    painted = [one["painted"] - one["pressed"] for one in sent]
    drifts = [max(one["tops"]) - min(one["tops"]) for one in sent]
    print(
        f"own message in the page {statistics.median(drawn):.1f} ms (worst {max(drawn):.1f}) after Enter,"
        f" in a frame {statistics.median(painted):.1f} ms (worst {max(painted):.1f}); drift {max(drifts):.2f} px"
    )
    assert statistics.median(painted) <= 50
    assert max(drifts) <= 1
    for one in sent:
        assert "grey" in one["states"], "it was never grey: the row was not waited for"
        assert one["states"] == sorted(one["states"]), "first grey, then stored, and never grey again"


def test_a_message_is_grey_and_escaped_until_it_is_stored(
    window: OpenWindow, world: World, alice: Person, room: str
) -> None:
    page = window(alice, room)
    page.say("black")
    page.shows("black")
    ink = "(node) => getComputedStyle(node).color"
    black = page.message("black").locator(".markup").evaluate(ink)
    world.a.pause()
    try:
        page.say("**grey** <b>&amp;</b>")
        grey = page.message("**grey** <b>&amp;</b>")
        expect(grey).to_contain_class("pending")
        assert grey.locator("strong, b").count() == 0
        assert grey.locator(".markup").evaluate(ink) != black
        assert grey.get_attribute("data-state") == "sending"
    finally:
        world.a.resume()
    expect(page.message("grey").locator("strong")).to_have_text("grey")
    expect(page.page.locator(".pending")).to_have_count(0)
    assert page.message("grey").locator(".markup").evaluate(ink) == black


def test_a_refused_message_turns_red_and_can_be_copied_retried_and_deleted(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page = window(bob, room, permissions=["clipboard-read", "clipboard-write"])
    page.say("before")
    page.shows("before")
    # Written while the room is archived and this page has not heard of it yet.
    page.cut()
    page.say("too late", "also too late")
    expect(page.page.locator(".pending")).to_have_count(2)
    stage.call(alice, "PATCH", f"rooms/{room}/", {"archived": True})
    page.mend()

    failed = page.page.locator('.message[data-state="failed"]')
    expect(failed).to_have_count(2)
    late = failed.filter(has_text="too late").first
    expect(late.get_by_role("alert")).to_contain_text("The room is archived.")
    colour = late.get_by_role("alert").evaluate("(node) => getComputedStyle(node).color")
    assert colour == page.page.evaluate(
        """() => {
          const probe = document.createElement("i");
          probe.className = "error-text";
          document.body.append(probe);
          const red = getComputedStyle(probe).color;
          probe.remove();
          return red;
        }"""
    )
    assert stage.stored(room) == ["before"]

    late.get_by_role("button", name="Copy").click()
    expect(page.page.get_by_text("Copied.")).to_be_visible()
    assert page.page.evaluate("() => navigator.clipboard.readText()") == "too late"

    failed.nth(1).get_by_role("button", name="Delete").click()
    expect(failed).to_have_count(1)

    late.get_by_role("button", name="Retry").click()
    expect(failed).to_have_count(1)

    stage.call(alice, "PATCH", f"rooms/{room}/", {"archived": False})
    expect(page.composer).to_be_visible()
    # A failed message outlives a reload, and is not sent by one.
    page.reload(room)
    expect(failed).to_have_count(1)
    assert stage.stored(room) == ["before"]
    late.get_by_role("button", name="Retry").click()
    page.shows("before", "too late")
    assert stage.stored(room) == ["before", "too late"]


def test_enter_pressed_twice_sends_once(window: OpenWindow, stage: Stage, alice: Person, room: str) -> None:
    page = window(alice, room)
    page.composer.fill("once")
    page.page.evaluate(
        """() => {
          const field = document.querySelector("#composer-text");
          const press = (repeat) => field.dispatchEvent(new KeyboardEvent("keydown",
            { key: "Enter", code: "Enter", keyCode: 13, repeat, bubbles: true, cancelable: true }));
          press(false); press(false); press(true);
        }"""
    )
    page.shows("once")
    page.composer.fill("by button")
    page.page.locator(".send").dblclick()
    page.shows("once", "by button")
    page.say("last")
    page.shows("once", "by button", "last")
    assert stage.stored(room) == ["once", "by button", "last"]


def test_two_tabs_send_each_message_once_and_show_the_same(
    window: OpenWindow, stage: Stage, alice: Person, room: str
) -> None:
    one = window(alice, room)
    two = window(room=room, beside=one)
    one.say("from one")
    two.say("from two")
    eventually(lambda: len(stage.stored(room)) == 2)
    stored = stage.stored(room)
    assert sorted(stored) == ["from one", "from two"]
    one.shows(*stored)
    two.shows(*stored)

    # What a tab wrote and did not get rid of is taken over by the next one, also while another lives on.
    one.context.set_offline(True)
    one.say("left behind")
    expect(one.page.locator(".pending")).to_have_count(1)
    one.page.close()
    two.context.set_offline(False)
    three = window(room=room, beside=two)
    three.shows(*stored, "left behind")
    two.shows(*stored, "left behind")
    assert stage.stored(room) == [*stored, "left behind"]


@pytest.mark.outage
def test_a_reload_in_mid_send_neither_loses_nor_doubles(
    window: OpenWindow, stage: Stage, world: World, alice: Person, room: str
) -> None:
    page = window(alice, room)
    expected = []
    for number in range(4):
        # At whatever moment: before it is on the wire, in the server, on the way back.
        page.say(f"message {number}")
        expected.append(f"message {number}")
        time.sleep(number * 0.006)
        page.page.reload()
        page.drawn(room)
    page.shows(*expected)
    assert stage.stored(room) == expected


def test_a_message_is_on_the_other_screen_within_250_ms(
    window: OpenWindow, alice: Person, bob: Person, room: str
) -> None:
    hers, his = window(alice, room), window(bob, room)
    his.page.evaluate(
        """() => {
          window.seen = {};
          new MutationObserver(() => {
            for (const node of document.querySelectorAll(".message[data-seq] .markup"))
              seen[node.textContent.trim()] ??= Date.now();
          }).observe(document.querySelector("main"), { subtree: true, childList: true });
        }"""
    )
    hers.page.evaluate(
        """() => {
          window.pressed = {};
          document.querySelector("#composer-text").addEventListener("keydown", (event) => {
            if (event.key === "Enter") pressed[event.target.value] = Date.now();
          }, { capture: true });
        }"""
    )
    # Fewer than one person may send in a burst.
    for number in range(18):
        hers.say(f"number {number}")
        his.sees(f"number {number}")
    pressed = hers.page.evaluate("() => pressed")
    seen = his.page.evaluate("() => seen")
    times = sorted(seen[text] - at for text, at in pressed.items())
    assert len(times) == 18
    print(f"on the other screen after {statistics.median(times):.0f} ms, worst {times[-1]} ms")
    assert times[-2] <= 250
