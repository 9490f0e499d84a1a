"""What no client of ours sends: the socket stays up, others notice nothing, nothing is half-written or shows."""

import asyncio
import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from chat.models import Membership, Message, RoomHead
from tests.wire.client import Client, Frame, greet
from tests.wire.conftest import Actor, Cast

OURS = re.compile(
    r"traceback|select |insert |sqlite|psycopg|postgres|django|msgspec|redis|python|\.py|0x[0-9a-f]{6}", re.I
)
PING = '{"id":"x","type":"ping"}'
ID = "12345678-1234-5678-1234-567812345678"


def written(room: str) -> tuple[Any, ...]:
    """Everything of a room that a command could change."""
    head = RoomHead.objects.get(pk=room)
    return (
        (head.rev, head.last_seq),
        list(Message.objects.filter(room_id=room).order_by("seq").values_list("seq", "rev", "text", "deleted_at")),
        list(Membership.objects.filter(room_id=room).order_by("pk").values_list("rev", "user_rev", "read_seq")),
    )


def assert_refusal(frame: Frame, code: str, fields: set[str] | None, re: str | None) -> None:
    """The exact shape of an error, and nothing of ours in its words."""
    assert frame["type"] == "error", frame
    assert set(frame) == {"id", "ts", "type", "payload"} | ({"re"} if re else set())
    assert frame.get("re") == re
    payload = frame["payload"]
    assert payload["code"] == code, payload
    assert payload["message"]
    assert payload["retry"] is (code in ("rate_limited", "unavailable", "internal"))
    assert set(payload.get("fields", ())) == (fields or set()), payload
    assert all(reasons and all(reasons) for reasons in payload.get("fields", {}).values())
    assert set(payload) - {"code", "message", "retry", "retry_ms", "fields"} == set()
    assert ("retry_ms" in payload) is (code == "rate_limited")
    said = " ".join([payload["message"], *(text for texts in payload.get("fields", {}).values() for text in texts)])
    assert not OURS.search(said), said


@dataclass
class Bad:
    """A frame that is refused. `data` may name `{room}`; `re`: the id the answer can name."""

    name: str
    data: Any
    code: str = "invalid"
    fields: set[str] | None = None
    re: str | None = "x"


def command(kind: str, **payload: Any) -> str:
    return json.dumps({"id": "x", "type": kind, "payload": payload}, ensure_ascii=False)


def send(**payload: Any) -> str:
    given = {"room": "{room}", "client_id": ID, "text": "hello"} | payload
    return command("message.send", **{name: value for name, value in given.items() if value is not ...})


def deep(levels: int) -> str:
    return '{"id":"x","type":"message.send","payload":' + '{"a":' * (levels - 1) + "1" + "}" * (levels - 1) + "}"


