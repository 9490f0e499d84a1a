"""Groups, links, bans, mutes, preferences, drafts and mentions over HTTP."""

import time
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts import _nothing_counted, api, sign_in  # noqa: F401
from tests.chat import direct, join, room, say


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


def _refused(answer: Any, status: int, *fields: str) -> Any:
    shape = answer.json()
    assert answer.status_code == status, shape
    assert shape["message"]
    assert set(shape.get("fields", {})) == set(fields)
    return shape


def _soon() -> int:
    return int(time.time() * 1000) + 3_600_000


def test_a_room_is_made_with_people_and_rules(a: Client, b: Client, bob: User) -> None:
    body = {"kind": "private", "name": "news", "description": "what for", "announcement": True, "people": [str(bob.pk)]}
    made = _ok(api(a, "POST", "rooms/", body), 201)
    at = f"rooms/{made['id']}/"
    assert made["announcement"] is True
    found = _ok(api(b, "GET", at))
    assert (found["room"]["description"], found["entry"]["role"]) == ("what for", "member")
    message = {"client_id": "0f8b9f3e-6f0a-4c0e-9b60-0d7c7a4b2f11", "text": "x"}
    _refused(api(b, "POST", f"{at}messages/", message), 403)
    changed = _ok(api(a, "PATCH", at, {"announcement": False, "mention_room": "leaders", "description": ""}))
    assert changed["mention_room"] == "leaders"
    assert "announcement" not in changed
    assert "description" not in changed
    _ok(api(b, "POST", f"{at}messages/", message), 201)
    _refused(api(a, "PATCH", at, {"mention_room": "all"}), 400, "mention_room")
    _refused(api(a, "POST", "rooms/", {**body, "name": "x", "people": ["999999"]}), 404, "people")


def test_the_rooms_two_share_are_ones_own_and_those_the_other_is_in_now(
    a: Client, b: Client, alice: User, bob: User, mallory: User
) -> None:
    shared, left = room(alice, bob), room(alice, bob)
    room(alice)
    room(bob, mallory)
    _ok(api(b, "POST", f"rooms/{left}/leave/"), 204)
    assert _ok(api(a, "GET", f"people/{bob.pk}/rooms/")) == {"rooms": [str(shared)]}
    for nobody in (mallory.pk, 999999):
        assert _ok(api(a, "GET", f"people/{nobody}/rooms/")) == {"rooms": []}


def test_a_room_says_since_when_there_is_one(a: Client, alice: User) -> None:
    before = int(time.time() * 1000)
    found = _ok(api(a, "GET", f"rooms/{room(alice)}/"))
    assert before - 1 <= found["created_at"] <= int(time.time() * 1000)


def test_a_group_is_opened(a: Client, b: Client, alice: User, bob: User, mallory: User) -> None:
    one = _ok(api(a, "POST", "groups/", {"users": [str(bob.pk), str(mallory.pk)], "name": "三人行"}))
    other = _ok(api(b, "POST", "groups/", {"users": [str(alice.pk), str(mallory.pk)]}))
    assert one["id"] == other["id"]
    assert (one["kind"], one["name"], len(one["people"])) == ("group", "三人行", 2)
    _refused(api(a, "POST", "groups/", {"users": [str(bob.pk)]}), 400, "users")
    _refused(api(a, "POST", "groups/", {"users": [str(bob.pk), "999999"]}), 404, "users")
    _ok(api(b, "POST", f"rooms/{one['id']}/leave/"), 204)
    assert [person["handle"] for person in _ok(api(a, "GET", "rooms/"))["rooms"][0]["people"]] == ["mallory"]


