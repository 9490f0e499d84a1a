"""What tests of accounts (and of sockets) need: to hear what is published, and people who are signed in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client, TestCase

from accounts.models import User
from realtime.protocol.frames import Event
from realtime.publish import register, unregister
from tests.world import PASSWORD


@contextmanager
def heard() -> Iterator[list[Event]]:
    """The events published while in this block, although the test's own transaction never commits."""
    events: list[Event] = []
    sink = events.extend
    register(sink)
    try:
        with TestCase.captureOnCommitCallbacks(execute=True):
            yield events
    finally:
        unregister(sink)


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    """Limits of one test are not another's."""
    cache.clear()


def sign_in(
    user: User, client: Client | None = None, *, password: str = PASSWORD, agent: str = "Firefox/1 Linux"
) -> Client:
    """A browser in which this person signed in through the page."""
    client = client or Client(headers={"User-Agent": agent})
    answer = client.post("/accounts/login/", {"login": user.handle, "password": password})
    assert answer.status_code == 302, answer.content.decode()
    return client


def api(client: Client, method: str, path: str, body: Any = None, **headers: str) -> Any:
    """The answer of an endpoint below /api/v1/, JSON in."""
    return client.generic(method, f"/api/v1/{path}", _json(body), content_type="application/json", headers=headers)


def _json(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()
