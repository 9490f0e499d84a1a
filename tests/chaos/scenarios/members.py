"""People are removed and let in again while nothing works as it should."""

import asyncio
import time

from accounts.services.device import devices_end_all
from tests.chaos.registry import scenario
from tests.chaos.scene import ELSEWHERE_S, Scene


async def _churn(scene: Scene, rounds: int, pause_s: float = 0.4) -> None:
    """Again and again somebody is removed from a room and let in again."""
    for _ in range(rounds):
        member = scene.random.choice(scene.members[1:])
        room = scene.random.choice(scene.rooms)
        removal = await scene.remove(member, room)
        await scene.wait(scene.random.uniform(0.5, 1.5) * pause_s)
        await scene.let_in_again(removal)
        await scene.wait(scene.random.uniform(0, 0.5) * pause_s)


@scenario()
async def churn(scene: Scene) -> None:
    """Nothing else is wrong."""
    await _churn(scene, 8)


@scenario(fast=True)
async def removed_while_cut(scene: Scene) -> None:
    """She is removed while her socket is cut; when she is back the room is gone, and nothing said there reaches her."""

    async def cut() -> None:
        for door in scene.stage.doors:
            door.cut()

    async with scene.meanwhile(cut, 0.7):
        await _churn(scene, 5, 0.8)
    out = scene.members[2]
    await scene.remove(out, scene.rooms[0])
    scene.stage.doors[0].cut()
    await scene.wait(1.5)
    await out.live()
    assert scene.rooms[0] not in out.view.rooms
    assert scene.rooms[1] in out.view.rooms


@scenario(fast=True)
async def churn_without_doorbell(scene: Scene) -> None:
    """Half of what is published is lost."""
    for line in scene.stage.redis_lines:
        line.lost, line.doubled, line.late = 0.5, 0.1, 0.1
    await _churn(scene, 6)


@scenario(within=90)
async def churn_without_redis(scene: Scene) -> None:
    """Redis is away."""
    scene.stage.redis.kill()
    await _churn(scene, 8)
    scene.stage.redis.start()
    await _churn(scene, 4)
    await scene.normal_again()


@scenario(within=90)
async def churn_with_slow_database(scene: Scene) -> None:
    """Every read of who may be where is old when it arrives."""
    for member in scene.members:
        member.answer_s = 10
    for line in scene.stage.database_lines:
        line.delay(0.05)
    for door in scene.stage.doors:
        door.cut_after(10_000, 60_000)
    await _churn(scene, 8)


@scenario(fast=True)
async def signed_out_without_doorbell(scene: Scene) -> None:
    """A device ends while no process can be told: its socket hears nothing later than the next position check."""
    out = scene.members[0]
    client = await out.live()
    for line in scene.stage.redis_lines:
        line.lost = 1.0
    began = time.monotonic()
    assert await scene.store(lambda: devices_end_all(user_id=int(out.user))) == 1
    code = await client.closed(within=5)
    took = time.monotonic() - began
    scene.note(f"closed after {took:.1f} s")
    assert code == 4503, code
    assert took <= ELSEWHERE_S + 0.5, took
    await scene.soon(lambda: out.journal.sent_away == 4503, within=5, what="she stays away")
    await asyncio.sleep(0.3)
