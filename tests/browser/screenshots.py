"""`make screenshots`: docs/screenshots/ anew, of the demo workspace in use. A word after it takes only what it names.

Pages are kept whole, at each width, in each language and theme; states as sheets that hold all twelve side by side.
"""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.states import PAGES, STATES, Subject, csrf
from tests.browser.window import FLAGS, LOCALES, Window, sign_in
from tests.browser.workspace import Somebody, workspace
from tests.servers import ROOT, Daphne, program

if TYPE_CHECKING:
    from tests.world import Person

SHELF = ROOT / "docs" / "screenshots"
LARGEST = 200_000
WIDTHS = {1440: 900, 1024: 768, 390: 844}
LANGUAGES = ("en", "zh-hans")
THEMES = ("light", "dark")
SHEET_SCALE = 0.45
GAP = 12


class Studio:
    """Takes pictures of subjects: for each language one signed-in page, for each theme and width another look at it."""

    def __init__(self, browser: Browser, server: Daphne, people: dict[str, Somebody]) -> None:
        self.browser = browser
        self.server = server
        self.people = people

    @contextmanager
    def window(self, handle: str, language: str, **options: Any) -> Iterator[Window]:
        """A page of a person, or of nobody (""), that keeps nothing for the next one."""
        context: BrowserContext = self.browser.new_context(
            base_url=self.server.url,
            locale=LOCALES[language],
            timezone_id="Europe/Prague",
            reduced_motion="reduce",
            viewport={"width": 1440, "height": WIDTHS[1440]},
            **options,
        )
        try:
            page = context.new_page()
            person = cast("Person | None", self.people.get(handle))
            if person:
                sign_in(page, person)
                speak(page, language)
            yield Window(page, person)
        finally:
            context.close()

    def looks(self, subject: Subject) -> Iterator[tuple[int, str, str, Image.Image]]:
        """Width, language, theme and the picture, for all twelve."""
        for language in LANGUAGES:
            for width, height in WIDTHS.items():
                touch = width < 768
                with self.window(subject.person, language, has_touch=touch, is_mobile=touch) as window:
                    window.page.set_viewport_size({"width": width, "height": height})
                    subject.show(window)
                    for theme in THEMES:
                        window.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
                        yield width, language, theme, picture(window.page, waits=subject.waits)

    def take_page(self, subject: Subject) -> None:
        for width, language, theme, image in self.looks(subject):
            keep(image, f"{subject.name}-{width}-{language}-{theme}")

    def take_state(self, subject: Subject) -> None:
        taken = {(language, theme, width): image for width, language, theme, image in self.looks(subject)}
        tiles = {key: image.resize(scaled(image), Image.Resampling.LANCZOS) for key, image in taken.items()}
        rows = [[tiles[language, theme, width] for width in WIDTHS] for language in LANGUAGES for theme in THEMES]
        sheet = Image.new(
            "RGB",
            (
                sum(tile.width for tile in rows[0]) + GAP * (len(WIDTHS) + 1),
                sum(max(tile.height for tile in row) for row in rows) + GAP * (len(rows) + 1),
            ),
            "#888888",
        )
        top = GAP
        for row in rows:
            left = GAP
            for tile in row:
                sheet.paste(tile, (left, top))
                left += tile.width + GAP
            top += max(tile.height for tile in row) + GAP
        keep(sheet, f"state-{subject.name}")


def speak(page: Page, language: str) -> None:
    """The person's language is her account's; the pictures need both."""
    page.request.patch(
        "/api/v1/me/",
        data={"language": language},
        headers={"X-CSRFToken": csrf(page), "Referer": page.url},
    )


def scaled(image: Image.Image) -> tuple[int, int]:
    return round(image.width * SHEET_SCALE), round(image.height * SHEET_SCALE)


def picture(page: Page, *, waits: bool) -> Image.Image:
    if not waits:
        expect(page.locator(".skeleton, .pane-skeleton")).to_have_count(0)
    page.evaluate("() => document.fonts.ready.then(() => undefined)")
    return Image.open(BytesIO(page.screenshot())).convert("RGB")


def keep(image: Image.Image, name: str) -> None:
    path = SHELF / f"{name}.webp"
    image.save(path, "WEBP", quality=72, method=6)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)} {size / 1000:.0f} kB", flush=True)
    assert size < LARGEST, f"{path} is too large for the repository"


def main(wanted: list[str]) -> int:
    SHELF.mkdir(parents=True, exist_ok=True)
    known = {subject.name for subject in (*PAGES, *STATES)}
    if unknown := set(wanted) - known:
        print(
            f"There is no picture of {', '.join(sorted(unknown))}; there are: {', '.join(sorted(known))}",
            file=sys.stderr,
        )
        return 2
    with workspace(busy=True) as (server, people), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=FLAGS)
        studio = Studio(browser, server, people)
        takes: list[tuple[Callable[[Subject], None], tuple[Subject, ...]]] = [
            (studio.take_page, PAGES),
            (studio.take_state, STATES),
        ]
        for take, subjects in takes:
            for subject in subjects:
                if not wanted or subject.name in wanted:
                    take(subject)
        browser.close()
    if not wanted:
        for path in SHELF.glob("*.png"):
            path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
