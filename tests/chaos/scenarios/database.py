"""Without the database nothing is acknowledged, and sockets, pongs and pages that need none go on."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psycopg

from tests.chaos.proxy import Proxy
from tests.chaos.registry import scenario
from tests.chaos.scene import Scene
from tests.wire.figures import percentile

PONG_S = 0.5
ALIVE_S = 1.0
AWAY_S = 4.0


async def _nobody_minds(scene: Scene, began: float, until: float) -> None:
    """Pongs go on, nobody is sent away, and the process says that it is alive."""
    scene.assert_p95(scene.pongs(began, until), PONG_S, "pongs")
    assert not scene.closes(began), f"sockets were closed: {scene.closes(began)}"


async def _alive(scene: Scene) -> None:
    for process in scene.stage.processes:
        began = time.monotonic()
        status, _ = await asyncio.to_thread(process.get, "/healthz")
        assert status == 200
        assert time.monotonic() - began < ALIVE_S, "healthz waits"


async def _without_database(scene: Scene, fault: Callable[[Proxy], object], *, refusals: bool) -> None:
    patience = 12.0
    for member in scene.members:
        member.answer_s = patience
    await scene.wait(0.5)
    away = time.monotonic()
    for line in scene.stage.database_lines:
        fault(line)
    await scene.wait(AWAY_S / 2)
    await _alive(scene)
    await scene.wait(AWAY_S / 2)
    back = time.monotonic()
    false = [said for said in scene.said(away + 0.2, back) if said.acked_at is not None and said.acked_at < back]
    scene.stage.heal()
    await scene.soon(
        lambda: not [said for said in scene.said(away, back) if not said.settled], within=15, what="settled"
    )
    await _nobody_minds(scene, away, back)
    assert not false, f"{len(false)} messages were acknowledged without a database"
    errors = scene.errors(away)
    assert {frame["payload"]["code"] for frame in errors} <= {"unavailable"}, errors[:3]
    assert all(frame["payload"]["retry"] and frame["payload"]["retry_ms"] > 0 for frame in errors)
    if refusals:
        assert errors, "nobody was told"
    scene.note(f"{len(errors)} times unavailable")


@scenario(fast=True)
async def database_away(scene: Scene) -> None:
    """PostgreSQL refuses every connection for four seconds: unavailable with retry_ms, and no false ack."""
    await _without_database(scene, lambda line: line.refuse(), refusals=True)


@scenario(fast=True)
async def database_hung(scene: Scene) -> None:
    """PostgreSQL's connections stay and carry nothing for four seconds."""
    await _without_database(scene, lambda line: line.stall(), refusals=False)


@scenario()
async def database_slow(scene: Scene) -> None:
    """Each answer of PostgreSQL takes a fifth of a second."""
    for member in scene.members:
        member.answer_s = 12.0
    began = time.monotonic()
    for line in scene.stage.database_lines:
        line.delay(0.1)
    await scene.wait(6)
    until = time.monotonic()
    await _alive(scene)
    scene.stage.heal()
    await _nobody_minds(scene, began, until)
    await scene.normal_again()


@scenario()
async def database_locked(scene: Scene) -> None:
    """Somebody holds a lock on the messages for five seconds: writes wait, reads and pongs do not."""
    for member in scene.members:
        member.answer_s = 12.0
    assert scene.stage.postgres is not None
    async with await psycopg.AsyncConnection.connect(scene.stage.postgres.url) as connection:
        began = time.monotonic()
        await connection.execute("LOCK TABLE chat_message IN SHARE MODE")
        await scene.wait(2.5)
        newcomer = await scene.join(0)
        await newcomer.come(within=5)
        await scene.wait(2.5)
        await connection.rollback()
    await _nobody_minds(scene, began, time.monotonic())
    await scene.normal_again()


@scenario()
async def database_killed(scene: Scene) -> None:
    """PostgreSQL's backends are killed in the middle of whatever they do, and it recovers."""
    for member in scene.members:
        member.answer_s = 12.0
    assert scene.stage.postgres is not None
    for _ in range(2):
        await scene.wait(1)
        _kill_a_backend(scene.stage.postgres.pid)
    await scene.normal_again()


def _kill_a_backend(pid: int) -> None:
    """As the kernel does when memory is short: all others end too, and the log is played again."""
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        command = Path(f"/proc/{child}/cmdline").read_bytes()
        if b"parley" in command:
            os.kill(int(child), signal.SIGKILL)
            return
    raise AssertionError("there is no backend")


@scenario(fast=True)
async def commits_cut(scene: Scene) -> None:
    """The lines to PostgreSQL are cut after some bytes, again and again: what became of a commit nobody knows."""
    for member in scene.members:
        member.answer_s = 12.0
    for line in scene.stage.database_lines:
        line.cuts = 0
        line.cut_after(3_000, 60_000)
    await scene.wait(6)
    cuts = sum(line.cuts for line in scene.stage.database_lines)
    scene.stage.heal()
    scene.note(f"{cuts} cuts")
    assert cuts > 10, f"only {cuts} cuts"
    await scene.normal_again()


@scenario(within=120, people=24)
async def database_hung_under_load(scene: Scene) -> None:
    """Many talk while PostgreSQL hangs: a breaker keeps threads free, newcomers are told to come later, pongs go on."""
    for member in scene.members:
        member.answer_s = 40.0
    stranger = await scene.person(0)
    before = [await scene.stage.numbers(number) for number in range(2)]
    began = time.monotonic()
    for line in scene.stage.database_lines:
        line.stall()
    await scene.wait(8)
    told = await _told_to_come_later(scene, stranger._token)
    await _alive(scene)
    after = [await scene.stage.numbers(number) for number in range(2)]
    until = time.monotonic()
    scene.stage.heal()
    await _nobody_minds(scene, began, until)
    scene.note(f"a newcomer was told after {told:.1f} s")
    errors = scene.errors(began)
    assert errors, "nobody was told"
    assert {frame["payload"]["code"] for frame in errors} == {"unavailable"}, errors[:3]
    assert all(frame["payload"]["retry_ms"] > 0 for frame in errors)
    for one, other in zip(before, after, strict=True):
        assert other["chaos_threads"] <= one["chaos_threads"] + 16, "threads pile up"
    await scene.soon(lambda: not [s for s in scene.said(began, until) if not s.settled], within=30, what="settled")
    assert percentile(scene.pongs(began, until), 99) <= ALIVE_S


async def _told_to_come_later(scene: Scene, token: str) -> float:
    """Seconds until a newcomer hears 4014 with a time to come back."""
    from tests.wire.client import shake_hands

    began = time.monotonic()
    client = await shake_hands(f"ws://127.0.0.1:{scene.stage.doors[0].port}/ws/", bearer=token)
    await client.say("hello", client="chaos")
    bye = await client.goodbye(within=12)
    assert bye["code"] == 4014, bye
    assert bye["retry_ms"] > 0
    return time.monotonic() - began
