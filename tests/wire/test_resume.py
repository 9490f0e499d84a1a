"""Whoever was away gets what changed by her cursor, from any process: each change once, or an honest reset."""

import asyncio
from itertools import pairwise
from typing import Any
from uuid import uuid4

import pytest
from django.db.models import F
from django.db.models.functions import Now

from chat import payloads
from chat.models import Message, RoomHead
from chat.services.epoch import epoch_renew
from tests.wire.client import Client
from tests.wire.conftest import Actor, Cast


def stored(room: str) -> dict[int, dict[str, Any]]:
    """What a client that knows everything holds of a room's messages: seq → (rev, text, deleted)."""
    rows = Message.objects.filter(room_id=room).select_related("author")
    return {row.seq: {"rev": row.rev, "text": row.text, "deleted": row.deleted_at is not None} for row in rows}


def held(client: Client, room: str) -> dict[int, dict[str, Any]]:
    return {
        seq: {"rev": message["rev"], "text": message["text"], "deleted": message.get("deleted", False)}
        for seq, message in client.view.rooms[room].messages.items()
    }


@pytest.mark.parametrize("missed", [1, 300])
async def test_what_was_missed_comes_with_the_next_hello(
    missed: int, room: str, alice: Actor, bob: Actor, cast: Cast
) -> None:
    a, b = await alice.live(), await bob.live()
    await a.send(room, "heard live")
    await b.message(room, 1)
    await b.vanish()
    await alice.asay(room, *(f"missed {number}" for number in range(missed)))
    await a.do("message.edit", room=room, seq=2, text="missed and edited")
    await a.do("message.delete", room=room, seq=1)
    again = await bob.again(b, at=cast.world.a)
    assert again.frames[0]["payload"]["resume"] == {room: "ok"}
    assert held(again, room) == await alice.world.ado(stored, room)
    assert len(again.all("message.", room=room)) == missed + 1
    replayed = [(frame["type"], frame["payload"]) for frame in again.frames[1:]]
    *changes, synced = [(kind, payload["prev"], payload["rev"]) for kind, payload in replayed]
    assert all(before[2] == after[1] for before, after in pairwise(changes))
    assert synced == ("room.synced", changes[0][1], again.view.rooms[room].cursor)
    await a.send(room, "live again")
    await again.message(room, missed + 2)
    again.assert_unbroken()


async def test_who_missed_nothing_is_told_so(room: str, bob: Actor) -> None:
    b = await bob.again(await bob.live())
    assert b.frames[0]["payload"]["resume"] == {room: "ok"}
    cursor = b.view.rooms[room].cursor
    assert [frame["payload"] for frame in b.frames[1:]] == [{"room": room, "prev": cursor, "rev": cursor}]


async def test_resuming_in_the_middle_of_a_storm_loses_and_doubles_nothing(
    room: str, alice: Actor, bob: Actor, carol: Actor, cast: Cast
) -> None:
    a, b, c = await alice.live(), await bob.live(), await carol.live()
    over = asyncio.Event()

    async def storm(client: Client, name: str) -> None:
        number = 0
        while not over.is_set():
            answer = await client.ask("message.send", room=room, client_id=str(uuid4()), text=f"{name} {number}")
            number += 1
            if answer["type"] == "error":
                await asyncio.sleep(answer["payload"]["retry_ms"] / 1000)

    storms = [asyncio.create_task(storm(a, "alice")), asyncio.create_task(storm(c, "carol"))]
    for turn in range(8):
        heard = len(b.frames)
        await b.got("message.created", since=heard)
        await (b.vanish() if turn % 2 else b.close())
        before = await alice.world.ado(lambda: RoomHead.objects.get(pk=room).last_seq)
        await a.holds(lambda before=before: a.view.rooms[room].entry["last_seq"] > before)
        b = await bob.again(b, at=cast.world.processes[turn % len(cast.world.processes)])
    over.set()
    await asyncio.gather(*storms)
    head = await alice.world.ado(lambda: RoomHead.objects.get(pk=room))
    for client in (a, b, c):
        await client.holds(lambda client=client: client.view.rooms[room].cursor == head.rev)
        client.assert_unbroken()
        assert held(client, room) == await alice.world.ado(stored, room)
    assert sorted(b.view.rooms[room].messages) == list(range(1, head.last_seq + 1))


