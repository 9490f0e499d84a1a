"""The second factor: an app and recovery codes, on the page and at the token endpoint; the pages of passkeys."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from cryptography.fernet import InvalidToken
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import Device, User
from accounts.services.second_factor import second_factor_use
from accounts.services.standing import user_deactivate
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9"}
SECURITY = ("2fa/", "2fa/totp/activate/", "2fa/webauthn/", "2fa/webauthn/add/", "email/", "password/change/")


class App:
    """An authenticator app."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def code(self, ahead: int = 0) -> str:
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // 30 + ahead))


@pytest.fixture
def app(bob: User) -> App:
    """Bob's, already in force."""
    secret = generate_totp_secret()
    TOTP.activate(bob, secret)
    return App(secret)


@pytest.fixture
def codes(bob: User, app: App) -> list[str]:
    return RecoveryCodes.activate(bob).get_unused_codes()


def confirmed(user: User) -> Client:
    """Signed in, and asked for the password once more."""
    client = sign_in(user)
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()
    return client


def token(code: str = "", login: str = "bob", password: str = PASSWORD) -> Any:
    return api(Client(), "POST", "auth/token/", {"login": login, "password": password, "code": code})


# ---- setting it up ----


def test_an_app_is_switched_on_by_its_first_code_and_recovery_codes_come_with_it(bob: User) -> None:
    client = sign_in(bob)
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    client = confirmed(bob)
    page = client.get("/accounts/2fa/totp/activate/")
    app = App(page.context["form"].secret)
    assert "data:image/svg+xml" in page.content.decode()
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "This code is not right" in wrong.content.decode()
    with heard():
        answer = client.post("/accounts/2fa/totp/activate/", {"code": app.code()})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    shown = re.findall(r"<code>(\d+)</code>", client.get(answer["Location"]).content.decode())
    assert len(set(shown)) == 10
    download = client.get("/accounts/2fa/recovery-codes/download/")
    assert download.content.decode().split() == shown
    assert [message.subject for message in mail.outbox] == ["Parley: your account was changed"]
    assert "authenticator app" in mail.outbox[0].body


def test_secrets_are_not_in_the_database_as_they_are(bob: User, settings: Any) -> None:
    client = confirmed(bob)
    app = App(client.get("/accounts/2fa/totp/activate/").context["form"].secret)
    client.post("/accounts/2fa/totp/activate/", {"code": app.code()})
    kept = str(list(Authenticator.objects.values("data")))
    assert app.secret not in kept
    # With another secret they are still read, as long as the one before is known.
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY]
    settings.SECRET_KEY = "another" * 10
    stored = Authenticator.objects.get(type="totp").data["secret"]
    assert get_adapter().decrypt(stored) == app.secret
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken):
        get_adapter().decrypt(stored)


def test_what_concerns_safety_asks_who_it_is_once_more(bob: User) -> None:
    client = sign_in(bob)
    for page in ("2fa/totp/activate/", "2fa/webauthn/add/"):
        assert "/reauthenticate/" in client.get(f"/accounts/{page}")["Location"], page
    posted = client.post("/accounts/email/", {"email": "new@example.org", "action_add": "1"})
    assert "/reauthenticate/" in posted["Location"]
    refused = client.post("/accounts/reauthenticate/", {"password": "wrong"})
    assert "This is not your current password." in refused.content.decode()


@pytest.mark.parametrize("page", SECURITY)
def test_the_pages_of_safety_speak_both_languages_and_carry_no_inline_code(bob: User, page: str) -> None:
    bodies = []
    for language in ("en", "zh-hans"):
        User.objects.update(language=language)
        answer = confirmed(bob).get(f"/accounts/{page}")
        assert answer.status_code == 200, answer
        body = answer.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?://", body), body
        bodies.append(re.search(r"<h1>(.*?)</h1>", body)[1])
    assert re.fullmatch(r"[\x20-\x7e]+", bodies[0])
    assert re.search(r"[\u4e00-\u9fff]", bodies[1])


# ---- at the door ----


