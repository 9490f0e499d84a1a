"""Who is there, and what ends a sign-in: here, in another tab, from elsewhere."""

import re
import time

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window, sign_in
from tests.world import Person

REVOKED = "You were signed out on this device."
# When the page said that it is no longer signed in.
WATCH = """() => {
  new MutationObserver(() => {
    if (document.querySelector("[data-testid=connection]")) window.stopped ??= Date.now();
  }).observe(document.body, { subtree: true, childList: true });
}"""


def presence(page: Window, room: str) -> str:
    """What the list says of the other one in a direct conversation, in words."""
    text: str = page.link(room).locator(".presence").inner_text()
    return text


def test_presence_is_a_shape_and_a_word(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person
) -> None:
    with_bob, with_carol = stage.direct(alice, bob), stage.direct(alice, carol)
    his = window(bob, with_bob)
    page = window(alice, with_bob)
    header = page.page.locator(".room-head .presence")
    expect(header).to_have_text("Online")
    expect(page.link(with_bob).locator(".presence")).to_have_text("Online")
    expect(page.link(with_carol).locator(".presence")).to_have_text("Offline")
    shapes = {
        room: page.link(room).locator(".dot").evaluate("(node) => getComputedStyle(node).backgroundColor")
        for room in (with_bob, with_carol)
    }
    assert len(set(shapes.values())) == 2, "a full dot and a ring"
    expect(his.page.locator(".room-head .presence")).to_have_text("Online")
    # Without a connection nobody knows.
    page.cut()
    expect(header).to_have_text("Presence unknown")
    page.mend()
    expect(header).to_have_text("Online")


def test_signing_out_ends_every_tab_of_this_browser_and_no_other_device(
    open_page: OpenPage, window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page = Window(open_page(alice), alice)
    page.drawn(room)
    tab = window(room=room, beside=page)
    other = window(alice, room)
    stage.say(room, bob, "a secret")
    for one in (page, tab, other):
        one.sees("a secret")
    page.composer.fill("an unsent draft")

    page.page.get_by_role("button", name=re.compile("settings")).click()
    tab.page.evaluate(WATCH)
    clicked = page.page.evaluate("() => Date.now()")
    page.page.get_by_role("menuitem", name="Sign out").click()
    expect(tab.banner).to_contain_text(REVOKED)
    took = (tab.page.evaluate("() => stopped") - clicked) / 1000
    print(f"the other tab knew {took:.2f} s after the click")
    assert took <= 2
    expect(page.page).to_have_url(re.compile("/accounts/login/"))
    stage.say(room, bob, "after")
    other.sees("after")
    assert "after" not in tab.page.content(), "a signed-out tab hears nothing more"

    # Nothing of hers stays on the device, and Back shows none of it.
    left = page.page.evaluate(
        """async () => {
          const open = indexedDB.open("parley");
          await new Promise((done) => (open.onsuccess = done));
          const store = open.result.transaction("store").objectStore("store").getAll();
          await new Promise((done) => (store.onsuccess = done));
          return JSON.stringify([store.result, Object.entries(localStorage), Object.entries(sessionStorage)]);
        }"""
    )
    assert "secret" not in left
    assert "draft" not in left
    page.page.go_back()
    expect(page.page).to_have_url(re.compile("/accounts/login/"))
    assert "secret" not in page.page.content()

    tab.banner.get_by_role("button").click()
    expect(tab.page).to_have_url(re.compile("/accounts/login/"))
    # The way back in leads to where one was.
    sign_in_here(tab, alice)
    tab.drawn(room)


def sign_in_here(page: Window, person: Person) -> None:
    page.page.locator('input[name="login"]').fill(person.handle)
    page.page.locator('input[name="password"]').fill(person.password)
    page.page.keyboard.press("Enter")


def test_a_device_ended_elsewhere_says_so_within_two_seconds(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page, spared = window(alice, room), window(alice, room)
    page.page.evaluate(WATCH)
    # By another process, without a doorbell: the position check finds it.
    started = time.time()
    stage.end_devices(alice, spare=1)
    expect(page.banner).to_contain_text(REVOKED)
    took = page.page.evaluate("() => stopped") / 1000 - started
    print(f"an ended device knew after {took:.2f} s")
    assert took <= 2
    stage.say(room, bob, "after")
    spared.sees("after")
    assert page.message("after").count() == 0
    expect(page.page.locator('.frame[data-phase="stopped"]')).to_be_attached()


def test_who_is_removed_from_a_room_sees_it_go_and_nothing_more(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page = window(bob, room)
    stage.say(room, alice, "before")
    page.sees("before")
    stage.call(alice, "DELETE", f"rooms/{room}/memberships/{bob.id}/")
    expect(page.page.get_by_role("alert")).to_contain_text("You were removed from")
    expect(page.link(room)).to_have_count(0)
    stage.say(room, alice, "after")
    assert "before" not in page.page.inner_text("body")
    page.page.reload()
    expect(page.page.get_by_text("There is no such conversation here.")).to_be_visible()
    assert "after" not in page.page.content()


def test_a_stranger_is_shown_no_room_and_nobody_the_sign_in(
    window: OpenWindow, open_page: OpenPage, mallory: Person, room: str
) -> None:
    page = window(mallory)
    page.page.goto(f"/rooms/{room}/")
    expect(page.page.get_by_text("There is no such conversation here.")).to_be_visible()
    nobody = open_page(path=f"/rooms/{room}/")
    expect(nobody).to_have_url(re.compile(f"/accounts/login/.*rooms/{room}"))


def test_a_wrong_password_is_named_and_the_handle_kept(open_page: OpenPage, alice: Person, room: str) -> None:
    page = open_page(path="/accounts/login/")
    page.locator('input[name="login"]').fill(alice.handle)
    page.locator('input[name="password"]').fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator('input[name="login"]')).to_have_value(alice.handle)
    sign_in(page, alice)
    Window(page, alice).drawn(room)