# ---- honest resets


async def test_a_cursor_below_the_floor_is_reset(room: str, alice: Actor, bob: Actor) -> None:
    a, b = await alice.live(), await bob.live()
    await b.close()
    for text in ("one", "two", "three"):
        await a.send(room, text)
    head = await alice.world.ado(lambda: RoomHead.objects.get(pk=room).rev)
    await alice.world.ado(lambda: RoomHead.objects.filter(pk=room).update(floor_rev=head - 1))
    again = await bob.again(b)
    assert again.frames[0]["payload"]["resume"] == {room: "reset"}
    assert again.all("room.reset")[0]["payload"] == {"room": room, "rev": head, "reason": "below_floor"}
    await _starts_anew(again, alice, bob, room)


async def test_a_cursor_above_the_head_is_reset(room: str, alice: Actor, bob: Actor) -> None:
    b = await bob.live()
    b.view.rooms[room].cursor += 1000
    again = await bob.again(b)
    assert again.frames[0]["payload"]["resume"] == {room: "reset"}
    assert again.all("room.reset")[0]["payload"]["reason"] == "cursor_above_head"
    await _starts_anew(again, alice, bob, room)


async def test_cursors_of_another_life_of_the_database_are_reset(room: str, alice: Actor, bob: Actor) -> None:
    b = await bob.live()
    b.view.epoch = "another"
    await _is_of_another_life(b, alice, bob, room)


async def test_a_restored_database_sends_everybody_away_to_begin_anew(room: str, alice: Actor, bob: Actor) -> None:
    a, b = await alice.live(), await bob.live()
    await a.send(room, "before the restore")
    await b.message(room, 1)
    await alice.world.ado(epoch_renew)
    for client in (a, b):
        bye = await client.goodbye(within=3)
        assert (bye["code"], bye["resume"]) == (4012, True)
    await _is_of_another_life(b, alice, bob, room)


@pytest.mark.noisy  # an operator is to read of it
async def test_a_database_that_has_lost_commits_sends_everybody_away_to_begin_anew(
    room: str, alice: Actor, bob: Actor
) -> None:
    """As a standby may that takes over: what it never got is gone, and its numbers are given out again."""
    a, b = await alice.live(), await bob.live()
    for text in ("kept", "lost", "lost too"):
        await a.send(room, text)
    await b.message(room, 3)

    def lose() -> None:
        Message.objects.filter(room_id=room, seq__gt=1).delete()
        RoomHead.objects.filter(pk=room).update(rev=F("rev") - 2, last_seq=1, changed_at=Now())

    await alice.world.ado(lose)
    for client in (a, b):
        bye = await client.goodbye(within=5)
        assert (bye["code"], bye["resume"]) == (4012, True)
    await _is_of_another_life(b, alice, bob, room)


async def test_more_than_the_budget_is_reset_the_most_recent_rooms_last(
    room: str, alice: Actor, bob: Actor, cast: Cast
) -> None:
    older = await cast.aroom(alice, bob)
    b = await bob.live()
    await b.close()
    await alice.asay(older, *(f"older {number}" for number in range(1200)))
    await alice.asay(room, *(f"newer {number}" for number in range(1200)))
    again = await bob.again(b)
    assert again.frames[0]["payload"]["resume"] == {room: "ok", older: "reset"}
    assert again.all("room.reset")[0]["payload"]["reason"] == "too_far_behind"
    assert len(again.all("message.created", room=room)) == 1200
    assert again.all("message.created", room=older) == []
    await _starts_anew(again, alice, bob, older)


async def _is_of_another_life(b: Client, alice: Actor, bob: Actor, room: str) -> None:
    """What Bob's client holds means nothing when he comes back."""
    again = await bob.again(b)
    assert again.frames[0]["payload"]["resume"] == {room: "reset"}
    assert again.all("room.reset")[0]["payload"]["reason"] == "other_epoch"
    await _starts_anew(again, alice, bob, room)


