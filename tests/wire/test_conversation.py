"""Two people talk: what one says the other hears, once, in order, whatever process each is at."""

import asyncio
from uuid import uuid4

from chat.models import Membership, Message, MessageEdit
from tests.wire.conftest import Actor, Cast


async def test_ready_says_who_one_is_and_what_one_is_in(room: str, alice: Actor, bob: Actor, cast: Cast) -> None:
    await alice.asay(room, "one", "two")
    direct = (await (await bob.rest()).post("direct/", {"user": alice.id}))["id"]
    client = await bob.live(network="mobile")
    ready = client.frames[0]
    assert set(ready) == {"id", "ts", "type", "payload", "re"}
    payload = ready["payload"]
    assert ready["type"] == "ready"
    assert payload["user"]["handle"] == bob.person.handle
    assert payload["user"]["rev"] >= 1
    assert payload["epoch"]
    assert payload["connection"]
    assert payload["heartbeat"] == {"interval_s": 15, "misses": 2}
    assert payload["limits"]["command_bytes"] == 128 * 1024
    assert payload["limits"]["text_code_points"] == 8000
    assert payload["resume"] == {}
    entries = {entry["id"]: entry for entry in payload["rooms"]}
    assert set(entries) == {room, direct}
    assert entries[room] | {"name": "", "joined_rev": 0} == {
        "id": room,
        "kind": "private",
        "name": "",
        "topic": "",
        "archived": False,
        "role": "member",
        "joined_rev": 0,
        "rev": 6,
        "last_seq": 2,
        "read_seq": 0,
        "unread": 2,
    }
    assert entries[direct]["counterpart"]["handle"] == alice.person.handle
    assert client.connection.subprotocol == "parley.v1.json"


async def test_what_is_said_is_stored_and_reaches_everybody_once_and_in_order(
    room: str, alice: Actor, bob: Actor, carol: Actor
) -> None:
    a, b, c, second = await alice.live(), await bob.live(), await carol.live(), await bob.live()
    texts = [f"message {number} 你好 🎉" for number in range(1, 11)]
    sent = [await a.say("message.send", room=room, client_id=str(uuid4()), text=text) for text in texts]
    for seq, name in enumerate(sent, 1):
        ack = await a.answer(name)
        assert (ack["type"], ack["payload"]["room"], ack["payload"]["seq"]) == ("ack", room, seq)
        stored = await alice.world.ado(lambda seq=seq: Message.objects.get(room_id=room, seq=seq))
        assert (stored.text, stored.rev) == (texts[seq - 1], ack["payload"]["rev"])
    for client in (a, b, c, second):
        await client.message(room, 10)
        await client.barrier()
        frames = client.all("message.created", room=room)
        assert [frame["payload"]["message"]["text"] for frame in frames] == texts
        assert [frame["payload"]["message"]["seq"] for frame in frames] == list(range(1, 11))
        assert [frame["id"] for frame in frames] == [f"{room}.{frame['payload']['rev']}" for frame in frames]
        client.assert_unbroken()
    assert b.all("message.created")[0]["payload"]["message"]["author"] == {"id": alice.id, "name": "Alice"}


async def test_the_same_client_id_is_one_message_and_the_first_ack(room: str, alice: Actor, bob: Actor) -> None:
    a, elsewhere, b = await alice.live(), await alice.live(at=bob.home), await bob.live()
    client_id = str(uuid4())
    first = await a.send(room, "once", client_id=client_id)
    assert "duplicate" not in first
    await a.send(room, "something else in between")
    again = await elsewhere.send(room, "once", client_id=client_id)
    assert again == {**first, "duplicate": True}
    both = [await a.say("message.send", room=room, client_id=client_id, text="once") for _ in range(2)]
    assert [(await a.answer(name))["payload"] for name in both] == [again, again]
    other = await a.ask("message.send", room=room, client_id=client_id, text="another text")
    assert other["payload"]["code"] == "conflict"
    assert set(other["payload"]["fields"]) == {"client_id"}
    assert (await b.send(room, "the same client_id of another author", client_id=client_id))["seq"] == 3
    await b.message(room, 3)
    await b.barrier()
    assert b.view.rooms[room].texts == ["once", "something else in between", "the same client_id of another author"]
    b.assert_unbroken()


async def test_edit_delete_and_reply_arrive_live(room: str, alice: Actor, bob: Actor) -> None:
    a, b = await alice.live(), await bob.live()
    await a.send(room, "**first** draft")
    assert (await b.message(room, 1))["html"].strip() == "<p><strong>first</strong> draft</p>"
    reply = await b.send(room, "what do you mean?", reply_to=1)
    assert (await a.message(room, reply["seq"]))["reply_to"] == 1
    edited = await a.do("message.edit", room=room, seq=1, text="second draft")
    frame = await b.message(room, 1, kind="updated")
    assert (frame["text"], frame["rev"], frame["seq"]) == ("second draft", edited["rev"], 1)
    assert frame["edited_at"] >= frame["created_at"]
    deleted = await a.do("message.delete", room=room, seq=1)
    tombstone = await b.message(room, 1, kind="deleted")
    assert (tombstone["text"], tombstone["html"], tombstone["deleted"]) == ("", "", True)
    assert tombstone["rev"] == deleted["rev"]
    assert b.view.rooms[room].texts == [None, "what do you mean?"]
    stored = await alice.world.ado(lambda: Message.objects.get(room_id=room, seq=1))
    assert (stored.text, stored.html) == ("", "")
    edits = await alice.world.ado(
        lambda: list(MessageEdit.objects.filter(message=stored).values_list("text", flat=True))
    )
    assert edits == [""]
    for client in (a, b):
        client.assert_unbroken()


