"""Storms: who floods, knocks without a word, hangs on half a connection or comes too often costs the others nothing."""

import asyncio
import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from tests.servers import Daphne
from tests.wire.client import Client, Closed, greet
from tests.wire.conftest import Actor, Cast
from tests.wire.figures import ms, percentile
from tests.wire.probe import Probe, parts
from tests.wire.proxied import Proxied
from tests.wire.test_faults_redis import BY_DOORBELL_S, FREELY, number, rings, until_up
from tests.world import World

HELLO_WITHIN_S = 3


def _server(world: World, folder: Any, **environment: str) -> Daphne:
    server = Daphne(folder, environment={**world.environment, **FREELY, **environment}, plain=world.name == "plain")
    del server.environment["ORIGINS"]
    return server


@pytest.fixture(scope="module")
def server(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daphne]:
    """A process whose door is narrow, behind a proxy that says where everybody comes from."""
    server = _server(
        world,
        tmp_path_factory.mktemp("storms"),
        TRUSTED_PROXIES="1",
        METRICS_TOKEN="storms",
        LIMIT_HELLO_WITHIN_S=str(HELLO_WITHIN_S),
        LIMIT_UNIDENTIFIED_PER_ADDRESS="20",
        LIMIT_UNIDENTIFIED="40",
        LIMIT_LOOP_LAG_S="0.03",
    )
    server.start()
    yield server
    server.stop()


async def delays(speaker: Client, listener: Client, room: str, seconds: float) -> list[float]:
    """Seconds from saying to hearing, of what is said every 20 ms for a while."""
    took, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        said = time.monotonic()
        seq = (await speaker.send(room, "tick"))["seq"]
        await listener.message(room, seq)
        took.append(time.monotonic() - said)
        await asyncio.sleep(0.02)
    return took


# ---- at the door


async def knock(server: Daphne, actor: Actor, count: int, address: str = "10.0.0.1") -> list[Client]:
    """Sockets that show a token nobody has looked at, and say nothing."""
    door = {"bearer": "made up", "headers": {"X-Forwarded-For": address}}
    return [await actor.knock(at=server, **door) for _ in range(count)]


async def let_in(clients: list[Client]) -> list[Client]:
    """Those who were not sent away at once; the others were told when to come again."""
    await asyncio.sleep(0.3)
    for client in clients:
        if not client.open:
            bye = await client.goodbye()
            assert bye["code"] == 4013
            assert bye["retry_ms"] > 0
            assert bye["resume"] is True
    return [client for client in clients if client.open]


async def test_who_does_not_say_hello_fills_neither_the_house_nor_the_street(
    cast: Cast, server: Daphne, capsys: pytest.CaptureFixture[str]
) -> None:
    alice, bob, mallory = (cast.actor(name, home=server) for name in ("alice", "bob", "mallory"))
    room = await cast.aroom(alice, bob)
    a, b = await alice.live(), await bob.live()
    before = await delays(a, b, room, 1)

    one = await knock(server, mallory, 30)
    assert len(await let_in(one)) == 20, "of one address"
    other = await knock(server, mallory, 30, "10.0.0.2")
    assert len(await let_in(other)) == 20, "another address is none of this"
    third = await knock(server, mallory, 5, "10.0.0.3")
    assert await let_in(third) == [], "in all"
    meanwhile = await delays(a, b, room, 1)
    # They are gone as soon as they were silent for too long, and then there is room for people.
    for client in (*one, *other):
        if client.open:
            assert (await client.goodbye(within=HELLO_WITHIN_S + 3))["code"] == 4002
    await greet(await bob.knock(bearer=await bob.token(), headers={"X-Forwarded-For": "10.0.0.1"}))
    await b.barrier()
    with capsys.disabled():
        print(f"\n40 silent sockets: heard after {ms(meanwhile)}, before {ms(before)} (p50 / p95 / max)")
    assert percentile(meanwhile, 95) < percentile(before, 95) + 0.1


# ---- inside


def _blast(probe: Probe, seconds: float, rate: int) -> int:
    """Pings, a hundred at a time, until the time is over or the connection."""
    text = b'{"id":"p","type":"ping"}'
    hundred = (b"\x81" + bytes([0x80 | len(text)]) + b"\0\0\0\0" + text) * 100
    sent, begun = 0, time.monotonic()
    probe.socket.settimeout(0.05)
    with contextlib.suppress(OSError):
        while time.monotonic() - begun < seconds:
            with contextlib.suppress(TimeoutError):
                probe.socket.sendall(hundred)
            sent += 100
            time.sleep(max(0.0, begun + sent / rate - time.monotonic()))
    return sent


async def test_ten_thousand_pings_a_second_disturb_nobody(
    cast: Cast, server: Daphne, capsys: pytest.CaptureFixture[str]
) -> None:
    alice, bob, mallory = (cast.actor(name, home=server) for name in ("alice", "bob", "mallory"))
    room = await cast.aroom(alice, bob)
    a, b = await alice.live(), await bob.live()
    before = await delays(a, b, room, 2)
    headers = {"Authorization": f"Bearer {await mallory.token()}", "Sec-WebSocket-Protocol": "parley.v1.json"}
    sent, meanwhile = [], []
    for _ in range(2):
        probe = await asyncio.to_thread(Probe, server.port, "/ws/", headers=headers)
        probe.say('{"id":"h","type":"hello","payload":{}}')
        await asyncio.to_thread(probe.read, until=b'"ready"')
        flood = asyncio.create_task(asyncio.to_thread(_blast, probe, 2.5, 10_000))
        meanwhile += await delays(a, b, room, 2.5)
        sent.append(await flood)
        probe.socket.settimeout(5)
        with contextlib.suppress(ConnectionError):
            await asyncio.to_thread(probe.read)
        closes = [part.close[0] for part in parts(probe.received) if part.first == 0x88]
        assert closes == [4009]
        assert probe.received.count(b'"pong"') <= 110, "few are answered"
        probe.close()
    with capsys.disabled():
        print(f"\n{sum(sent)} pings by one: heard after {ms(meanwhile)}, before {ms(before)} (p50 / p95 / max)")
    # How many of them came to be sent depends on how soon the server cut it off: more than it answers, in any case.
    assert min(sent) > 110
    assert percentile(meanwhile, 95) < percentile(before, 95) + 0.1
    await a.barrier()


