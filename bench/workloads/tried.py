"""What was tried: Parley with one thing done otherwise, beside Parley as it is, in turns."""

import statistics

from bench import systems
from bench.block import Block, Figure, Row
from bench.fan import median
from bench.load import Event, faults, remarks, run, void
from bench.stage import People, Stage
from bench.systems import started
from bench.workloads import fanout, rooms, storm

VARIANTS = {
    "": "as it is",
    "uvloop": "on uvloop",
    "collector": "Python's own garbage collection",
    "doorbells": "a round trip for each doorbell",
    "driver": "moments and lists by psycopg alone",
    "prepared": "statements prepared by the server",
}
ROUNDS = 3


def measure(stage: Stage) -> Block:
    """See the module."""
    many = stage.size(rooms.ROOMS)
    gathered = storm.people(stage)
    crowds = {
        "burst": stage.members("burst", people=stage.size(fanout.MEMBERS, 20), rooms=1),
        "rooms": stage.members("rooms", people=2 * many, rooms=many),
    }
    found: dict[str, list[dict[str, float]]] = {variant: [] for variant in VARIANTS}
    wrong: dict[str, str] = {}
    for _ in range(1 if stage.small else ROUNDS):
        for variant, figures in found.items():
            burst, why = talked(stage, "burst", crowds["burst"], variant, senders=8, window=8)
            each, also = talked(stage, "rooms", crowds["rooms"], variant, senders=-1, window=1)
            came = storm.stormed(systems.parley(stage, "storm", variant=variant), *gathered, talking=True)
            wrong[variant] = why or also or came.void or wrong.get(variant, "")
            figures.append(
                {
                    "burst deliveries/s": median(burst, "deliveries_s"),
                    "rooms messages/s": median(each, "messages_s"),
                    "rooms p99 ms": median(each, "p99_ms"),
                    "storm ready/s": float(came.figures.get("ready/s", 0)),
                    "storm live p99 ms": float(came.figures.get("live p99 ms", 0)),
                }
            )
    rows = [Row(says, middle(found[variant]), void=wrong[variant]) for variant, says in VARIANTS.items()]
    block = Block("tried", f"the median of {ROUNDS} rounds, in turns: loads of burst, rooms and storm", rows)
    for name in [name for name in rows[0].figures if name.endswith("/s")]:
        block.times(name, **{f"{name.partition(' ')[0]}_×": "as it is"})
    return block


def talked(stage: Stage, name: str, people: People, variant: str, **flags: int) -> tuple[list[Event], str]:
    """What was measured of one load, and why it does not count."""
    seconds = {"warm": f"{stage.seconds(2)}s", "time": f"{stage.seconds(3)}s", "times": 1}
    with started(systems.parley(stage, name, variant=variant)) as running:
        events = run(running, people, **flags, **seconds)
    measured = [event for event in events if event["event"] == "measured"]
    return measured, faults(events[-1]) or remarks(events[-1]) or void(measured[0])


def middle(rounds: list[dict[str, float]]) -> dict[str, Figure]:
    """The median of each figure."""
    return {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
