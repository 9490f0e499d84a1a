"""Addresses: confirmed before they count, changed with a link, and mails that arrive in their reader's language."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client, override_settings

from accounts.events import UserState
from accounts.models import User
from accounts.services.invitation import invitation_create
from accounts.services.mail import _parts, mail_send
from accounts.services.user import user_create, user_email_confirm
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401
from tests.servers import free_port
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(settings: Any) -> None:
    """Addresses have to be confirmed."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def link(message: Any) -> str:
    return re.search(r"http://testserver(/\S+)", message.body)[1]


def sign_up(client: Client, token: str, **more: str) -> Any:
    given = {"name": "Dave", "username": "dave", "email": "dave@example.org", "password1": PASSWORD, "language": "en"}
    return client.post(f"/join/{token}/", {**given, **more})


# ---- confirming ----


def test_who_signs_up_is_in_once_the_address_is_confirmed(alice: User, asked: None) -> None:
    _, token = invitation_create(actor=alice)
    client = Client()
    assert sign_up(client, token)["Location"] == "/accounts/confirm-email/"
    assert "on its way" in client.get("/accounts/confirm-email/").content.decode()
    assert api(client, "GET", "me/").status_code == 401
    refused = api(Client(), "POST", "auth/token/", {"login": "dave", "password": PASSWORD})
    assert "Confirm your e-mail address" in refused.json()["message"]
    [message] = mail.outbox
    assert (message.to, "Welcome, Dave!" in message.body) == (["dave@example.org"], True)
    # Looking at the link (mail programs do) confirms nothing.
    assert "dave@example.org" in Client().get(link(message)).content.decode()
    assert not EmailAddress.objects.get(email="dave@example.org").verified
    assert client.post(link(message))["Location"] == "/"
    assert api(client, "GET", "me/").json()["handle"] == "dave"
    again = Client().get(link(message)).content.decode()
    assert "This link is no longer valid" in again
    assert api(Client(), "POST", "auth/token/", {"login": "dave", "password": PASSWORD}).status_code == 201


def test_a_link_opened_elsewhere_confirms_but_signs_nobody_in(alice: User, asked: None) -> None:
    _, token = invitation_create(actor=alice)
    sign_up(Client(), token)
    elsewhere = Client()
    assert elsewhere.post(link(mail.outbox[0]))["Location"].startswith("/accounts/login/")
    assert api(elsewhere, "GET", "me/").status_code == 401
    assert sign_in(User.objects.get(handle="dave"))


def test_who_was_made_by_the_shell_need_not_confirm(asked: None) -> None:
    user = user_create(handle="erin", email="erin@example.org", password=PASSWORD)
    assert sign_in(user)


@pytest.mark.parametrize("key", ["x", "x:y:z", "MQ:1abcde:aaaa", "-" * 300])
def test_a_made_up_link_is_no_longer_good(db: None, key: str) -> None:
    answer = Client().get(f"/accounts/confirm-email/{key}/")
    assert (answer.status_code, "no longer valid" in answer.content.decode()) == (200, True)
    assert Client().post(f"/accounts/confirm-email/{key}/").status_code == 404


# ---- changing ----


