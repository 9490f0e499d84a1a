"""Real Chromium on a real server. One browser for all tests, one context (cookies, storage, language) for each person.

Playwright's loop runs on the main thread, so nothing here touches the ORM there: `world.do` has a thread for that.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.servers import ROOT, Daphne, program
from tests.world import Person, World

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LOCALES = {"en": "en-GB", "zh-hans": "zh-CN"}

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def server_environment(server_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """With static files as people get them: collected, compressed, under hashed names."""
    environment = {**server_environment, "STATIC_ROOT": str(tmp_path_factory.mktemp("static"))}
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"],
        cwd=ROOT,
        env=os.environ | environment,
        check=True,
    )
    return environment


@pytest.fixture(scope="session")
def browser(world: World) -> Iterator[Browser]:
    """Debian's Chromium; Playwright's own is never downloaded."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, world: World, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """`open_page(person, language="zh-hans", at=world.b, path="/")`: a signed-in page in a context of its own.

    Without a person nobody is signed in. An uncaught error or a violation of the content policy on any page fails the
    test. After a failure there are screenshots in var/browser/.
    """
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def heard(text: str) -> None:
        if "Content Security Policy" in text or "Content-Security-Policy" in text:
            wrong.append(text)

    def open_page(
        person: Person | None = None,
        *,
        at: Daphne = world.a,
        language: str = "en",
        path: str = "/",
        **options: Any,
    ) -> Page:
        context = browser.new_context(base_url=at.url, locale=LOCALES[language], **options)
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: heard(message.text))
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
    assert not wrong, wrong


def sign_in(page: Page, person: Person, *, url: str = "") -> None:
    """Through the form, as people do; returns when the page after it has loaded. `url`: not the page's own server."""
    page.goto(f"{url}/accounts/login/")
    page.locator('input[name="login"]').fill(person.handle)
    page.locator('input[name="password"]').fill(person.password)
    page.locator('form:has(input[name="password"]) [type="submit"]').click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" and report.failed:
        item.failed = True  # type: ignore[attr-defined]
    return report


@pytest.fixture(scope="session", autouse=True)
def _no_old_screenshots() -> None:
    shutil.rmtree(ROOT / "var" / "browser", ignore_errors=True)
