"""What there are pictures of, and how each comes about: by what people do and by what goes wrong."""

import re
from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Page, Route, expect

from tests.browser.window import Window

API = re.compile(r"/api/v1/")


class Subject(NamedTuple):
    """`person`: whose page it is, "" for nobody's. `show` leaves it in the state; `waits`: something still loads."""

    name: str
    person: str
    show: Callable[[Window], object]
    waits: bool = False


def room_id(page: Page, name: str) -> str:
    """The number of a room of the person, by its name."""
    rooms = page.request.get("/api/v1/rooms/").json()["rooms"]
    for room in rooms:
        other = (room.get("counterpart") or {}).get("name", "")
        if name in (room["name"], other):
            return str(room["id"])
    raise AssertionError(f"no room {name!r} among {[room['name'] for room in rooms]}")


def in_room(name: str, *, pane: str = "") -> Callable[[Window], Window]:
    def show(window: Window) -> Window:
        room = room_id(window.page, name)
        window.enter(room)
        if pane:
            window.page.goto(f"/rooms/{room}/?pane={pane}")
            window.drawn(room)
            expect(window.page.locator(".pane .pane-body > *").first).to_be_visible()
        return window

    return show


def at(path: str, ready: str) -> Callable[[Window], None]:
    """A page by its address, once this is on it."""

    def show(window: Window) -> None:
        window.page.goto(path)
        expect(window.page.locator(ready).first).to_be_visible()

    return show


def keys(*pressed: str, ready: str) -> Callable[[Window], None]:
    def show(window: Window) -> None:
        in_room("release")(window)
        for key in pressed:
            window.page.keyboard.press(key)
        expect(window.page.locator(ready).first).to_be_visible()

    return show


def loading(window: Window) -> None:
    room = room_id(window.page, "busy")
    window.page.route(re.compile(r"/messages/"), lambda route: None)
    window.page.goto(f"/rooms/{room}/")
    expect(window.page.locator(".skeleton")).to_be_visible()


def failing(window: Window) -> None:
    room = room_id(window.page, "busy")

    def refuse(route: Route) -> None:
        error = {"code": "unavailable", "message": "", "retry": True}
        route.fulfill(status=503, json=error)

    window.page.route(re.compile(r"/messages/"), refuse)
    window.page.goto(f"/rooms/{room}/")
    expect(window.page.get_by_role("alert")).to_be_visible()


def offline(window: Window) -> None:
    in_room("release")(window)
    window.context.set_offline(True)
    expect(window.page.locator(".banner")).to_be_visible(timeout=20_000)
    window.say("Written in the tunnel.")
    expect(window.page.locator(".message.pending")).to_be_visible()


def refused(window: Window) -> None:
    """A message the server did not take: the room is a public one in which guests may not call everybody."""
    in_room("release")(window)
    window.say("x" * 20)
    expect(window.page.locator(".message").last).to_be_visible()


def signed_out(window: Window) -> None:
    in_room("general")(window)
    window.context.clear_cookies()
    window.page.evaluate("() => fetch('/api/v1/me/')")
    window.page.reload()


PAGES = (
    Subject("sign-in", "", at("/accounts/login/", "form")),
    Subject("room", "alice", in_room("release")),
    Subject("direct", "alice", in_room("王芳")),
    Subject("busy", "alice", in_room("busy")),
    Subject("settings", "alice", at("/settings/profile/", "main h1, main h2")),
    Subject("admin", "alice", at("/admin/", "main, #content")),
)

STATES = (
    Subject("loading", "alice", loading, waits=True),
    Subject("error", "alice", failing),
    Subject("offline", "bob", offline),
)
