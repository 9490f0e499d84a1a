"""Much at once: who reads is never too slow, and who reads slowly takes nothing from the others."""

import json
import time
from uuid import uuid4

from chat.services.draft import Jotting, drafts_set
from tests.wire.conftest import Actor, Cast
from tests.wire.probe import Probe
from tests.wire.test_slow_reader import TEXT, deaf
from tests.world import World

BURST = 20
# As many greetings as a process looks up at a time (`engine.HELLOS_AT_ONCE`), and one.
SLOW = 49


async def test_people_who_all_write_as_much_as_they_may_send_nobody_away(
    cast: Cast, room: str, alice: Actor, bob: Actor, carol: Actor
) -> None:
    reader = await alice.live()
    writers = [await actor.live() for actor in (alice, bob, carol)]
    sent = [
        (writer, await writer.say("message.send", room=room, client_id=str(uuid4()), text=TEXT))
        for _ in range(BURST)
        for writer in writers
    ]
    for writer, name in sent:
        assert (await writer.answer(name, within=30))["type"] == "ack"
    for client in (reader, *writers):
        await client.message(room, BURST * len(writers), within=30)
        client.assert_unbroken()


async def test_what_a_process_missed_comes_to_its_sockets_as_they_can_read_it(
    room: str, alice: Actor, bob: Actor
) -> None:
    readers = [await alice.live(), await bob.live()]
    await alice.asay(room, *["said elsewhere", *([TEXT] * 100)])
    for reader in readers:
        await reader.message(room, 101, within=30)
        reader.assert_unbroken()


async def test_a_long_list_of_rooms_arrives(cast: Cast, world: World, alice: Actor) -> None:
    rooms = [await cast.aroom(alice) for _ in range(60)]

    def write() -> None:
        for room in rooms:
            [kept] = drafts_set(jottings=[Jotting(user_id=int(alice.id), room_id=int(room), text=TEXT, reply_to=None)])
            assert not isinstance(kept, Exception)

    await world.ado(write)
    client = await alice.live()
    await client.until(lambda frame: frame["type"] == "ready.rooms" and not frame["payload"].get("more"), within=10)
    assert client.view.rooms.keys() >= set(rooms)
    await client.send(rooms[0], "and goes on")
    assert sum(len(json.dumps(frame)) for frame in client.all("ready.rooms")) > 1024 * 1024


async def test_who_reads_a_long_replay_slowly_keeps_nobody_from_coming_in(
    cast: Cast, alice: Actor, mallory: Actor
) -> None:
    """Each of them leaves more than the kernel and the window hold."""
    crowd = [alice, *(cast.actor(f"slow{number}") for number in range(4))]
    long = await cast.aroom(*crowd)
    view = (await alice.live()).view
    cursors = {long: view.rooms[long].cursor}
    await alice.asay(long, *([TEXT] * 25))
    probes: list[Probe] = []
    try:
        for actor in (crowd * 10)[:SLOW]:
            probes.append(await deaf(actor, alice.home, until=b'"message.created"', epoch=view.epoch, cursors=cursors))
        begun = time.monotonic()
        await mallory.live(at=alice.home)
        assert time.monotonic() - begun < 5, "not when the first of them is sent away"
    finally:
        for probe in probes:
            probe.socket.close()
