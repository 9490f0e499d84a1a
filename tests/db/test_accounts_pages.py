"""Signing in and out and back in, in both languages, and telling strangers nothing."""

import re
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.backends import HandleOrEmailBackend
from accounts.models import Device, User
from accounts.services.standing import user_deactivate
from accounts.services.user import user_create
from realtime.protocol.closes import Close
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9"}
PAGES = ("login/", "signup/", "inactive/", "password/reset/", "password/reset/done/", "password/reset/key/done/")


def attempt(login: str, password: str = "wrong", client: Client | None = None) -> Any:
    return (client or Client()).post("/accounts/login/", {"login": login, "password": password})


def text(answer: Any) -> str:
    """A page without what differs from request to request."""
    page: str = answer.content.decode()
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page)
    return re.sub(r'(name="login" value)="[^"]*"', r"\1", page)


# ---- in ----


@pytest.mark.parametrize("login", ["bob", "BOB", "ｂｏｂ", " bob ", "bob@example.org", "Bob@Example.ORG"])
def test_one_signs_in_with_handle_or_address_in_any_spelling(bob: User, login: str) -> None:
    client = Client()
    answer = attempt(login, PASSWORD, client)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert api(client, "GET", "me/").json()["id"] == str(bob.pk)


def test_a_handle_in_han_signs_in(db: None) -> None:
    user = user_create(handle="张三", email="z@example.org", password=PASSWORD)
    assert api(sign_in(user), "GET", "me/").json()["handle"] == "张三"


def test_a_page_that_needs_a_person_asks_for_one_and_comes_back(bob: User) -> None:
    client = Client()
    answer = client.get("/accounts/password/change/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/accounts/password/change/")
    page = client.get(answer["Location"]).content.decode()
    assert 'name="next" value="/accounts/password/change/"' in page
    answer = client.post(
        "/accounts/login/", {"login": "bob", "password": PASSWORD, "next": "/accounts/password/change/"}
    )
    assert answer["Location"] == "/accounts/password/change/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_nobody_is_sent_elsewhere_after_signing_in(bob: User, target: str) -> None:
    answer = Client().post("/accounts/login/", {"login": "bob", "password": PASSWORD, "next": target})
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_the_admin_is_entered_through_the_same_door(alice: User, bob: User) -> None:
    client = Client()
    assert client.get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/")
    assert sign_in(alice, client).get("/admin/").status_code == 200
    assert client.get("/admin/accounts/user/").status_code == 200
    assert client.get(f"/admin/accounts/user/{bob.pk}/change/").status_code == 200
    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert sign_in(bob).get("/admin/login/").status_code == 403


# ---- languages ----


@pytest.mark.parametrize("page", PAGES)
def test_every_page_speaks_both_languages_and_carries_no_inline_code(db: None, page: str) -> None:
    english = Client().get(f"/accounts/{page}")
    chinese = Client(headers=CHINESE).get(f"/accounts/{page}")
    assert (english.status_code, chinese.status_code) == (200, 200)
    assert 'lang="en"' in english.content.decode()
    assert 'lang="zh-Hans"' in chinese.content.decode()

    def heading(answer: Any) -> str:
        found = re.search(r"<h1>(.*?)</h1>", answer.content.decode())
        assert found is not None
        return found[1]

    assert re.fullmatch(r"[\x20-\x7e]+", heading(english))
    assert re.search(r"[\u4e00-\u9fff]", heading(chinese))
    for answer in (english, chinese):
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|https?://", answer.content.decode())


def test_signing_in_and_out_works_in_chinese(bob: User) -> None:
    client = Client(headers=CHINESE)
    refused = attempt("bob", "wrong", client)
    assert "电子邮箱、用户名或密码不正确。" in refused.content.decode()
    assert "电子邮箱或用户名" in refused.content.decode()
    assert attempt("bob", PASSWORD, client).status_code == 302
    bob.language = "zh-hans"
    bob.save()
    assert "要在这台设备上退出登录吗？" in client.get("/accounts/logout/").content.decode()
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"


def test_the_language_is_switched_before_signing_in(db: None) -> None:
    client = Client()
    assert "Sign in" in client.get("/accounts/login/").content.decode()
    answer = client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/accounts/login/"})
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert "登录" in client.get("/accounts/login/").content.decode()
    assert client.get("/i18n/setlang/").status_code == 405