RAW = [
    Bad("nothing", "", re=None),
    Bad("no JSON", "hello", re=None),
    Bad("half of JSON", '{"id":"x","type":"ping"', re=None),
    Bad("JSON and more", '{"id":"x","type":"ping"}{}', re=None),
    Bad("NaN", '{"id":"x","type":"read.mark","payload":{"room":"{room}","seq":NaN}}', re=None),
    Bad("Infinity", '{"id":"x","type":"read.mark","payload":{"room":"{room}","seq":-Infinity}}', re=None),
    Bad("half a surrogate pair", '{"id":"x","type":"message.send","payload":{"text":"\\ud83d"}}', re=None),
    Bad("half a pair in a key", '{"id":"x","type":"message.send","payload":{"\\udc00":1}}', re=None),
    Bad("17 levels", deep(17), re=None),
    Bad("a thousand levels", deep(1000), re=None),
    Bad("100 000 brackets", "[" * 100_000, re=None),
    Bad("the same key twice", '{"id":"x","type":"ping","type":"pong"}', re=None),
    Bad("the same key twice, deeper", send()[:-2] + ', "text": "another"}}', re=None),
    Bad("a number of 5000 digits", '{"id":"x","type":"read.mark","payload":{"seq":' + "9" * 5000 + "}}", re=None),
    Bad("a binary frame", b'{"id":"x","type":"ping"}', re=None),
    Bad("binary noise", bytes(range(256)), re=None),
    Bad("not an object", '"ping"', fields={"payload"}, re=None),
    Bad("a list", '[{"id":"x","type":"ping"}]', fields={"payload"}, re=None),
    Bad("null", "null", fields={"payload"}, re=None),
    Bad("no id", '{"type":"ping"}', fields={"id"}, re=None),
    Bad("an empty id", '{"id":"","type":"ping"}', fields={"id"}, re=None),
    Bad("a number as id", '{"id":7,"type":"ping"}', fields={"id"}, re=None),
    Bad("an id of 65 characters", json.dumps({"id": "i" * 65, "type": "ping"}), fields={"id"}, re="i" * 64),
    Bad("no type", '{"id":"x"}', fields={"type"}),
    Bad("a field of no envelope", '{"id":"x","type":"ping","more":1}', fields={"more"}),
    Bad("a payload that is none", '{"id":"x","type":"ping","payload":[]}', fields={"payload"}),
    Bad("a clock that is none", '{"id":"x","type":"ping","ts":"now"}', fields={"ts"}),
    Bad("NUL in the type", '{"id":"x","type":"pi\\u0000ng"}', fields={"type"}),
    Bad("a verb there is not", command("message.shout", room="{room}"), fields={"type"}),
    Bad("a frame of the server's", command("message.created", room="{room}"), fields={"type"}),
    Bad("a second hello", command("hello"), fields={"type"}),
]
TYPED = [
    Bad("an unknown field", send(colour="red"), fields={"colour"}),
    Bad("no room", send(room=...), fields={"room"}),
    Bad("no text", send(text=...), fields={"text"}),
    Bad("no client_id", send(client_id=...), fields={"client_id"}),
    Bad("a number as room", send(room=1), fields={"room"}),
    Bad("null as text", send(text=None), fields={"text"}),
    Bad("a list as text", send(text=["hello"]), fields={"text"}),
    Bad("no UUID", send(client_id="me"), fields={"client_id"}),
    Bad("an empty text", send(text=""), fields={"text"}),
    Bad("nothing to see", send(text=" \t\n\u200b"), fields={"text"}),
    Bad("8001 characters", send(text="x" * 8001), fields={"text"}),
    Bad("8001 characters beyond the BMP", send(text="🎉" * 8001), fields={"text"}),
    Bad("NUL", send(text="a\0b"), fields={"text"}),
    Bad("an answer to a text", send(reply_to="1"), fields={"reply_to"}),
    Bad("an answer to nothing", send(reply_to=0), fields={"reply_to"}),
    Bad("an answer to what is not there", send(reply_to=99), fields={"reply_to"}),
    Bad("an answer to itself", send(reply_to=3), fields={"reply_to"}),
    *(
        Bad(f"the id {room!r}", send(room=room), fields={"room"})
        for room in ("", "-1", "1.0", "0x1", " 1", "1\n", "１", "1" * 19, "general", "'; DROP TABLE chat_message; --")
    ),
    *(
        Bad(f"the seq {seq!r}", command("message.edit", room="{room}", seq=seq, text="x"), fields={"seq"})
        for seq in ("1", 1.5, True, None, 0, -1, 2**53 + 1, 2**63, 10**30)
    ),
    Bad("reading up to a text", command("read.mark", room="{room}", seq="2"), fields={"seq"}),
    Bad("reading backwards", command("read.mark", room="{room}", seq=-1), fields={"seq"}),
    Bad("an edit without text", command("message.edit", room="{room}", seq=1, text=""), fields={"text"}),
    Bad("focus on nothing named", command("room.focus"), fields={"room"}),
    Bad("sync of nothing", command("sync", room="{room}", since=0, limit=0), fields={"limit"}),
    Bad("sync of too much", command("sync", room="{room}", since=0, limit=501), fields={"limit"}),
    Bad("sync before the beginning", command("sync", room="{room}", since=-1), fields={"since"}),
    Bad("a presence there is not", command("presence.set", state="busy"), fields={"state"}),
    Bad("201 people", command("presence.watch", users=[str(n) for n in range(201)]), fields={"users"}),
    Bad("a person who is none", command("presence.watch", users=["1", "bob"]), fields={"users[1]"}),
]
DENIED = [
    Bad("another's words edited", command("message.edit", room="{room}", seq=1, text="mine"), "forbidden"),
    Bad("another's words deleted", command("message.delete", room="{room}", seq=1), "forbidden"),
    Bad("a tombstone edited", command("message.edit", room="{room}", seq=2, text="alive"), "conflict"),
    Bad("an edit of what is not there", command("message.edit", room="{room}", seq=99, text="x"), "not_found"),
    Bad("a deletion of what is not there", command("message.delete", room="{room}", seq=99), "not_found"),
    Bad("131 073 bytes", PING.rjust(128 * 1024 + 1), "too_large", re=None),
    Bad("131 073 bytes in fewer characters", send(text="汉" * 43_700), "too_large", re=None),
]


