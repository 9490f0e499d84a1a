"""Who is signed out, banned, removed or closed is out at once, at every process; nobody else is. With Redis dead too.

Each prints how long it took.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.servers import Redis
from tests.wire.client import Client, Rest
from tests.wire.conftest import Cast
from tests.world import World

SOON_S = 1.0
# What a dead Redis costs: the next check of positions.
CHECKED_S = 2.0


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    redis = Redis(tmp_path_factory.mktemp("redis-to-die"))
    redis.start()
    yield redis
    redis.stop()


@pytest.fixture(scope="module")
def fragile(
    redis: Redis, server_environment: dict[str, str], django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Two processes with a Redis of their own, which may die."""
    environment = server_environment | {"REDIS_URL": redis.url}
    world = World("production", tmp_path_factory.mktemp("fragile"), environment=environment, processes=2)
    with django_db_blocker.unblock():
        try:
            yield world.start()
        finally:
            world.stop()


@pytest.fixture
async def stage(cast: Cast) -> "Scene":
    return await Scene.set(cast)


class Scene:
    """Alice, Bob and Carol in a room, at every process; Bob on a laptop (a browser) and a phone (a program)."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.alice = cast.actor("alice", role="owner")
        self.bob, self.carol = cast.actor("bob", home=cast.world.b), cast.actor("carol", home=cast.world.b)

    @classmethod
    async def set(cls, cast: Cast) -> "Scene":
        self = cls(cast)
        self.room = await cast.aroom(self.alice, self.bob, self.carol)
        self.laptop = await Rest(cast.world.a.url).sign_in(self.bob.person)
        door = {"cookie": self.laptop.cookie, "origin": cast.world.a.url}
        self.laptops = [await self.bob.live(at=process, door=door) for process in cast.world.processes]
        self.phones = [await self.bob.live(at=process) for process in cast.world.processes]
        self.alices = [await self.alice.live(at=process) for process in cast.world.processes]
        self.carols = [await self.carol.live(at=process) for process in cast.world.processes]
        self.rest = await self.alice.rest(at=cast.world.a)
        for client in (*self.bobs, *self.others):
            await client.do("room.focus", room=self.room)
            await client.do("presence.watch", users=[self.bob.id, self.carol.id])
        return self

    @property
    def bobs(self) -> list[Client]:
        return [*self.laptops, *self.phones]

    @property
    def others(self) -> list[Client]:
        return [*self.alices, *self.carols]

    async def everybody_hears(self, text: str, *clients: Client) -> None:
        seq = (await self.others[0].send(self.room, text))["seq"]
        for client in clients:
            assert (await client.message(self.room, seq))["text"] == text

    async def noise(self, *, redis: bool = True) -> None:
        """All that a member of the room would hear, and proof that members do hear it.

        Without Redis nothing ephemeral goes from one process to the other.
        """
        alice, carol = self.alices[0], self.carols[-1]
        seq = (await alice.send(self.room, "not for him"))["seq"]
        await alice.do("message.edit", room=self.room, seq=seq, text="not for him, edited")
        await alice.do("typing.start", room=self.room)
        await carol.do("read.mark", room=self.room, seq=seq)
        for client in self.carols:
            await client.do("presence.set", state="away")
        await self.rest.patch(f"rooms/{self.room}/", {"topic": f"not for him {seq}"})
        for client in self.others:
            held = client.view.rooms[self.room].messages
            # Whoever reads it from the database gets both changes as one frame.
            await client.holds(lambda held=held: seq in held and held[seq]["text"].endswith("edited"), what="the edit")
            await client.got("room.updated", room=self.room)
        await alice.do("message.delete", room=self.room, seq=seq)
        for client in self.alices if redis else self.alices[-1:]:
            await client.got("receipt", room=self.room, user=self.carol.id)
            if redis:
                await client.got("presence", user=self.carol.id, state="away")

    async def others_stay(self) -> None:
        for client in self.others:
            await client.barrier()
            assert client.open
            client.assert_unbroken()


async def closed(clients: list[Client], code: int, deed: Any, *, within: float, what: str) -> None:
    """All these are closed with this code soon after the deed began."""
    for client in clients:
        assert client.open
    started = time.monotonic()
    await deed
    for client in clients:
        assert (await client.goodbye(within=within + 2))["code"] == code
    took = [client.closed_at - started for client in clients]
    print(f"\n{what}: closed after {', '.join(f'{each * 1000:.0f}' for each in took)} ms")
    assert max(took) <= within, took


async def put_out(scene: Scene, deed: Any, reason: str, *, within: float, what: str, redis: bool = True) -> None:
    """Bob's sockets hear that he has left soon after the deed began, and of the room nothing more."""
    bobs = scene.bobs
    started = time.monotonic()
    arrived = [asyncio.create_task(_left(client, scene.room, within + 2)) for client in bobs]
    await deed
    took = [at - started for at in await asyncio.gather(*arrived)]
    print(f"\n{what}: out after {', '.join(f'{each * 1000:.0f}' for each in took)} ms")
    assert max(took) <= within, took
    marks = [len(client.frames) for client in bobs]
    for client in bobs:
        last = client.all("member.left", room=scene.room)[-1]["payload"]["membership"]
        assert (last["user"]["id"], last["reason"]) == (scene.bob.id, reason)
    known = [len(client.frames) for client in scene.others]
    for client in bobs:
        await client.do("presence.set", state="away")
    await scene.noise(redis=redis)
    for client, mark in zip(scene.others, known, strict=True):
        assert [frame for frame in client.frames[mark:] if frame["payload"].get("user") == scene.bob.id] == []
    for client, mark in zip(bobs, marks, strict=True):
        await client.barrier()
        heard = [frame for frame in client.frames[mark:] if _about(frame["payload"], scene)]
        assert heard == []
        refused = await client.ask("sync", room=scene.room, since=0)
        assert refused["payload"]["code"] == "not_found"
        assert client.open