def test_a_signed_in_persons_language_is_hers_wherever_she_is(bob: User) -> None:
    client = sign_in(bob, Client(headers=CHINESE))
    assert "Change password" in client.get("/accounts/password/change/").content.decode()
    client.post("/i18n/setlang/", {"language": "zh-hans", "next": "/"})
    bob.refresh_from_db()
    assert bob.language == "zh-hans"
    assert "更改密码" in sign_in(bob).get("/accounts/password/change/").content.decode()
    assert client.post("/i18n/setlang/", {"language": "tlh"}).status_code == 302
    bob.refresh_from_db()
    assert bob.language == "zh-hans"


def test_an_empty_form_is_answered_with_a_sentence_at_each_field_and_the_focus_in_the_first(bob: User) -> None:
    """In the page's language: the browser's own bubbles, in the browser's, are switched off."""
    page = Client(headers=CHINESE).post("/accounts/login/", {}).content.decode()
    assert page.count('class="errorlist"') == 2
    assert re.findall("<li>(.*)</li>", page) == 2 * ["该字段是必填项。"]
    assert re.search(r'<form class="form" method="post" novalidate', page)
    page = sign_in(bob).post("/accounts/password/change/", {"oldpassword": PASSWORD}).content.decode()
    assert page.count('class="errorlist"') == 2
    focused = re.findall(r"<input[^>]* autofocus[^>]*>", page)
    assert len(focused) == 1
    assert 'name="password1"' in focused[0]


# ---- what strangers learn ----


def test_unknown_and_known_logins_get_the_same_answer(bob: User) -> None:
    answers = [text(attempt(login)) for login in ("bob", "nobody", "bob@example.org", "nobody@example.org")]
    assert "The e-mail address, handle or password is wrong." in answers[0]
    assert len(set(answers)) == 1


