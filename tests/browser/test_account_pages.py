"""The server's own pages: signing in, up and back in, what guards the account, and what goes wrong. In each language,
theme and width nothing serious is found, nothing is wider than the screen, and no page is a dead end."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils.translation import override
from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser.conftest import OpenPage, OpenWindow
from tests.browser.stage import Stage
from tests.browser.test_accessibility import LANGUAGES, findings
from tests.browser.test_languages import english
from tests.browser.test_passkeys import add
from tests.browser.window import sign_in
from tests.world import Person, World

WIDTHS = (390, 1024, 1440)
SCHEMES = ["light", "dark"]
OVERFLOW = "() => document.documentElement.scrollWidth - innerWidth"

Look = Callable[..., None]


@pytest.fixture
def look(stage: Stage) -> Look:
    """`look(page, path, language, …)`: go there and see that it is right at every width. Other words are names."""

    def look(page: Page, path: str | None, language: str, *names: str) -> None:
        if path is not None:
            page.goto(path)
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans" if language == "zh-hans" else "en")
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            assert findings(page) == [], (page.url, width)
            assert page.evaluate(OVERFLOW) <= 0, (page.url, width)
        assert page.get_by_role("link").or_(page.get_by_role("button")).count() > 0, page.url
        if language == "zh-hans":
            assert english(page, *names) == [], page.url

    return look


@pytest.mark.timeout(180)
@pytest.mark.refusals(404, 403)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_before_one_is_signed_in(
    open_page: OpenPage, stage: Stage, world: World, alice: Person, bob: Person, look: Look, language: str, scheme: str
) -> None:
    link = stage.call(alice, "POST", "invitations/", {})["link"]

    def keys() -> tuple[str, str]:
        user = User.objects.get(pk=bob.id)
        address = EmailAddress.objects.create(user=user, email=f"new-{bob.email}")
        reset = reverse(
            "account_reset_password_from_key",
            args=[user_pk_to_url_str(user), PasswordResetTokenGenerator().make_token(user)],
        )
        return EmailConfirmationHMAC(address).key, reset

    confirmation, reset = world.do(keys)
    page = open_page(path="/accounts/login/", language=language, color_scheme=scheme)
    look(page, None, language)
    look(page, link, language, alice.name)
    page.get_by_role("button").last.or_(page.locator("[type=submit]")).first.click()
    for path in (
        "/accounts/signup/",
        f"/join/{'x' * 32}/",
        "/accounts/password/reset/",
        "/accounts/password/reset/done/",
        reset,
        "/accounts/password/reset/key/done/",
        "/accounts/password/reset/key/x-y/",
        "/accounts/confirm-email/",
        f"/accounts/confirm-email/{confirmation}/",
        "/accounts/confirm-email/x/",
        "/accounts/inactive/",
        "/nowhere/",
    ):
        look(page, path, language, f"new-{bob.email}", bob.handle)
    # A form without its secret.
    page.goto("/accounts/login/")
    page.locator("input[name=csrfmiddlewaretoken]").evaluate_all(
        "(fields) => fields.forEach((field) => field.remove())"
    )
    page.locator('input[name="login"]').fill("x")
    page.locator('input[name="password"]').fill("x")
    page.keyboard.press("Enter")
    expect(page.locator('input[name="password"]')).to_have_count(0)
    look(page, None, language, "Cookie")


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["400", "403", "429", "500"])
def test_pages_for_what_goes_wrong(
    open_page: OpenPage, look: Look, server_environment: dict[str, str], name: str, language: str, scheme: str
) -> None:
    request = RequestFactory().get("/wrong/")
    request.user = AnonymousUser()
    request.csp_nonce = ""  # type: ignore[attr-defined]
    with override(language):
        body = render_to_string(f"{name}.html", request=request)
    # This process has collected nothing: the server's files have other names.
    names = json.loads((Path(server_environment["STATIC_ROOT"]) / "staticfiles.json").read_text())["paths"]
    body = re.sub(r'/static/([^"]+)', lambda found: f"/static/{names[found[1]]}", body)
    page = open_page(path="/accounts/login/", language=language, color_scheme=scheme)
    page.route("**/wrong/", lambda route: route.fulfill(body=body, content_type="text/html"))
    look(page, "/wrong/", language)


@pytest.fixture
def guarded(world: World, alice: Person) -> Person:
    """Alice, who has confirmed who she is with an authenticator app and has recovery codes."""

    def guard() -> None:
        user = User.objects.get(pk=alice.id)
        TOTP.activate(user, generate_totp_secret())
        RecoveryCodes.activate(user)

    world.do(guard)
    return alice


def confirmed(page: Page, person: Person, path: str) -> None:
    """Go where the password is asked for once more, and give it."""
    page.goto(path)
    page.locator('input[name="password"]').fill(person.password)
    page.keyboard.press("Enter")
    expect(page.locator('input[name="password"]')).to_have_count(0)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_about_the_account(
    window: OpenWindow, stage: Stage, guarded: Person, look: Look, language: str, scheme: str
) -> None:
    stage.call(guarded, "PATCH", "me/", {"language": language})
    page = window(guarded, color_scheme=scheme, language=language).page
    names = (guarded.email, guarded.handle, "QR", "API")
    for path in ("/accounts/password/change/", "/accounts/email/", "/accounts/2fa/", "/accounts/logout/"):
        look(page, path, language, *names)
    look(page, "/accounts/2fa/totp/deactivate/", language, *names)
    confirmed(page, guarded, "/accounts/2fa/totp/deactivate/")
    for path in (
        "/accounts/2fa/totp/deactivate/",
        "/accounts/2fa/recovery-codes/",
        "/accounts/2fa/recovery-codes/generate/",
        "/accounts/2fa/webauthn/",
        "/accounts/2fa/webauthn/add/",
    ):
        look(page, path, language, *names)
    page.goto("/accounts/2fa/totp/deactivate/")
    page.locator(".button.danger").click()
    look(page, "/accounts/2fa/totp/activate/", language, *names)
    page.locator('input[name="code"]').fill("000000")
    page.keyboard.press("Enter")
    expect(page.locator(".errorlist")).to_be_visible()
    look(page, None, language, *names)
    # A change that waits for its confirmation.
    page.goto("/accounts/email/")
    page.locator('input[name="email"][type="email"]').fill(f"second-{guarded.email}")
    page.locator('[name="action_add"]').click()
    look(page, "/accounts/email/", language, f"second-{guarded.email}", *names)


@pytest.mark.timeout(120)
def test_passkeys_have_pages_of_their_own(open_page: OpenPage, world: World, bob: Person, look: Look) -> None:
    # At a name: browsers know no passkeys for an address that is a number.
    page = open_page(at=SimpleNamespace(url=f"http://localhost:{world.a.port}"), path="/accounts/login/")
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options: dict[str, Any] = {"protocol": "ctap2", "transport": "internal", "automaticPresenceSimulation": True}
    options |= {"hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, bob)
    add(page, bob, alone=True)
    look(page, "/accounts/2fa/", "en")
    look(page, "/accounts/2fa/webauthn/", "en")
    for name in ("Rename", "Remove"):
        page.goto("/accounts/2fa/webauthn/")
        page.get_by_role("link", name=name).click()
        if page.locator('input[name="password"]').count():
            page.locator('input[name="password"]').fill(bob.password)
            page.keyboard.press("Enter")
        look(page, None, "en")
        page.get_by_role("link", name="Back", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Two steps")


def test_the_way_back_from_the_account_is_the_settings(window: OpenWindow, alice: Person) -> None:
    page = window(alice).page
    for path in ("/accounts/password/change/", "/accounts/email/", "/accounts/2fa/", "/accounts/2fa/totp/activate/"):
        page.goto(path)
        head = page.get_by_role("banner")
        expect(head.get_by_role("link", name="Parley")).to_have_attribute("href", "/")
        head.get_by_role("link", name="Settings").click()
        expect(page).to_have_url(re.compile("/settings/account/$"))
    page.goto("/accounts/password/change/")
    page.get_by_role("link", name="Back", exact=True).click()
    expect(page).to_have_url(re.compile("/settings/account/$"))


def test_the_theme_needs_no_script_and_stands_before_the_first_paint(open_page: OpenPage) -> None:
    page = open_page(path="/accounts/login/", color_scheme="light", java_script_enabled=False)
    root = page.locator("html")
    canvas = "body"
    light = page.locator(canvas).evaluate("(node) => getComputedStyle(node).backgroundColor")
    page.context.add_cookies([{"name": "theme", "value": "dark", "url": page.url}])
    page.reload()
    expect(root).to_have_attribute("data-theme", "dark")
    expect(page.locator('meta[name="color-scheme"]')).to_have_attribute("content", "dark")
    dark = page.locator(canvas).evaluate("(node) => getComputedStyle(node).backgroundColor")
    assert dark != light
    page.context.clear_cookies()
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert page.locator(canvas).evaluate("(node) => getComputedStyle(node).backgroundColor") == dark
