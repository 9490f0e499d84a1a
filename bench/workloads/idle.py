"""Idle sockets: 10 000 signed-in people on one process, each in 10 rooms, and nobody says anything.

Memory is what the server's processes hold more than before the first socket; CPU at rest is measured over two whole
heartbeats, after everybody was there for a while.
"""

import time

from bench import systems
from bench.block import Bar, Block, Row
from bench.load import LoadError, held, write_plain
from bench.machine import cpu_seconds, resident_kib
from bench.stage import People, Stage
from bench.systems import Running, started

SOCKETS = 10_000
ROOMS_EACH = 10
MEMBERS = 100


def rested(running: Running, people: People, sockets: int, settle: float, rest: float) -> Row:
    """One system's row. A first socket comes and goes before anything is measured: it makes what all share."""
    with started(running):
        first = people.path.with_suffix(".first")
        first.write_text(people.path.read_text().splitlines()[0] + "\n")
        with held(running, People(first, people.epoch)):
            time.sleep(0.5)
        time.sleep(1)
        before = resident_kib(running.pids())
        try:
            with held(running, people, at_once=32, patience="400s") as connected:
                time.sleep(settle)
                cpu, since = cpu_seconds(running.pids()), time.monotonic()
                time.sleep(rest)
                share = (cpu_seconds(running.pids()) - cpu) / (time.monotonic() - since)
                after = resident_kib(running.pids())
        except LoadError as error:
            return Row(running.name, {}, void=str(error)[:300])
    row = Row(
        running.name,
        {
            "sockets": sockets,
            "left": connected["left"],
            "RSS before MiB": before / 1024,
            "RSS with MiB": after / 1024,
            "KiB/socket": (after - before) / sockets,
            "CPU at rest %": share * 100,
            "connects/s": sockets / connected["seconds"],
            "ms CPU/connect": connected["cpu_s"] / sockets * 1000,
        },
    )
    if connected["left"] < sockets:
        row.void = f"{sockets - connected['left']} sockets were lost"
    return row


def measure(stage: Stage) -> Block:
    """See the module."""
    sockets = stage.size(SOCKETS)
    settle, rest = (1.0, 3.0) if stage.small else (5.0, 60.0)
    path = stage.folder / "idle.plain.tsv"
    rooms = max(1, sockets * ROOMS_EACH // MEMBERS)
    plain = write_plain(path, [f"r{n % rooms}" for n in range(sockets)])
    systems.stock_people(stage, 0)
    ours = stage.members("idle", people=sockets, rooms=rooms, each=ROOMS_EACH)
    rows = [
        rested(systems.parley(stage, "idle"), ours, sockets, settle, rest),
        rested(systems.go_hub(stage), plain, sockets, settle, rest / 2),
        rested(systems.stock(stage), plain, sockets, settle, rest / 2),
    ]
    title = f"{sockets} idle sockets on one process; Parley's are signed in and in {ROOMS_EACH} rooms each"
    found = Block("idle", title, rows)
    found.bars = [
        Bar("KiB/socket ≤ 40", found.figure("Parley", "KiB/socket"), 40, at_least=False),
        Bar("CPU at rest ≤ 15 % of a core", found.figure("Parley", "CPU at rest %"), 15, at_least=False),
    ]
    found.times("KiB/socket", to_Go_hub="Go hub", to_stock="stock Channels")
    found.notes = [
        "Go and stock: one room each, no sign-in. Heartbeats: Parley's own every 30 s, the Go hub's pings every 30 s,"
        " Daphne's every 20 s."
    ]
    return found
