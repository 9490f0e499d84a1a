"""Somebody's first day, from the link she was given: everything by what is on the screen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, OpenWindow
from tests.browser.test_rooms import pick
from tests.browser.window import Window
from tests.world import PASSWORD, Person, World

PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True}


def invited(page: Page) -> str:
    """The link that somebody makes for one person who may come into the workspace."""
    page.goto("/settings/invitations/")
    page.get_by_role("button", name="Invite people").click()
    page.get_by_role("button", name="Create the link").click()
    link = page.locator(".once-text").inner_text()
    page.get_by_role("button", name="I have saved it").click()
    return link


def signed_up(page: Page, person: Person) -> None:
    expect(page.get_by_text("Alice invites you.")).to_be_visible()
    page.get_by_label("Your name").fill(person.name)
    page.locator('input[name="username"]').fill(person.handle)
    page.locator('input[name="email"]').fill(person.email)
    page.locator('input[name="password1"]').fill(person.password)
    page.get_by_role("button", name="Sign up").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


@pytest.mark.refusals(401)
def test_from_the_invitation_to_a_room_a_phone_another_language_and_a_lost_device(
    open_page: OpenPage, window: OpenWindow, world: World, alice: Person
) -> None:
    hers = window(alice)
    handle, name = world.unique("nora"), world.unique("Friday lunch")
    her = Person(id="", handle=handle, name="Nora 诺拉", email=f"{handle}@example.org", password=PASSWORD)
    nora = Window(open_page(path=invited(hers.page)), her)
    signed_up(nora.page, her)

    # She makes a room, and brings Alice in, who reads what she says.
    nora.live()
    nora.page.get_by_role("button", name="New room").click()
    nora.page.locator("#room-name").fill(name)
    pick(nora, alice)
    nora.dialog.get_by_role("button", name="Create").click()
    expect(nora.page.locator("main h1")).to_have_text(name)
    nora.say("Who comes along?")
    hers.page.goto("/")
    hers.page.locator(".room-link", has_text=name).click()
    hers.sees("Who comes along?")

    # On the phone she goes on where she was.
    phone = Window(open_page(her, **PHONE), her)
    phone.page.locator(".room-link", has_text=name).click()
    phone.sees("Who comes along?")
    hers.say("I do")
    phone.sees("I do")
    phone.say("在门口等你")
    hers.sees("在门口等你")
    nora.sees("在门口等你")

    # Another language, there and on the phone, and the phone is lost.
    nora.page.goto("/settings/appearance/")
    nora.page.get_by_label("简体中文").check()
    expect(nora.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    nora.page.goto("/settings/devices/")
    rows = nora.page.get_by_test_id("devices").locator("li")
    expect(rows).to_have_count(2)
    rows.nth(1).get_by_role("button").click()
    nora.dialog.get_by_role("button", name="退出登录").click()
    expect(rows).to_have_count(1)
    expect(phone.banner).to_be_visible()
    expect(phone.page.locator(".frame")).to_have_attribute("data-phase", "stopped")
    nora.live()
