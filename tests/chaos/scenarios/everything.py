"""Whatever comes: a seed draws the faults."""

from tests.chaos.registry import scenario
from tests.chaos.scene import Scene

ROUNDS = 14


async def _round(scene: Scene) -> str:
    """One fault, drawn; two may be there at once since not every one is mended at its end."""
    stage, draw = scene.stage, scene.random
    number = draw.randrange(2)
    match draw.randrange(10):
        case 0:
            await stage.kill(number)
            await scene.wait(draw.uniform(0, 1))
            await stage.start_again(number)
            return "killed"
        case 1:
            stage.redis_lines[number].lost = draw.random()
            return "lost"
        case 2:
            stage.database_lines[number].cut_after(2_000, 50_000)
            return "database cut"
        case 3:
            stage.doors[number].cut_after(1_000, 40_000)
            return "sockets cut"
        case 4:
            stage.redis_lines[number].refuse()
            return "no redis"
        case 5:
            stage.processes[number].pause()
            await scene.wait(draw.uniform(0.5, 3))
            stage.processes[number].resume()
            return "stopped"
        case 6:
            removal = await scene.remove(draw.choice(scene.members[1:]), draw.choice(scene.rooms))
            await scene.wait(draw.uniform(0, 1))
            await scene.let_in_again(removal)
            return "removed"
        case 7:
            stage.database_lines[number].delay(draw.uniform(0, 0.1))
            return "slow database"
        case 8:
            assert await stage.drain(number) == 0
            await stage.start_again(number)
            return "drained"
        case _:
            stage.heal()
            return "healed"


@scenario(within=240)
async def everything(scene: Scene) -> None:
    """Fourteen faults, one after the other and some at once."""
    told = []
    for _ in range(ROUNDS):
        told.append(await _round(scene))
        await scene.wait(scene.random.uniform(0.3, 1.5))
    scene.note(", ".join(told))
    scene.stage.heal()
    await scene.normal_again(within=20)


@scenario(within=300)
async def nothing_is_left(scene: Scene) -> None:
    """Everybody leaves: within three minutes no process serves a topic, and none is subscribed to."""
    await scene.wait(2)
    await scene.hush()
    await scene.soon(lambda: all(member.settled for member in scene.members), within=10, what="settled")
    await scene.leave()

    async def empty() -> bool:
        numbers = [await scene.stage.numbers(number) for number in range(2)]
        # One subscription stays: what concerns every process.
        return all(one["parley_topics"] == 0 and one["chaos_subscribed"] <= 1 for one in numbers)

    waited = await scene.soon(empty, within=200, what="topics and subscriptions end")
    scene.note(f"after {waited:.0f} s")
    for member in scene.members:
        member._leaving = False
        await member.come()
