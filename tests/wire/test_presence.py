"""Who is there: on any device, at any process, for those who share a room; and how one looks away."""

from realtime.presence import OFFLINE_AFTER_S
from tests.wire.client import Client
from tests.wire.conftest import Actor, Cast


async def sees(client: Client, actor: Actor, state: str, *, since: int = 0) -> int:
    """Wait for this word of hers; where it came."""
    frame = await client.got("presence", user=actor.id, state=state, since=since)
    return client.frames.index(frame) + 1


async def test_a_watched_person_is_online_while_any_of_her_devices_is(room: str, alice: Actor, bob: Actor) -> None:
    a = await alice.live()
    await a.do("presence.watch", users=[bob.id])
    heard = await sees(a, bob, "offline")
    phone = await bob.live()
    heard = await sees(a, bob, "online", since=heard)
    laptop = await bob.live(at=alice.home)
    await phone.close()
    await a.do("presence.watch", users=[bob.id])
    heard = await sees(a, bob, "online", since=heard)
    await laptop.close()
    # A reload does not flicker: she counts as being there for half a minute.
    await a.do("presence.watch", users=[bob.id])
    await sees(a, bob, "online", since=heard)
    assert [frame["payload"]["state"] for frame in a.all("presence")][1:].count("offline") == 0


async def test_who_is_lost_in_the_middle_of_her_commands_is_offline_in_time(
    room: str, alice: Actor, bob: Actor
) -> None:
    a, b = await alice.live(), await bob.live()
    await a.do("presence.watch", users=[bob.id])
    heard = await sees(a, bob, "online")
    for state in ("away", "online") * 14:
        await b.say("presence.set", state=state)
    await b.say("presence.watch", users=[alice.id])
    await b.vanish()
    await a.got("presence", user=bob.id, state="offline", since=heard, within=OFFLINE_AFTER_S + 5)


async def test_away_is_only_what_all_devices_say(room: str, alice: Actor, bob: Actor) -> None:
    a, phone, laptop = await alice.live(), await bob.live(), await bob.live(at=alice.home)
    await a.do("presence.watch", users=[bob.id])
    heard = await sees(a, bob, "online")
    await phone.do("presence.set", state="away")
    await laptop.do("presence.set", state="away")
    heard = await sees(a, bob, "away", since=heard)
    await phone.do("presence.set", state="online")
    await sees(a, bob, "online", since=heard)


async def test_who_is_invisible_looks_offline_everywhere(
    room: str, alice: Actor, bob: Actor, carol: Actor, cast: Cast
) -> None:
    a, phone, laptop, c = await alice.live(), await bob.live(), await bob.live(at=alice.home), await carol.live()
    await a.do("room.focus", room=room)
    await a.do("presence.watch", users=[bob.id])
    heard = await sees(a, bob, "online")
    await laptop.do("typing.start", room=room)
    await a.got("typing", user=bob.id)
    await laptop.do("typing.stop", room=room)
    await a.got("typing", user=bob.id, active=False)
    await phone.do("presence.set", state="invisible")
    heard = await sees(a, bob, "offline", since=heard)
    seen = len(a.all("typing"))
    for device in (phone, laptop):
        await device.do("typing.stop", room=room)
    await c.do("typing.start", room=room)
    await a.got("typing", user=carol.id)
    assert len(a.all("typing", user=bob.id)) == seen
    # Words are signed whatever one looks like; they say nothing of presence.
    await laptop.send(room, "said by somebody invisible")
    await a.message(room, 1)
    await a.do("presence.watch", users=[bob.id])
    await sees(a, bob, "offline", since=heard)
    await phone.do("presence.set", state="online")
    await sees(a, bob, "online", since=heard)


async def test_strangers_learn_nothing(room: str, bob: Actor, mallory: Actor) -> None:
    b, m = await bob.live(), await mallory.live()
    await b.do("presence.watch", users=[bob.id])
    await sees(b, bob, "online")
    nobody = "999999999"
    await m.do("presence.watch", users=[bob.id, nobody, mallory.id])
    await sees(m, mallory, "online")
    await b.do("presence.set", state="away")
    await sees(b, bob, "away")
    await m.barrier()
    assert {frame["payload"]["user"] for frame in m.all("presence")} == {mallory.id}
    person = await (await mallory.rest()).get("people/", ids=bob.id)
    assert set(person["people"][0]) == {"id", "handle", "name"}