@pytest.fixture
async def stage(room: str, alice: Actor, bob: Actor, carol: Actor) -> tuple[Client, Client]:
    """Alice said #1, Bob deleted his #2; Bob's socket, and Carol's as a witness."""
    a, b, c = await alice.live(), await bob.live(), await carol.live()
    await a.send(room, "Alice's words")
    await b.send(room, "Bob's words")
    await b.do("message.delete", room=room, seq=2)
    for client in (b, c):
        await client.message(room, 2, kind="deleted")
    return b, c


@pytest.mark.parametrize("bad", [*RAW, *TYPED, *DENIED], ids=lambda bad: bad.name)
async def test_it_is_refused_in_words_and_changes_nothing(
    bad: Bad, stage: tuple[Client, Client], room: str, alice: Actor
) -> None:
    b, witness = stage
    before = await alice.world.ado(written, room)
    mine, hers = len(b.frames), len(witness.frames)
    await b.raw(bad.data.replace("{room}", room) if isinstance(bad.data, str) else bad.data)
    answer = await b.until(lambda frame: True, since=mine, what="an answer")
    assert_refusal(answer, bad.code, bad.fields, bad.re)
    await b.barrier()
    await witness.barrier()
    assert [frame["type"] for frame in b.frames[mine:]] == ["error", "pong"]
    assert [frame["type"] for frame in witness.frames[hers:]] == ["pong"]
    assert await alice.world.ado(written, room) == before
    assert (await b.send(room, "goes on"))["seq"] == 3
    assert (await witness.message(room, 3))["text"] == "goes on"
    b.assert_unbroken()
    witness.assert_unbroken()


@pytest.mark.parametrize(
    "text", ["x" * 8000, "🎉" * 8000, "汉" * 8000, "\u0301", "a\u202eb", "]]>&<script>alert(1)</script>"]
)
async def test_what_is_just_allowed_is_said(text: str, stage: tuple[Client, Client], room: str) -> None:
    b, witness = stage
    await b.raw(send(text=text).replace("{room}", room))
    assert (await b.answer("x"))["type"] == "ack"
    heard = await witness.message(room, 3)
    assert heard["text"] == text
    assert "<script" not in heard["html"]


async def test_a_command_of_just_128_kib_is_taken(bob: Actor) -> None:
    b = await bob.live()
    await b.raw(PING.rjust(128 * 1024))
    assert (await b.answer("x"))["type"] == "pong"


async def test_a_message_above_a_mebibyte_ends_only_its_own_connection(
    stage: tuple[Client, Client], room: str, carol: Actor
) -> None:
    b, witness = stage
    await b.raw("x" * (1024 * 1024 + 1))
    assert await b.closed() in (1006, 1009)
    await witness.barrier()
    assert (await witness.send(room, "still here"))["seq"] == 3


@pytest.mark.parametrize(
    "bad",
    [
        ("message.send", {"client_id": ID, "text": "hello"}),
        ("message.edit", {"seq": 1, "text": "hello"}),
        ("message.delete", {"seq": 1}),
        ("read.mark", {"seq": 1}),
        ("typing.start", {}),
        ("typing.stop", {}),
        ("room.focus", {}),
        ("sync", {"since": 0}),
        ("sync", {"since": 10**6}),
    ],
    ids=lambda bad: f"{bad[0]} {bad[1].get('since', '')}",
)
async def test_a_room_that_is_not_hers_is_a_room_that_is_not(
    bad: tuple[str, dict[str, Any]], room: str, cast: Cast, alice: Actor, bob: Actor, mallory: Actor
) -> None:
    kind, payload = bad
    await alice.asay(room, "private")
    direct = (await (await alice.rest()).post("direct/", {"user": bob.id}))["id"]
    b, m = await bob.live(), await mallory.live()
    before = await alice.world.ado(written, room)
    answers = [await m.ask(kind, room=name, **payload) for name in (room, direct, "999999999", "9" * 18)]
    for answer in answers:
        assert_refusal(answer, "not_found", None, answer["re"])
        assert answer["payload"] == answers[-1]["payload"]
    assert await alice.world.ado(written, room) == before
    assert (await b.ask(kind, room=room, **payload))["payload"].get("code") != "not_found"
    await b.barrier()
    assert b.all("typing") == []


