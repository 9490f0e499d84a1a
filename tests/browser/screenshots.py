"""`make screenshots`: the pictures of the README, of the demo workspace in use. Writes docs/screenshots/."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.window import FLAGS, LOCALES, Window, sign_in
from tests.servers import ROOT, Daphne, program

if TYPE_CHECKING:
    from tests.world import Person

SHELF = ROOT / "docs" / "screenshots"
LARGEST = 150_000
WIDE = {"viewport": {"width": 1280, "height": 800}}
PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True, "device_scale_factor": 1.5}


class Somebody(NamedTuple):
    handle: str
    password: str


@contextmanager
def workspace() -> Iterator[tuple[Daphne, dict[str, "Person"]]]:
    """A server on a new database with the demo workspace, and who can sign in there."""
    with tempfile.TemporaryDirectory(prefix="parley-pictures-") as folder:
        server = Daphne(Path(folder) / "server", environment={})
        server.environment = {
            "DATABASE_URL": f"sqlite:///{folder}/parley.sqlite3",
            "SECRET_KEY": os.urandom(32).hex(),
            "STATIC_ROOT": f"{folder}/static",
            "ORIGINS": server.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "DEBUG": "off",
        }

        def manage(*arguments: str) -> str:
            return subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=os.environ | server.environment,
                check=True,
                capture_output=True,
                text=True,
            ).stdout

        manage("collectstatic", "--noinput", "--verbosity", "0")
        manage("migrate", "--verbosity", "0")
        said = re.findall(r"^    (\S+)   (\S+) \(", manage("demo"), re.MULTILINE)
        people: Any = {handle: Somebody(handle, password) for password, handle in said}
        server.start()
        try:
            yield server, people
        finally:
            server.stop()


class Studio:
    """Opens pages for people, and keeps pictures of them."""

    def __init__(self, browser: Browser, server: Daphne, people: dict[str, "Person"]) -> None:
        self.browser = browser
        self.server = server
        self.people = people

    def page(self, handle: str = "", *, language: str = "en", **options: Any) -> Window:
        context = self.browser.new_context(
            base_url=self.server.url, locale=LOCALES[language], reduced_motion="reduce", **options
        )
        page = context.new_page()
        if handle:
            sign_in(page, self.people[handle])
        else:
            page.goto("/accounts/login/")
        return Window(page, self.people.get(handle))

    def room(self, handle: str, name: str, **options: Any) -> Window:
        """Her page, with this room on screen."""
        window = self.page(handle, **options).live()
        room = window.page.locator(".room-link", has_text=name).get_attribute("data-room")
        assert room is not None
        return window.enter(room)

    def keep(self, page: Page, name: str) -> None:
        expect(page.locator(".skeleton")).to_have_count(0)
        page.evaluate("() => document.fonts.ready")
        path = SHELF / f"{name}.png"
        page.screenshot(path=path)
        size = path.stat().st_size
        print(f"{path.relative_to(ROOT)} {size / 1000:.0f} kB")
        assert size < LARGEST, f"{path} is too large for the repository"


def take(studio: Studio) -> None:
    """All pictures: signing in; a room light, dark, on a phone, and in 简体中文."""
    studio.keep(studio.page(**WIDE).page, "sign-in")

    # The others, whose doings fill the picture.
    bob = studio.room("bob", "general")
    fang = studio.room("王芳", "general", language="zh-hans")
    alice = studio.room("alice", "release", **WIDE)

    bob.say("I put last week's minutes into the release room, Carol.")
    fang.say("谢谢 Bob！今天的记录我会同时写**中文**和 English。")
    alice.expect_unread(room_of(alice, "general"), 4)
    bob.page.locator(".room-link", has_text="release").click()
    bob.composer.press_sequentially("Chocolate or")
    expect(alice.typing).to_contain_text("Bob")
    expect(alice.message("Left to do")).to_be_in_viewport()
    studio.keep(alice.page, "room")
    alice.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    studio.keep(alice.page, "room-dark")

    phone = studio.room("carol", "general", **PHONE)
    expect(phone.message("今天的记录")).to_be_in_viewport()
    studio.keep(phone.page, "room-phone")

    teahouse = studio.room("王芳", "中文茶馆", language="zh-hans", **WIDE)
    expect(teahouse.message("没问题")).to_be_in_viewport()
    studio.keep(teahouse.page, "room-zh-hans")


def room_of(window: Window, name: str) -> str:
    room = window.page.locator(".room-link", has_text=name).get_attribute("data-room")
    assert room is not None
    return room


def main() -> None:
    SHELF.mkdir(parents=True, exist_ok=True)
    with workspace() as (server, people), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        take(Studio(browser, server, people))
        browser.close()


if __name__ == "__main__":
    main()
