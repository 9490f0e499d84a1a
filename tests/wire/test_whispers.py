"""What is in no log (receipts, how a person looks), what a person's own devices share, and who `@here` calls."""

from tests.wire.conftest import Actor, Cast


async def test_reading_is_shown_to_who_has_the_small_room_on_screen(
    room: str, alice: Actor, bob: Actor, carol: Actor, cast: Cast
) -> None:
    a, b, tab = await alice.live(), await bob.live(), await alice.live(at=bob.home)
    elsewhere, stranger = await carol.live(), await (cast.actor("dora")).live()
    for client in (a, tab):
        await client.do("room.focus", room=room)
    for number in (1, 2, 3):
        await a.send(room, f"number {number}")
        await b.message(room, number)
        await b.do("read.mark", room=room, seq=number)
    for client in (a, tab):
        receipt = await client.got("receipt", room=room, user=bob.id, read_seq=3)
        assert "rev" not in receipt["payload"]
        assert len(client.all("receipt", user=bob.id)) <= 2  # of one second only the last is told
        client.assert_unbroken()
    for client in (elsewhere, stranger):
        await client.barrier()
        assert client.all("receipt") == []


async def test_who_is_hiding_reads_unseen(room: str, alice: Actor, bob: Actor, carol: Actor) -> None:
    a, b, c = await alice.live(), await bob.live(), await carol.live()
    await a.do("room.focus", room=room)
    await b.do("presence.set", state="invisible")
    await a.send(room, "psst")
    for client in (b, c):
        await client.message(room, 1)
        await client.do("read.mark", room=room, seq=1)
    await a.got("receipt", room=room, user=carol.id)
    assert a.all("receipt", user=bob.id) == []


async def test_a_new_name_reaches_those_who_share_a_room_and_nobody_else(
    room: str, alice: Actor, bob: Actor, mallory: Actor
) -> None:
    a, b, tab, m = await alice.live(), await bob.live(), await alice.live(at=bob.home), await mallory.live()
    await (await bob.rest()).patch("me/", {"name": "Robert 罗伯特"})
    for client in (a, tab, b):
        shown = await client.got("person.updated")
        assert (shown["payload"]["person"]["id"], shown["payload"]["person"]["name"]) == (bob.id, "Robert 罗伯特")
        await client.barrier()
        assert len(client.all("person.updated")) == 1
    await m.barrier()
    assert m.all("person.updated") == []


async def test_drafts_preferences_and_setting_back_reach_ones_other_devices(
    room: str, alice: Actor, bob: Actor
) -> None:
    desk, phone, a = await bob.live(), await bob.live(at=alice.home), await alice.live()
    await desk.do("draft.set", room=room, text="begun 开始")
    state = await phone.got("user.state", drafts=[{"room": room, "seq": 0, "text": "begun 开始"}])
    await desk.do("room.prefer", room=room, favourite=True, notify="mentions")
    await phone.got("user.state", preferences=[{"room": room, "favourite": True, "notify": "mentions"}])
    await a.send(room, "one")
    await desk.message(room, 1)
    await desk.do("read.mark", room=room, seq=1)
    back = await desk.do("read.rewind", room=room, seq=0)
    assert back["seq"] == 0
    positions = [frame["payload"]["read"][0] for frame in await _states(phone, 2) if frame["payload"].get("read")]
    assert [(at["read_seq"], at["unread"], at.get("rewinds", 0)) for at in positions] == [(1, 0, 0), (0, 1, 1)]
    assert a.all("user.state") == []
    again = await bob.again(desk)
    entry = again.view.rooms[room].entry
    assert (entry["favourite"], entry["notify"], entry["draft"]["text"]) == (True, "mentions", "begun 开始")
    assert entry["unread"] == 1
    assert state["payload"]["user"] == bob.id


async def _states(client, number: int):  # type: ignore[no-untyped-def]
    await client.holds(lambda: sum(bool(one["payload"].get("read")) for one in client.all("user.state")) >= number)
    return client.all("user.state")


async def test_here_calls_who_is_connected(room: str, alice: Actor, bob: Actor, carol: Actor) -> None:
    a, b = await alice.live(), await bob.live(at=alice.home)
    await a.do("presence.watch", users=[bob.id])
    await a.got("presence", user=bob.id, state="online")
    await a.send(room, "@here look")
    message = await b.message(room, 1)
    assert message["mentions"] == [bob.id]
    await b.do("presence.set", state="invisible")
    await a.got("presence", user=bob.id, state="offline")
    await a.send(room, "@here again")
    assert "mentions" not in await b.message(room, 2)
    c = await carol.live()
    assert "mentions" not in c.view.rooms[room].entry


async def test_who_is_banned_receives_nothing_more(room: str, alice: Actor, bob: Actor, carol: Actor) -> None:
    a, b, c = await alice.live(), await bob.live(), await carol.live()
    await a.send(room, "with Bob")
    await b.message(room, 1)
    await (await alice.rest()).post(f"rooms/{room}/bans/", {"user": bob.id, "reason": "noise"})
    left = await b.got("member.left", room=room)
    assert left["payload"]["membership"]["reason"] == "banned"
    await a.send(room, "without Bob")
    await c.message(room, 2)
    await b.barrier()
    assert [frame["payload"]["message"]["seq"] for frame in b.all("message.created", room=room)] == [1]
    refused = await b.ask("draft.set", room=room, text="x")
    assert refused["payload"]["code"] == "not_found"


async def test_who_is_muted_is_told_so_on_the_wire(room: str, alice: Actor, bob: Actor) -> None:
    b = await bob.live()
    until = 4_000_000_000_000
    await (await alice.rest()).patch(f"rooms/{room}/memberships/{bob.id}/", {"muted_until": until})
    await b.got("member.updated", room=room)
    refused = await b.ask("message.send", room=room, client_id="0f8b9f3e-6f0a-4c0e-9b60-0d7c7a4b2f11", text="x")
    assert refused["payload"]["code"] == "forbidden"
    assert b.all("member.updated")[0]["payload"]["membership"]["muted_until"] == until
