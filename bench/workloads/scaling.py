"""Scaling: what sockets, connects, messages and deliveries cost as one process fills, and whether a line foretells it.

Sockets come in steps and stay: 1 000, 2 000, 5 000, then 8 000, signed in and in 10 rooms each. At each step: memory,
CPU at rest, and two loads in a room of 200 apart from them, of which the costs of a message and of a delivery follow.
The lines are fitted to the first three steps; the fourth is foretold, then measured. Whoever came together pings
together, so each of the three is measured over one whole heartbeat.
"""

import time
from contextlib import ExitStack

from bench import systems
from bench.block import RESULTS, Bar, Block, Row
from bench.chart import chart
from bench.lag import late_ms, looked
from bench.load import held, run, void
from bench.machine import cpu_seconds, resident_kib
from bench.model import costs, error, fitted
from bench.stage import People, Stage
from bench.systems import Running, started

STEPS = (1000, 2000, 5000, 8000)
TALKERS = 200
ROOMS_EACH = 10
MEMBERS = 100
# (clients, how many of them send, texts a second of each)
LOADS = ((TALKERS, 8, 20.0), (20, 10, 30.0))
HEARTBEAT_S = 30.0
WHAT = ("RSS MiB", "CPU at rest %", "ms CPU/connect", "µs CPU/message", "µs CPU/delivery")
# Measured too, but no line goes through them.
LATENCY, PAUSE = "p50 ms to readers", "pause ≤ ms as they came"
# How far the foretold figure may be off before the model says little.
BOUND = 0.25


def part(people: People, first: int, last: int) -> People:
    """Some of them."""
    path = people.path.with_suffix(f".{first}-{last}")
    path.write_text("".join(people.path.read_text().splitlines(keepends=True)[first:last]))
    return People(path, people.epoch)


def step(running: Running, people: People, stage: Stage, size: int, came: dict[str, float]) -> Row:
    """What is measured while so many sockets are there, beside what was when the last of them `came`."""
    beat = stage.seconds(HEARTBEAT_S)
    time.sleep(1.0 if stage.small else 3.0)
    cpu, since = cpu_seconds(running.pids()), time.monotonic()
    time.sleep(beat)
    idle = (cpu_seconds(running.pids()) - cpu) / (time.monotonic() - since)
    row = Row(f"{size} sockets", {"RSS MiB": resident_kib(running.pids()) / 1024, "CPU at rest %": idle * 100})
    loads: list[dict[str, float]] = []
    for clients, senders, rate in LOADS:
        flags = {"senders": senders, "rate": rate, "warm": "1s", "time": f"{beat}s"}
        _connected, measured, _finished = run(running, part(people, 0, min(clients, TALKERS)), **flags)
        row.void = row.void or void(measured)
        seconds = measured["seconds"]
        loads.append(
            {
                "messages": measured["sent"] / seconds,
                "deliveries": measured["deliveries"] / seconds,
                "cpu": measured["cpu_s"] / seconds - idle,
                "p50_ms": measured["p50_ms"],
            }
        )
    message, delivery = costs(*loads)
    row.figures |= {"µs CPU/message": message * 1e6, "µs CPU/delivery": delivery * 1e6, LATENCY: loads[0]["p50_ms"]}
    row.figures |= came
    row.figures = {name: row.figures[name] for name in (*WHAT, LATENCY, PAUSE)}
    return row


def measure(stage: Stage) -> Block:
    """See the module."""
    sizes = [stage.size(size) for size in STEPS]
    total = sizes[-1] + TALKERS
    rooms = total * ROOMS_EACH // MEMBERS + 1
    people = stage.members("scaling", people=total, rooms=rooms, each=ROOMS_EACH, together=TALKERS)
    running = systems.parley(stage, "scaling")
    rows = []
    with ExitStack() as stack:
        stack.enter_context(started(running))
        with held(running, part(people, 0, 1)):
            time.sleep(0.5)
        before = 0
        for size in sizes:
            more = part(people, TALKERS + before, TALKERS + size)
            looks = looked(running.ports[0])
            connected = stack.enter_context(held(running, more, at_once=32, patience="400s"))
            came = {
                "ms CPU/connect": connected["cpu_s"] / (size - before) * 1000,
                PAUSE: late_ms(looks, looked(running.ports[0]), 1),
            }
            rows.append(step(running, people, stage, size, came))
            before = size
    found = Block("scaling", "one process as it fills; lines through the first three steps foretell the fourth", rows)
    foretell(found, sizes)
    if not stage.small:
        draw(found, sizes)
    return found


def foretell(found: Block, sizes: list[int]) -> None:
    """Add the lines, what they foretell, and how far off that is."""
    rows = dict(zip(sizes, found.rows, strict=True))
    base, each, told, off = (Row(name, {}) for name in ("line: base", "line: + per 1 000", "foretold", "error"))
    for what in WHAT:
        points = [(size, float(rows[size].figures[what])) for size in sizes[:-1]]
        line = fitted(points)
        base.figures[what], each.figures[what] = line.base, line.each * 1000
        told.figures[what] = line.at(sizes[-1])
        wrong = error(line.at(sizes[-1]), float(rows[sizes[-1]].figures[what]))
        off.figures[what] = f"{wrong:+.0%}"
        valid = not any(row.void for row in rows.values())
        says = f"{what} at {sizes[-1]} sockets foretold within {BOUND:.0%}"
        found.bars.append(Bar(says, abs(wrong) if valid else None, BOUND, at_least=False))
    found.rows += [base, each, told, off]


def draw(found: Block, sizes: list[int]) -> None:
    """Into bench/results/sockets.svg."""
    series = {
        what: [(size, float(row.figures[what])) for size, row in zip(sizes, found.rows, strict=False)] for what in WHAT
    }
    picture = chart("One process as it fills", "sockets", "MiB, %, ms or µs", series)
    (RESULTS / "sockets.svg").write_text(picture)
