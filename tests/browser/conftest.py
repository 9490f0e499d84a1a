"""Real Chromium on a real server. One browser for all tests, one context (cookies, storage, language) for each person.

Playwright's loop runs on the main thread, so nothing here touches the ORM there: `world.do` has a thread for that.
"""

import re
import shutil
from collections.abc import Callable, Generator, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from accounts.models import User
from tests.browser.stage import Stage
from tests.browser.window import FLAGS, LOCALES, SOCKETS, Window, sign_in
from tests.servers import PATIENCE_S, ROOT, Daphne, program
from tests.static import collected
from tests.world import Person, World

# What the browser itself says when there is no network or no server; only where a test takes them away.
NO_NETWORK = re.compile(r"net::ERR_|WebSocket connection to .* failed")
# And what it says of a script that must not run, where a test plants one.
PLANTED = re.compile(r"Content Security Policy|status of 404")
# Who has read what may be asked just as one goes, whatever a test is about.
GONE = re.compile(r"status of 40[34]")
# A test of these seconds has lost its way; the whole folder is to take less than three minutes.
SLOWEST_S = 60

expect.set_options(timeout=PATIENCE_S * 1000)

OpenPage = Callable[..., Page]
OpenWindow = Callable[..., Window]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--late", type=int, default=0, help="so many ms are added to whatever comes to a page by network")
    parser.addoption("--slow", type=int, default=1, help="a page's processor is so many times slower")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "outage: the network or the server goes away, and the browser may say so")
    config.addinivalue_line("markers", "planted: the test itself plants what the content policy has to stop")
    config.addinivalue_line("markers", "refusals(*statuses): HTTP answers that the browser may complain about")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.get_closest_marker("timeout") is None:
            # Not of what is set up once for all of them: a loaded machine may take its time to collect files.
            item.add_marker(pytest.mark.timeout(SLOWEST_S, func_only=True))


@pytest.fixture(scope="session")
def server_environment(server_environment: dict[str, str]) -> dict[str, str]:
    """With static files as people get them."""
    return {**server_environment, "STATIC_ROOT": str(collected())}


@pytest.fixture(scope="session")
def browser(world: World) -> Iterator[Browser]:
    """Debian's Chromium; Playwright's own is never downloaded."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        yield browser
        browser.close()


def strain(page: Page, late: int, slow: int) -> None:
    """Make a page's life hard, to find tests that count on luck: what they do not wait for is not there yet."""
    devtools = page.context.new_cdp_session(page)
    if late:
        unbound = {"downloadThroughput": -1, "uploadThroughput": -1}
        devtools.send("Network.emulateNetworkConditions", {"offline": False, "latency": late, **unbound})
    if slow > 1:
        devtools.send("Emulation.setCPUThrottlingRate", {"rate": slow})


class Listener:
    """Hears what goes wrong in any page: errors, warnings, refusals of the content policy, other hosts."""

    def __init__(self, item: pytest.Item) -> None:
        self.wrong: list[str] = []
        self._planted = item.get_closest_marker("planted") is not None
        self._outage = item.get_closest_marker("outage") is not None
        marker = item.get_closest_marker("refusals")
        self._refusals = tuple(f"status of {status} " for status in marker.args) if marker else ()

    def attend(self, context: BrowserContext, host: str) -> None:
        context.on("console", self.console)
        context.on("weberror", lambda error: self.wrong.append(f"uncaught: {error.error.stack or error.error}"))

        def request(asked: Any) -> None:
            parts = urlsplit(asked.url)
            if parts.scheme not in {"data", "blob", "about"} and parts.netloc != host and not self._planted:
                self.wrong.append(f"another host: {asked.url}")

        context.on("request", request)

    def console(self, message: ConsoleMessage) -> None:
        if message.type not in {"error", "warning"}:
            return
        text = message.text
        if self._planted and PLANTED.search(text):
            return
        if self._outage and NO_NETWORK.search(text):
            return
        if any(status in text for status in self._refusals):
            return
        if GONE.search(text) and (message.location.get("url") or "").endswith("/receipts/"):
            return
        self.wrong.append(f"console.{message.type}: {text} ({message.location.get('url')})")


