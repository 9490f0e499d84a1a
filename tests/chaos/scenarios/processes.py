"""A process dies, stands still, or is asked to go: its people find the other one, and nobody misses anything."""

import asyncio
import time

import redis as redis_py
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.chaos.registry import scenario
from tests.chaos.scene import Scene


@scenario(fast=True)
async def process_killed(scene: Scene) -> None:
    """kill -9 in the middle of the talk; its people go to the other process, and it comes back."""
    began = time.monotonic()
    await scene.wait(1)
    await scene.stage.kill(0)
    await scene.wait(1.5)
    assert 1006 in scene.closes(began)
    await scene.stage.start_again(0)
    await scene.normal_again()


@scenario(within=90)
async def processes_killed_in_turn(scene: Scene) -> None:
    """kill -9, one after the other, four times; for a moment nobody is there."""
    for number in (0, 1, 0, 1):
        await scene.wait(1)
        await scene.stage.kill(number)
        if number:
            await scene.stage.start_again(number)
        else:
            await scene.wait(1)
            await scene.stage.start_again(number)
    await scene.stage.kill(0)
    await scene.stage.kill(1)
    await scene.stage.ensure()
    await scene.normal_again()


@scenario()
async def killed_after_commit(scene: Scene) -> None:
    """A process dies after a commit and before its ack, twice: the message is there once."""
    before = len(scene.said(0))
    for _ in range(2):
        await scene.stage.restart(0, PARLEY_FAILPOINT="after_commit")
        process = scene.stage.processes[0]
        for member in scene.members:
            if member.home == 1 and member.client is not None:
                member.home = 0
                await member.client.vanish()
                break
        await scene.soon(lambda process=process: not process.running, within=10, what="the process dies")
    scene.stage.processes[0].environment.pop("PARLEY_FAILPOINT")
    await scene.stage.start_again(0)
    await scene.normal_again()
    assert any(said.tries > 1 for said in scene.said(0)[before:]), "nothing was said again"


async def _stopped(scene: Scene, seconds: float) -> None:
    scene.stage.processes[0].pause()
    began = time.monotonic()
    await scene.wait(seconds)
    scene.stage.processes[0].resume()
    back = time.monotonic()
    await scene.normal_again()
    there = [
        took
        for member in scene.members
        if member.journal.connections[0].process == 1
        for at, took in member.journal.pongs
        if began <= at < back
    ]
    scene.assert_p95(there, 0.5, "pongs of the other process")


@scenario(fast=True)
async def process_stopped(scene: Scene) -> None:
    """SIGSTOP for six seconds: connections stay open and nothing answers."""
    for member in scene.members:
        member.answer_s = member.pong_s = 2.0
    await _stopped(scene, 6)


@scenario(within=90)
async def process_stopped_for_long(scene: Scene) -> None:
    """SIGSTOP for twenty seconds."""
    await _stopped(scene, 20)


@scenario(fast=True)
async def process_drained(scene: Scene) -> None:
    """SIGTERM: 4012 to every client with times spread out, commits finish, presence leaves, status 0."""
    more = [await scene.client_of(scene._people[scene.members[0].user], 0) for _ in range(5)]
    for client in more:
        await client.come()
    here = [member for member in (*scene.members, *more) if member.home == 0]
    people = {member.user for member in here}
    with _redis(scene) as store:
        await scene.soon(lambda: all(store.exists(f"presence:{user}") for user in people), within=5, what="presence")
        words = {(user, word) for user in people for word in store.hkeys(f"presence:{user}")}
        began = time.monotonic()
        assert await scene.stage.drain(0) == 0, scene.stage.processes[0].log[-2000:]
        scene.note(f"gone after {time.monotonic() - began:.1f} s")
        assert "not everything was finished in time" not in scene.stage.processes[0].log
        # Half a minute, as after any last socket; the word of a process that is killed counts for a whole one.
        until = [int(store.hget(f"presence:{user}", word).split()[1]) for user, word in words]
        assert max(until) <= time.time() + 30, "presence does not leave with the process"
    byes = [frame for member in here for frame in member.journal.connections[0].frames[-1:] if frame["type"] == "bye"]
    assert len(byes) == len(here), f"{len(byes)} goodbyes to {len(here)} sockets"
    assert {bye["payload"]["code"] for bye in byes} == {4012}
    waits = [bye["payload"]["retry_ms"] for bye in byes]
    assert min(waits) > 0
    assert max(waits) - min(waits) > 300, f"they come back together: {waits}"
    await asyncio.gather(*(client.leave() for client in more))
    await scene.stage.start_again(0)
    await scene.normal_again()


def _redis(scene: Scene) -> redis_py.Redis:
    assert scene.stage.redis is not None
    return redis_py.Redis(port=scene.stage.redis.port, socket_timeout=2, retry=Retry(NoBackoff(), 0))


@scenario(within=90)
async def rolling_restart(scene: Scene) -> None:
    """Both processes are drained and started again, one after the other, under full talk."""
    began = time.monotonic()
    for number in (0, 1):
        assert await scene.stage.drain(number) == 0
        await scene.stage.start_again(number)
        await scene.wait(1)
    await scene.normal_again()
    assert set(scene.closes(began)) <= {4012, 1006, 1000}, scene.closes(began)
