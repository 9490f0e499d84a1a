"""A person who does not read: sent away before she costs anything, and she loses nothing."""

import asyncio
import json
import select
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.servers import Daphne
from tests.wire.conftest import Actor
from tests.wire.probe import Probe, parts
from tests.world import World

FREELY = {f"LIMIT_{name}": "100000" for name in ("SENDS_PER_S", "SENDS_BURST", "COMMANDS_PER_S", "COMMANDS_BURST")}
# Some 64 kB as a frame: text, and the same as HTML.
TEXT = "\N{GRINNING FACE}" * 8000


@pytest.fixture(scope="module")
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daphne]:
    """A process with the limits of always, but that one may send as much as one likes, and wait only 3 s."""
    environment = world.environment | FREELY | {"LIMIT_PENDING_S": "3"}
    del environment["ORIGINS"]
    server = Daphne(tmp_path_factory.mktemp("slow"), environment=environment)
    server.start()
    yield server
    server.stop()


def resident_kib(pid: int) -> int:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


async def deaf(actor: Actor, server: Daphne, *, until: bytes = b'"ready"', **hello: object) -> Probe:
    """Her socket past `ready` (or the first frame with these bytes), from which she reads no more."""
    headers = {"Authorization": f"Bearer {await actor.token()}", "Sec-WebSocket-Protocol": "parley.v1.json"}
    probe = await asyncio.to_thread(Probe, server.port, "/ws/", headers=headers, buffer=16384)
    probe.say(json.dumps({"id": "h", "type": "hello", "payload": hello}))
    await asyncio.to_thread(probe.read, until=until)
    return probe


def told(probe: Probe) -> list[dict[str, object]]:
    return [json.loads(part.payload) for part in parts(probe.received) if part.first == 0x81]


async def test_she_is_sent_away_at_the_limit_and_reads_on_from_her_cursor(
    room: str, alice: Actor, bob: Actor, server: Daphne
) -> None:
    a, view = await alice.live(at=server), (await bob.live(at=server)).view
    b = await deaf(bob, server)
    before = resident_kib(server.pid)
    others = await alice.live(at=server)
    reading = asyncio.create_task(asyncio.to_thread(read_slowly, b))
    for _ in range(10):
        said = [await a.say("message.send", room=room, client_id=str(uuid4()), text=TEXT) for _ in range(10)]
        for name in said:
            assert (await a.answer(name, within=20))["type"] == "ack"
    await others.message(room, 100, within=20)
    await reading
    frames = told(b)
    assert frames[-1]["type"] == "bye"
    assert frames[-1]["payload"]["code"] == 4008
    assert frames[-1]["payload"]["resume"] is True
    assert parts(b.received)[-1].close == (4008, "too slow")
    assert resident_kib(server.pid) - before < 16 * 1024, "memory returns"
    again = await bob.live(at=server, view=view)
    await again.holds(lambda: again.view.rooms[room].cursor == others.view.rooms[room].cursor)
    assert len(again.view.rooms[room].messages) == 100
    again.assert_unbroken()


async def test_she_is_sent_away_when_what_waits_is_too_old(room: str, alice: Actor, bob: Actor, server: Daphne) -> None:
    a, b = await alice.live(at=server), await deaf(bob, server)
    begun = time.monotonic()
    for _ in range(12):
        await a.send(room, TEXT)
    sent = time.monotonic()
    await asyncio.to_thread(wait_for_end, b)
    assert time.monotonic() - begun > 3, "less than the limit is waiting; it is its age"
    assert time.monotonic() - sent < 3 + 1 + 2 + 1, "3 s, seen each second, and cut off within two"


def read_slowly(probe: Probe) -> None:
    """Half a megabyte a second, until the server ends it."""
    while True:
        try:
            data = probe.socket.recv(16384)
        except ConnectionError:
            return
        if not data:
            return
        probe.received += data
        time.sleep(0.03)


def wait_for_end(probe: Probe) -> None:
    """Until the server has cut the connection off; nothing is read."""
    poll = select.poll()
    poll.register(probe.socket, select.POLLERR | select.POLLHUP)
    assert poll.poll(12_000), "still open"


async def test_a_replay_that_is_larger_than_the_limit_arrives(
    room: str, alice: Actor, bob: Actor, server: Daphne
) -> None:
    b = await bob.live(at=server)
    await b.close()
    await alice.asay(room, *(f"{n} {'x' * 7000}" for n in range(200)))
    again = await bob.live(at=server, view=b.view, door={})
    assert len(again.view.rooms[room].messages) == 200
    again.assert_unbroken()
