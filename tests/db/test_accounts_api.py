"""Oneself over the API, CSRF, and tickets."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.models.functions import Now
from django.test import Client

from accounts.auth import authenticate
from accounts.models import Device, Ticket, User
from accounts.services.device import device_end, device_start
from accounts.services.standing import user_deactivate
from accounts.services.ticket import ticket_issue, ticket_use
from accounts.services.token import token_issue
from realtime.product import Credentials, Refused
from realtime.protocol.closes import Close
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401
from tests.alone import alone

pytestmark = pytest.mark.django_db


# ---- me ----


def test_one_reads_and_changes_oneself(bob: User) -> None:
    client = sign_in(bob)
    answer = api(client, "GET", "me/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.json() == {
        "id": str(bob.pk),
        "handle": "bob",
        "name": "Bob",
        "email": "bob@example.org",
        "language": "en",
        "time_zone": "UTC",
        "role": "member",
        "picture": "",
        "status": "",
        "status_until": None,
        "bot": False,
        "may_invite": False,
        "rev": 1,
    }
    with heard() as events:
        changed = api(client, "PATCH", "me/", {"name": "Robert", "time_zone": "Asia/Shanghai"})
    assert (changed.json()["name"], changed.json()["time_zone"], changed.json()["rev"]) == (
        "Robert",
        "Asia/Shanghai",
        2,
    )
    assert len(events) == 1


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "owner"}, "role"),
        ({"email": "x@example.org"}, "email"),
        ({"is_staff": True}, "is_staff"),
        ({"name": None}, "name"),
        ({"name": " "}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"language": "tlh"}, "language"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
    ],
)
def test_nobody_changes_what_is_not_hers_to_change(bob: User, body: dict[str, Any], field: str) -> None:
    client = sign_in(bob)
    answer = api(client, "PATCH", "me/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert list(answer.json()["fields"]) == [field]
    stored = User.objects.get(pk=bob.pk)
    assert (stored.role, stored.email, stored.display_name) == ("member", "bob@example.org", "Bob")


# ---- devices ----


def test_one_sees_and_ends_ones_devices(bob: User) -> None:
    here, there = sign_in(bob), sign_in(bob)
    listed = api(here, "GET", "me/devices/").json()
    assert len(listed["devices"]) == 2
    [other] = [device["id"] for device in listed["devices"] if device["id"] != listed["current"]]
    with heard() as events:
        assert api(here, "DELETE", f"me/devices/{other}/").status_code == 204
        assert api(here, "DELETE", f"me/devices/{other}/").status_code == 204
    assert [event.closes for event in events] == [{other: Close.SESSION_REVOKED}]
    assert (api(here, "GET", "me/").status_code, api(there, "GET", "me/").status_code) == (200, 401)
    assert len(api(here, "GET", "me/devices/").json()["devices"]) == 1


def test_anothers_device_does_not_exist(bob: User, mallory: User) -> None:
    device = device_start(user=bob)
    client = sign_in(mallory)
    strange = api(client, "DELETE", f"me/devices/{device.pk}/")
    absent = api(client, "DELETE", "me/devices/999999999999999999/")
    assert (strange.status_code, strange.content) == (404, absent.content)
    assert api(client, "DELETE", f"me/devices/{'9' * 30}/").status_code == 404
    assert Device.objects.get(pk=device.pk).ended_at is None


# ---- who may ask ----


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "me/"),
        ("PATCH", "me/"),
        ("GET", "me/devices/"),
        ("DELETE", "me/devices/1/"),
        ("POST", "ws-ticket/"),
    ],
)
def test_strangers_are_asked_to_sign_in(db: None, method: str, path: str) -> None:
    answer = api(Client(), method, path)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer["WWW-Authenticate"] == "Bearer"


def test_a_session_needs_the_csrf_token_for_every_change(bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    token = client.cookies["csrftoken"].value
    client.post("/accounts/login/", {"login": "bob", "password": "correct horse battery", "csrfmiddlewaretoken": token})
    assert api(client, "GET", "me/").status_code == 200
    for method, path in (("PATCH", "me/"), ("POST", "ws-ticket/"), ("DELETE", "me/devices/1/")):
        refused = api(client, method, path)
        assert (refused.status_code, refused.json()["code"]) == (403, "forbidden"), path
    token = client.cookies["csrftoken"].value
    assert api(client, "POST", "ws-ticket/", None, **{"X-CSRFToken": token}).status_code == 201


# ---- tickets ----


def refused(ticket: str) -> Close:
    with pytest.raises(Refused) as error:
        alone(authenticate, Credentials(ticket=ticket))
    return error.value.close


def test_a_ticket_opens_one_socket(bob: User) -> None:
    client = sign_in(bob)
    answer = api(client, "POST", "ws-ticket/")
    assert answer.status_code == 201
    assert answer.json()["expires_in"] == 30
    ticket = answer.json()["ticket"]
    assert len(ticket) >= 43
    assert not Ticket.objects.filter(hash__contains=ticket[:16]).exists()
    device = Device.objects.get()
    assert alone(authenticate, Credentials(ticket=ticket)).device == str(device.pk)
    assert refused(ticket) == Close.SESSION_EXPIRED


def test_a_ticket_lasts_thirty_seconds(bob: User) -> None:
    device = device_start(user=bob)
    young, old = ticket_issue(device=device), ticket_issue(device=device)
    first, second = Ticket.objects.order_by("pk")
    assert timedelta(seconds=20) < first.expires_at - device.created_at < timedelta(seconds=45)
    Ticket.objects.filter(pk=first.pk).update(expires_at=Now() + timedelta(seconds=5))
    Ticket.objects.filter(pk=second.pk).update(expires_at=Now() - timedelta(seconds=1))
    assert ticket_use(ticket=young) == device.pk
    assert ticket_use(ticket=old) is None


def test_expired_tickets_are_cleared_away(bob: User) -> None:
    device = device_start(user=bob)
    ticket_issue(device=device)
    Ticket.objects.update(expires_at=Now() - timedelta(minutes=2))
    ticket_issue(device=device)
    assert Ticket.objects.count() == 1


def test_a_ticket_dies_with_its_device(bob: User) -> None:
    device = device_start(user=bob)
    ticket = ticket_issue(device=device)
    device_end(device_id=device.pk, user_id=bob.pk)
    assert refused(ticket) == Close.SESSION_REVOKED
    device = device_start(user=bob)
    ticket = ticket_issue(device=device)
    user_deactivate(user_id=bob.pk)
    assert refused(ticket) == Close.ACCOUNT_DISABLED


@pytest.mark.parametrize("ticket", ["", "x", "é", "\x00", "a" * 128])
def test_what_is_no_ticket_is_refused(db: None, ticket: str) -> None:
    assert refused(ticket) == Close.SESSION_EXPIRED


def test_a_ticket_is_judged_before_anything_else_that_is_offered(bob: User, carol: User) -> None:
    ticket = ticket_issue(device=device_start(user=bob))
    pair = token_issue(user=carol, label="")
    assert alone(authenticate, Credentials(ticket=ticket, bearer=pair.access)).user == str(bob.pk)
    with pytest.raises(Refused):
        alone(authenticate, Credentials(ticket=ticket, bearer=pair.access))
    assert alone(authenticate, Credentials(bearer=pair.access, session="x" * 32)).user == str(carol.pk)
    with pytest.raises(Refused) as error:
        alone(authenticate, Credentials())
    assert error.value.close == Close.SESSION_EXPIRED


@pytest.mark.django_db(transaction=True)
def test_of_many_who_use_a_ticket_at_once_one_gets_in(bob: User) -> None:
    device = device_start(user=bob)
    ticket = ticket_issue(device=device)
    barrier, answers = threading.Barrier(4), []

    def use() -> None:
        barrier.wait()
        try:
            answers.append(ticket_use(ticket=ticket))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=use) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers, key=str) == [device.pk, None, None, None]
