"""People come and go: what they see begins and ends with it, at once and without a hole."""

import asyncio
from typing import Any
from uuid import uuid4

from chat.models import Membership, Message
from tests.wire.client import Client
from tests.wire.conftest import Actor, Cast


async def test_who_is_added_is_in_the_room_at_once(room: str, alice: Actor, bob: Actor, mallory: Actor) -> None:
    await alice.asay(room, "before her time")
    b, m, tab = await bob.live(), await mallory.live(), await mallory.live(at=alice.home)
    assert room not in m.view.rooms
    await (await alice.rest()).post(f"rooms/{room}/memberships/", {"user": mallory.id})
    joined = (await b.got("member.joined", room=room))["payload"]["membership"]
    assert (joined["user"]["id"], joined["role"]) == (mallory.id, "member")
    for client in (m, tab):
        await client.holds(lambda client=client: room in client.view.rooms)
        entry = client.view.rooms[room].entry
        assert (entry["kind"], entry["role"], entry["last_seq"]) == ("private", "member", 1)
    await (await alice.live()).send(room, "welcome")
    for client in (m, tab):
        assert (await client.message(room, 2))["text"] == "welcome"
        await mallory.load(client, room)
        assert client.view.rooms[room].texts == ["before her time", "welcome"]
        assert mallory.id in client.view.rooms[room].members
        client.assert_unbroken()
    assert (await m.send(room, "thank you"))["seq"] == 3
    assert (await b.message(room, 3))["author"]["id"] == mallory.id


async def test_who_joins_a_public_room_sees_its_past_and_its_present(cast: Cast, alice: Actor, bob: Actor) -> None:
    public = await cast.aroom(alice, kind="public")
    await alice.asay(public, "past")
    a, b = await alice.live(), await bob.live()
    refused = await b.ask("message.send", room=public, client_id=str(uuid4()), text="too early")
    assert refused["payload"]["code"] == "forbidden"
    entry = await (await bob.rest()).post(f"rooms/{public}/join/")
    assert (entry["last_seq"], entry["unread"]) == (1, 0)
    await b.holds(lambda: public in b.view.rooms)
    await a.got("member.joined", room=public)
    await a.send(public, "present")
    await b.message(public, 2)
    await bob.load(b, public)
    assert b.view.rooms[public].texts == ["past", "present"]
    for client in (a, b):
        client.assert_unbroken()


async def test_a_removed_member_receives_nothing_more(
    room: str, alice: Actor, bob: Actor, carol: Actor, cast: Cast
) -> None:
    a, b, tab = await alice.live(), await bob.live(), await bob.live(at=alice.home)
    witnesses = [await carol.live(at=bob.home), await carol.live(at=alice.home)]
    await a.send(room, "with Bob")
    for client in (b, tab):
        assert (await client.message(room, 1))["text"] == "with Bob"
    await (await alice.rest()).delete(f"rooms/{room}/memberships/{bob.id}/")
    for client in (b, tab):
        await client.holds(lambda client=client: room not in client.view.rooms)
        await client.got("member.left", room=room)
    await a.send(room, "without Bob")
    await a.do("message.edit", room=room, seq=1, text="edited without Bob")
    for witness in witnesses:
        await witness.message(room, 2)
        await witness.message(room, 1, kind="updated")
    for client in (b, tab):
        await client.barrier()
        assert len(client.all("message.", room=room)) == 1
        assert (
            client.all("member.")[-1]["payload"]["membership"]["left_rev"]
            == client.all("member.")[-1]["payload"]["rev"]
        )
    nowhere = await b.ask("message.send", room="999999999", client_id=str(uuid4()), text="hello?")
    refused = await b.ask("message.send", room=room, client_id=str(uuid4()), text="hello?")
    assert refused["payload"] == nowhere["payload"]
    assert refused["payload"]["code"] == "not_found"
    for kind, more in (("room.focus", {}), ("typing.start", {}), ("read.mark", {"seq": 1}), ("sync", {"since": 0})):
        assert (await b.ask(kind, room=room, **more))["payload"]["code"] == "not_found", kind
    again = await bob.again(b)
    assert room not in again.view.rooms
    assert await alice.world.ado(lambda: Message.objects.filter(room_id=room).count()) == 2


