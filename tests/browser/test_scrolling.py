"""The message list: it opens where one left off, nothing moves under the eyes, and it stays small."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Route, expect

from chat.models import Message
from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person

# While it runs, every frame: where the given message stands, how many messages there are, how long tasks took.
FOLLOW = """() => {
  const track = (window.track = { moves: 0, most: 0, tasks: [], rows: 0 });
  new PerformanceObserver((list) => track.tasks.push(...list.getEntries().map((entry) => entry.duration)))
    .observe({ type: "longtask" });
  const watch = () => {
    track.rows = Math.max(track.rows, document.querySelectorAll(".message").length);
    requestAnimationFrame(watch);
  };
  watch();
}"""
# Scrolls up by a step a frame until history was prepended `times` times; the worst move of any message that a step
# did not explain, in pixels. An IntersectionObserver tells where things stand in the very picture that is painted.
CLIMB = """async ({ step, times }) => {
  const list = document.querySelector(".messages");
  const rows = () => [...document.querySelectorAll(".message[data-seq] .markup")];
  const first = () => Number(rows()[0].closest(".message").dataset.seq);
  const picture = (scroll) => new Promise((done) => {
    requestAnimationFrame(() => {
      const asked = Math.min(scroll, list.scrollTop);
      list.scrollTop -= asked;
      const watcher = new IntersectionObserver((entries) => {
        watcher.disconnect();
        const visible = entries.filter((entry) => entry.isIntersecting);
        done({ asked, places: new Map(visible.map((entry) => [entry.target, entry.boundingClientRect.top])) });
      }, { root: list });
      for (const node of rows()) watcher.observe(node);
    });
  });
  let prepended = 0, worst = 0, compared = 0, turns = 0;
  let oldest = first();
  let before = await picture(0);
  while (prepended < times && turns < 3000 && !(oldest === 1 && list.scrollTop === 0)) {
    turns += 1;
    const now = await picture(step);
    for (const [node, top] of now.places) {
      const was = before.places.get(node);
      if (was === undefined) continue;
      compared += 1;
      worst = Math.max(worst, Math.abs(top - was - now.asked));
    }
    before = now;
    if (first() < oldest) {
      prepended += 1;
      oldest = first();
    }
  }
  return { worst, prepended, compared, turns, first: oldest };
}"""

# A hand leaves the end, and before the browser has told of it the last message grows. How far the view stands then from
# where it was.
LEAVE = """async (by) => {
  const list = document.querySelector(".messages");
  const frame = () => new Promise(requestAnimationFrame);
  await frame();
  const before = list.scrollTop;
  list.scrollTop -= by;
  const late = document.createElement("div");
  late.style.height = "40px";
  [...list.querySelectorAll(".message .markup")].at(-1).append(late);
  for (let count = 0; count < 3; count += 1) await frame();
  return before - list.scrollTop;
}"""


def numbered(first: int, last: int) -> list[str]:
    """Messages of one line and of several, with code in between: heights differ."""
    texts = []
    for number in range(first, last + 1):
        text = f"message {number}."
        if number % 7 == 0:
            text += " " + "It goes on for a while, as some people's do. " * 12
        if number % 11 == 0:
            text += "\n\n```python\nfor i in range(3):\n    print(i)\n```"
        texts.append(text)
    return texts


@pytest.fixture
def long_room(stage: Stage, alice: Person, bob: Person) -> str:
    room = stage.room(alice, bob)
    stage.past(room, bob, numbered(1, 1200))
    return room


def test_it_opens_at_the_first_unread_below_a_divider_that_esc_removes(
    window: OpenWindow, stage: Stage, long_room: str, alice: Person
) -> None:
    stage.read(long_room, alice, 900)
    page = window(alice, long_room)
    expect(page.divider).to_have_text("New")
    page.sees("message 901.")
    list_top = page.scroller.bounding_box()["y"]
    distance = page.divider.bounding_box()["y"] - list_top
    assert 0 <= distance <= 200, "the divider is near the top, with a little of what was read above it"
    after = page.page.evaluate(
        "() => document.querySelector('[data-divider]').nextElementSibling.querySelector('.markup').textContent"
    )
    assert after.strip() == "message 901."
    assert page.top("message 900.") < page.top("message 901.")
    expect(page.newer).to_contain_text("new")

    page.go(stage.room(alice))
    page.go(long_room)
    expect(page.divider).to_have_count(1)
    page.scroller.focus()
    page.page.keyboard.press("Escape")
    expect(page.divider).to_have_count(0)


def test_without_anything_unread_it_opens_at_the_present_without_a_divider(
    window: OpenWindow, stage: Stage, long_room: str, alice: Person
) -> None:
    stage.read(long_room, alice, 1200)
    page = window(alice, long_room)
    page.sees("message 1200.")
    expect(page.divider).to_have_count(0)
    expect(page.message("message 1200.")).to_be_in_viewport()
    expect(page.newer).to_have_count(0)


def test_arrivals_while_scrolled_up_move_nothing_and_a_button_counts_them(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, numbered(1, 100))
    stage.read(room, alice, 100)
    page, his = window(alice, room), window(bob, room)
    page.sees("message 100.")
    anchor = page.scroll(-900)
    page.page.evaluate(FOLLOW)
    page.page.evaluate(
        """(text) => {
          const node = [...document.querySelectorAll(".message")].find((one) => one.textContent.includes(text));
          const start = node.getBoundingClientRect().top;
          const watch = () => {
            track.moves = Math.max(track.moves, Math.abs(node.getBoundingClientRect().top - start));
            requestAnimationFrame(watch);
          };
          watch();
        }""",
        anchor,
    )
    his.say("new 1", "new 2", "new 3")
    expect(page.newer).to_have_text("3 new")
    # An edit of one above and one below make them higher, and still nothing moves.
    above = int(anchor.split()[1].rstrip(".")) - 4
    higher = {"text": "so\n\nmany\n\nlines"}
    stage.call(bob, "PATCH", f"rooms/{room}/messages/{above}/", higher)
    stage.call(bob, "PATCH", f"rooms/{room}/messages/99/", higher)
    eventually(lambda: page.message("lines").count() == 2)
    moved = page.page.evaluate("() => track.moves")
    print(f"arrivals and edits moved the view by {moved:.2f} px")
    assert moved <= 1

    page.newer.click()
    expect(page.message("new 3")).to_be_in_viewport()
    expect(page.newer).to_have_count(0)
    # At the end again: what comes is followed.
    his.say("new 4")
    expect(page.message("new 4")).to_be_in_viewport()
    expect(page.newer).to_have_count(0)
    # And what one writes oneself is shown, wherever one was.
    page.scroll(-900)
    page.say("an answer")
    expect(page.message("an answer")).to_be_in_viewport()


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_prepended_history_leaves_every_message_under_its_pixel_and_the_page_small(
    window: OpenWindow, stage: Stage, long_room: str, alice: Person, motion: str
) -> None:
    stage.read(long_room, alice, 1200)
    page = window(alice, long_room, reduced_motion=motion)
    page.sees("message 1200.")
    page.page.evaluate(FOLLOW)
    climbed = page.page.evaluate(CLIMB, {"step": 120, "times": 12})
    track = page.page.evaluate("() => track")
    longest = max(track["tasks"], default=0)
    print(
        f"{climbed['prepended']} pages prepended: moved {climbed['worst']:.2f} px, at most {track['rows']} messages,"
        f" longest task {longest:.0f} ms"
    )
    assert climbed["prepended"] == 12
    assert climbed["first"] <= 1200 - 12 * 20
    assert climbed["compared"] > 500
    assert climbed["worst"] <= 1
    assert track["rows"] <= 400


def test_a_hand_that_leaves_the_end_is_not_pulled_back(
    window: OpenWindow, stage: Stage, alice: Person, room: str
) -> None:
    stage.past(room, alice, numbered(1, 60))
    stage.read(room, alice, 60)
    page = window(alice, room)
    page.sees("message 60.")
    assert page.page.evaluate(LEAVE, 200) == pytest.approx(200, abs=1)
    page.scroll(99_999)
    # And one that moves less than a line is still there.
    assert page.page.evaluate(LEAVE, 10) == pytest.approx(-40, abs=1)


def test_a_jump_loads_a_window_around_it_scrolls_both_ways_and_end_returns(
    window: OpenWindow, stage: Stage, long_room: str, alice: Person
) -> None:
    stage.read(long_room, alice, 1200)
    page = window(alice)
    page.enter(long_room, seq=500)
    page.sees("message 500.")
    expect(page.message("message 500.")).to_be_in_viewport()
    expect(page.message("message 500.")).to_contain_class("marked")
    for by, wanted in ((-4000, "message 430."), (9000, "message 560.")):
        for _ in range(6):
            page.scroll(by // 3)
        page.sees(wanted)
    assert len(page.shown()) <= 400
    page.scroller.focus()
    page.page.keyboard.press("End")
    expect(page.message("message 1200.")).to_be_in_viewport()
    assert len(page.shown()) <= 400


def in_order(page: Window) -> bool:
    seqs = [message["seq"] for message in page.shown()]
    return seqs == list(range(seqs[0], seqs[-1] + 1))


def test_the_window_never_has_holes(
    window: OpenWindow, stage: Stage, long_room: str, alice: Person, bob: Person
) -> None:
    stage.read(long_room, alice, 1200)
    page = window(alice)
    page.enter(long_room, seq=300)
    page.sees("message 300.")
    stage.say(long_room, bob, "while away from the present")
    assert in_order(page)
    for _ in range(10):
        page.scroll(1500)
        assert in_order(page)
    page.scroller.focus()
    page.page.keyboard.press("End")
    expect(page.message("while away from the present")).to_be_in_viewport()
    assert in_order(page)


def test_the_day_stays_above_its_messages_and_gives_way_to_the_next(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, numbered(1, 90))
    dated(stage, room, {seq: timedelta(days=1 if seq <= 45 else 0) for seq in range(1, 91)})
    stage.read(room, alice, 90)
    page = window(alice, room)
    page.sees("message 90.")
    top = page.scroller.bounding_box()["y"]
    held = """() => [...document.querySelectorAll(".day-name")].map((one) =>
      [one.textContent.trim(), one.getBoundingClientRect().top])"""
    for _ in range(60):
        page.scroll(-150)
        names = page.page.evaluate(held)
        stuck = [name for name, y in names if abs(y - top) <= 1]
        assert len(stuck) == 1, names
        if stuck == ["Yesterday"]:
            break
    assert stuck == ["Yesterday"]
    page.scroll(99_999)
    assert [name for name, y in page.page.evaluate(held) if abs(y - top) <= 1] == ["Today"]


def test_groups_end_after_five_minutes_and_times_are_the_readers_own(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["first", "soon after", "later", "the next day in Shanghai"])
    noon = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
    moments = [
        noon,
        noon + timedelta(minutes=4),
        noon + timedelta(minutes=9, seconds=1),
        noon + timedelta(hours=4, minutes=1),
    ]
    written(stage, room, dict(enumerate(moments, 1)))
    page = window(alice, room, timezone_id="Asia/Shanghai")
    page.sees("first")
    heads = page.page.evaluate(
        "() => [...document.querySelectorAll('.message')].map((one) => one.classList.contains('head'))"
    )
    assert heads == [True, False, True, True]
    days = page.page.locator(".day-name time").evaluate_all("(all) => all.map((one) => one.dateTime)")
    assert days == ["2026-03-01", "2026-03-02"]
    first = page.message("first").locator("time.clock")
    expect(first).to_have_text("20:00")
    expect(first).to_have_attribute("datetime", "2026-03-01T12:00:00.000Z")
    expect(first).to_have_attribute("title", re.compile("Sunday, March 1, 2026.*8:00:00"))
    expect(page.message("the next day").locator("time.clock")).to_have_text("00:01")
    # Hidden until one looks, but there: when exactly a message in the middle of a group was said.
    expect(page.message("soon after").locator("time.clock")).to_have_attribute("title", re.compile("8:04:00"))


@pytest.mark.refusals(500)
def test_what_cannot_be_loaded_says_so_at_its_place_and_is_tried_again_on_demand(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, long_room: str
) -> None:
    stage.read(long_room, alice, 1200)
    page = window(alice)
    page.enter(long_room, seq=600)
    page.sees("message 600.")
    broken = "**/messages/?*"
    page.page.route(broken, lambda route: route.fulfill(status=500, content_type="text/plain", body=""))
    for by in (-2000, 2000):
        for _ in range(12):
            page.scroll(by)
        retry = page.page.locator(".beginning").get_by_role("button", name="Retry")
        expect(retry).to_have_count(1)
        expect(retry).to_be_in_viewport()
    first = page.shown()[0]["seq"]
    last = page.shown()[-1]["seq"]
    page.page.unroute(broken)
    retry.click()
    eventually(lambda: page.shown()[-1]["seq"] > last)
    assert in_order(page)
    assert first <= 600 <= last


@pytest.mark.refusals(500)
def test_a_room_that_cannot_be_opened_can_be_tried_again(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["hello"])
    page = window(alice, stage.room(alice, bob))
    page.page.route("**/messages/?*", lambda route: route.fulfill(status=500, content_type="text/plain", body=""))
    page.link(room).click()
    alert = page.page.locator(".messages [role=alert]")
    expect(alert.get_by_role("button", name="Retry")).to_be_visible()
    page.page.unroute("**/messages/?*")
    alert.get_by_role("button", name="Retry").click()
    page.sees("hello")


def test_a_slow_room_shows_the_shape_of_what_comes_but_not_at_once(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["hello"])
    page = window(alice, stage.room(alice, bob))
    waiting: list[Route] = []
    page.page.route("**/messages/?*", lambda route: waiting.append(route))
    seen = """(room) => new Promise((done) => {
      const started = performance.now();
      document.querySelector(`.room-link[data-room="${room}"]`).click();
      const watch = () => {
        if (document.querySelector(".skeleton")) done(performance.now() - started);
        else requestAnimationFrame(watch);
      };
      watch();
    })"""
    after = page.page.evaluate(seen, room)
    print(f"the skeleton came after {after:.0f} ms")
    assert after >= 195
    for route in waiting:
        route.continue_()
    page.sees("hello")
    expect(page.page.locator(".skeleton")).to_have_count(0)


def test_an_empty_room_and_an_archived_one_say_so(window: OpenWindow, stage: Stage, alice: Person, bob: Person) -> None:
    room = stage.room(alice, bob)
    page = window(alice, room)
    expect(page.page.locator(".messages .empty")).to_contain_text("Write the first message")
    stage.archive(room, alice)
    expect(page.page.locator(".messages .empty")).to_contain_text("before it was archived")


def dated(stage: Stage, room: str, ago: dict[int, timedelta]) -> None:
    """Messages said some time before now."""
    now = datetime.now(UTC)
    written(stage, room, {seq: now - by for seq, by in ago.items()})


def written(stage: Stage, room: str, moments: dict[int, datetime]) -> None:
    """Messages as if they had been said then; before anybody has read them."""

    def change() -> None:
        for seq, moment in moments.items():
            Message.objects.filter(room_id=room, seq=seq).update(created_at=moment)

    stage.world.do(change)


def test_at_its_end_the_list_stays_there_however_the_field_below_grows(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, [f"message {number}" for number in range(40)])
    stage.read(room, alice, 40)
    page = window(alice, room)

    def at_end() -> None:
        gap = "(node) => node.scrollHeight - node.scrollTop - node.clientHeight"
        eventually(lambda: page.scroller.evaluate(gap) < 2)
        expect(page.newer).to_have_count(0)

    at_end()
    for line in range(9):
        page.composer.press_sequentially(f"line {line}")
        at_end()
        page.composer.press("Shift+Enter")
        at_end()
    stage.say(room, bob, "meanwhile")
    page.sees("meanwhile")
    at_end()
    for _ in range(3):
        page.composer.press("Enter")
        expect(page.composer).to_have_value("")
        at_end()
        page.page.keyboard.insert_text("\n".join(f"pasted {line}" for line in range(7)))
        page.page.wait_for_timeout(300)
        at_end()


def test_from_an_old_message_to_the_present_the_address_goes_along(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, [f"message {number}." for number in range(1, 301)])
    stage.read(room, alice, 300)
    page = window(alice).enter(room, 5)
    page.sees("message 5.")
    page.newer.click()
    page.sees("message 300.")
    expect(page.page).to_have_url(re.compile(f"/rooms/{room}/$"))
    expect(page.scroller).to_be_focused()
    page.reload(room)
    page.sees("message 300.")
    page.page.go_back()
    page.sees("message 5.")
