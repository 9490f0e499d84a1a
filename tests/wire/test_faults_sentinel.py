"""Redis behind three Sentinels: its master dies or hangs, a replica takes its place, and nobody configures anything."""

import asyncio
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Redis, Server, eventually, program
from tests.wire.client import Rest
from tests.wire.conftest import Cast
from tests.wire.figures import ms, percentile
from tests.wire.test_faults_redis import (
    ACK_P95_S,
    BY_DOORBELL_S,
    ELSEWHERE_S,
    FREELY,
    Talk,
    number,
    rings,
    until_up,
)
from tests.world import World

pytestmark = [pytest.mark.production, pytest.mark.noisy]  # channels_redis logs each vain attempt to connect again

NAME = "parley"
QUORUM = 2
DOWN_AFTER_MS = 1000
FAILED_OVER_S = 20.0


def ask(port: int, *words: str) -> str:
    """A command's answer, as it comes over the wire."""
    with socket.create_connection(("127.0.0.1", port), 2) as connection:
        connection.settimeout(2)
        connection.sendall((" ".join(words) + "\r\n").encode())
        time.sleep(0.02)
        return connection.recv(1 << 16).decode()


class Replica(Redis):
    """Follows a master."""

    name = "replica"

    def __init__(self, folder: Path, master: int) -> None:
        super().__init__(folder)
        self.master = master

    def command(self) -> list[str]:
        return [*super().command(), "--replicaof", "127.0.0.1", str(self.master)]


class Sentinel(Server):
    """Watches a master together with others."""

    name = "sentinel"

    def __init__(self, folder: Path, master: int) -> None:
        super().__init__(folder)
        self.file = folder / "sentinel.conf"
        self.file.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\n"
            f"sentinel monitor {NAME} 127.0.0.1 {master} {QUORUM}\n"
            f"sentinel down-after-milliseconds {NAME} {DOWN_AFTER_MS}\n"
            f"sentinel failover-timeout {NAME} 5000\n"
        )

    def command(self) -> list[str]:
        return [program("redis-server"), str(self.file), "--sentinel"]

    def ready(self) -> bool:
        return ask(self.port, "PING").startswith("+PONG")

    @property
    def complete(self) -> bool:
        """Whether it knows the replica and the two others."""
        said = ask(self.port, "SENTINEL", "MASTER", NAME).split("\r\n")
        known = dict(zip(said[2::4], said[4::4], strict=False))
        return known.get("num-slaves") == "1" and known.get("num-other-sentinels") == "2"

    @property
    def master(self) -> int:
        return int(ask(self.port, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME).split("\r\n")[4])


class Trio:
    """A master, a replica, and three who watch."""

    def __init__(self, folder: Path) -> None:
        self.master = Redis(folder / "master")
        self.replica = Replica(folder / "replica", self.master.port)
        self.sentinels = [Sentinel(self._folder(folder, number), self.master.port) for number in range(3)]

    @staticmethod
    def _folder(folder: Path, number: int) -> Path:
        place = folder / f"sentinel{number}"
        place.mkdir(parents=True)
        return place

    def start(self) -> "Trio":
        for server in (self.master, self.replica, *self.sentinels):
            server.start()
        eventually(lambda: all(sentinel.complete for sentinel in self.sentinels), within=30, every=0.2)
        return self

    def stop(self) -> None:
        for server in (*self.sentinels, self.replica, self.master):
            server.kill()


@pytest.fixture(scope="module", params=["killed", "stopped"])
def fault(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def trio(fault: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trio]:
    trio = Trio(tmp_path_factory.mktemp(f"trio-{fault}"))
    try:
        yield trio.start()
    finally:
        trio.stop()


@pytest.fixture(scope="module")
def world(
    trio: Trio, server_environment: dict[str, str], django_db_blocker: object, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Two processes that know nothing but the Sentinels and a name."""
    sentinels = ",".join(f"127.0.0.1:{sentinel.port}" for sentinel in trio.sentinels)
    environment = server_environment | FREELY | {"REDIS_URL": f"redis://{NAME}/0", "REDIS_SENTINELS": sentinels}
    world = World("production", tmp_path_factory.mktemp("world"), environment=environment, processes=2)
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        try:
            yield world.start()
        finally:
            world.stop()


async def test_another_master_takes_over(
    fault: str, trio: Trio, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    world = cast.world
    people = [cast.actor(f"person{number}", home=world.processes[number % 2]) for number in range(4)]
    room = await cast.aroom(people[0], *people[1:])
    browser = await Rest(world.a.url).sign_in(people[0].person)
    clients = [await person.live() for person in people]
    assert max(await rings(clients[0], clients[1], room, world.processes)) < ELSEWHERE_S
    pids = [process.pid for process in world.processes]
    talk = Talk(room, clients)
    await asyncio.sleep(1)

    away = time.monotonic()
    trio.master.kill() if fault == "killed" else trio.master.pause()
    while trio.sentinels[0].master != trio.replica.port:
        assert time.monotonic() - away < FAILED_OVER_S, "the Sentinels do not agree"
        await asyncio.sleep(0.1)
    elected = time.monotonic() - away
    for process in world.processes:
        await until_up(process, within=FAILED_OVER_S)
    up = time.monotonic() - away
    await asyncio.sleep(ELSEWHERE_S)
    await talk.end()
    if fault == "stopped":
        # Its connections stay open and say nothing: only a probe finds out that nobody speaks there any more.
        for process in world.processes:
            while not await number(process, "parley_deafnesses"):
                assert time.monotonic() - away < FAILED_OVER_S
                await asyncio.sleep(0.1)
    for process in world.processes:
        await until_up(process)
    ringing = await rings(clients[0], clients[1], room, world.processes)
    ringing_back = await rings(clients[1], clients[0], room, world.processes)
    assert (await browser.get("me/"))["id"] == people[0].id, "sessions are judged by the database"

    heard, acks = talk.heard_between(away, away + up), talk.acks_between(away, away + up)
    with capsys.disabled():
        print(
            f"\nmaster {fault}: another one after {elected:.1f} s, doorbells up after {up:.1f} s; meanwhile acks"
            f" {ms(acks)}, heard {ms(heard)}; then by doorbell {ms(ringing)} (p50 / p95 / max)"
        )
    assert len(acks) > 10
    assert percentile(acks, 95) <= ACK_P95_S
    assert max(heard) <= ELSEWHERE_S
    for took in (ringing, ringing_back):
        assert percentile(took, 50) <= BY_DOORBELL_S
    for client in clients:
        client.assert_unbroken()
    assert [process.pid for process in world.processes] == pids