async def test_a_read_position_moves_forward_only_and_ones_other_device_hears_of_it(
    room: str, alice: Actor, bob: Actor
) -> None:
    await alice.asay(room, "one", "two", "three")
    tokens = [(await bob.device(label)).access for label in ("phone", "laptop")]
    phone = await bob.live(door={"bearer": tokens[0]})
    laptop = await bob.live(at=alice.home, door={"bearer": tokens[1]})
    a = await alice.live()
    assert (await phone.do("read.mark", room=room, seq=2))["seq"] == 2
    state = (await laptop.got("user.state"))["payload"]
    assert [(read["room"], read["read_seq"], read["unread"]) for read in state["read"]] == [(room, 2, 1)]
    assert (await phone.do("read.mark", room=room, seq=1))["seq"] == 2
    assert (await phone.do("read.mark", room=room, seq=999_999))["seq"] == 3
    await laptop.holds(lambda: laptop.view.rooms[room].entry["read_seq"] == 3)
    assert laptop.view.rooms[room].entry["unread"] == 0
    assert len(laptop.all("user.state")) == 2
    await laptop.barrier()
    for client in (phone, laptop):
        client.assert_unbroken()
    await a.barrier()
    assert a.all("user.state") == []
    stored = await bob.world.ado(lambda: Membership.objects.get(room_id=room, user_id=bob.id))
    assert stored.read_seq == 3


async def test_typing_is_seen_by_those_who_have_the_room_on_screen(
    room: str, alice: Actor, bob: Actor, carol: Actor, cast: Cast
) -> None:
    other = await cast.aroom(alice, bob, carol)
    a, own_tab, b, c = (
        await alice.live(),
        await alice.live(at=bob.home),
        await bob.live(),
        await carol.live(at=bob.home),
    )
    await b.do("room.focus", room=room)
    await own_tab.do("room.focus", room=room)
    await c.do("room.focus", room=other)
    await a.do("typing.start", room=room)
    seen = (await b.got("typing"))["payload"]
    assert (seen["room"], seen["user"], seen["active"]) == (room, alice.id, True)
    assert seen["ttl_ms"] > 0
    await a.do("typing.stop", room=room)
    await b.got("typing", active=False)
    # Carol looks at another room, Alice's second tab is her own: both are at the process where Bob has heard it.
    for client in (c, own_tab):
        await client.barrier()
        assert client.all("typing") == []
    await c.do("room.focus", room=room)
    await b.do("room.focus", room=None)
    await asyncio.wait_for(_typed(a, room), 10)
    await c.got("typing", active=True)
    await b.barrier()
    assert len(b.all("typing")) == 2


async def _typed(client, room: str) -> None:  # type: ignore[no-untyped-def]
    """Type as soon as the bucket lets one."""
    while (answer := await client.ask("typing.start", room=room))["type"] == "error":
        await asyncio.sleep(answer["payload"]["retry_ms"] / 1000)


async def test_a_rest_call_and_a_command_are_the_same_deed(room: str, alice: Actor, bob: Actor) -> None:
    rest, b = await alice.rest(), await bob.live()
    client_id = str(uuid4())
    posted = await rest.post(f"rooms/{room}/messages/", {"client_id": client_id, "text": "by REST"})
    live = await b.message(room, 1)
    assert live["text"] == "by REST"
    fetched = await (await bob.rest()).get(f"rooms/{room}/messages/1/")
    assert fetched == live
    assert posted["seq"] == 1
    a = await alice.live()
    assert await a.send(room, "by REST", client_id=client_id) == {
        "room": room,
        "seq": 1,
        "rev": live["rev"],
        "duplicate": True,
    }
    await rest.patch(f"rooms/{room}/messages/1/", {"text": "edited by REST"})
    assert (await b.message(room, 1, kind="updated"))["text"] == "edited by REST"
    await rest.delete(f"rooms/{room}/messages/1/")
    await b.message(room, 1, kind="deleted")
    b.assert_unbroken()


async def test_a_page_and_the_live_frames_make_the_same_view(room: str, alice: Actor, bob: Actor) -> None:
    a, b = await alice.live(), await bob.live()
    for number in range(5):
        await a.send(room, f"message {number}")
    await a.do("message.edit", room=room, seq=2, text="edited")
    await a.do("message.delete", room=room, seq=3)
    await b.message(room, 3, kind="deleted")
    page = await (await bob.rest()).get(f"rooms/{room}/messages/")
    assert {message["seq"]: message for message in page["messages"]} == b.view.rooms[room].messages
    assert page["rev"] == b.view.rooms[room].cursor