async def test_out_and_in_again_in_one_breath_leaves_no_hole(room: str, alice: Actor, bob: Actor, carol: Actor) -> None:
    a, b, c = await alice.live(), await bob.live(), await carol.live()
    rest = await alice.rest()
    for turn in range(3):
        await a.send(room, f"in {turn}")
        await rest.delete(f"rooms/{room}/memberships/{bob.id}/")
        await a.send(room, f"out {turn}")
        await rest.post(f"rooms/{room}/memberships/", {"user": bob.id})
    last = await a.send(room, "in again")
    await c.message(room, last["seq"])
    # It comes live, or was said already when he was let in.
    await b.holds(lambda: room in b.view.rooms and b.view.rooms[room].cursor >= last["rev"])
    b.assert_unbroken()
    c.assert_unbroken()
    live = [frame["payload"]["message"]["text"] for frame in b.all("message.created", room=room)]
    assert not [text for text in live if text.startswith("out")]
    await bob.load(b, room)
    assert b.view.rooms[room].texts == ["in 0", "out 0", "in 1", "out 1", "in 2", "out 2", "in again"]
    stints = await alice.world.ado(lambda: Membership.objects.filter(room_id=room, user_id=bob.id).count())
    assert stints == 4


async def test_another_role_and_another_topic_arrive_live(room: str, alice: Actor, bob: Actor) -> None:
    b = await bob.live()
    rest = await alice.rest()
    await rest.patch(f"rooms/{room}/memberships/{bob.id}/", {"role": "moderator"})
    await rest.patch(f"rooms/{room}/", {"topic": "今天"})
    assert (await b.got("member.updated", room=room))["payload"]["membership"]["role"] == "moderator"
    assert (await b.got("room.updated", room=room))["payload"]["settings"]["topic"] == "今天"
    await b.holds(lambda: b.view.rooms[room].entry["role"] == "moderator")
    assert b.view.rooms[room].entry["topic"] == "今天"
    b.assert_unbroken()


async def test_nothing_of_a_strangers_first_words_is_missed(cast: Cast, alice: Actor) -> None:
    strangers = [cast.actor(f"stranger{number}", home=cast.world.b) for number in range(5)]
    tabs = [(one, await one.live(at=at)) for one in strangers for at in {cast.world.a, cast.world.b}]
    a, rest = await alice.live(), await alice.rest()

    async def address(one: Actor) -> str:
        room: str = (await rest.post("direct/", {"user": one.id}))["id"]
        for number in range(3):
            await a.send(room, f"word {number}")
        return room

    rooms = dict(zip(strangers, await asyncio.gather(*(address(one) for one in strangers)), strict=True))

    async def hears(one: Actor, client: Client) -> None:
        room = rooms[one]
        await client.holds(lambda: room in client.view.rooms)
        seen = _position(client, "user.state", room)
        assert all(seen < place for place in _places(client, room)), "a frame of a room she had not heard of"
        await one.load(client, room)
        await client.holds(lambda: len(client.view.rooms[room].messages) == 3)
        assert client.view.rooms[room].texts == ["word 0", "word 1", "word 2"]
        assert client.view.rooms[room].entry["counterpart"]["id"] == alice.id
        client.assert_unbroken()

    await asyncio.gather(*(hears(one, client) for one, client in tabs))


def _position(client: Client, kind: str, room: str) -> int:
    return next(
        place
        for place, frame in enumerate(client.frames)
        if frame["type"] == kind and any(entry["id"] == room for entry in frame["payload"].get("rooms", ()))
    )


def _places(client: Client, room: str) -> list[int]:
    def about(payload: dict[str, Any]) -> bool:
        return payload.get("room") == room

    return [place for place, frame in enumerate(client.frames) if about(frame["payload"])]
