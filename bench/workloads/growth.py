"""Growth: what a history page, unread counts, the room list and a replay cost as messages and rooms grow.

Three databases (10 k, 100 k, 1 M messages), each with people who are in 10, 100 and 1 000 rooms. What is asked for is
of the same size in each: half of the messages are in one room, everybody else's last five are unread in every room.
The three take turns, so a slow minute of the machine falls on all of them.
"""

import json
from collections import defaultdict

from bench.block import Bar, Block, Row, shown
from bench.load import MOST_FOREIGN
from bench.machine import SERVER_CORE, Watch
from bench.reads import ROOMS, WHAT
from bench.stage import Stage

SIZES = (10_000, 100_000, 1_000_000)
ROUNDS = 3
TRIES = 3


def measure(stage: Stage) -> Block:
    """See the module."""
    sizes = [stage.size(size) for size in SIZES]
    template = "parley"
    stage.parley_database("growth")
    for size in sizes:
        name = f"growth{size}"
        stage.database(name, template=template)
        stage.python(["-m", "bench.reads", "fill", str(size)], stage.environment(stage.database(name)))
        stage.settle(name)
        template = name
    taken: defaultdict[tuple[str, int, int], list[float]] = defaultdict(list)
    queries: defaultdict[tuple[str, int], set[int]] = defaultdict(set)
    disturbed = 0.0
    for _ in range(1 if stage.small else ROUNDS):
        for size in sizes:
            said, foreign = _timed(stage, size)
            disturbed = max(disturbed, foreign)
            for line in said.splitlines():
                found = json.loads(line)
                taken[found["what"], found["rooms"], size] += found["ms"]
                queries[found["what"], found["rooms"]].add(found["queries"])
    block = Block("growth", f"reads in databases of {', '.join(map(shown, sizes))} messages; p95 in ms", [])
    void = f"others used {disturbed:.0%} of the core" if disturbed > MOST_FOREIGN else ""
    for what in WHAT:
        constant = len(set().union(*(queries[what, rooms] for rooms in ROOMS))) == 1
        worst = 0.0
        for rooms in ROOMS:
            p95 = {size: _p95(taken[what, rooms, size]) for size in sizes}
            grown = p95[sizes[-1]] / p95[sizes[0]]
            worst = max(worst, grown)
            asked = "/".join(map(str, sorted(queries[what, rooms])))
            figures = {f"{size:,}".replace(",", " "): p95[size] for size in sizes}
            block.rows.append(
                Row(f"{what}, {rooms} rooms", {**figures, "grown": f"{grown:.2f} ×", "queries": asked}, void)
            )
        block.bars.append(
            Bar(f"{what}: p95 grows ≤ 1.5 × from smallest to largest", None if void else worst, 1.5, at_least=False)
        )
        block.bars.append(Bar(f"{what}: as many queries at every size and number of rooms", float(constant), 1))
    block.notes = ["Through the views (authentication and JSON included) or, for unread and replay, the selectors."]
    return block


def _timed(stage: Stage, size: int) -> tuple[str, float]:
    """What one round says, and what others used of the core; up to three tries for a quiet one."""
    environment = stage.environment(stage.database(f"growth{size}"))
    tries: list[tuple[float, str]] = []
    while len(tries) < TRIES and (not tries or tries[-1][0] > MOST_FOREIGN):
        with Watch(SERVER_CORE) as watch:
            said = stage.python(["-m", "bench.reads", "time"], environment, core=SERVER_CORE)
        tries.append((watch.foreign, said))
    foreign, said = min(tries)
    return said, foreign


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]
