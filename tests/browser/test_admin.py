"""The staff's pages in a browser: a second search, a menu that hides nothing, and columns that stand in line."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.conftest import OpenPage
from tests.browser.test_accessibility import LANGUAGES, findings
from tests.browser.test_layout import OVERFLOW, PHONE, SMALL
from tests.world import Person, World

# What of the menu is not wholly to be seen without scrolling it.
HIDDEN = """() => {
  const frame = document.querySelector(".desk-nav").getBoundingClientRect();
  return [...document.querySelectorAll(".desk-nav a")].filter((link) => {
    const box = link.getBoundingClientRect();
    const right = Math.min(innerWidth, frame.right);
    return box.right > right || box.left < Math.max(0, frame.left) || box.bottom > frame.bottom + 1;
  }).map((link) => link.textContent);
}"""
LEFTS = """() => [...document.querySelectorAll(".choice .help")].map((hint) => hint.getBoundingClientRect().left)"""
WIDTHS = """() => [...document.querySelectorAll(".choice button")].map((button) => button.offsetWidth)"""


@pytest.fixture
def owner(world: World, alice: Person) -> Person:
    """Somebody for whom the admin is open, with every right in it."""
    world.do(lambda: User.objects.filter(pk=alice.id).update(is_staff=True, role=User.Role.OWNER))
    return alice


def admin(open_page: OpenPage, world: World, owner: Person, language: str, path: str = "", **options: Any) -> Page:
    """A page of the admin, in the language the owner has chosen."""
    world.do(lambda: User.objects.filter(pk=owner.id).update(language=language))
    page = open_page(owner, language=language, path=f"/admin/{path}", **options)
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans" if language == "zh-hans" else "en")
    return page


def listed(page: Page) -> list[str]:
    return page.locator("tbody .row-link .quiet").all_inner_texts()


def test_a_second_search_finds_what_was_typed_last(
    open_page: OpenPage, owner: Person, bob: Person, carol: Person
) -> None:
    page = open_page(owner, path="/admin/accounts/user/")
    for person in (bob, carol, bob):
        page.get_by_role("searchbox").fill(person.handle)
        page.get_by_role("button", name="Search", exact=True).click()
        page.wait_for_url(f"**/?q={person.handle}")
        assert listed(page) == [f"@{person.handle}"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_hides_no_page_on_a_phone(open_page: OpenPage, world: World, owner: Person, language: str) -> None:
    page = admin(open_page, world, owner, language, **PHONE)
    for width in (320, 390, 768, 1440):
        page.set_viewport_size({"width": width, "height": 800})
        assert page.locator(".desk-nav a").count() == 11
        assert page.evaluate(HIDDEN) == [], width
        assert page.evaluate(OVERFLOW)["page"] <= 0, width
    page.set_viewport_size({"width": 390, "height": 800})
    assert page.evaluate(SMALL.replace('"a, button, input, textarea, [role=option]"', '".desk-nav a"')) == []
    menu = page.locator(".desk-nav").bounding_box()
    assert menu is not None
    assert menu["height"] <= 4 * 44 + 1, "the page itself begins on the first screen"
    assert findings(page) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_buttons_of_a_row_do_stands_in_line(
    open_page: OpenPage, world: World, owner: Person, bob: Person, language: str
) -> None:
    page = admin(open_page, world, owner, language, f"accounts/user/{bob.id}/change/")
    expect(page.locator(".choice")).to_have_count(4)
    for width in (1440, 1024, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert len({round(left) for left in page.evaluate(LEFTS)}) == 1, width
        assert len(set(page.evaluate(WIDTHS))) == 1, width
        assert page.evaluate(OVERFLOW)["page"] <= 0, width