@pytest.mark.parametrize("login", ["bob", "nobody", "bob@example.org", "nobody@example.org", "x\x00y"])
def test_every_attempt_hashes_once(bob: User, login: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = []
    monkeypatch.setattr(User, "check_password", lambda self, raw: hashed.append("check"))
    monkeypatch.setattr(User, "set_password", lambda self, raw: hashed.append("set"))
    assert HandleOrEmailBackend().authenticate(None, username=login, email=login, password="wrong") is None
    assert len(hashed) == 1


def test_a_closed_account_is_told_only_to_who_knows_its_password(bob: User) -> None:
    user_deactivate(user_id=bob.pk)
    assert text(attempt("bob")) == text(attempt("nobody"))
    assert attempt("bob", PASSWORD)["Location"] == "/accounts/inactive/"


def test_attempts_at_one_login_are_limited_however_it_is_spelt(bob: User) -> None:
    for login in ("bob", "BOB", "ｂob", "bｏb", "boｂ"):
        assert "is wrong" in attempt(login).content.decode()
    refused = attempt("Bob", PASSWORD)
    assert refused.status_code == 200
    assert "Too many attempts." in refused.content.decode()
    assert attempt("carol").status_code == 200


def test_requests_beyond_the_limit_get_a_page(db: None) -> None:
    answers = [attempt(f"nobody{n}").status_code for n in range(31)]
    assert answers[0] == 200
    last = Client().post("/accounts/login/", {"login": "a", "password": "b"})
    assert last.status_code == 429
    assert "Too many attempts" in last.content.decode()


def test_signing_up_is_closed(db: None) -> None:
    assert "By invitation only" in Client().get("/accounts/signup/").content.decode()
    Client().post("/accounts/signup/", {"email": "m@example.org", "username": "mal", "password1": PASSWORD})
    assert not User.objects.exists()


def test_a_form_without_its_token_is_refused(bob: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/accounts/login/", {"login": "bob", "password": PASSWORD}).status_code == 403
    assert not Device.objects.exists()


# ---- hostile names ----


def test_names_are_text_on_every_page(alice: User, db: None) -> None:
    name = "<img src=x onerror=alert(1)>\"'"
    user = user_create(handle="eve", email="eve@example.org", password=PASSWORD, display_name=name)
    page = sign_in(alice).get("/admin/accounts/user/").content.decode()
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page
    Client().post("/accounts/password/reset/", {"email": "eve@example.org"})
    assert name in mail.outbox[0].body
    assert "<img src=x" not in sign_in(user).get("/accounts/password/change/").content.decode()


@pytest.mark.parametrize("login", ["<script>alert(1)</script>", '"><script>alert(1)</script>'])
def test_what_was_typed_comes_back_as_text(db: None, login: str) -> None:
    assert "<script>alert" not in attempt(login).content.decode()


# ---- a forgotten password ----


def reset_link(message: Any) -> str:
    found = re.search(r"http://testserver(/\S+)", message.body)
    assert found is not None, message.body
    return found[1]


def test_a_known_and_an_unknown_address_get_the_same_page(bob: User) -> None:
    pages = [
        Client().post("/accounts/password/reset/", {"email": email}, follow=True)
        for email in ("bob@example.org", "nobody@example.org")
    ]
    assert text(pages[0]) == text(pages[1])
    assert [message.to for message in mail.outbox] == [["bob@example.org"], ["nobody@example.org"]]
    assert "/password/reset/key/" in mail.outbox[0].body
    assert "/password/reset/key/" not in mail.outbox[1].body


def test_a_forgotten_password_is_replaced_and_every_device_ends(bob: User) -> None:
    there = sign_in(bob)
    Client().post("/accounts/password/reset/", {"email": "Bob@example.org"})
    client = Client()
    answer = client.get(reset_link(mail.outbox[0]), follow=True)
    assert "Choose a new password" in answer.content.decode()
    [address] = [url for url, _ in answer.redirect_chain]
    new = {"password1": "staple 42 horse", "password2": "staple 42 horse"}
    with heard() as events:
        assert client.post(address, new)["Location"] == "/accounts/password/reset/key/done/"
    assert [list(event.closes.values()) for event in events] == [[Close.SESSION_REVOKED]]
    assert api(there, "GET", "me/").status_code == 401
    assert attempt("bob", PASSWORD).status_code == 200
    assert attempt("bob", "staple 42 horse").status_code == 302
    again = Client().get(reset_link(mail.outbox[0]), follow=True)
    assert "This link is no longer valid" in again.content.decode()


def test_a_weak_new_password_is_refused(bob: User) -> None:
    Client().post("/accounts/password/reset/", {"email": "bob@example.org"})
    client = Client()
    [address] = [url for url, _ in client.get(reset_link(mail.outbox[0]), follow=True).redirect_chain]
    answer = client.post(address, {"password1": "short", "password2": "short"})
    assert answer.status_code == 200
    assert "at least 10 characters" in answer.content.decode()


def test_after_a_refusal_the_hand_is_on_what_has_to_be_typed_again(bob: User) -> None:
    field = re.compile(r'<input[^>]*name="(\w+)"[^>]*autofocus')
    assert field.findall(Client().get("/accounts/login/").content.decode()) == ["login"]
    assert field.findall(attempt("bob").content.decode()) == ["password"]
    assert field.findall(attempt("").content.decode()) == ["login"]


def test_the_mail_is_in_its_readers_language(bob: User) -> None:
    bob.language = "zh-hans"
    bob.save()
    Client().post("/accounts/password/reset/", {"email": "bob@example.org"})
    [message] = mail.outbox
    assert "设置新密码" in message.subject
    assert "你好" in message.body


def test_a_closed_account_gets_no_link(bob: User) -> None:
    user_deactivate(user_id=bob.pk)
    Client().post("/accounts/password/reset/", {"email": "bob@example.org"})
    assert "/password/reset/key/" not in mail.outbox[0].body


def test_a_made_up_link_is_no_longer_good(bob: User) -> None:
    for key in (f"{bob.pk}-abc-def", "zzzzzzzzzzzzzzzzzzzzzz-abc-def", "1-set-password"):
        answer = Client().get(f"/accounts/password/reset/key/{key}/")
        assert answer.status_code == 200
        assert "This link is no longer valid" in answer.content.decode()


def test_cookies_are_out_of_scripts_reach(bob: User) -> None:
    cookie = sign_in(bob).cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