async def test_nothing_is_carried_out_before_hello(room: str, alice: Actor, bob: Actor) -> None:
    client = await bob.knock()
    for kind in ("message.send", "ping"):
        answer = await client.ask(kind, room=room, client_id=ID, text="too early")
        assert_refusal(answer, "invalid", {"type"}, answer["re"])
    await greet(client)
    assert (await client.send(room, "in time"))["seq"] == 1


@pytest.mark.parametrize(
    ("hello", "fields"),
    [
        ({"client": "x" * 65}, {"client"}),
        ({"ticket": "x" * 129}, {"ticket"}),
        ({"network": "carrier pigeon"}, {"network"}),
        ({"password": "secret"}, {"password"}),
        ({"cursors": {"general": 1}}, {"cursors"}),
        ({"cursors": {"1": -1}}, {"cursors[...]"}),
        ({"cursors": {"1": "1"}}, {"cursors[...]"}),
        ({"cursors": {str(n): 1 for n in range(501)}}, {"cursors"}),
    ],
    ids=lambda given: " ".join(given),
)
async def test_a_bad_hello_can_be_said_again(hello: dict[str, Any], fields: set[str], bob: Actor) -> None:
    client = await bob.knock()
    answer = await client.ask("hello", **hello)
    assert_refusal(answer, "invalid", fields, answer["re"])
    assert (await greet(client)).view.me["id"] == bob.id


async def test_three_violations_in_a_row_are_enough(stage: tuple[Client, Client], room: str) -> None:
    b, witness = stage
    for data in ("{", "{", command("ping"), "{", command("message.shout"), command("ping")):
        await b.raw(data)
    await b.barrier()
    assert b.open
    for data in ("{", command("message.shout"), command("sync", room=room)):
        await b.raw(data)
    bye = await b.goodbye()
    assert (bye["code"], bye["resume"]) == (4500, False)
    assert len(b.all("error")) == 7
    await witness.barrier()
    assert witness.open


async def test_refusals_that_are_no_violations_do_not_close(room: str, bob: Actor) -> None:
    b = await bob.live()
    for _ in range(5):
        assert (await b.ask("message.delete", room="999999999", seq=1))["payload"]["code"] == "not_found"
    await b.barrier()


# ---- too much


async def test_who_sends_too_fast_is_told_when_to_go_on(room: str, bob: Actor, carol: Actor) -> None:
    b, c = await bob.live(), await carol.live()
    names = [await b.say("message.send", room=room, client_id=str(uuid4()), text=f"{n}") for n in range(25)]
    answers = [await b.answer(name) for name in names]
    taken = [answer for answer in answers if answer["type"] == "ack"]
    refused = [answer for answer in answers if answer["type"] == "error"]
    assert 20 <= len(taken) < 25
    for answer in refused:
        assert_refusal(answer, "rate_limited", None, answer["re"])
        assert 0 < answer["payload"]["retry_ms"] <= 1000
    assert (await c.send(room, "her own bucket is full"))["seq"] == len(taken) + 1
    await asyncio.sleep(refused[-1]["payload"]["retry_ms"] / 1000)
    assert (await b.send(room, "after the wait"))["seq"] == len(taken) + 2
    await c.message(room, len(taken) + 2)
    c.assert_unbroken()


async def test_typing_more_often_than_every_three_seconds_is_refused(room: str, bob: Actor) -> None:
    b = await bob.live()
    answers = [await b.ask("typing.start", room=room) for _ in range(4)]
    assert {answer["payload"].get("code") for answer in answers} == {None, "rate_limited"}
    assert answers[-1]["payload"]["retry_ms"] <= 3000
    assert (await b.ask("typing.stop", room=room))["type"] == "ack"


@pytest.mark.parametrize("data", [command("room.focus", room=None), command("ping"), " " * (128 * 1024 + 1)])
async def test_who_does_not_stop_is_sent_away(data: str, stage: tuple[Client, Client], room: str) -> None:
    b, witness = stage
    with suppress(ConnectionClosed):
        for _ in range(200):
            await b.raw(data)
    bye = await b.goodbye()
    assert (bye["code"], bye["resume"]) == (4009, True)
    assert bye["retry_ms"] > 0
    await witness.barrier()
    assert (await witness.send(room, "unmoved"))["seq"] == 3
