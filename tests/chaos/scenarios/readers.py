"""Somebody who does not read costs nobody else anything, and loses nothing."""

import asyncio
import time

from tests.chaos.proxy import Proxy, Way
from tests.chaos.registry import scenario
from tests.chaos.scene import Scene

# As a frame some 64 kB.
LONG = "\N{GRINNING FACE}" * 7_900
TOO_SLOW = 'parley_closes_total{code="4008"}'
MEMORY_KIB = 24 * 1024
# LIMIT_PENDING_S of the suite, looked at each second, and cut off within two.
CUT_OFF_S = 4 + 1 + 2 + 1.5


async def _slow(scene: Scene, bytes_per_s: float, readers: int, messages: int) -> None:
    line = await Proxy(scene.stage.processes[0].port).start()
    try:
        people = [await scene.join(0) for _ in range(readers)]
        for person in people:
            person._doors = [line.port]
            person.answer_s = person.pong_s = 60
            await person.come()
        # Her pages come over the same line.
        await scene.soon(lambda: not any(person.loads for person in people), within=10, what="their pages are there")
        before = await scene.stage.numbers(0)
        line.throttle(bytes_per_s, Way.DOWN)
        began = time.monotonic()
        speaker = scene.members[1]
        for _ in range(messages):
            await asyncio.sleep(0.1)
            speaker.say(scene.rooms[0], LONG)
        gone = await scene.soon(
            lambda: _sent_away(scene, before.get(TOO_SLOW, 0) + readers),
            within=CUT_OFF_S + messages * 0.1 + 4,
            what="they are sent away",
        )
        scene.note(f"sent away after {gone:.1f} s")
        until = time.monotonic()
        others = [member for member in scene.members if member not in people]
        took = [t for member in others for at, t in member.journal.pongs if began <= at < until]
        scene.assert_p95(took, 0.5, "pongs of others")
        grown = (await scene.stage.numbers(0))["rss_kib"] - before["rss_kib"]
        scene.note(f"{grown:.0f} KiB more")
        assert grown < MEMORY_KIB, f"{grown} KiB"
        line.heal(cut=True)
        for person in people:
            await person.live()
            person.answer_s = person.pong_s = 5
    finally:
        for person in people:
            person._doors = [door.port for door in scene.stage.doors]
        await asyncio.sleep(0.2)
        await line.stop()


async def _sent_away(scene: Scene, wanted: float) -> bool:
    return (await scene.stage.numbers(0)).get(TOO_SLOW, 0) >= wanted


@scenario(fast=True)
async def reader_of_one_byte_a_second(scene: Scene) -> None:
    """She is sent away (4008) at the limit, memory returns, and she reads on from her cursor."""
    await _slow(scene, 1, 1, 24)


@scenario(within=90)
async def readers_that_stop(scene: Scene) -> None:
    """Eight of them at once."""
    await _slow(scene, 100, 8, 30)
