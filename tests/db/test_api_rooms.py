"""Rooms, members and people over HTTP."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.services.message import messages_append
from tests.accounts import _nothing_counted, api, sign_in  # noqa: F401
from tests.chat import direct, draft, head, room, say


@pytest.fixture
def a(alice: User) -> Client:
    return sign_in(alice)


@pytest.fixture
def b(bob: User) -> Client:
    return sign_in(bob)


def _ok(answer: Any, status: int = 200) -> Any:
    assert answer.status_code == status, answer.content.decode()
    assert answer["Cache-Control"] == "private, no-store"
    return answer.json() if answer.content else None


def _refused(answer: Any, status: int, code: str, *fields: str) -> Any:
    shape = answer.json()
    assert (answer.status_code, shape["code"]) == (status, code)
    assert set(shape) <= {"code", "message", "retry", "retry_ms", "fields"}
    assert shape["message"]
    assert set(shape.get("fields", {})) == set(fields)
    return shape


def test_a_room_is_made_found_changed_and_left(a: Client, b: Client, alice: User, bob: User) -> None:
    made = _ok(api(a, "POST", "rooms/", {"kind": "public", "name": "Lounge", "topic": "t"}), 201)
    assert made["role"] == "owner"
    at = f"rooms/{made['id']}/"
    assert _ok(api(a, "GET", "rooms/"))["rooms"] == [made]
    found = _ok(api(b, "GET", at))
    assert (found["room"]["name"], found["entry"]) == ("Lounge", None)
    assert _ok(api(b, "GET", "rooms/browse/"))["rooms"] == [{"room": found["room"], "members": 1, "joined": False}]
    entered = _ok(api(b, "POST", f"{at}join/"))
    assert (entered["role"], entered["joined_rev"]) == ("member", 3)
    assert _ok(api(b, "GET", at))["entry"] == entered
    assert _ok(api(a, "PATCH", at, {"topic": "new"}))["topic"] == "new"
    assert _ok(api(a, "PATCH", at, {}))["topic"] == "new"
    _refused(api(b, "PATCH", at, {"topic": "mine"}), 403, "forbidden")
    _ok(api(b, "POST", f"{at}leave/"), 204)
    assert _ok(api(b, "GET", "rooms/"))["rooms"] == []
    _refused(api(b, "GET", f"{at}messages/"), 403, "forbidden")


def test_members_are_added_listed_by_the_page_given_roles_and_removed(
    a: Client, b: Client, alice: User, bob: User, carol: User, mallory: User
) -> None:
    at = f"rooms/{room(alice)}/memberships/"
    for person in (bob, carol, mallory):
        added = _ok(api(a, "POST", at, {"user": str(person.pk)}), 201)
        assert added["user"]["handle"] == person.handle
    page = _ok(api(b, "GET", f"{at}?limit=3"))
    assert [member["user"]["handle"] for member in page["members"]] == ["alice", "bob", "carol"]
    rest = _ok(api(b, "GET", f"{at}?limit=3&after={page['next']}"))
    assert [member["user"]["handle"] for member in rest["members"]] == ["mallory"]
    assert (rest["next"], rest["rev"]) == (None, 5)
    assert _ok(api(a, "PATCH", f"{at}{bob.pk}/", {"role": "moderator"}))["role"] == "moderator"
    _ok(api(b, "DELETE", f"{at}{mallory.pk}/"), 204)
    _refused(api(b, "DELETE", f"{at}{mallory.pk}/"), 404, "not_found")
    _refused(api(b, "DELETE", f"{at}{alice.pk}/"), 403, "forbidden")
    _refused(api(b, "POST", at, {"user": "999"}), 404, "not_found", "user")


def test_a_private_room_does_not_exist_for_a_stranger(a: Client, alice: User, mallory: User) -> None:
    hidden, client = room(alice), sign_in(mallory)
    for method, path, body in (
        ("GET", "", None),
        ("PATCH", "", {"topic": "x"}),
        ("POST", "join/", None),
        ("POST", "leave/", None),
        ("GET", "read/", None),
        ("PUT", "read/", {"seq": 1}),
        ("GET", "memberships/", None),
        ("POST", "memberships/", {"user": str(mallory.pk)}),
        ("PATCH", f"memberships/{alice.pk}/", {"role": "member"}),
        ("DELETE", f"memberships/{alice.pk}/", None),
        ("GET", "messages/", None),
        ("GET", "messages/?since_rev=0", None),
        ("POST", "messages/", {"client_id": "0f8b9f3e-6f0a-4c0e-9b60-0d7c7a4b2f11", "text": "x"}),
        ("GET", "messages/1/", None),
        ("PATCH", "messages/1/", {"text": "x"}),
        ("DELETE", "messages/1/", None),
        ("GET", "messages/1/history/", None),
    ):
        answers = [api(client, method, f"rooms/{at}/{path}", body) for at in (hidden, 999_999)]
        shapes = [_refused(answer, 404, "not_found") for answer in answers]
        assert shapes[0] == shapes[1], path


def test_a_direct_conversation_is_opened_by_either(a: Client, b: Client, alice: User, bob: User) -> None:
    one = _ok(api(a, "POST", "direct/", {"user": str(bob.pk)}))
    other = _ok(api(b, "POST", "direct/", {"user": str(alice.pk)}))
    assert one["id"] == other["id"]
    assert (one["counterpart"]["handle"], other["counterpart"]["handle"]) == ("bob", "alice")
    _refused(api(a, "POST", "direct/", {"user": "999"}), 404, "not_found")
    _refused(api(a, "POST", f"rooms/{one['id']}/leave/"), 409, "conflict")


def test_a_read_position_is_read_and_moved(a: Client, b: Client, alice: User, bob: User) -> None:
    at = f"rooms/{room(alice, bob)}/read/"
    messages_append(drafts=[draft(alice, int(at.split("/")[1])) for _ in range(3)])
    before = _ok(api(b, "GET", at))
    assert (before["read_seq"], before["last_seq"], before["unread"], before["rev"]) == (0, 3, 3, 6)
    assert _ok(api(b, "PUT", at, {"seq": 2}))["unread"] == 1
    assert _ok(api(b, "PUT", at, {"seq": 1}))["read_seq"] == 2
    assert _ok(api(b, "PUT", at, {"seq": 99}))["read_seq"] == 3


def test_people_are_found_by_the_page_and_by_ids(a: Client, alice: User, bob: User, carol: User, mallory: User) -> None:
    page = _ok(api(a, "GET", "people/?limit=3"))
    assert [person["handle"] for person in page["people"]] == ["alice", "bob", "carol"]
    rest = _ok(api(a, "GET", f"people/?limit=3&after={page['next']}"))
    assert [person["handle"] for person in rest["people"]] == ["mallory"]
    assert _ok(api(a, "GET", "people/?q=ca"))["people"] == [{"id": str(carol.pk), "handle": "carol", "name": "Carol"}]
    User.objects.filter(pk=bob.pk).update(is_active=False)
    found = _ok(api(a, "GET", f"people/?ids={mallory.pk},{bob.pk},999999"))["people"]
    assert [person["handle"] for person in found] == ["bob", "mallory"]
    guest = sign_in(carol)
    assert _ok(api(guest, "GET", f"people/?ids={alice.pk},{carol.pk}"))["people"] == [
        {"id": str(carol.pk), "handle": "carol", "name": "Carol"}
    ]
    for wrong in ("x", "1,,2", "-1", "1" * 19, ",".join(["1"] * 201), "１"):
        _refused(api(a, "GET", f"people/?ids={wrong}"), 400, "invalid", "ids")


def test_public_rooms_are_browsed_by_the_page(a: Client, alice: User) -> None:
    for name in ("c", "a", "B", "图书馆"):
        room(alice, kind="public", name=name)
    names: list[str] = []
    page: dict[str, Any] = {"next": ""}
    while page["next"] is not None:
        page = _ok(api(a, "GET", f"rooms/browse/?limit=2&after={page['next']}"))
        names += [one["room"]["name"] for one in page["rooms"]]
    assert names == ["a", "B", "c", "图书馆"]
    _refused(api(a, "GET", "rooms/browse/?after=!"), 400, "invalid", "after")


def test_one_room_is_browsed_by_its_id_and_only_by_whom_the_whole_list_shows_it(
    a: Client, b: Client, alice: User, bob: User, carol: User
) -> None:
    lounge, lair = room(alice, kind="public", name="Lounge"), room(alice, kind="private", name="Lair")
    room(alice, kind="public", name="another")

    def seen(client: Client, room_id: int, more: str = "") -> list[tuple[str, int, bool]]:
        page = _ok(api(client, "GET", f"rooms/browse/?id={room_id}{more}"))
        assert page["next"] is None
        return [(one["room"]["name"], one["members"], one["joined"]) for one in page["rooms"]]

    assert seen(a, lounge) == [("Lounge", 1, True)]
    assert seen(b, lounge) == seen(b, lounge, "&q=lou") == [("Lounge", 1, False)]
    assert seen(b, lounge, "&q=ano") == seen(b, lair) == seen(a, lair) == seen(b, 10**17) == []
    assert seen(b, direct(alice, bob)) == seen(sign_in(carol), lounge) == []
    _ok(api(a, "PATCH", f"rooms/{lounge}/", {"archived": True}))
    assert seen(a, lounge) == seen(b, lounge) == []
    for wrong in ("", "x", "-1", "1.0", "null", "1" * 19, "１", "1%0A", "1&id=2"):
        _refused(api(b, "GET", f"rooms/browse/?id={wrong}"), 400, "invalid", "id")


BAD = [
    ("POST", "rooms/", {"kind": "direct", "name": "x"}, ["kind"]),
    ("POST", "rooms/", {"kind": "public"}, ["name"]),
    ("POST", "rooms/", {"kind": "public", "name": ""}, ["name"]),
    ("POST", "rooms/", {"kind": "public", "name": "x" * 81}, ["name"]),
    ("POST", "rooms/", {"kind": "public", "name": "a\u202eb"}, ["name"]),
    ("POST", "rooms/", {"kind": "public", "name": "x", "topic": "x" * 251}, ["topic"]),
    ("POST", "rooms/", {"kind": "public", "name": "x\0"}, ["name"]),
    ("POST", "rooms/", {"kind": "public", "name": "x", "owner": 1}, ["owner"]),
    ("POST", "rooms/", {"kind": "public", "name": 1}, ["name"]),
    ("POST", "rooms/", {"kind": "public", "name": None}, ["name"]),
    ("POST", "direct/", {"user": 1}, ["user"]),
    ("POST", "direct/", {"user": "1" * 19}, ["user"]),
    ("POST", "direct/", {"user": "alice"}, ["user"]),
    ("POST", "direct/", [], ["payload"]),
    ("POST", "direct/", None, ["user"]),
    ("PATCH", "rooms/{room}/", {"archived": "yes"}, ["archived"]),
    ("PATCH", "rooms/{room}/", {"rev": 1}, ["rev"]),
    ("PUT", "rooms/{room}/read/", {"seq": -1}, ["seq"]),
    ("PUT", "rooms/{room}/read/", {"seq": 2**53 + 1}, ["seq"]),
    ("PUT", "rooms/{room}/read/", {"seq": 10**30}, ["seq"]),
    ("PUT", "rooms/{room}/read/", {"seq": 1.5}, ["seq"]),
    ("PUT", "rooms/{room}/read/", {"seq": True}, ["seq"]),
    ("GET", "rooms/{room}/memberships/?limit=0", None, ["limit"]),
    ("GET", "rooms/{room}/memberships/?limit=101", None, ["limit"]),
    ("GET", "rooms/{room}/memberships/?limit=1&limit=2", None, ["limit"]),
    ("GET", "rooms/{room}/memberships/?after=YQ", None, ["after"]),
    ("GET", "rooms/{room}/memberships/?page=2", None, ["page"]),
    ("GET", "people/?q=%00", None, ["q"]),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "fields"), BAD, ids=[f"{bad[0]} {bad[1]} {bad[2]!a}"[:70] for bad in BAD]
)
def test_what_is_wrong_is_named(a: Client, alice: User, method: str, path: str, body: Any, fields: list[str]) -> None:
    lounge = room(alice)
    before = head(lounge)
    _refused(api(a, method, path.format(room=lounge), body), 400, "invalid", *fields)
    assert head(lounge) == before


def test_a_list_of_rooms_takes_the_same_number_of_queries_however_long(a: Client, alice: User, bob: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            _ok(api(a, "GET", "rooms/"))
        return len(caught)

    direct(alice, bob)
    say(bob, room(alice, bob))
    few = queries()
    for _ in range(15):
        say(bob, room(alice, bob))
    assert queries() == few
