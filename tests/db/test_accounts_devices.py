"""Devices: every door that ends a sign-in ends one, and nothing is good without one."""

from contextlib import suppress
from datetime import timedelta
from importlib import import_module
from threading import Barrier, Thread
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.auth import DEVICE_KEY, authenticate
from accounts.models import Device, PersonHead, User
from accounts.selectors.device import devices_changed
from accounts.services.device import device_end, device_start, device_touch, devices_end_all
from accounts.services.standing import user_deactivate
from realtime.product import Credentials, Refused
from realtime.protocol.closes import Close
from realtime.protocol.errors import Unauthenticated
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401
from tests.alone import alone

pytestmark = pytest.mark.django_db


def me(client: Client) -> int:
    return int(api(client, "GET", "me/").status_code)


def session_of(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


# ---- services ----


def test_a_sign_in_is_a_device_with_a_rev(bob: User) -> None:
    with heard() as events:
        device = device_start(user=bob, label="  Fire\x00fox\n\u202e on Linux ")
    [event] = events
    assert (event.prev, event.rev, device.user_rev) == (0, 1, 1)
    assert device.label == "Fire fox on Linux"
    assert event.closes == {}


def test_ending_a_device_closes_it_and_ending_it_again_is_nothing(bob: User) -> None:
    device = device_start(user=bob)
    with heard() as events:
        assert device_end(device_id=device.pk, user_id=bob.pk)
        assert not device_end(device_id=device.pk, user_id=bob.pk)
    assert [event.closes for event in events] == [{str(device.pk): Close.SESSION_REVOKED}]
    stored = Device.objects.get(pk=device.pk)
    assert stored.ended_at is not None
    assert stored.user_rev == events[0].rev == PersonHead.objects.get(pk=bob.pk).rev == 2


def test_nobody_ends_anothers_device(bob: User, mallory: User) -> None:
    device = device_start(user=bob)
    assert not device_end(device_id=device.pk, user_id=mallory.pk)
    assert Device.objects.get(pk=device.pk).ended_at is None


def test_ending_all_is_one_event_over_consecutive_revs(bob: User) -> None:
    devices = [device_start(user=bob) for _ in range(3)]
    with heard() as events:
        assert devices_end_all(user_id=bob.pk, spare=devices[0].pk) == 2
        assert devices_end_all(user_id=bob.pk, spare=devices[0].pk) == 0
    [event] = events
    assert (event.prev, event.rev) == (3, 5)
    assert set(event.closes) == {str(device.pk) for device in devices[1:]}


@pytest.mark.parametrize("count", [1, 12])
def test_ending_many_takes_as_many_queries_as_ending_one(bob: User, count: int) -> None:
    for _ in range(count):
        device_start(user=bob)
    with CaptureQueriesContext(connection) as queries:
        assert devices_end_all(user_id=bob.pk) == count
    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 5


def test_what_changed_for_people_is_found_by_their_revs(bob: User, carol: User) -> None:
    first, second, other = device_start(user=bob), device_start(user=bob), device_start(user=carol)
    device_end(device_id=first.pk, user_id=bob.pk)
    assert [device.pk for device in devices_changed({bob.pk: 1})] == [second.pk, first.pk]
    assert [device.pk for device in devices_changed({bob.pk: 3, carol.pk: 0})] == [other.pk]
    assert devices_changed({}) == []


def test_a_device_is_touched_every_few_minutes(bob: User) -> None:
    device = device_start(user=bob)
    with CaptureQueriesContext(connection) as queries:
        device_touch(device=device)
    assert len(queries) == 0
    long_ago = timezone.now() - timedelta(hours=1)
    Device.objects.update(last_seen_at=long_ago)
    device.refresh_from_db()
    device_touch(device=device)
    assert Device.objects.get(pk=device.pk).last_seen_at > long_ago + timedelta(minutes=59)


# ---- the doors ----


def test_signing_in_begins_a_device_and_signing_out_ends_it(bob: User) -> None:
    client = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"})
    assert me(client) == 401
    sign_in(bob, client)
    assert me(client) == 200
    device = Device.objects.get(user=bob)
    assert (device.ended_at, device.label, device.kind) == (None, "Firefox · Linux", "browser")
    with heard() as events:
        assert client.post("/accounts/logout/").status_code == 302
    assert [event.closes for event in events] == [{str(device.pk): Close.SESSION_REVOKED}]
    assert me(client) == 401


def test_the_session_of_an_ended_device_is_anonymous_at_once(bob: User) -> None:
    client = sign_in(bob)
    key = session_of(client)
    assert me(client) == 200
    device_end(device_id=Device.objects.get(user=bob).pk, user_id=bob.pk)
    assert me(client) == 401
    # Also for who kept the cookie, and for a socket.
    copy = Client()
    copy.cookies[settings.SESSION_COOKIE_NAME] = key
    assert me(copy) == 401
    with pytest.raises(Refused) as refused:
        alone(authenticate, Credentials(session=key))
    assert refused.value.close in {Close.SESSION_REVOKED, Close.SESSION_EXPIRED}


def test_a_sign_out_on_one_device_leaves_the_others(bob: User) -> None:
    laptop, phone = sign_in(bob), sign_in(bob)
    laptop.post("/accounts/logout/")
    assert (me(laptop), me(phone)) == (401, 200)


def test_a_password_change_ends_all_other_devices(bob: User) -> None:
    here, there = sign_in(bob), sign_in(bob)
    spared, ended = Device.objects.filter(user=bob).order_by("pk")
    with heard() as events:
        answer = here.post(
            "/accounts/password/change/",
            {"oldpassword": "correct horse battery", "password1": "staple 42 horse", "password2": "staple 42 horse"},
        )
    assert answer.status_code == 302, answer.content.decode()
    assert [event.closes for event in events] == [{str(ended.pk): Close.SESSION_REVOKED}]
    assert (me(here), me(there)) == (200, 401)
    assert Device.objects.get(pk=spared.pk).ended_at is None
    assert "signed out everywhere else" in here.get("/accounts/password/change/").content.decode()


def test_a_wrong_current_password_changes_nothing(bob: User) -> None:
    here, there = sign_in(bob), sign_in(bob)
    answer = here.post(
        "/accounts/password/change/",
        {"oldpassword": "wrong", "password1": "staple 42 horse", "password2": "staple 42 horse"},
    )
    assert answer.status_code == 200
    assert "This is not your current password." in answer.content.decode()
    assert (me(here), me(there)) == (200, 200)


def test_deactivation_ends_all_and_shuts_the_door(bob: User) -> None:
    client = sign_in(bob)
    key = session_of(client)
    user_deactivate(user_id=bob.pk)
    with pytest.raises(Refused) as refused:
        alone(authenticate, Credentials(session=key))
    assert refused.value.close == Close.ACCOUNT_DISABLED
    assert me(client) == 401
    answer = Client().post("/accounts/login/", {"login": "bob", "password": "correct horse battery"})
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/inactive/"
    assert Device.objects.filter(ended_at=None).count() == 0


def test_a_second_sign_in_with_one_session_ends_the_first(rf: Any, bob: User, carol: User) -> None:
    from allauth.account.adapter import get_adapter

    request = rf.post("/")
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    for user in (bob, bob, carol):
        get_adapter(request).login(request, user)
    devices = list(Device.objects.order_by("pk"))
    assert [device.ended_at is None for device in devices] == [False, False, True]
    assert request.session[DEVICE_KEY] == devices[-1].pk


def test_a_password_set_behind_our_back_ends_sessions(bob: User) -> None:
    client = sign_in(bob)
    assert me(client) == 200
    bob.set_password("another good one")
    bob.save()
    with pytest.raises(Refused) as refused:
        alone(authenticate, Credentials(session=session_of(client)))
    assert refused.value.close == Close.SESSION_REVOKED
    assert me(client) == 401


def test_a_session_without_a_device_is_nobodys(bob: User) -> None:
    client = sign_in(bob)
    assert me(client) == 200
    session = client.session
    del session[DEVICE_KEY]
    session.save()
    assert me(client) == 401


def test_a_session_with_anothers_device_is_nobodys(bob: User, mallory: User) -> None:
    client = sign_in(bob)
    session = client.session
    session[DEVICE_KEY] = device_start(user=mallory).pk
    session.save()
    assert me(client) == 401


@pytest.mark.parametrize("key", ["x", "é" * 32, "a" * 33, "../../etc/passwd", '"a\\000bcdefghijklmnopqrstuvwxyzabcde"'])
def test_a_cookie_that_is_no_session_is_nobody_and_no_error(key: str) -> None:
    client = Client()
    client.cookies.load(f"{settings.SESSION_COOKIE_NAME}={key}") if "\\" in key else client.cookies.__setitem__(
        settings.SESSION_COOKIE_NAME, key
    )
    assert client.get("/accounts/login/").status_code == 200
    with pytest.raises(Refused):
        alone(authenticate, Credentials(session=key))


# ---- costs ----


def test_a_signed_in_request_costs_one_query_for_the_session_and_one_for_the_device(bob: User) -> None:
    client = sign_in(bob)
    with CaptureQueriesContext(connection) as queries:
        assert me(client) == 200
    said = [query["sql"] for query in queries]
    # With Redis the session is found there. The last query is the endpoint's own: the head.
    in_database = settings.SESSION_ENGINE.endswith(".db")
    assert sum("django_session" in sql for sql in said) == int(in_database), said
    assert sum("accounts_device" in sql for sql in said) == 1
    assert len(said) == 2 + in_database, said


def test_a_request_without_a_cookie_asks_the_database_nothing(db: None) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert Client().get("/accounts/login/").status_code == 200
    assert len(queries) == 0


# ---- at the same time ----


@pytest.mark.django_db(transaction=True)
def test_who_signs_in_while_the_account_closes_is_out(bob: User) -> None:
    barrier, began = Barrier(4), []

    def begin() -> None:
        barrier.wait()
        with suppress(Unauthenticated):
            began.append(device_start(user=User.objects.get(pk=bob.pk)))
        connections.close_all()

    def close() -> None:
        barrier.wait()
        user_deactivate(user_id=bob.pk)
        connections.close_all()

    with heard() as events:
        threads = [Thread(target=work) for work in (begin, begin, close, begin)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not Device.objects.filter(ended_at=None).exists()
    assert Device.objects.count() == len(began)
    # One unbroken chain, whoever came first.
    chain = sorted((event.prev, event.rev) for event in events)
    assert [prev for prev, _ in chain] == [0, *(rev for _, rev in chain[:-1])]
    assert chain[-1][1] == PersonHead.objects.get(pk=bob.pk).rev
