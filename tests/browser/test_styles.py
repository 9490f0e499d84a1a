"""The style page shows every component, and nothing on it is broken."""

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.workspace import workspace

LANGUAGES = {"en": "Right pane", "zh-hans": "右侧面板"}


def listen(page: Page, wrong: list[str]) -> None:
    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(message.text)

    page.on("console", console)
    page.on("pageerror", lambda error: wrong.append(str(error)))


@pytest.mark.timeout(120)
def test_every_component_is_drawn_in_both_themes_and_languages(browser: Browser) -> None:
    with workspace(debug=True) as (server, _):
        for language, section in LANGUAGES.items():
            context = browser.new_context(base_url=server.url, viewport={"width": 1440, "height": 900})
            page = context.new_page()
            wrong: list[str] = []
            listen(page, wrong)
            page.goto(f"/_styles/?language={language}")
            expect(page.get_by_role("heading", name=section, exact=True)).to_be_visible()
            expect(page.locator(".theme-dark .message").first).to_be_visible()
            expect(page.locator(".theme-light [data-testid=bots], .theme-light .settings-page").last).to_be_attached()
            expect(page.locator(".theme .pane-skeleton")).to_have_count(2)  # the specimen of it, twice
            assert page.locator("[data-broken]").all_inner_texts() == []
            assert page.locator(".theme-light").count() == page.locator(".theme-dark").count() > 30
            for button in page.locator("#dialogs .theme-light button").all():
                button.click()
                dialog = page.get_by_role("dialog").last
                expect(dialog.locator("h2").first).not_to_be_empty()
                page.keyboard.press("Escape")
                expect(page.locator("dialog[open]")).to_have_count(0)
            assert wrong == []
            context.close()
