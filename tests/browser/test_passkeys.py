"""Passkeys, with a virtual authenticator: added, used instead of the password, used as the second step, removed."""

from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage, sign_in
from tests.world import Person, World


@pytest.fixture
def page(open_page: OpenPage, world: World) -> Page:
    """At localhost: browsers know no passkeys for an address that is a number."""
    page = open_page(at=SimpleNamespace(url=f"http://localhost:{world.a.port}"), path="/accounts/login/")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return page


def add(page: Page, person: Person, *, alone: bool) -> None:
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Password").fill(person.password)
    page.get_by_role("button", name="Confirm").click()
    box = page.get_by_label("Sign in with it alone")
    expect(box).to_be_checked()
    box.set_checked(alone)
    page.get_by_label("Name").fill("Laptop 键")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto("/accounts/2fa/webauthn/")
    expect(page.get_by_text("Laptop 键", exact=True)).to_be_visible()
    expect(page.get_by_text("signs in alone" if alone else "second step")).to_be_visible()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_passkey_signs_in_alone(page: Page, bob: Person) -> None:
    sign_in(page, bob)
    add(page, bob, alone=True)
    sign_out(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto("/accounts/2fa/webauthn/")
    page.get_by_role("link", name="Remove").click()
    page.get_by_label("Password").fill(bob.password)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("There is none yet.")).to_be_visible()


def test_a_passkey_is_the_second_step(page: Page, bob: Person) -> None:
    sign_in(page, bob)
    add(page, bob, alone=False)
    sign_out(page)
    page.locator('input[name="login"]').fill(bob.handle)
    page.locator('input[name="password"]').fill(bob.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("heading", name="The second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)


def test_who_has_none_is_told_so_and_stays_where_she_is(open_page: OpenPage, world: World) -> None:
    page = open_page(at=SimpleNamespace(url=f"http://localhost:{world.a.port}"), path="/accounts/login/")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options: dict[str, Any] = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    button = page.get_by_role("button", name="Sign in with a passkey")
    button.click()
    expect(page.get_by_role("alert")).to_have_text("That did not work. Try again, or take another way.")
    expect(button).to_be_enabled()


def test_where_there_can_be_none_the_page_does_not_offer_any(open_page: OpenPage) -> None:
    page = open_page(path="/accounts/login/")
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    expect(page.get_by_role("alert")).to_be_hidden()