async def _starts_anew(client: Client, alice: Actor, bob: Actor, room: str) -> None:
    """After a reset: the newest page, then live, and it is all there."""
    await bob.load(client, room)
    last = await (await alice.live()).send(room, "after the reset")
    await client.message(room, last["seq"])
    newest = (await alice.world.ado(stored, room)).items()
    assert held(client, room).items() >= set_of(newest, last["seq"] - 99).items()
    client.assert_unbroken()


def set_of(messages: Any, least: int) -> dict[int, dict[str, Any]]:
    return {seq: message for seq, message in messages if seq >= least}


async def test_rooms_one_is_no_longer_in_are_gone_and_so_are_those_that_never_were(
    room: str, alice: Actor, bob: Actor, cast: Cast
) -> None:
    b = await bob.live()
    await b.close()
    foreign = await cast.aroom(alice)
    await (await alice.rest()).delete(f"rooms/{room}/memberships/{bob.id}/")
    again = await bob.again(b, cursors={room: 1, foreign: 1, "999999999": 1})
    assert again.frames[0]["payload"]["resume"] == {room: "gone", foreign: "gone", "999999999": "gone"}
    assert again.view.rooms == {}
    await again.barrier()
    assert again.all("room.") == []
    assert again.all("message.") == []


# ---- asking, and polling


async def test_polling_over_rest_answers_as_the_sockets_replay(room: str, alice: Actor, bob: Actor) -> None:
    await alice.asay(room, *(f"message {number}" for number in range(30)))
    a, b, rest = await alice.live(), await bob.live(), await bob.rest()
    await a.do("message.edit", room=room, seq=3, text="edited")
    await a.do("message.delete", room=room, seq=4)
    await (await alice.rest()).patch(f"rooms/{room}/memberships/{bob.id}/", {"role": "moderator"})
    await (await alice.rest()).patch(f"rooms/{room}/", {"topic": "changed"})
    # What still comes live would stand between the answers.
    await b.got("room.updated", room=room)
    await b.got("user.state")
    await b.barrier()
    since, asked, polled = 0, [], []
    for _ in range(20):
        mark = len(b.frames)
        await b.do("sync", room=room, since=since, limit=10)
        asked += b.frames[mark:-1]
        polled += (await rest.get(f"rooms/{room}/messages/", since_rev=since, limit=10))["frames"]
        last = asked[-1]["payload"]
        assert asked[-1]["type"] == "room.synced"
        since = last["rev"]
        if not last.get("more"):
            break
    assert [(frame["type"], frame["payload"]) for frame in polled] == [
        (frame["type"], frame["payload"]) for frame in asked
    ]
    changes = [frame for frame in polled if frame["type"] != "room.synced"]
    assert [frame["id"] for frame in changes] == [frame["id"] for frame in asked if frame["type"] != "room.synced"]
    assert changes[0]["payload"]["prev"] == 0
    assert since == await alice.world.ado(lambda: RoomHead.objects.get(pk=room).rev)
    reset = await rest.get(f"rooms/{room}/messages/", since_rev=since + 5)
    assert [(frame["type"], frame["payload"]["reason"]) for frame in reset["frames"]] == [
        ("room.reset", "cursor_above_head")
    ]


async def test_sync_fills_a_gap_in_a_live_socket(room: str, alice: Actor, bob: Actor) -> None:
    a, b = await alice.live(), await bob.live()
    for number in range(3):
        await a.send(room, f"message {number}")
    await b.message(room, 3)
    held_room = b.view.rooms[room]
    held_room.messages.clear()
    held_room.cursor -= 3
    ack = await b.do("sync", room=room, since=held_room.cursor)
    assert ack["rev"] == held_room.cursor
    assert held_room.texts == ["message 0", "message 1", "message 2"]
    shape = await alice.world.ado(
        lambda: payloads.message(Message.objects.select_related("author").get(room_id=room, seq=3))
    )
    assert held_room.messages[3]["html"] == shape.html
    await a.send(room, "goes on")
    await b.message(room, 4)
    b.assert_unbroken()
