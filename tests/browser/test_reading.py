"""Read is what was on screen in a focused tab for half a second; the person's other devices know at once."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.world import Person

# Milliseconds from the page getting its attention back to nothing being unread.
UNTIL_READ = """(room) => new Promise((done) => {
  const link = document.querySelector(`.room-link[data-room="${room}"]`);
  const started = performance.now();
  new MutationObserver(() => {
    if (link.dataset.unread === "0") done(performance.now() - started);
  }).observe(link, { attributes: true });
  delete document.hasFocus;
  dispatchEvent(new Event("focus"));
})"""
HIDE = """(hidden) => {
  const state = hidden ? "hidden" : "visible";
  Object.defineProperty(document, "visibilityState", { configurable: true, get: () => state });
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_page_without_focus_reads_nothing_and_with_it_only_after_half_a_second(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page = window(bob, room)
    page.look_away()
    stage.say(room, alice, "one", "two")
    page.sees("two")
    page.expect_unread(room, 2)
    page.expect_title(r"^\(2\) ")
    expect(page.divider).to_have_count(1)
    page.page.wait_for_timeout(900)
    page.expect_unread(room, 2)

    # A glance is not reading.
    page.look_back()
    page.page.wait_for_timeout(200)
    page.look_away()
    page.page.wait_for_timeout(700)
    page.expect_unread(room, 2)

    waited = page.page.evaluate(UNTIL_READ, room)
    print(f"read {waited:.0f} ms after getting the focus")
    assert 490 <= waited <= 900
    page.expect_title(r"^[^(]")
    # What was new stays marked while one is in the room.
    expect(page.divider).to_have_count(1)
    fresh = window(bob, room)
    fresh.expect_unread(room, 0)


def test_a_hidden_tab_reads_nothing(window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str) -> None:
    page = window(bob, room)
    page.page.evaluate(HIDE, True)
    stage.say(room, alice, "one")
    page.expect_unread(room, 1)
    page.page.wait_for_timeout(800)
    page.expect_unread(room, 1)
    page.page.evaluate(HIDE, False)
    page.expect_unread(room, 0)


def test_what_is_below_the_screen_stays_unread(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, [f"message {number}" for number in range(1, 81)])
    stage.read(room, bob, 80)
    page = window(bob, room)
    page.sees("message 80")
    page.scroll(-1200)
    expect(page.newer).to_be_visible()
    stage.say(room, alice, "below")
    page.expect_unread(room, 1)
    page.page.wait_for_timeout(800)
    page.expect_unread(room, 1)
    page.newer.click()
    page.expect_unread(room, 0)


def test_reading_on_one_device_clears_the_count_on_the_other(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    elsewhere = stage.room(alice, bob)
    laptop, phone = window(bob, elsewhere), window(bob, elsewhere)
    tab = window(room=elsewhere, beside=laptop)
    stage.say(room, alice, "one", "two", "three")
    for one in (laptop, phone, tab):
        one.expect_unread(room, 3)
        one.expect_title(r"^\(3\) ")
        expect(one.link(room)).to_have_accessible_name(re.compile(r", 3 unread$"))
    phone.go(room)
    for one in (phone, laptop, tab):
        one.expect_unread(room, 0, within=3)
    stage.say(room, alice, "four")
    phone.sees("four")
    for one in (phone, laptop, tab):
        one.expect_unread(room, 0)


def test_own_messages_are_read(window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str) -> None:
    elsewhere = stage.room(alice, bob)
    page = window(bob, elsewhere)
    stage.say(room, alice, "one")
    page.expect_unread(room, 1)
    stage.say(room, bob, "from another program of his")
    page.expect_unread(room, 0)
    stage.say(room, alice, "two")
    page.expect_unread(room, 1)


def test_a_deleted_message_is_not_unread(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    elsewhere = stage.room(alice, bob)
    page = window(bob, elsewhere)
    stage.say(room, alice, "one", "two")
    page.expect_unread(room, 2)
    stage.call(alice, "DELETE", f"rooms/{room}/messages/1/")
    page.expect_unread(room, 1)
    expect(page.link(room)).to_have_class(re.compile(r"\bunread\b"))


def test_marked_unread_from_a_message_on_it_stays_so_until_one_leaves_and_on_every_device(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, [f"message {number}." for number in range(1, 9)])
    stage.read(room, bob, 8)
    elsewhere = stage.room(alice, bob)
    page, phone = window(bob, room), window(bob, room)
    page.sees("message 8.")
    page.menu("message 6.", "Mark unread from here")
    for one in (page, phone):
        one.expect_unread(room, 3)
        expect(one.divider).to_have_count(1)
        above = one.page.evaluate(
            "() => document.querySelector('[data-divider]').nextElementSibling.querySelector('.markup').textContent"
        )
        assert above.strip() == "message 6."
    # It is on screen in two focused tabs, and what comes is too: neither reads it.
    stage.say(room, alice, "message 9.")
    page.sees("message 9.")
    page.page.wait_for_timeout(1200)
    for one in (page, phone):
        one.expect_unread(room, 4)
    page.go(elsewhere)
    page.expect_unread(room, 4)
    page.go(room)
    expect(page.divider).to_have_count(1)
    # Whoever comes back reads.
    for one in (page, phone):
        one.expect_unread(room, 0)


def test_esc_and_an_own_message_end_what_was_marked_unread(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, ["one", "two", "three"])
    stage.read(room, bob, 3)
    page = window(bob, room)
    page.sees("three")
    page.menu("two", "Mark unread from here")
    page.expect_unread(room, 2)
    page.composer.press("Escape")
    page.expect_unread(room, 0)
    expect(page.divider).to_have_count(0)
    page.menu("two", "Mark unread from here")
    page.expect_unread(room, 2)
    page.say("an answer")
    page.expect_unread(room, 0)
    stage.say(room, alice, "four")
    page.sees("four")
    page.expect_unread(room, 0)


def test_an_unconfirmed_mark_does_not_undo_what_another_device_set_back(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, [f"message {number}." for number in range(1, 6)])
    page = window(bob, stage.room(alice, bob))
    page.expect_unread(room, 5)
    page.cut()
    page.link(room).click()
    page.expect_unread(room, 0)
    stage.read(room, bob, 5)
    stage.call(bob, "POST", f"rooms/{room}/read/rewind/", {"seq": 2})
    page.look_away()
    page.mend()
    page.live()
    page.expect_unread(room, 3)
    page.page.wait_for_timeout(800)
    assert stage.call(bob, "GET", f"rooms/{room}/read/")["read_seq"] == 2