def changing(user: User, to: str) -> Client:
    client = sign_in(user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post("/accounts/email/", {"email": to, "action_add": "1"})["Location"] == "/accounts/email/"
    return client


def test_an_address_changes_when_its_owner_follows_the_link(bob: User) -> None:
    client = changing(bob, "Robert@Example.org")
    bob.refresh_from_db()
    assert bob.email == "bob@example.org"
    page = client.get("/accounts/email/").content.decode()
    assert "robert@example.org is not confirmed yet" in page
    with heard() as events:
        client.post(link(mail.outbox[0]))
    bob.refresh_from_db()
    assert bob.email == "robert@example.org"
    assert [event.me.email for event in events if isinstance(event, UserState)] == ["robert@example.org"]
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [
        ("robert@example.org", True, True)
    ]
    assert mail.outbox[-1].to == ["bob@example.org"]
    assert "robert@example.org" in mail.outbox[-1].body
    assert sign_in(bob)
    assert Client().post("/accounts/login/", {"login": "bob@example.org", "password": PASSWORD}).status_code == 200


def test_an_address_still_to_be_confirmed_opens_no_back_door(bob: User) -> None:
    changing(bob, "robert@example.org")
    mail.outbox.clear()
    Client().post("/accounts/password/reset/", {"email": "robert@example.org"})
    assert [message.to for message in mail.outbox] == [["robert@example.org"]]
    assert "/password/reset/key/" not in mail.outbox[0].body
    assert Client().post("/accounts/login/", {"login": "robert@example.org", "password": PASSWORD}).status_code == 200


def test_anothers_address_is_not_taken_and_not_told(bob: User, carol: User) -> None:
    client = changing(bob, "carol@example.org")
    page = client.get("/accounts/email/").content.decode()
    assert "carol@example.org is not confirmed yet" in page
    assert user_email_confirm(user_id=bob.pk, email="carol@example.org") is None
    assert user_email_confirm(user_id=bob.pk, email="never-asked@example.org") is None
    bob.refresh_from_db()
    assert bob.email == "bob@example.org"


@pytest.mark.parametrize("action", ["action_remove", "action_primary", "action_send"])
def test_nothing_but_the_link_changes_an_address(bob: User, action: str) -> None:
    client = changing(bob, "robert@example.org")
    for email in ("bob@example.org", "robert@example.org", "alice@example.org", "nonsense"):
        assert client.post("/accounts/email/", {"email": email, action: "1"}).status_code == 302
        bob.refresh_from_db()
        assert bob.email == "bob@example.org"


def test_a_change_is_cancelled(bob: User) -> None:
    client = changing(bob, "robert@example.org")
    before = link(mail.outbox[0])
    client.post("/accounts/email/", {"email": "robert@example.org", "action_remove": "1"})
    assert "is not confirmed yet" not in client.get("/accounts/email/").content.decode()
    Client().post(before)
    bob.refresh_from_db()
    assert bob.email == "bob@example.org"


# ---- mails ----


def test_a_mail_is_text_and_the_same_as_html(bob: User) -> None:
    Client().post("/accounts/password/reset/", {"email": "bob@example.org"})
    [message] = mail.outbox
    [(html, kind)] = [(part.content, part.mimetype) for part in message.alternatives]
    assert kind == "text/html"
    assert f'href="http://testserver{link(message)}"' in html
    for paragraph in message.body.strip().split("\n\n"):
        assert paragraph.split("\n")[0].replace("'", "&#x27;") in html


def test_names_are_text_in_mails_and_never_a_link(bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(display_name="<a href=//evil.example>x</a> https://evil.example")
    Client().post("/accounts/password/reset/", {"email": "bob@example.org"})
    html = mail.outbox[0].alternatives[0].content
    assert "&lt;a href" in html
    assert re.findall(r'href="([^"]+)"', html) == [f"http://testserver{link(mail.outbox[0])}"]
    assert _parts("a\n\nhttps://x.example/y\n\nhttps://x.example and more") == [
        {"text": "a"},
        {"link": "https://x.example/y"},
        {"text": "https://x.example and more"},
    ]


def test_each_reader_has_her_own_language(alice: User, bob: User, asked: None) -> None:
    User.objects.filter(pk=bob.pk).update(language="zh-hans")
    _, token = invitation_create(actor=alice, uses=None)
    sign_up(Client(), token, email="bob@example.org")
    sign_up(Client(), token, username="erin", email="erin@example.org", language="zh-hans")
    sign_up(Client(), token, username="frank", email="frank@example.org")
    assert "你已有账号" in mail.outbox[0].subject
    assert "请确认你的电子邮箱" in mail.outbox[1].subject
    assert "confirm your e-mail" in mail.outbox[2].subject


def test_a_mail_server_that_is_away_is_no_error_for_who_asks(bob: User, caplog: Any) -> None:
    with override_settings(
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend", EMAIL_HOST="127.0.0.1", EMAIL_PORT=free_port()
    ):
        known, unknown = (
            Client().post("/accounts/password/reset/", {"email": email})
            for email in ("bob@example.org", "nobody@example.org")
        )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert "could not be sent" in caplog.text


class Inbox:
    def __init__(self) -> None:
        self.mails: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture
def inbox() -> Iterator[Inbox]:
    """A real mail server, and the settings that lead there."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        with override_settings(
            EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
            EMAIL_HOST="127.0.0.1",
            EMAIL_PORT=controller.port,
        ):
            yield inbox
    finally:
        controller.stop()


def test_a_mail_arrives_at_a_real_server(bob: User, inbox: Inbox) -> None:
    mail_send(
        template="account/email/invitation",
        to="dave@example.org",
        language="zh-hans",
        context={"inviter": bob, "link": "https://chat.example.org/join/x/", "expires_at": bob.date_joined},
    )
    [(to, message)] = inbox.mails
    assert to == ["dave@example.org"]
    assert message["Subject"] == "Parley：邀请"
    assert "Bob 邀请你加入 Parley" in message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert 'lang="zh-Hans"' in html
    assert 'href="https://chat.example.org/join/x/"' in html
