"""Redis is away: people sign in all the same, and attempts are still counted."""

import time
from typing import Any

import pytest
from django.conf import settings as current
from django.core.cache import caches
from django.test import Client

from accounts.models import User
from config import cache as module
from tests.accounts import _nothing_counted, api, sign_in  # noqa: F401
from tests.servers import free_port

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(settings: Any) -> str:
    """A Redis that nobody started."""
    server = f"redis://127.0.0.1:{free_port()}/0"
    backend = {"BACKEND": "config.cache.PatientRedisCache", "LOCATION": server}
    settings.CACHES = {
        "default": {**backend, "OPTIONS": {"CONNECTION_POOL_KWARGS": {"socket_connect_timeout": 1}}},
        "sessions": {**backend, "OPTIONS": {"SPARE": False}},
    }
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
    settings.SESSION_CACHE_ALIAS = "sessions"
    module._away_until.clear()
    return server


def test_the_process_keeps_counts_and_locks_by_itself(away: str) -> None:
    cache = caches["default"]
    assert cache.add("lock", 1)
    assert not cache.add("lock", 1)
    cache.set("count", 1)
    assert cache.incr("count") == 2
    assert cache.get_many(["count", "nothing"]) == {"count": 2}
    assert cache.delete("lock")
    assert cache.add("lock", 1)


def test_sessions_are_not_kept_where_other_processes_cannot_see_them_change(away: str) -> None:
    caches["sessions"].set("session", 1)
    assert caches["sessions"].get("session") is None


def test_a_server_that_is_away_is_asked_every_few_seconds(away: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = module.RedisCache.get

    def get(self: Any, *args: Any, **kwargs: Any) -> Any:
        asked.append(args)
        return real(self, *args, **kwargs)

    monkeypatch.setattr(module.RedisCache, "get", get)
    for _ in range(5):
        caches["default"].get("x")
    assert len(asked) == 1
    module._away_until[away] = time.monotonic()
    caches["default"].get("x")
    assert len(asked) == 2


def test_one_signs_in_and_stays_signed_in(away: str, bob: User) -> None:
    assert current.CACHES["default"]["LOCATION"] == away
    started = time.monotonic()
    client = sign_in(bob)
    assert api(client, "GET", "me/").status_code == 200
    program = api(Client(), "POST", "auth/token/", {"login": "bob", "password": "correct horse battery"})
    assert program.status_code == 201
    assert api(client, "POST", "ws-ticket/").status_code == 201
    assert time.monotonic() - started < 3


def test_attempts_are_still_limited(away: str, bob: User) -> None:
    for _ in range(5):
        Client().post("/accounts/login/", {"login": "bob", "password": "wrong"})
    refused = Client().post("/accounts/login/", {"login": "bob", "password": "correct horse battery"})
    assert "Too many attempts." in refused.content.decode()
