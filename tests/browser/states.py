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
        others = [room["counterpart"]] if room.get("counterpart") else room.get("people", [])
        if name in (room["name"], ", ".join(person["name"] for person in others)):
            return str(room["id"])
    raise AssertionError(f"no room {name!r} among {[room['name'] for room in rooms]}")


def in_room(name: str, *, pane: str = "") -> Callable[[Window], Window]:
    def show(window: Window) -> Window:
        room = room_id(window.page, name)
        window.enter(room)
        if pane:
            # On a phone it is a page of its own, and the room behind it is not to be seen.
            window.page.goto(f"/rooms/{room}/?pane={pane}")
            window.live()
            expect(window.page.locator(".pane .pane-body > *").first).to_be_visible()
        return window

    return show


def at(path: str, ready: str) -> Callable[[Window], None]:
    """A page by its address, once this is on it."""

    def show(window: Window) -> None:
        window.page.goto(path)
        expect(window.page.locator(ready).first).to_be_visible()
        if window.page.locator(".sidebar").count():
            window.live()

    return show


def pressing(*pressed: str, typed: str = "", ready: str) -> Callable[[Window], None]:
    """In a room, after these keys, and what is then typed."""

    def show(window: Window) -> None:
        in_room("release")(window)
        for key in pressed:
            window.page.keyboard.press(key)
        if typed:
            expect(window.page.locator("dialog[open] input").first).to_be_focused()
            window.page.keyboard.type(typed)
        expect(window.page.locator(ready).first).to_be_visible()

    return show


def composing(text: str, *, ready: str) -> Callable[[Window], None]:
    def show(window: Window) -> None:
        in_room("release")(window)
        # What the page before began to write waits here as a draft.
        window.composer.fill("")
        window.composer.press_sequentially(text)
        expect(window.page.locator(ready).first).to_be_visible()

    return show


def creating(window: Window) -> None:
    window.page.goto("/browse/")
    window.live()
    window.page.locator("main .room-head .button").last.click()
    expect(window.page.locator("dialog[open] input").first).to_be_visible()


def loading(window: Window) -> None:
    room = room_id(window.page, "busy")
    window.page.route(re.compile(r"/messages/"), lambda route: None)
    window.page.goto(f"/rooms/{room}/")
    expect(window.page.locator(".skeleton")).to_be_visible()


def failing(window: Window) -> None:
    room = room_id(window.page, "busy")

    def refuse(route: Route) -> None:
        route.fulfill(status=503, json={"code": "unavailable", "message": "", "retry": True})

    window.page.route(re.compile(r"/messages/"), refuse)
    window.page.goto(f"/rooms/{room}/")
    expect(window.page.get_by_role("alert")).to_be_visible()


def offline(window: Window) -> None:
    in_room("release")(window)
    window.context.set_offline(True)
    expect(window.page.locator(".banner")).to_be_visible(timeout=20_000)
    window.say("Written in the tunnel. 在隧道里写的。")
    expect(window.page.locator(".message.pending")).to_be_visible()


def menu(window: Window) -> None:
    """What can be done with a message: by the pointer's right button, or by a finger that rests on it."""
    in_room("release")(window)
    article = window.page.locator(".message article").last
    article.click()
    window.page.keyboard.press("Escape")
    article.focus()
    window.page.keyboard.press("Enter")
    expect(window.page.locator(".popover")).to_be_visible()


def edited(window: Window) -> None:
    """A message with a past, and that past beside it."""
    room = room_id(window.page, "general")
    window.enter(room)
    headers = {"X-CSRFToken": csrf(window.page), "Referer": window.page.url}
    rows = window.page.request.get(f"/api/v1/rooms/{room}/messages/").json()["messages"]
    me = window.page.request.get("/api/v1/me/").json()["id"]
    seq = max(row["seq"] for row in rows if row["author"]["id"] == me and not row.get("deleted"))
    texts = ("The meeting is at ten, room 3.", "The meeting is at **eleven**, room 3. 会议改到十一点。")
    for text in () if any(row["seq"] == seq and row["text"] == texts[-1] for row in rows) else texts:
        answer = window.page.request.patch(
            f"/api/v1/rooms/{room}/messages/{seq}/", data={"text": text}, headers=headers
        )
        assert answer.ok, answer.text()
    window.page.goto(f"/rooms/{room}/?pane=history:{seq}")
    window.live()
    expect(window.page.locator(".pane ins, .pane .history-version, .pane li").first).to_be_visible()


