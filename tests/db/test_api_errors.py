"""One error shape for everything below /api/, whatever goes wrong; nothing of ours shows in it."""

from typing import Any

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import DatabaseError, InternalError, OperationalError
from django.test import Client, override_settings
from psycopg.errors import InvalidCursorName, ReadOnlySqlTransaction

import chat.api.rooms
from accounts.models import User
from realtime import throttles
from tests.accounts import _nothing_counted, api, sign_in  # noqa: F401
from tests.chat import room
from tests.db.test_api_rooms import _ok, _refused

URL = "/api/v1/rooms/"


@pytest.fixture
def a(alice: User) -> Client:
    return sign_in(alice)


def _post(client: Client, body: bytes, content_type: str = "application/json") -> Any:
    return client.post(URL, body, content_type=content_type)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"nonsense",
        b"\xff\xfe",
        b'{"kind": "public", "kind": "public", "name": "x"}',
        b'{"kind": "public", "name": NaN}',
        b'{"kind": "public", "name": Infinity}',
        b'{"kind": "public", "name": 1e999}',
        b'{"kind": "public", "name": "\\ud800"}',
        b'{"kind": "public", "name": ' + b"[" * 17 + b"]" * 17 + b"}",
        b"[" * 100_000,
        b'{"a": ' * 20_000,
        b'"' + b"x" * 1000 + b'"',
        b"1" * 5000,
    ],
    ids=lambda body: repr(body[:40]),
)
def test_what_is_not_strict_json_is_invalid(a: Client, body: bytes) -> None:
    answer = _post(a, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert answer.json()["message"]


def test_too_large_a_body_and_another_kind_of_body_are_refused(a: Client) -> None:
    _refused(_post(a, b'{"name": "' + b"x" * 140_000 + b'"}'), 413, "too_large")
    _refused(_post(a, b"kind=public", "application/x-www-form-urlencoded"), 415, "invalid")


def test_who_is_not_signed_in_is_told_so(client: Client) -> None:
    answer = api(client, "GET", "rooms/")
    _refused(answer, 401, "unauthenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_a_request_of_another_page_is_refused(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    _refused(api(client, "POST", "rooms/", {"kind": "public", "name": "x"}), 403, "forbidden")


@pytest.mark.parametrize("path", ["nosuch/", "rooms/x/", "rooms/1" + "0" * 18 + "/", "rooms/-1/", "", "rooms/1/nosuch"])
def test_an_address_that_is_not_there_answers_in_the_shape(a: Client, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        _refused(api(a, method, path), 404, "not_found")


def test_a_method_that_is_not_there_answers_in_the_shape(a: Client) -> None:
    _refused(api(a, "DELETE", "rooms/"), 405, "invalid")


def test_another_answer_than_json_cannot_be_had(a: Client) -> None:
    _refused(api(a, "GET", "rooms/", Accept="text/html"), 406, "invalid")


def test_a_fault_of_ours_tells_nothing(a: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(**_: Any) -> None:
        raise RuntimeError("SELECT secret FROM passwords")

    monkeypatch.setattr(chat.api.rooms, "room_entries", fails)
    answer = api(a, "GET", "rooms/")
    assert _refused(answer, 500, "internal")["retry"] is True
    assert b"secret" not in answer.content
    assert b"Traceback" not in answer.content


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (OperationalError("server closed the connection unexpectedly"), None),
        (InternalError("cannot execute INSERT: server closed"), ReadOnlySqlTransaction()),
    ],
)
def test_a_database_that_is_away_is_said_to_be_and_when_to_come_back(
    error: DatabaseError, cause: Exception | None, a: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> None:
        raise error from cause

    monkeypatch.setattr(chat.api.rooms, "room_entries", fails)
    answer = api(a, "GET", "rooms/")
    shape = _refused(answer, 503, "unavailable")
    assert (shape["retry"], answer["Retry-After"]) == (True, "1")
    assert b"server closed" not in answer.content


def test_a_page_that_finds_it_away_says_so_too(a: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise InternalError("cannot execute UPDATE in a read-only transaction") from ReadOnlySqlTransaction()

    monkeypatch.setattr("accounts.views.user_update", fails)
    a.raise_request_exception = False
    answer = a.post("/i18n/setlang/", {"language": "en"})
    assert (answer.status_code, answer["Retry-After"]) == (503, "1")
    assert "The database cannot be reached." in answer.content.decode()
    assert b"read-only" not in answer.content


def test_what_is_wrong_with_a_statement_does_not_mean_that_the_database_is_away(
    a: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(**_: Any) -> None:
        raise InternalError("there is no such cursor") from InvalidCursorName()

    monkeypatch.setattr(chat.api.rooms, "room_entries", fails)
    _refused(api(a, "GET", "rooms/"), 500, "internal")


def test_errors_speak_the_readers_language(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(language="zh-hans")
    chinese = sign_in(alice)
    for path, body in (
        ("rooms/", {"kind": "public", "x": 1}),
        ("rooms/", {"kind": "public", "name": "\u202e"}),
        ("rooms/", {"kind": "public", "name": "x" * 99}),
        ("rooms/999/join/", {}),
        ("direct/", {"user": 1}),
    ):
        answer = api(chinese, "POST", path, body, **{"Accept-Language": "zh-hans"}).json()
        texts = [answer["message"], *(text for texts in answer.get("fields", {}).values() for text in texts)]
        assert all(any("\u4e00" <= char <= "\u9fff" for char in text) for text in texts), texts


def _rates(**rates: str) -> Any:
    from django.conf import settings

    return override_settings(REST_FRAMEWORK={**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": rates})


def test_too_many_requests_of_a_person_are_refused_for_a_while(a: Client, bob: User) -> None:
    b = sign_in(bob)
    with _rates(person="2/d"):
        for _ in range(2):
            _ok(api(a, "GET", "rooms/"))
        answer = api(a, "GET", "rooms/")
        shape = _refused(answer, 429, "rate_limited")
        assert shape["retry"] is True
        assert 0 < shape["retry_ms"] <= 86_400_000
        assert int(answer["Retry-After"]) >= 1
        _ok(api(b, "GET", "rooms/"))


def test_sends_are_counted_apart_and_an_address_without_identity_too(a: Client, alice: User, client: Client) -> None:
    at = f"rooms/{room(alice)}/messages/"
    with _rates(send="1/d", person="100/d", address="2/d"):
        new = {"client_id": "0f8b9f3e-6f0a-4c0e-9b60-0d7c7a4b2f11", "text": "x"}
        _ok(api(a, "POST", at, new), 201)
        _refused(api(a, "POST", at, new), 429, "rate_limited")
        _ok(api(a, "GET", at))
        for status in (200, 200, 429):
            answer = client.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
            assert answer.status_code == status
        assert answer.json()["code"] == "rate_limited"


def test_the_throttle_counts_by_itself_while_the_cache_is_away(a: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []

    def away(*_: Any, **__: Any) -> None:
        calls.append(1)

    monkeypatch.setattr(cache, "add", away)
    monkeypatch.setattr(cache, "incr", away)
    monkeypatch.setattr(throttles, "_away_until", 0.0)
    throttles._local.clear()
    with _rates(person="3/d"):
        statuses = [api(a, "GET", "rooms/").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert len(calls) == 2  # asked once, then left alone for a while


def test_the_description_is_complete_and_valid(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")
    described = capsys.readouterr().out
    assert "#/components/schemas/Error" in described


def test_the_description_and_its_page_load_nothing_from_elsewhere(client: Client) -> None:
    schema = client.get("/api/schema/", headers={"Accept": "application/json"})
    assert schema.status_code == 200
    paths = schema.json()["paths"]
    assert "/api/v1/rooms/{room_id}/messages/" in paths
    for path, methods in paths.items():
        for method in methods.values():
            assert method["responses"]["default"]["content"], path
    page = client.get("/api/docs/")
    assert page.status_code == 200
    assert b"http://" not in page.content
    assert b"https://" not in page.content
    assert b'src="/static/' in page.content
    script = client.get("/api/docs/?script=")
    assert script.status_code == 200
    assert "javascript" in script["Content-Type"]
    assert "script-src 'self'" in page["Content-Security-Policy"]
    assert "unsafe-inline" not in page["Content-Security-Policy"].split("script-src")[1].split(";")[0]