def test_a_link_is_made_shown_used_and_revoked(a: Client, b: Client, alice: User, bob: User) -> None:
    at = f"rooms/{room(alice)}/links/"
    made = _ok(api(a, "POST", at, {"uses": 3, "expires_at": _soon()}), 201)
    token = made.pop("token")
    assert (made["uses"], made["uses_left"]) == (0, 3)
    assert _ok(api(a, "GET", at)) == {"links": [made]}
    _refused(api(b, "GET", at), 404)
    seen = _ok(api(b, "POST", "rooms/join/preview/", {"token": token}))
    assert (seen["members"], seen["joined"], seen["by"]["handle"]) == (1, False, "alice")
    entry = _ok(api(b, "POST", "rooms/join/", {"token": token}))
    assert entry["name"] == seen["room"]["name"]
    assert _ok(api(a, "GET", at))["links"][0]["uses_left"] == 2
    _refused(api(b, "GET", at), 403)
    _ok(api(a, "DELETE", f"{at}{made['id']}/"), 204)
    assert _ok(api(a, "GET", at)) == {"links": []}
    for path in ("rooms/join/", "rooms/join/preview/"):
        shapes = [_refused(api(b, "POST", path, {"token": text}), 404) for text in (token, "x")]
        assert shapes[0] == shapes[1]
    _refused(api(a, "POST", at, {"expires_at": 1}), 400, "expires_at")
    _refused(api(a, "POST", at, {"uses": 0}), 400, "uses")


def test_members_are_muted_and_banned(a: Client, b: Client, alice: User, bob: User) -> None:
    lounge = room(alice, bob, kind="public")
    member, bans = f"rooms/{lounge}/memberships/{bob.pk}/", f"rooms/{lounge}/bans/"
    until = _soon()
    assert _ok(api(a, "PATCH", member, {"muted_until": until}))["muted_until"] == until
    message = {"client_id": "0f8b9f3e-6f0a-4c0e-9b60-0d7c7a4b2f11", "text": "x"}
    _refused(api(b, "POST", f"rooms/{lounge}/messages/", message), 403)
    assert "muted_until" not in _ok(api(a, "PATCH", member, {"role": "moderator", "muted_until": None}))
    _refused(api(a, "PATCH", member, {"muted_until": 5}), 400, "muted_until")
    ban = _ok(api(a, "POST", bans, {"user": str(bob.pk), "reason": "noise", "until": until}), 201)
    assert (ban["user"]["handle"], ban["by"]["handle"], ban["until"]) == ("bob", "alice", until)
    assert _ok(api(a, "GET", bans)) == {"bans": [ban], "next": None}
    _refused(api(b, "GET", bans), 403)
    _refused(api(b, "POST", f"rooms/{lounge}/join/"), 403)
    _ok(api(a, "DELETE", f"{bans}{bob.pk}/"), 204)
    _ok(api(b, "POST", f"rooms/{lounge}/join/"))
    _refused(api(b, "POST", bans, {"user": str(alice.pk)}), 403)
    _refused(api(a, "POST", bans, {"user": "999999"}), 404, "user")


def test_who_runs_the_workspace_sees_the_members_of_a_public_room(a: Client, bob: User, mallory: User) -> None:
    public, private = room(bob, kind="public"), room(bob)
    assert len(_ok(api(a, "GET", f"rooms/{public}/memberships/"))["members"]) == 1
    _refused(api(a, "GET", f"rooms/{private}/memberships/"), 404)
    _refused(api(sign_in(mallory), "GET", f"rooms/{public}/memberships/"), 403)
    _refused(api(a, "GET", f"rooms/{public}/messages/"), 403)


def test_members_are_found_by_what_their_name_begins_with(a: Client, alice: User, bob: User, carol: User) -> None:
    User.objects.filter(pk=bob.pk).update(display_name="王 小波")
    at = f"rooms/{room(alice, bob, carol)}/memberships/"
    for text, handles in (("小", ["bob"]), ("@CA", ["carol"]), ("", ["alice", "bob", "carol"]), ("x", [])):
        assert [one["user"]["handle"] for one in _ok(api(a, "GET", f"{at}?q={text}"))["members"]] == handles