async def _left(client: Client, room: str, within: float) -> float:
    await client.got("member.left", room=room, within=within)
    await client.holds(lambda: room not in client.view.rooms, within=within)
    return time.monotonic()


def _about(payload: dict[str, Any], scene: Scene) -> bool:
    """Whether a frame tells of the room or of somebody whom he only knew from there."""
    room = payload.get("room") == scene.room or any(entry["id"] == scene.room for entry in payload.get("rooms", ()))
    return room or payload.get("user") in {scene.alice.id, scene.carol.id}


def ban(scene: Scene) -> Any:
    return scene.rest.post(f"rooms/{scene.room}/bans/", {"user": scene.bob.id})


def removal(scene: Scene) -> Any:
    return scene.rest.delete(f"rooms/{scene.room}/memberships/{scene.bob.id}/")


PUT_OUT: dict[str, Callable[[Scene], Any]] = {"banned": ban, "removed": removal}


async def test_signing_out_closes_that_device_at_every_process_within_a_second(stage: Scene) -> None:
    await stage.everybody_hears("all of them hear this", *stage.bobs, *stage.others)
    await closed(stage.laptops, 4503, stage.laptop.sign_out(), within=SOON_S, what="signed out")
    await stage.everybody_hears("his phone still does", *stage.phones, *stage.others)
    assert all(len(client.all("message.created")) == 1 for client in stage.laptops)
    await stage.others_stay()


@pytest.mark.parametrize("reason", PUT_OUT)
async def test_who_is_put_out_of_a_room_hears_nothing_of_it_from_then_on(reason: str, stage: Scene) -> None:
    await stage.everybody_hears("all of them hear this", *stage.bobs, *stage.others)
    await put_out(stage, PUT_OUT[reason](stage), reason, within=SOON_S, what=reason)
    await stage.others_stay()


async def test_who_shares_another_room_still_sees_who_is_there(stage: Scene) -> None:
    await stage.cast.aroom(stage.alice, stage.bob, stage.carol)
    await removal(stage)
    for client in stage.bobs:
        await client.got("member.left", room=stage.room)
    marks = [len(client.frames) for client in (*stage.bobs, *stage.alices)]
    for client in (*stage.bobs, *stage.carols):
        await client.do("presence.set", state="away")
    for client, mark in zip((*stage.bobs, *stage.alices), marks, strict=True):
        await client.got("presence", since=mark, user=stage.carol.id, state="away")
    for client, mark in zip(stage.alices, marks[len(stage.bobs) :], strict=True):
        await client.got("presence", since=mark, user=stage.bob.id, state="away")


async def test_a_closed_account_is_out_at_every_process_within_a_second(stage: Scene) -> None:
    await stage.everybody_hears("all of them hear this", *stage.bobs, *stage.others)
    closing = stage.rest.patch(f"admin/people/{stage.bob.id}/", {"active": False})
    await closed(stage.bobs, 4504, closing, within=SOON_S, what="account closed")
    await stage.noise()
    assert all(len(client.all("message.created")) == 1 for client in stage.bobs)
    await stage.others_stay()


@pytest.mark.production
async def test_with_redis_dead_all_of_this_takes_two_seconds_at_most(fragile: World, redis: Redis) -> None:
    cast = Cast(fragile)
    try:
        scenes = [await Scene.set(cast) for _ in range(4)]
        for scene in scenes:
            await scene.everybody_hears("with Redis", *scene.bobs, *scene.others)
        redis.kill()
        signed_out, banned, removed, shut = scenes
        signing_out = signed_out.laptop.sign_out()
        await closed(signed_out.laptops, 4503, signing_out, within=CHECKED_S, what="signed out, Redis dead")
        await signed_out.everybody_hears("his phone still does", *signed_out.phones, *signed_out.others)
        await put_out(banned, ban(banned), "banned", within=CHECKED_S, what="banned, Redis dead", redis=False)
        await put_out(removed, removal(removed), "removed", within=CHECKED_S, what="removed, Redis dead", redis=False)
        closing = shut.rest.patch(f"admin/people/{shut.bob.id}/", {"active": False})
        await closed(shut.bobs, 4504, closing, within=CHECKED_S, what="account closed, Redis dead")
        for scene in scenes:
            await scene.others_stay()
    finally:
        await cast.close()
