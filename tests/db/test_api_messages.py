"""Messages over HTTP: sent, paged, changed, and polled."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from chat.models import Message
from chat.services.message import message_delete, message_edit, messages_append
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401
from tests.chat import draft, head, room, say
from tests.db.converges import fold, fresh
from tests.db.test_api_rooms import _ok, _refused


@pytest.fixture
def a(alice: User) -> Client:
    return sign_in(alice)


@pytest.fixture
def b(bob: User) -> Client:
    return sign_in(bob)


def test_a_message_is_sent_once_and_told(a: Client, alice: User) -> None:
    at, new = f"rooms/{room(alice)}/messages/", {"client_id": str(uuid4()), "text": "**hi**"}
    with heard() as events:
        sent = _ok(api(a, "POST", at, new), 201)
    assert (sent["seq"], sent["html"], sent["author"]["id"]) == (1, "<p><strong>hi</strong></p>", str(alice.pk))
    assert [event.type for event in events] == ["message.created"]
    assert _ok(api(a, "POST", at, new), 200) == sent
    _refused(api(a, "POST", at, {**new, "text": "other"}), 409, "conflict", "client_id")
    assert Message.objects.count() == 1
    answer = _ok(api(a, "POST", at, {"client_id": str(uuid4()), "text": "re", "reply_to": 1}), 201)
    assert answer["reply_to"] == 1


def test_a_message_is_edited_deleted_and_remembered(a: Client, b: Client, alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    at = f"rooms/{lounge}/messages/1/"
    say(alice, lounge, "one")
    assert _ok(api(a, "PATCH", at, {"text": "two"}))["text"] == "two"
    _refused(api(b, "PATCH", at, {"text": "mine"}), 403, "forbidden")
    (edit,) = _ok(api(b, "GET", f"{at}history/"))["edits"]
    assert edit["text"] == "one"
    tombstone = _ok(api(a, "DELETE", at))
    assert (tombstone["deleted"], tombstone["text"], tombstone["html"]) == (True, "", "")
    assert _ok(api(b, "GET", at)) == tombstone
    assert _ok(api(b, "GET", f"{at}history/"))["edits"] == []
    _refused(api(a, "PATCH", at, {"text": "back"}), 409, "conflict")
    _refused(api(a, "GET", f"rooms/{lounge}/messages/2/"), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "seqs", "before", "after"),
    [
        ("", [8, 9, 10], True, False),
        ("before=5", [2, 3, 4], True, True),
        ("before=3", [1, 2], False, True),
        ("before=1", [], False, True),
        ("after=2", [3, 4, 5], True, True),
        ("after=0", [1, 2, 3], False, True),
        ("after=8", [9, 10], True, False),
        ("after=10", [], True, False),
        ("around=5", [4, 5, 6], True, True),
        ("around=1", [1, 2, 3], False, True),
        ("around=10", [9, 10], True, False),
        ("before=999", [8, 9, 10], True, False),
    ],
)
def test_pages_are_in_order_and_say_whether_there_is_more(
    a: Client, alice: User, query: str, seqs: list[int], before: bool, after: bool
) -> None:
    lounge = room(alice)
    messages_append(drafts=[draft(alice, lounge) for _ in range(10)])
    page = _ok(api(a, "GET", f"rooms/{lounge}/messages/?limit=3&{query}"))
    assert [message["seq"] for message in page["messages"]] == seqs
    assert (page["more_before"], page["more_after"], page["rev"]) == (before, after, head(lounge)[0])


@pytest.mark.parametrize("query", ["", "before=1", "before=9", "after=0", "after=9", "around=1", "around=9"])
def test_an_empty_room_has_nothing_on_either_side(a: Client, alice: User, query: str) -> None:
    page = _ok(api(a, "GET", f"rooms/{room(alice)}/messages/?{query}"))
    assert page == {"rev": 2, "messages": [], "more_before": False, "more_after": False}


def test_the_whole_room_is_read_by_pages_in_both_directions(a: Client, alice: User) -> None:
    lounge = room(alice)
    messages_append(drafts=[draft(alice, lounge) for _ in range(23)])
    seqs: list[int] = []
    page = _ok(api(a, "GET", f"rooms/{lounge}/messages/?limit=5"))
    while True:
        seqs = [message["seq"] for message in page["messages"]] + seqs
        if not page["more_before"]:
            break
        page = _ok(api(a, "GET", f"rooms/{lounge}/messages/?limit=5&before={seqs[0]}"))
    assert seqs == list(range(1, 24))
    forth: list[int] = []
    while True:
        page = _ok(api(a, "GET", f"rooms/{lounge}/messages/?limit=5&after={forth[-1] if forth else 0}"))
        forth += [message["seq"] for message in page["messages"]]
        if not page["more_after"]:
            break
    assert forth == seqs


def test_who_polls_is_told_the_same_chain_as_a_socket(a: Client, b: Client, alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    say(alice, lounge, "one")
    old = fresh(bob)
    say(alice, lounge, "two")
    message_edit(actor=alice, room_id=lounge, seq=1, text="eins")
    say(alice, lounge, "three")
    message_delete(actor=alice, room_id=lounge, seq=2)
    cursor, frames = old["rooms"][str(lounge)]["cursor"], []
    while True:
        answer = _ok(api(b, "GET", f"rooms/{lounge}/messages/?since_rev={cursor}&limit=2"))
        frames += answer["frames"]
        synced = answer["frames"][-1]
        assert synced["type"] == "room.synced"
        assert synced["payload"]["prev"] == cursor
        cursor = synced["payload"]["rev"]
        if not synced["payload"].get("more"):
            break
    assert cursor == head(lounge)[0]
    assert fold(old, frames) == fresh(bob)
    quiet = _ok(api(b, "GET", f"rooms/{lounge}/messages/?since_rev={cursor}"))
    assert [frame["type"] for frame in quiet["frames"]] == ["room.synced"]
    (reset,) = _ok(api(b, "GET", f"rooms/{lounge}/messages/?since_rev={cursor + 1}"))["frames"]
    assert (reset["type"], reset["payload"]["reason"]) == ("room.reset", "cursor_above_head")


_id = str(uuid4())
BAD: list[tuple[str, str, Any, list[str]]] = [
    ("POST", "", {"text": "x"}, ["client_id"]),
    ("POST", "", {"client_id": "x", "text": "x"}, ["client_id"]),
    ("POST", "", {"client_id": 5, "text": "x"}, ["client_id"]),
    ("POST", "", {"client_id": _id}, ["text"]),
    ("POST", "", {"client_id": _id, "text": ""}, ["text"]),
    ("POST", "", {"client_id": _id, "text": " \n\t"}, ["text"]),
    ("POST", "", {"client_id": _id, "text": "\u200b\u3000"}, ["text"]),
    ("POST", "", {"client_id": _id, "text": "x" * 8001}, ["text"]),
    ("POST", "", {"client_id": _id, "text": "a\0b"}, ["text"]),
    ("POST", "", {"client_id": _id, "text": ["x"]}, ["text"]),
    ("POST", "", {"client_id": _id, "text": "x", "reply_to": 2}, ["reply_to"]),
    ("POST", "", {"client_id": _id, "text": "x", "reply_to": 0}, ["reply_to"]),
    ("POST", "", {"client_id": _id, "text": "x", "reply_to": "1"}, ["reply_to"]),
    ("POST", "", {"client_id": _id, "text": "x", "seq": 7}, ["seq"]),
    ("PATCH", "1/", {}, ["text"]),
    ("PATCH", "1/", {"text": ""}, ["text"]),
    ("PATCH", "1/", {"text": "x" * 8001}, ["text"]),
    ("PATCH", "1/", {"text": "x", "html": "<b>"}, ["html"]),
    ("GET", "?limit=0", None, ["limit"]),
    ("GET", "?limit=101", None, ["limit"]),
    ("GET", "?limit=x", None, ["limit"]),
    ("GET", "?before=0", None, ["before"]),
    ("GET", "?before=-1", None, ["before"]),
    ("GET", "?before=99999999999999999999", None, ["before"]),
    ("GET", "?before=1&after=1", None, ["before", "after"]),
    ("GET", "?since_rev=-1", None, ["since_rev"]),
    ("GET", "?unknown=1", None, ["unknown"]),
]


@pytest.mark.parametrize(
    ("method", "path", "body", "fields"), BAD, ids=[f"{bad[0]} {bad[1]} {bad[2]!a}"[-60:] for bad in BAD]
)
def test_what_is_wrong_is_named_and_nothing_is_half_written(
    a: Client, alice: User, method: str, path: str, body: Any, fields: list[str]
) -> None:
    lounge = room(alice)
    say(alice, lounge, "one")
    before = head(lounge)
    _refused(api(a, method, f"rooms/{lounge}/messages/{path}", body), 400, "invalid", *fields)
    assert head(lounge) == before
    assert list(Message.objects.values_list("text", flat=True)) == ["one"]
