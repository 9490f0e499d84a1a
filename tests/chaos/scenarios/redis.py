"""Redis is only the doorbell: without it, or with one that lies, people hear each other a little later."""

import time
from collections.abc import Callable

import redis as redis_py
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.chaos.proxy import Way
from tests.chaos.registry import scenario
from tests.chaos.scene import ELSEWHERE_S, NORMAL_AGAIN_S, Scene

ACKED_S = 0.5
SHARE = 0.3


async def _talk_goes_on(scene: Scene, since: float, until: float) -> None:
    scene.assert_p95(scene.acks(since, until), ACKED_S, "acks")
    scene.assert_p95(scene.heard(since, until), ELSEWHERE_S, "heard")


def _server(scene: Scene) -> redis_py.Redis:
    assert scene.stage.redis is not None
    return redis_py.Redis(port=scene.stage.redis.port, socket_timeout=2, retry=Retry(NoBackoff(), 0))


async def _without(scene: Scene, goes: Callable[[], object], seconds: float, returns: Callable[[], object]) -> None:
    """It goes, returns, and the talk has gone on."""
    await scene.wait(0.5)
    away = time.monotonic()
    goes()
    await scene.wait(seconds)
    returns()
    back = time.monotonic()
    await scene.normal_again()
    await _talk_goes_on(scene, away, back - 0.5)


@scenario(fast=True)
async def redis_away(scene: Scene) -> None:
    """Redis is killed, away for four seconds, and comes back empty."""
    await _without(scene, scene.stage.redis.kill, 4, scene.stage.redis.start)


@scenario(fast=True)
async def redis_hung(scene: Scene) -> None:
    """Redis is stopped (SIGSTOP): connections stay, nothing answers."""
    await _without(scene, scene.stage.redis.pause, 5, scene.stage.redis.resume)


@scenario(within=90)
async def redis_hung_for_long(scene: Scene) -> None:
    """Redis is stopped for twenty seconds, and people come and go meanwhile."""
    scene.stage.redis.pause()
    away = time.monotonic()
    for number in range(4):
        newcomer = await scene.join(number % 2)
        await newcomer.come(within=10)
        await scene.wait(4.5)
    back = time.monotonic()
    scene.stage.redis.resume()
    await scene.normal_again()
    await _talk_goes_on(scene, away, back - 0.5)


@scenario()
async def redis_restarted_empty(scene: Scene) -> None:
    """Redis is restarted three times and has forgotten everything each time."""
    began = time.monotonic()
    for _ in range(3):
        await scene.wait(1.5)
        scene.stage.redis.kill()
        scene.stage.redis.start()
    await scene.normal_again()
    await _talk_goes_on(scene, began, time.monotonic() - 0.5)


@scenario()
async def redis_flushed(scene: Scene) -> None:
    """Everything in Redis is deleted while it runs, again and again."""
    began = time.monotonic()
    with _server(scene) as server:
        for _ in range(6):
            server.flushall()
            await scene.wait(0.7)
    await scene.normal_again()
    await _talk_goes_on(scene, began, time.monotonic() - 0.5)


@scenario(fast=True)
async def subscriptions_killed(scene: Scene) -> None:
    """Redis ends every subscribed connection each two seconds (CLIENT KILL TYPE pubsub)."""
    began = time.monotonic()
    killed = 0
    with _server(scene) as server:
        for _ in range(2):
            killed += server.execute_command("CLIENT", "KILL", "TYPE", "pubsub")
            await scene.wait(2)
    assert killed >= 3, f"only {killed} connections were killed"
    await scene.normal_again()
    await _talk_goes_on(scene, began, time.monotonic() - 0.5)


async def _lie(scene: Scene, lost: float = 0, doubled: float = 0, late: float = 0) -> None:
    began = time.monotonic()
    for line in scene.stage.redis_lines:
        line.counts.update(dict.fromkeys(line.counts, 0))
        line.lost, line.doubled, line.late = lost, doubled, late
    await scene.wait(5)
    until = time.monotonic()
    counts = {name: sum(line.counts[name] for line in scene.stage.redis_lines) for name in ("lost", "doubled", "late")}
    scene.note(str(counts))
    assert sum(counts.values()) > 20, f"nothing was done to the messages: {counts}"
    await _talk_goes_on(scene, began, until - 0.5)


@scenario()
async def publishes_dropped(scene: Scene) -> None:
    """30 % of what is published reaches a process never."""
    await _lie(scene, lost=SHARE)


@scenario()
async def publishes_doubled(scene: Scene) -> None:
    """30 % of what is published comes twice."""
    await _lie(scene, doubled=SHARE)


@scenario()
async def publishes_reordered(scene: Scene) -> None:
    """30 % of what is published comes after the next one."""
    await _lie(scene, late=SHARE)


@scenario(fast=True)
async def publishes_mangled(scene: Scene) -> None:
    """A tenth each is dropped, comes twice, or comes too late."""
    await _lie(scene, lost=0.1, doubled=0.1, late=0.1)


@scenario()
async def redis_slow(scene: Scene) -> None:
    """Each answer of Redis takes half a second."""
    began = time.monotonic()
    for line in scene.stage.redis_lines:
        line.delay(0.25)
    await scene.wait(6)
    until = time.monotonic()
    scene.stage.heal()
    await scene.normal_again()
    await _talk_goes_on(scene, began, until - 0.5)


@scenario()
async def redis_away_from_one_process(scene: Scene) -> None:
    """One process cannot reach Redis, the other can."""
    began = time.monotonic()
    scene.stage.redis_lines[0].refuse()
    await scene.wait(5)
    until = time.monotonic()
    scene.stage.redis_lines[0].heal()
    await scene.normal_again()
    await _talk_goes_on(scene, began, until - 0.5)


@scenario(fast=True)
async def subscription_dead(scene: Scene) -> None:
    """The subscribed connections hear nothing more and are not told; a probe notices, and listens anew."""
    stalled = sum(line.stall_subscriptions() for line in scene.stage.redis_lines)
    assert stalled >= 2, f"{stalled} subscriptions"
    began = time.monotonic()
    assert not any(line.listening for line in scene.stage.redis_lines)
    # The old connections stay as they are: a process that does not notice is late for ever.
    noticed = await scene.soon(
        lambda: all(line.listening for line in scene.stage.redis_lines),
        within=NORMAL_AGAIN_S,
        what="both processes listen anew",
    )
    scene.note(f"noticed after {noticed:.1f} s")
    await scene.normal_again(within=NORMAL_AGAIN_S - noticed)
    await _talk_goes_on(scene, began, time.monotonic() - 0.5)


@scenario()
async def redis_hears_and_says_nothing(scene: Scene) -> None:
    """What Redis answers is lost on the way: publishes arrive, but nobody knows."""
    began = time.monotonic()
    for line in scene.stage.redis_lines:
        line.swallow(Way.DOWN)
    await scene.wait(5)
    until = time.monotonic()
    scene.stage.heal()
    await scene.normal_again()
    await _talk_goes_on(scene, began, until - 0.5)
