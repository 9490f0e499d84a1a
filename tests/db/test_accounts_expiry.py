"""A sign-in that can be used no more has ended, though nobody ended it; one that is used lives on."""

from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import tokens
from accounts.models import ApiToken, Device, User
from accounts.services.api_token import api_token_create, api_token_revoke
from accounts.services.bot import bot_create
from accounts.services.device import device_start, devices_expire
from accounts.services.token import token_issue
from realtime.protocol.closes import Close
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401
from tests.admin import page, words

pytestmark = pytest.mark.django_db

SESSION = timedelta(seconds=settings.SESSION_COOKIE_AGE)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def live() -> set[str]:
    return set(Device.objects.filter(ended_at=None).values_list("label", flat=True))


def test_what_has_run_out_ends_and_closes_its_sockets_and_nothing_else_does(alice: User, bob: User) -> None:
    now = timezone.now()
    old, young = (device_start(user=bob, label=label) for label in ("old browser", "browser"))
    for label in ("old program", "program"):
        token_issue(user=bob, label=label)
    api_token_create(user=bob, name="old token", scope=["read"], life=timedelta(hours=1))
    api_token_create(user=bob, name="token", scope=["read"], life=timedelta(hours=2))
    api_token_create(user=bot_create(actor=alice, handle="weather"), name="for ever", scope=["read"])
    Device.objects.filter(pk=old.pk).update(last_seen_at=now - SESSION - DAY - MINUTE)
    Device.objects.filter(pk=young.pk).update(last_seen_at=now - SESSION - DAY + MINUTE)
    at = timezone.now() + timedelta(hours=1)
    last = tokens.LIFE["refresh"] + tokens.LIFE["access"]
    Device.objects.filter(label="old program").update(refresh_rotated_at=at - last - MINUTE)
    Device.objects.filter(label="program").update(refresh_rotated_at=at - last + MINUTE, last_seen_at=now - 3 * SESSION)
    assert devices_expire(now=now) == 1
    assert live() == {"browser", "old program", "program", "old token", "token", "for ever"}
    with heard() as events:
        assert devices_expire(now=at) == 3
        assert devices_expire(now=at) == 0
    assert live() == {"program", "token", "for ever"}
    [event] = events
    assert set(event.closes.values()) == {Close.SESSION_REVOKED}
    assert (event.user, len(event.closes), event.rev - event.prev) == (str(bob.pk), 3, 3)


def test_many_take_two_queries_a_person_at_most_and_come_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    people = [User.objects.create_user(f"p{n}", f"p{n}@example.org") for n in range(6)]
    for user in people:
        for _ in range(3):
            device_start(user=user)
    Device.objects.update(last_seen_at=timezone.now() - 2 * SESSION)
    monkeypatch.setattr("accounts.services.device.EXPIRED_AT_ONCE", 12)
    with CaptureQueriesContext(connection) as queries:
        assert devices_expire() == 12
    assert len(queries) <= 9
    assert devices_expire() == 6
    assert devices_expire() == 0


def stored(client: Client) -> Any:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    return store(client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_a_session_that_is_used_is_prolonged_once_a_day(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(bob)
    name = settings.SESSION_COOKIE_NAME
    assert name not in api(client, "GET", "me/").cookies, "not with every request"
    later = timezone.now() + 25 * timedelta(hours=1)
    monkeypatch.setattr("accounts.auth.time.time", later.timestamp)
    answer = api(client, "GET", "me/")
    assert answer.status_code == 200
    assert answer.cookies[name]["max-age"] == settings.SESSION_COOKIE_AGE
    assert stored(client).get_expiry_age() == settings.SESSION_COOKIE_AGE
    assert name not in api(client, "GET", "me/").cookies


def test_staff_sees_what_expired_apart_from_what_was_revoked(alice: User, bob: User) -> None:
    for name in ("lapsed", "swept", "taken", "taken early"):
        api_token_create(user=bob, name=name, scope=["read"], life=timedelta(hours=1 if name != "taken" else 99))
    ids = dict(ApiToken.objects.values_list("name", "pk"))
    for name in ("taken", "taken early"):
        api_token_revoke(user=bob, token_id=ids[name])
    ended = timezone.now() + timedelta(minutes=90)
    Device.objects.filter(label="swept").update(ended_at=ended)
    ApiToken.objects.exclude(name="taken").update(expires_at=timezone.now() - MINUTE)
    Device.objects.filter(label="taken early").update(ended_at=timezone.now() - 2 * MINUTE)
    desk = sign_in(alice)
    for state, names in (("expired", {"lapsed", "swept"}), ("revoked", {"taken", "taken early"}), ("live", set())):
        shown = words(page(desk, "accounts/apitoken/", state=state))
        found = {name for name in ids if f"{name} parley_" in shown}
        assert {name for name in found if f"taken {name}" not in shown} == names, state
