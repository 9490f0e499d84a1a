"""The embedded size: one process, and a file that somebody else may hold."""

import asyncio
import sqlite3
import time

from django.db import connection

from tests.chaos.registry import scenario
from tests.chaos.scene import Scene

HELD_S = 7.0


def _hold(path: str, release: "asyncio.Event", loop: asyncio.AbstractEventLoop, held: "asyncio.Event") -> None:
    other = sqlite3.connect(path, timeout=20, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        loop.call_soon_threadsafe(held.set)
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result(30)
        other.execute("ROLLBACK")
    finally:
        other.close()


@scenario(fast=True, embedded=True)
async def sqlite_locked(scene: Scene) -> None:
    """Another program holds the write lock for seven seconds: unavailable, no false ack, and pongs go on."""
    for member in scene.members:
        member.answer_s = 15.0
    release, held = asyncio.Event(), asyncio.Event()
    path = str(connection.settings_dict["NAME"])
    holding = asyncio.create_task(asyncio.to_thread(_hold, path, release, asyncio.get_running_loop(), held))
    async with asyncio.timeout(10):
        await held.wait()
    began = time.monotonic()
    await scene.wait(HELD_S)
    until = time.monotonic()
    false = [said for said in scene.said(began + 0.2, until) if said.acked_at is not None]
    release.set()
    await holding
    await scene.soon(lambda: not [said for said in scene.said(began) if not said.settled], within=15, what="settled")
    assert not false, f"{len(false)} messages were acknowledged while nobody could write"
    errors = scene.errors(began)
    assert errors, "nobody was told"
    assert {frame["payload"]["code"] for frame in errors} == {"unavailable"}, errors[:3]
    assert all(frame["payload"]["retry_ms"] > 0 for frame in errors)
    scene.assert_p95(scene.pongs(began, until), 0.5, "pongs")
    assert not scene.closes(began)


@scenario(embedded=True)
async def embedded_killed(scene: Scene) -> None:
    """The one process is killed three times, and started again on the same file."""
    for _ in range(3):
        await scene.wait(1)
        await scene.stage.kill(0)
        await scene.stage.start_again(0)
    await scene.normal_again()


@scenario(embedded=True)
async def embedded_cut(scene: Scene) -> None:
    """Every socket of the one process is reset twice a second."""
    async with scene.meanwhile(_cut(scene), 0.5):
        await scene.wait(5)
    await scene.normal_again()


def _cut(scene: Scene):
    async def cut() -> None:
        scene.stage.doors[0].cut()

    return cut