def empty_room(window: Window) -> None:
    headers = {"X-CSRFToken": csrf(window.page), "Referer": window.page.url}
    rooms = window.page.request.get("/api/v1/rooms/").json()["rooms"]
    if not any(room["name"] == "new" for room in rooms):
        body = {"kind": "public", "name": "new", "topic": "Nothing was ever said here"}
        answer = window.page.request.post("/api/v1/rooms/", data=body, headers=headers)
        assert answer.ok, answer.text()
    window.enter(room_id(window.page, "new"))


def archived(window: Window) -> None:
    empty_room(window)
    room = room_id(window.page, "new")
    headers = {"X-CSRFToken": csrf(window.page), "Referer": window.page.url}
    answer = window.page.request.patch(f"/api/v1/rooms/{room}/", data={"archived": True}, headers=headers)
    assert answer.ok, answer.text()
    window.enter(room)
    expect(window.page.locator(".composer.archived, .composer p").first).to_be_visible()


def csrf(page: Page) -> str:
    return next(str(one["value"]) for one in page.context.cookies() if one["name"] == "csrftoken")


PAGES = (
    Subject("sign-in", "", at("/accounts/login/", "form")),
    Subject("room", "alice", in_room("release")),
    Subject("direct", "alice", in_room("王芳")),
    Subject("busy", "alice", in_room("busy")),
    Subject("settings", "alice", at("/settings/profile/", ".settings-page")),
    Subject("admin", "alice", at("/admin/", "main, #content")),
)

TABS = ("account", "devices", "appearance", "keys", "notifications", "invitations", "tokens", "bots")

STATES = (
    Subject("loading", "alice", loading, waits=True),
    Subject("error", "alice", failing),
    Subject("offline", "bob", offline),
    Subject("empty", "alice", empty_room),
    Subject("missing", "alice", at("/rooms/999999/", ".empty")),
    Subject("announcements", "bob", in_room("announcements")),
    Subject("group", "alice", in_room("Bob Lindqvist, 王芳")),
    Subject("members", "alice", in_room("release", pane="members")),
    Subject("info", "alice", in_room("release", pane="info")),
    Subject("person", "alice", in_room("release", pane="person:2")),
    Subject("history", "alice", edited),
    Subject("message-menu", "alice", menu),
    Subject("mention", "alice", composing("@wang", ready="[data-testid=suggestions]")),
    Subject("emoji", "alice", composing("Done :tad", ready="[data-testid=suggestions]")),
    Subject("switcher", "alice", pressing("Control+k", typed="wf", ready="dialog[open] .option")),
    Subject("keys", "alice", pressing("Control+/", ready="dialog[open] .sheet")),
    Subject("create", "alice", creating),
    Subject("list", "alice", at("/", ".sidebar, main")),
    Subject("mentions", "alice", at("/mentions/", "main article, main li, main .empty")),
    Subject("drafts", "alice", at("/drafts/", "main li, main .empty")),
    Subject("browse", "alice", at("/browse/", "main li")),
    Subject("people", "alice", at("/people/", "main li")),
    *(Subject(f"settings-{tab}", "alice", at(f"/settings/{tab}/", ".settings-page")) for tab in TABS),
    Subject("reset-password", "", at("/accounts/password/reset/", "form")),
    Subject("second-factor", "alice", at("/accounts/2fa/", "main")),
    Subject("admin-people", "alice", at("/admin/accounts/user/", "#changelist, main")),
    Subject("archived", "alice", archived),
)