@pytest.fixture
def open_page(browser: Browser, world: World, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """`open_page(person, language="zh-hans", at=world.b, path="/")`: a signed-in page in a context of its own.

    Without a person nobody is signed in. Whatever a page's console says as an error or a warning fails the test, and
    so does a request to another host. After a failure there are screenshots in var/browser/.
    """
    contexts: list[BrowserContext] = []
    listener = Listener(request.node)
    late, slow = request.config.getoption("late"), request.config.getoption("slow")
    if request.node.get_closest_marker("outage"):
        late = 0  # the network is the test's own

    def open_page(
        person: Person | None = None,
        *,
        at: Daphne = world.a,
        language: str = "en",
        path: str = "/",
        **options: Any,
    ) -> Page:
        options = {"viewport": {"width": 1280, "height": 800}, "reduced_motion": "reduce"} | options
        context = browser.new_context(base_url=at.url, locale=LOCALES[language], **options)
        context.set_default_timeout(PATIENCE_S * 1000)
        context.add_init_script(SOCKETS)
        if late or slow > 1:
            context.on("page", lambda page: strain(page, late, slow))
        contexts.append(context)
        if at in world.processes:
            listener.attend(context, urlsplit(at.url).netloc)
        page = context.new_page()
        if person is not None:
            sign_in(page, person)
        if person is None or path != "/":
            page.goto(path)
        return page

    yield open_page
    failed = getattr(request.node, "failed", False)
    if failed:
        kept = ROOT / "var" / "browser"
        kept.mkdir(parents=True, exist_ok=True)
        for number, page in enumerate(page for context in contexts for page in context.pages):
            page.screenshot(path=kept / f"{request.node.name}-{number}.png")
    for context in contexts:
        context.close()
    assert not listener.wrong, listener.wrong


@pytest.fixture
def stage(world: World) -> Stage:
    return Stage(world)


@pytest.fixture
def window(open_page: OpenPage, stage: Stage) -> OpenWindow:
    """`window(person, room)`: her page in a context of its own, signed in without the form, in that room.

    `beside=window`: a second tab in the same context instead, as the same person.
    """

    def window(person: Person | None = None, room: str = "", *, beside: Window | None = None, **options: Any) -> Window:
        if beside is not None:
            opened = Window(beside.context.new_page(), beside.person)
            # Or Chromium draws the first tab once a second only.
            beside.page.bring_to_front()
        else:
            page = open_page(path="about:blank", **options)
            if person is not None:
                session = stage.session(person)
                page.context.add_cookies([{"name": "sessionid", "value": session, "url": stage.world.a.url}])
            opened = Window(page, person)
        return opened.enter(room) if room else opened

    return window


@pytest.fixture
def alice(world: World) -> Person:
    """Owns the rooms of the tests, and the workspace."""
    return world.person("alice", role=User.Role.OWNER)


@pytest.fixture
def bob(world: World) -> Person:
    """A member."""
    return world.person("bob")


@pytest.fixture
def carol(world: World) -> Person:
    """A guest."""
    return world.person("carol", role=User.Role.GUEST)


@pytest.fixture
def mallory(world: World) -> Person:
    """A member of the workspace who is in no room."""
    return world.person("mallory")


@pytest.fixture
def room(stage: Stage, alice: Person, bob: Person) -> str:
    """A private room of Alice's with Bob in it."""
    return stage.room(alice, bob)


@pytest.fixture(autouse=True)
def running(world: World) -> Iterator[None]:
    """A test that stops the server must not be the next one's problem."""
    yield
    if not world.a.running:
        world.a.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True  # type: ignore[attr-defined]
    return report


@pytest.fixture(scope="session", autouse=True)
def _no_old_screenshots() -> None:
    shutil.rmtree(ROOT / "var" / "browser", ignore_errors=True)
