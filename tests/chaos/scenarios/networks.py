"""Between people and processes lies a network."""

import time

from tests.chaos.proxy import Way
from tests.chaos.registry import scenario
from tests.chaos.scene import Scene

# The heartbeat of a lossy network: 10 s × 4, and 5 s of grace; looked at each second.
SILENT_S = 10 * 4 + 5


@scenario(fast=True)
async def sockets_cut_after_bytes(scene: Scene) -> None:
    """Each socket is reset after some bytes, in mid-frame mostly, again and again."""
    for door in scene.stage.doors:
        door.cuts = 0
        door.cut_after(1_500, 30_000)
    await scene.wait(7)
    cuts = sum(door.cuts for door in scene.stage.doors)
    scene.stage.heal()
    scene.note(f"{cuts} cuts")
    assert cuts > 12, f"only {cuts} cuts"
    await scene.normal_again()


@scenario()
async def sockets_reset(scene: Scene) -> None:
    """Every socket is reset each half second, in the middle of whatever is under way."""

    async def reset() -> None:
        for door in scene.stage.doors:
            door.cut()

    async with scene.meanwhile(reset, 0.5):
        await scene.wait(4)
    assert sum(len(member.journal.connections) for member in scene.members) > 3 * len(scene.members)
    await scene.normal_again()


@scenario()
async def answers_lost(scene: Scene) -> None:
    """What one process says is lost on the way: everything is said again, and is there once."""
    for member in scene.members:
        member.answer_s = member.pong_s = 1.5
    for _ in range(2):
        scene.stage.doors[0].swallow(Way.DOWN)
        await scene.wait(2)
        scene.stage.doors[0].heal()
        for member in scene.members[::2]:
            member.home = 0
        await scene.wait(1)
    again = [said for said in scene.said(0) if said.tries > 1]
    assert again, "nothing was said again"
    await scene.normal_again()


@scenario()
async def questions_lost(scene: Scene) -> None:
    """What people say to one process is lost on the way."""
    for member in scene.members:
        member.answer_s = member.pong_s = 1.5
    scene.stage.doors[0].swallow(Way.UP)
    await scene.wait(5)
    scene.stage.doors[0].heal()
    await scene.normal_again()


@scenario()
async def network_slow(scene: Scene) -> None:
    """A fifth of a second each way, and 40 kB a second."""
    for door in scene.stage.doors:
        door.delay(0.2)
    await scene.wait(4)
    for door in scene.stage.doors:
        door.delay(0)
        door.throttle(40_000)
    await scene.wait(4)
    assert not scene.closes(0)
    scene.stage.heal()
    await scene.normal_again()


@scenario()
async def network_refuses(scene: Scene) -> None:
    """One process cannot be reached, then the other, then neither."""
    for refusing in ((0,), (1,), (0, 1)):
        for number in refusing:
            scene.stage.doors[number].refuse()
        await scene.wait(2)
        scene.stage.heal()
        await scene.wait(0.5)
    await scene.normal_again()


@scenario(within=120)
async def half_open(scene: Scene) -> None:
    """Half of the people vanish without a word: their sockets are let go after the heartbeat's patience."""
    gone = [member for member in scene.members if member.home == 0]
    await scene.soon(lambda: _sockets(scene, 0, len(gone)), within=5, what="all are counted")
    await scene.hush()
    scene.talk(without=gone)
    scene.stage.doors[0].stall_open()
    began = time.monotonic()
    for member in gone:
        await member.leave()
    waited = await scene.soon(lambda: _sockets(scene, 0, 0), within=SILENT_S + 8, what="the sockets are let go")
    scene.note(f"let go after {waited:.0f} s")
    assert waited > SILENT_S - 12, "that was no half-open socket"
    assert time.monotonic() - began < SILENT_S + 10
    for member in gone:
        scene.members.remove(member)
        back = await scene.client_of(scene._people[member.user], 0)
        scene.members.append(back)
        back.take_over(member)
        await back.come()


async def _sockets(scene: Scene, number: int, wanted: int) -> bool:
    return (await scene.stage.numbers(number))["parley_sockets"] == wanted
