"""What a service refuses is no fault of the server's, whichever page asked for it."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from chat import policies
from realtime.protocol.errors import Conflict, Forbidden, Internal, NotFound, ParleyError, RateLimited, Unavailable
from tests.accounts import _nothing_counted, sign_in  # noqa: F401
from tests.chat import room, say

pytestmark = pytest.mark.django_db

JSON = {"Accept": "application/json"}


@pytest.fixture
def lounge(alice: User, bob: User) -> int:
    at = room(alice, bob, kind="public", name="lounge")
    say(bob, at, "all hear this")
    return at


def test_a_room_that_may_no_longer_be_read_is_a_page_without_access(
    alice: User, lounge: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, address = sign_in(alice), f"/admin/chat/room/{lounge}/read/"
    assert "all hear this" in desk.get(address).content.decode()
    # As when it becomes private, or she no longer staff, between the first look at her and the service.
    monkeypatch.setattr(policies, "can_read_as_staff", lambda *_args, **_opened: False)
    answer = desk.get(address)
    assert (answer.status_code, "No access" in answer.content.decode()) == (403, True)
    assert "all hear this" not in answer.content.decode()
    told = desk.get(address, headers=JSON)
    assert (told.status_code, told["Content-Type"]) == (403, "application/json")
    assert told.json() == {"code": "forbidden", "message": "You may not do this.", "retry": False}


@pytest.mark.parametrize(
    "error", [Forbidden("no"), NotFound("no"), Conflict("no"), RateLimited("no", retry_ms=1), Unavailable("no")]
)
def test_every_refusal_has_its_status_as_a_page_and_as_json(
    alice: User, lounge: int, error: ParleyError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_asked: Any) -> None:
        raise error

    desk, address = sign_in(alice), f"/admin/chat/room/{lounge}/read/"
    monkeypatch.setattr("chat.admin.reading.room_read", refuse)
    page = desk.get(address)
    assert (page.status_code, "<html" in page.content.decode()) == (error.status, True)
    told = desk.get(address, headers=JSON)
    assert (told.status_code, told.json()["code"]) == (error.status, error.code)


def test_a_fault_of_ours_stays_one(alice: User, lounge: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_asked: Any) -> None:
        raise Internal("the secret of the server")

    desk: Client = sign_in(alice)
    desk.raise_request_exception = False
    monkeypatch.setattr("chat.admin.reading.room_read", fail)
    answer = desk.get(f"/admin/chat/room/{lounge}/read/")
    assert answer.status_code == 500
    assert "the secret" not in answer.content.decode()
