"""`parley.v1.msgpack`: the same conversation in binary frames, side by side with JSON."""

import json
import math
from typing import Any
from uuid import uuid4

import msgpack
import pytest

from tests.wire.client import PACKED, SUBPROTOCOL, Client
from tests.wire.conftest import Actor
from tests.wire.view import Frame

KINDS = ("message.created", "message.updated", "message.deleted", "member.joined", "member.left", "room.updated")


async def packed(actor: Actor, **door: Any) -> Client:
    """A live socket that speaks MessagePack."""
    client = await actor.live(door={"bearer": await actor.token(), "subprotocols": [PACKED], **door})
    assert client.packed
    return client


def log(client: Client) -> list[Frame]:
    """The room frames, as they came."""
    return [frame for frame in client.frames if frame["type"] in KINDS]


async def test_two_readers_of_two_codecs_see_the_same(room: str, alice: Actor, bob: Actor, carol: Actor) -> None:
    theirs, hers = await bob.live(), await packed(carol)
    beside = await packed(bob)  # at the other process, where there is one
    speaker = await packed(alice)
    assert theirs.connection.subprotocol == SUBPROTOCOL
    for text in ("hello", "**你好** @room 🎉", "x" * 3000, 'code `a\\b` "quoted" \u2028'):
        await speaker.send(room, text)
    await theirs.send(room, "from JSON", reply_to=1)
    await speaker.do("message.edit", room=room, seq=1, text="hello again")
    await speaker.do("message.delete", room=room, seq=2)
    for client in (theirs, hers, beside, speaker):
        await client.message(room, 2, kind="deleted")
        await client.message(room, 5)
        await client.barrier()
        client.assert_unbroken()
    assert len(log(theirs)) == 7
    # Also id and ts: it is one frame, encoded twice.
    assert log(beside) == log(hers) == log(theirs)
    for client in (hers, beside, speaker):
        assert client.view.rooms[room].texts == theirs.view.rooms[room].texts
        assert client.view.rooms[room].cursor == theirs.view.rooms[room].cursor


async def test_ready_says_the_same_in_both(room: str, bob: Actor) -> None:
    await bob.asay(room, "before")
    one, other = await bob.live(), await packed(bob)
    ready = [client.all("ready")[0]["payload"] for client in (one, other)]
    for payload in ready:
        payload.pop("connection")
    assert ready[0] == ready[1]
    assert ready[0]["rooms"]


async def test_a_client_may_change_its_codec_and_resume(room: str, alice: Actor, bob: Actor) -> None:
    speaker = await alice.live()
    client = await packed(bob)
    await speaker.send(room, "seen live")
    await client.message(room, 1)
    held = client.view
    for number, subprotocol in enumerate([PACKED, SUBPROTOCOL, PACKED], start=2):
        await client.vanish()
        await speaker.send(room, f"missed {number}")
        await speaker.do("message.edit", room=room, seq=1, text=f"edited {number}")
        client = await bob.live(view=held, door={"bearer": await bob.token(), "subprotocols": [subprotocol]})
        assert client.all("ready")[0]["payload"]["resume"] == {room: "ok"}
        assert client.packed is (subprotocol == PACKED)
        await speaker.send(room, f"live {number}")
        await client.message(room, 2 * number - 1)
        client.assert_unbroken()
    assert held.rooms[room].texts == [
        "edited 4", "missed 2", "live 2", "missed 3", "live 3", "missed 4", "live 4",
    ]  # fmt: skip


async def test_a_page_of_a_gap_comes_in_the_clients_codec(room: str, alice: Actor, bob: Actor) -> None:
    await alice.asay(room, *(f"message {n}" for n in range(20)))
    client = await packed(bob)
    await client.do("sync", room=room, since=0)
    synced = await client.got("room.synced", room=room)
    assert synced["payload"]["prev"] == 0
    assert len(client.all("message.created")) == 20


async def test_typing_and_presence_reach_both(room: str, alice: Actor, bob: Actor) -> None:
    one, other = await bob.live(), await packed(bob)
    for client in (one, other):
        await client.do("room.focus", room=room)
        await client.do("presence.watch", users=[alice.id])
    speaker = await packed(alice)
    await speaker.do("typing.start", room=room)
    for client in (one, other):
        await client.got("typing", room=room, user=alice.id, active=True)
        await client.got("presence", user=alice.id, state="online")


BAD = {
    "noise": b"\xc1\xff",
    "JSON in a binary frame": b'{"id":"x","type":"ping","payload":{}}',
    "text of a byte that is none": msgpack.packb({"id": "x", "type": "ping"})[:-4] + b"\xff\xfe\xfd\xfc",
    "half a surrogate pair": b"\x83\xa2id\xa1x\xa4type\xa4ping\xa7payload\x81\xa1a\xa3\xed\xa0\x80",
    "the same key twice": b"\x83\xa2id\xa1x\xa4type\xa4ping\xa4type\xa4pong",
    "a time": msgpack.packb({"id": "x", "type": "ping", "ts": msgpack.Timestamp(1)}),
    "bytes": msgpack.packb({"id": "x", "type": "ping", "payload": b"{}"}),
    "NaN": msgpack.packb({"id": "x", "type": "read.mark", "payload": {"room": "1", "seq": math.nan}}),
    "a thousand levels": b"\x91" * 1000 + b"\x01",
    "a number as key": msgpack.packb({"id": "x", 1: 2}),
}


@pytest.mark.parametrize("name", BAD)
async def test_what_is_no_strict_messagepack_is_refused_and_the_socket_stays(room: str, bob: Actor, name: str) -> None:
    client = await packed(bob)
    await client.raw(BAD[name])
    error = await client.got("error")
    assert error["payload"]["code"] == "invalid"
    assert "fields" not in error["payload"]
    assert "re" not in error
    await client.send(room, "still here")
    await client.message(room, 1)


async def test_fields_are_named_as_in_json(room: str, bob: Actor) -> None:
    client = await packed(bob)
    for payload, field in (
        ({"colour": "red"}, "colour"),
        ({"room": 7}, "room"),
        ({"reply_to": 2**53 + 1}, "reply_to"),
        ({"reply_to": 2**64 - 1}, "reply_to"),
        ({"text": "a\0b"}, "text"),
    ):
        given = {"room": room, "client_id": str(uuid4()), "text": "hello"} | payload
        error = await client.ask("message.send", **given)
        assert error["payload"]["code"] == "invalid", error
        assert list(error["payload"]["fields"]) == [field]
        await client.barrier()


@pytest.mark.parametrize("speaks", [SUBPROTOCOL, PACKED])
async def test_frames_of_the_other_codec_are_violations(bob: Actor, speaks: str) -> None:
    client = await bob.live(door={"bearer": await bob.token(), "subprotocols": [speaks]})
    ping = {"id": "x", "type": "ping", "payload": {}}
    data = json.dumps(ping) if client.packed else msgpack.packb(ping)
    await client.raw(data)
    error = await client.got("error")
    assert error["payload"]["code"] == "invalid"
    await client.barrier()
    for _ in range(3):
        await client.raw(data)
    assert (await client.goodbye())["code"] == 4500


async def test_the_first_of_ours_that_a_client_names_is_spoken(bob: Actor) -> None:
    for names in ([PACKED, SUBPROTOCOL], [SUBPROTOCOL, PACKED], ["parley.v9.cbor", PACKED]):
        client = await bob.live(door={"bearer": await bob.token(), "subprotocols": names})
        assert client.connection.subprotocol == next(name for name in names if name != "parley.v9.cbor")
        await client.barrier()
