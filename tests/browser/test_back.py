"""The browser's back closes what lies over the page, and nothing else."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.world import Person

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("options", [PHONE, {"viewport": {"width": 1440, "height": 900}}], ids=["phone", "wide"])
def test_back_closes_the_dialog_and_the_view_below_stays(
    window: OpenWindow, alice: Person, room: str, options: dict[str, object]
) -> None:
    page = window(alice, room, **options)
    page.page.goto("/browse/")
    new = page.page.locator("main header").get_by_role("button", name="New room")
    for _ in range(2):
        new.click()
        expect(page.dialog).to_be_visible()
        page.page.go_back()
        expect(page.dialog).to_have_count(0)
        expect(new).to_be_visible()
        assert page.page.url.endswith("/browse/")
    # One that was closed otherwise leaves no step behind.
    new.click()
    page.dialog.get_by_role("button", name="Cancel").click()
    expect(page.dialog).to_have_count(0)
    page.page.go_back()
    page.page.wait_for_url(f"**/rooms/{room}/")


def test_back_closes_a_phones_menu_and_its_pane_one_after_the_other(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page = window(alice, room, **PHONE)
    page.members()
    page.member(bob).locator(".tool").click()
    menu = page.page.get_by_role("menu")
    expect(menu).to_be_visible()
    page.page.go_back()
    expect(menu).to_have_count(0)
    expect(page.pane).to_be_visible()
    page.member(bob).locator(".tool").click()
    expect(menu).to_be_visible()
    page.page.keyboard.press("Escape")
    expect(menu).to_have_count(0)
    page.page.locator(".pane-out").click()
    expect(page.pane).to_have_count(0)
    expect(page.page.locator(f'main[data-room="{room}"]')).to_be_visible()
    assert page.page.evaluate("history.state?.panes") is None


def test_a_room_made_in_a_dialog_is_one_step_from_where_it_was_opened(
    window: OpenWindow, stage: Stage, alice: Person, room: str
) -> None:
    page = window(alice, room, **PHONE)
    page.page.goto("/browse/")
    page.page.locator("main header").get_by_role("button", name="New room").click()
    page.dialog.get_by_label("Name", exact=True).fill(stage.world.unique("made"))
    page.dialog.get_by_role("button", name="Create").click()
    expect(page.composer).to_be_visible()
    page.page.go_back()
    page.page.wait_for_url("**/browse/")
    expect(page.dialog).to_have_count(0)
