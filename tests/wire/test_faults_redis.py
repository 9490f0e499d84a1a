"""Redis is only the doorbell: killed or hanging it costs a second of latency between processes, and nothing else."""

import asyncio
import os
import re
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import redis as redis_py
from django.conf import settings
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.models import Message, RoomHead
from realtime.consumer import SocketConsumer
from tests.servers import Daphne, Redis
from tests.wire.client import Client, Rest
from tests.wire.conftest import Actor, Cast
from tests.wire.figures import ms, percentile
from tests.world import World

pytestmark = pytest.mark.production

ACK_P95_S = 0.3
ELSEWHERE_S = 2.0
# Without the doorbell a message waits for the next position check, half a second on average.
BY_DOORBELL_S = 0.25
STOPPED_S = float(os.environ.get("PARLEY_REDIS_STOPPED_S", "10"))
FREELY = {
    "LIMIT_SENDS_PER_S": "1000",
    "LIMIT_SENDS_BURST": "1000",
    "LIMIT_COMMANDS_PER_S": "1000",
    "LIMIT_COMMANDS_BURST": "1000",
    "LIMIT_HELLOS_PER_MIN": "1000",
}


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    """One of our own, to be killed."""
    server = Redis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def world(
    redis: Redis, server_environment: dict[str, str], django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Two processes on that Redis, with limits a conversation without pauses does not reach."""
    environment = server_environment | {"REDIS_URL": redis.url} | FREELY
    world = World("production", tmp_path_factory.mktemp("world"), environment=environment, processes=2)
    with django_db_blocker.unblock():
        try:
            yield world.start()
        finally:
            world.stop()


class Talk:
    """Three people at each process who talk all the time, and how long everything takes."""

    def __init__(self, room: str, clients: list[Client]) -> None:
        self.room = room
        self.clients = clients
        self.acks: list[tuple[float, float]] = []
        self._over = asyncio.Event()
        self._speakers = [asyncio.create_task(self._speak(client)) for client in clients]

    async def _speak(self, client: Client) -> None:
        while not self._over.is_set():
            said = time.monotonic()
            await client.send(self.room, f"{said}", within=10)
            self.acks.append((said, time.monotonic() - said))
            await asyncio.sleep(0.05)

    async def end(self) -> None:
        self._over.set()
        await asyncio.gather(*self._speakers)

    def acks_between(self, start: float, end: float) -> list[float]:
        """Seconds from saying to ack, of what was said in this time."""
        return [took for said, took in self.acks if start <= said < end]

    def heard_between(self, start: float, end: float) -> list[float]:
        """Seconds from saying to hearing, at every socket, of what was said in this time."""
        return [
            arrived - said
            for client in self.clients
            for frame, arrived in zip(client.frames, client.arrived, strict=True)
            if frame["type"] == "message.created" and frame["payload"]["room"] == self.room
            if start <= (said := float(frame["payload"]["message"]["text"])) < end
        ]


async def number(process: Daphne, name: str, *, default: float | None = None) -> float:
    """A figure of /metrics, with its labels if it has any; `default` if nothing was counted there yet."""
    _, text = await asyncio.to_thread(process.get, "/metrics")
    found = re.search(rf"^{re.escape(name)}(?:_total)? (\S+)$", text, re.MULTILINE)
    if found is None and default is not None:
        return default
    assert found is not None, text
    return float(found[1])


async def until_up(process: Daphne, *, within: float = 5) -> float:
    """How long it takes the process to have its doorbell back."""
    started = time.monotonic()
    while not await number(process, "parley_doorbell_up"):
        assert time.monotonic() - started < within, "the doorbell does not come back"
        await asyncio.sleep(0.1)
    return time.monotonic() - started


async def rings(sender: Client, receiver: Client, room: str, processes: list[Daphne]) -> list[float]:
    """Seconds from saying to hearing of ten messages, once they come by doorbell and not by a look at the database."""
    for _ in range(20):
        repairs = [await number(process, "parley_repairs") for process in processes]
        took = []
        for _ in range(10):
            said = time.monotonic()
            await receiver.message(room, (await sender.send(room, f"{said}"))["seq"])
            took.append(time.monotonic() - said)
        if [await number(process, "parley_repairs") for process in processes] == repairs:
            return took
    raise AssertionError(f"no ten messages in a row came by doorbell: {took}")


@pytest.mark.noisy  # channels_redis logs each vain attempt to connect again as an error, with its traceback
@pytest.mark.parametrize("fault", ["killed", "stopped"])
async def test_without_redis_people_go_on_talking(
    fault: str, redis: Redis, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    world = cast.world
    people = [cast.actor(f"person{n}", home=world.processes[n % 2]) for n in range(6)]
    late = cast.actor("late", home=world.b)
    room = await cast.aroom(people[0], *people[1:])
    fresh = await cast.aroom(people[0], late)
    browser = await Rest(world.b.url).sign_in(late.person)
    clients = [await person.live() for person in people]
    pids = [process.pid for process in world.processes]
    talk = Talk(room, clients)
    started = time.monotonic()
    await asyncio.sleep(2)

    away = time.monotonic()
    redis.kill() if fault == "killed" else redis.pause()
    for process in world.processes:
        while await number(process, "parley_doorbell_up"):
            assert time.monotonic() - away < 5, "nobody noticed that Redis is away"
            await asyncio.sleep(0.1)
    noticed = time.monotonic() - away

    # A page, the API and sockets by every door, while Redis is away; topics that no process serves yet.
    began = time.monotonic()
    by_cookie = await late.live(door={"cookie": browser.cookie, "origin": world.b.url})
    cookie_s = time.monotonic() - began
    by_token = await late.live(at=world.a)
    assert (await browser.get(f"rooms/{fresh}/"))["entry"]["id"] == fresh
    said = time.monotonic()
    ack = await clients[0].send(fresh, "while Redis is away")
    await by_cookie.message(fresh, ack["seq"], within=ELSEWHERE_S)
    late_s = time.monotonic() - said
    await by_token.message(fresh, ack["seq"])
    assert (await by_cookie.send(fresh, "I hear you"))["seq"] == 2
    status, ready = await asyncio.to_thread(world.a.get, "/readyz")
    assert (status, '"degraded"' in ready) == (200, True)
    await asyncio.sleep(max(0.0, (4 if fault == "killed" else STOPPED_S) - (time.monotonic() - away)))

    back = time.monotonic()
    redis.start() if fault == "killed" else redis.resume()
    up = [await until_up(process) for process in world.processes]
    await asyncio.sleep(ELSEWHERE_S)
    await talk.end()
    ringing = await rings(clients[0], clients[1], room, world.processes)
    ringing_fresh = await rings(clients[0], by_cookie, fresh, world.processes)
    ringing_back = await rings(by_cookie, by_token, fresh, world.processes)

    head, count = await world.ado(lambda: (RoomHead.objects.get(pk=room), Message.objects.filter(room_id=room).count()))
    assert head.last_seq == count
    for client in clients:
        await client.holds(lambda client=client: client.view.rooms[room].cursor == head.rev)
        client.assert_unbroken()
        assert sorted(client.view.rooms[room].messages) == list(range(1, count + 1))
    for client in (by_cookie, by_token):
        client.assert_unbroken()

    acks, heard = talk.acks_between(away, back), talk.heard_between(away, back)
    before = talk.heard_between(started, away - 1)
    with capsys.disabled():
        print(
            f"\nRedis {fault} for {back - away:.1f} s, {len(acks)} messages meanwhile; p50 / p95 / max"
            f"\n  acks {ms(acks)} (before: {ms(talk.acks_between(started, away))})"
            f"\n  heard at both processes {ms(heard)} (before: {ms(before)})"
            f"\n  noticed after {noticed:.1f} s; a socket by cookie: {cookie_s:.1f} s, a first message: {late_s:.2f} s"
            f"\n  back after {max(up):.1f} s; by doorbell again {ms(ringing)}, in a late one's room {ms(ringing_fresh)}"
        )
    assert len(acks) > 50
    assert len(heard) == len(acks) * len(clients)
    assert percentile(acks, 95) <= ACK_P95_S
    assert max(heard) <= ELSEWHERE_S
    for took in (ringing, ringing_fresh, ringing_back):
        assert percentile(took, 50) <= BY_DOORBELL_S
    assert [process.pid for process in world.processes] == pids
    assert all(process.running for process in world.processes)


async def test_an_idle_doorbell_still_rings(room: str, alice: Actor, bob: Actor, cast: Cast) -> None:
    """redis-py's own default closes a connection on which nothing came for five seconds."""
    a, b = await alice.live(), await bob.live()
    assert percentile(await rings(a, b, room, cast.world.processes), 50) <= BY_DOORBELL_S
    await asyncio.sleep(6)
    repairs = await number(cast.world.b, "parley_repairs")
    said = time.monotonic()
    await b.message(room, (await a.send(room, "after a long silence"))["seq"])
    assert time.monotonic() - said <= BY_DOORBELL_S
    assert await number(cast.world.b, "parley_repairs") == repairs


async def test_more_sockets_are_not_more_subscriptions(
    redis: Redis, room: str, alice: Actor, bob: Actor, carol: Actor
) -> None:
    def channels() -> set[bytes]:
        with redis_py.Redis(port=redis.port, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as connection:
            return set(connection.pubsub_channels())

    a, b = await alice.live(), await bob.live()
    await rings(a, b, room, alice.world.processes)
    before = await asyncio.to_thread(channels)
    assert before
    more = [await bob.live() for _ in range(8)]
    for client in more:
        await client.barrier()
    assert await asyncio.to_thread(channels) == before
    assert SocketConsumer.channel_layer_alias not in settings.CHANNEL_LAYERS
    assert not getattr(SocketConsumer, "groups", None)
    assert (await more[-1].send(room, "heard by all", client_id=str(uuid4())))["seq"] > 0