def test_after_the_password_the_code_is_asked_for(bob: User, app: App) -> None:
    client = Client()
    answer = client.post("/accounts/login/", {"login": "bob", "password": PASSWORD, "next": "/accounts/email/"})
    assert answer["Location"].startswith("/accounts/2fa/authenticate/")
    assert api(client, "GET", "me/").status_code == 401
    assert not Device.objects.exists()
    wrong = client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert "This code is not right" in wrong.content.decode()
    answer = client.post("/accounts/2fa/authenticate/", {"code": app.code()})
    assert answer["Location"] == "/accounts/email/"
    assert api(client, "GET", "me/").status_code == 200
    assert Device.objects.count() == 1


def test_nobody_comes_to_the_second_step_without_the_first(bob: User, app: App) -> None:
    answer = Client().post("/accounts/2fa/authenticate/", {"code": app.code()})
    assert answer["Location"].startswith("/accounts/login/")


def test_a_code_is_good_once_also_when_the_cache_has_forgotten(bob: User, app: App) -> None:
    now = app.code()
    assert token(now).status_code == 201
    cache.clear()
    assert token(now).status_code == 401
    assert token(app.code(-1)).status_code == 401
    assert token(app.code(+1)).status_code == 201
    assert token(app.code(+2)).status_code == 401


def test_a_recovery_code_is_good_once(bob: User, codes: list[str]) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    assert client.post("/accounts/2fa/authenticate/", {"code": codes[0]})["Location"] == "/"
    assert token(codes[0]).status_code == 401
    assert token(codes[1]).status_code == 201


def test_a_program_is_told_that_a_code_is_needed(bob: User, app: App) -> None:
    answer = token()
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert list(answer.json()["fields"]) == ["mfa_required"]
    assert list(token("000000").json()["fields"]) == ["code"]
    assert not Device.objects.exists()
    assert token(app.code()).status_code == 201


def test_only_who_knows_the_password_learns_of_the_second_factor(bob: User, carol: User, app: App) -> None:
    answers = [token(login=login, password="wrong", code=app.code()) for login in ("bob", "carol", "nobody")]
    assert len({answer.content for answer in answers}) == 1
    assert "fields" not in answers[0].json()
    pages = [Client().post("/accounts/login/", {"login": name, "password": "wrong"}) for name in ("bob", "carol")]
    assert {page.status_code for page in pages} == {200}


def test_guesses_at_a_code_are_limited_together_with_those_on_the_page(bob: User, app: App) -> None:
    for guess in range(4):
        assert token(f"00000{guess}").status_code == 401
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    assert "not right" in client.post("/accounts/2fa/authenticate/", {"code": "1"}).content.decode()
    assert "Too many" in client.post("/accounts/2fa/authenticate/", {"code": app.code()}).content.decode()
    refused = token(app.code())
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")


@pytest.mark.parametrize("code", ["", " ", "\x00", "٣٣٣٣٣٣", "1" * 64, "null", "-1"])
def test_what_is_no_code_opens_nothing(bob: User, codes: list[str], code: str) -> None:
    assert second_factor_use(user=bob, code=code) is None
    assert token(code).status_code in {400, 401}


def test_without_the_app_the_password_is_enough_again(bob: User, app: App) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    client.post("/accounts/2fa/authenticate/", {"code": app.code()})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post("/accounts/2fa/totp/deactivate/")["Location"] == "/accounts/2fa/"
    assert not Authenticator.objects.exists()
    assert token().status_code == 201


def test_a_closed_account_is_closed_whatever_the_code(bob: User, app: App) -> None:
    user_deactivate(user_id=bob.pk)
    assert "fields" not in token(app.code()).json()
    client = Client()
    answer = client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})
    assert answer["Location"] == "/accounts/inactive/"


# ---- passkeys (the ceremony itself: tests/browser/test_passkeys.py) ----


@pytest.mark.parametrize("credential", ["", "{}", "[]", "null", "x", '{"id": 1}', '{"response": {"userHandle": "AA"}}'])
def test_what_is_no_passkey_opens_nothing(bob: User, credential: str) -> None:
    client = Client()
    options = client.get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"})
    assert options.json()["request_options"]["publicKey"]["challenge"]
    answer = client.post("/accounts/2fa/webauthn/login/", {"credential": credential}, follow=True)
    assert answer.status_code == 200
    assert api(client, "GET", "me/").status_code == 401


def test_passkey_attempts_are_limited(db: None) -> None:
    answers = [Client().get("/accounts/2fa/webauthn/login/", headers={"Accept": "application/json"}) for _ in range(61)]
    assert (answers[0].status_code, answers[-1].status_code) == (200, 429)