def test_preferences_drafts_and_unread_again(a: Client, b: Client, alice: User, bob: User) -> None:
    at = f"rooms/{room(alice, bob)}/"
    for _ in range(3):
        say(alice, int(at.split("/")[1]), "@bob")
    shape = _ok(api(b, "PATCH", f"{at}preferences/", {"favourite": True, "folder": "工作", "notify": "mentions"}))
    assert shape == {"room": at.split("/")[1], "favourite": True, "folder": "工作", "notify": "mentions"}
    assert _ok(api(b, "PATCH", f"{at}preferences/", {})) == shape
    _refused(api(b, "PATCH", f"{at}preferences/", {"folder": "x" * 81}), 400, "folder")
    _refused(api(b, "PATCH", f"{at}preferences/", {"notify": "x"}), 400, "notify")
    draft = _ok(api(b, "PUT", f"{at}draft/", {"text": "begun", "reply_to": 2}))
    assert draft == {"room": at.split("/")[1], "seq": 3, "text": "begun", "reply_to": 2}
    _refused(api(b, "PUT", f"{at}draft/", {"text": "x" * 8001}), 400, "text")
    _ok(api(b, "PUT", f"{at}read/", {"seq": 3}))
    again = _ok(api(b, "POST", f"{at}read/rewind/", {"seq": 1}))
    assert (again["read_seq"], again["unread"], again["mentions"], again["rewinds"]) == (1, 2, 2, 1)
    entry = _ok(api(b, "GET", at))["entry"]
    assert (entry["favourite"], entry["draft"]["text"], entry["mentions"]) == (True, "begun", 2)
    assert _ok(api(a, "GET", f"{at}receipts/")) == {"read": {str(alice.pk): 3, str(bob.pk): 1}}


def test_mentions_come_by_the_page(a: Client, b: Client, alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    for text in ("@bob one", "two", "@room three", "@bob four"):
        say(alice, lounge, text)
    page = _ok(api(b, "GET", "mentions/?limit=2"))
    assert [one["message"]["seq"] for one in page["mentions"]] == [4, 3]
    assert page["mentions"][0]["room"] == str(lounge)
    assert page["mentions"][0]["unread"] is True
    rest = _ok(api(b, "GET", f"mentions/?limit=2&after={page['next']}"))
    assert ([one["message"]["seq"] for one in rest["mentions"]], rest["next"]) == ([1], None)
    assert _ok(api(a, "GET", "mentions/"))["mentions"] == []
    _refused(api(b, "GET", "mentions/?after=x"), 400, "after")


def test_a_private_room_does_not_exist_for_a_stranger(a: Client, alice: User, mallory: User) -> None:
    hidden, client = room(alice), sign_in(mallory)
    for method, path, body in (
        ("POST", "read/rewind/", {"seq": 0}),
        ("GET", "receipts/", None),
        ("PATCH", "preferences/", {"favourite": True}),
        ("PUT", "draft/", {"text": "x"}),
        ("GET", "bans/", None),
        ("POST", "bans/", {"user": str(alice.pk)}),
        ("DELETE", f"bans/{alice.pk}/", None),
        ("GET", "links/", None),
        ("POST", "links/", {}),
        ("DELETE", "links/1/", None),
        ("PATCH", f"memberships/{alice.pk}/", {"muted_until": _soon()}),
    ):
        answers = [api(client, method, f"rooms/{at}/{path}", body) for at in (hidden, 999_999)]
        shapes = [_refused(answer, 404) for answer in answers]
        assert shapes[0] == shapes[1], path


def test_a_guest_sees_her_own_rooms_and_their_people_only(alice: User, bob: User, carol: User, mallory: User) -> None:
    lounge, client = room(alice, carol), sign_in(carol)
    public = room(bob, mallory, kind="public")
    say(alice, lounge, "@carol")
    assert [one["id"] for one in _ok(api(client, "GET", "rooms/"))["rooms"]] == [str(lounge)]
    assert _ok(api(client, "GET", "rooms/browse/"))["rooms"] == []
    assert {one["handle"] for one in _ok(api(client, "GET", "people/"))["people"]} == {"alice", "carol"}
    assert _ok(api(client, "GET", f"people/?ids={bob.pk}"))["people"] == []
    assert len(_ok(api(client, "GET", "mentions/"))["mentions"]) == 1
    for method, path, body in (
        ("GET", f"rooms/{public}/", None),
        ("POST", f"rooms/{public}/join/", None),
        ("POST", "direct/", {"user": str(bob.pk)}),
    ):
        _refused(api(client, method, path, body), 404)
    _refused(api(client, "POST", "groups/", {"users": [str(alice.pk), str(bob.pk)]}), 404, "users")
    _refused(api(client, "POST", "rooms/", {"kind": "public", "name": "x"}), 403)
    assert direct(alice, carol)
    join(mallory, public)