async def test_a_person_with_too_many_sockets_keeps_the_last_ones(cast: Cast, server: Daphne) -> None:
    bob = cast.actor("bob", home=server)
    clients = [await bob.live() for _ in range(30)]
    for client in clients[:20]:
        assert (await client.goodbye())["code"] == 4015
    for client in clients[20:]:
        await client.barrier()


# ---- a loop that is late


class Stutter:
    """Lets a process run for a fifth of the time only: its loop is late, whatever it does."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        while not self._over.is_set():
            os.kill(self._pid, signal.SIGSTOP)
            time.sleep(0.2)
            os.kill(self._pid, signal.SIGCONT)
            time.sleep(0.05)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


async def test_while_the_loop_is_late_those_who_are_here_are_preferred(cast: Cast, server: Daphne) -> None:
    alice, bob = cast.actor("alice", home=server), cast.actor("bob", home=server)
    room = await cast.aroom(alice, bob)
    a = await alice.live()
    await bob.token()
    with Stutter(server.pid):
        await asyncio.sleep(3)
        late = [await bob.knock() for _ in range(5)]
        byes = [await client.goodbye(within=10) for client in late]
        assert [(bye["code"], bye["reason"]) for bye in byes] == [(4013, "the server is overloaded")] * 5
        assert all(bye["retry_ms"] > 0 for bye in byes)
        assert (await a.send(room, "still here", within=10))["seq"] == 1
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(ConnectionClosed, Closed):
                await bob.live()
                break
            await asyncio.sleep(0.2)
    assert (await a.send(room, "and on", client_id=str(uuid4())))["seq"] == 2


# ---- half a connection


@pytest.mark.timeout(90)
async def test_half_a_connection_is_noticed_by_the_heartbeat(cast: Cast, world: World) -> None:
    """A laptop that was closed: no FIN, no RST, nothing. 15 s twice and 5 s, for who says `mobile`."""
    alice, bob = cast.actor("alice"), cast.actor("bob")
    room = await cast.aroom(alice, bob)
    a = await alice.live(at=world.a)
    await a.do("presence.watch", users=[bob.id])
    server = urlsplit(world.a.url)
    assert server.port is not None
    proxied = Proxied(server.port)
    probe = await asyncio.to_thread(
        Probe,
        proxied.port,
        "/ws/",
        headers={"Authorization": f"Bearer {await bob.token()}", "Sec-WebSocket-Protocol": "parley.v1.json"},
    )
    probe.say('{"id":"h","type":"hello","payload":{"network":"mobile"}}')
    await asyncio.to_thread(probe.read, until=b'"ready"')
    await a.got("presence", user=bob.id, state="online")
    closed, began = await number(world.a, 'parley_closes_total{code="4001"}', default=0), time.monotonic()
    proxied.do(lambda proxy: proxy.stall())
    while await number(world.a, 'parley_closes_total{code="4001"}', default=0) == closed:
        assert time.monotonic() - began < 45, "nobody noticed"
        await asyncio.sleep(0.5)
    assert time.monotonic() - began > 25, "a phone in a tunnel has its time"
    assert (await a.send(room, "meanwhile"))["seq"] == 1
    probe.close()
    proxied.stop()


# ---- a subscription that died in silence


@pytest.mark.production
@pytest.mark.noisy  # channels_redis logs connections that are thrown away
async def test_a_dead_subscription_is_noticed_and_made_anew(
    cast: Cast, server_environment: dict[str, str], tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    world = cast.world
    port = urlsplit(server_environment["REDIS_URL"]).port
    assert port is not None
    proxied = Proxied(port)
    server = _server(world, tmp_path, REDIS_URL=f"redis://127.0.0.1:{proxied.port}/0")
    server.start()
    try:
        alice, bob = cast.actor("alice", home=world.a), cast.actor("bob", home=server)
        room = await cast.aroom(alice, bob)
        a, b = await alice.live(), await bob.live()
        await rings(a, b, room, [server])
        began = time.monotonic()
        # Those that are open, and for good: as after a router forgot them. New ones are fine.
        assert proxied.do(lambda proxy: proxy.stall_open()) >= 2
        while not await number(server, "parley_deafnesses"):
            assert time.monotonic() - began < 12, "nobody noticed"
            await asyncio.sleep(0.1)
        noticed = time.monotonic() - began
        await until_up(server)
        healed = time.monotonic() - began
        assert percentile(await rings(a, b, room, [server]), 50) <= BY_DOORBELL_S
        assert healed < 12
        b.assert_unbroken()
        with capsys.disabled():
            print(f"\na dead subscription: noticed after {noticed:.1f} s, heard again after {healed:.1f} s")
    finally:
        server.stop()
        proxied.stop()
