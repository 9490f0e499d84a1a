"""Curves: fan-out as a room's members grow, 8 senders × window 8, the servers one after the other."""

from collections.abc import Callable

from bench import systems
from bench.block import RESULTS, Block, Row
from bench.chart import chart
from bench.load import LoadError, faults, remarks, run, void, write_plain
from bench.stage import People, Stage
from bench.systems import Running, started

MEMBERS = (50, 100, 200, 500, 1000)


def grown(running: Running, people: Callable[[int], People], sizes: list[int], seconds: float) -> Row:
    """One server's row: deliveries a second at each size. A size that is void is left out and noted."""
    row = Row(running.name, {})
    with started(running):
        for size in sizes:
            flags = {"senders": 8, "window": 8, "warm": f"{seconds / 2}s", "time": f"{seconds}s"}
            try:
                _connected, measured, finished = run(running, people(size), **flags)
            except LoadError as error:
                row.note += f"{size}: {str(error)[:200]} "
                continue
            wrong = faults(finished) or void(measured)
            if running.dialect == "parley":
                wrong = wrong or remarks(finished)
            if wrong:
                row.note += f"{size} void: {wrong} "
            else:
                row.figures[f"{size} members"] = measured["deliveries_s"]
    return row


def measure(stage: Stage) -> Block:
    """See the module."""
    sizes = [stage.size(size, 10) for size in MEMBERS]
    systems.stock_people(stage, 0)

    def plain(size: int) -> People:
        return write_plain(stage.folder / "curves.plain.tsv", [f"of{size}"] * size)

    everybody = stage.members("curves", people=sizes[-1], rooms=1)

    def ours(size: int) -> People:
        path = everybody.path.with_suffix(".some")
        path.write_text("".join(everybody.path.read_text().splitlines(keepends=True)[:size]))
        return People(path, everybody.epoch, everybody.mention)

    seconds = stage.seconds(2)
    rows = [
        grown(systems.parley(stage, "curves"), ours, sizes, seconds),
        grown(systems.go_hub(stage), plain, sizes, seconds),
        grown(systems.node_ws(stage), plain, sizes, seconds),
        grown(systems.socket_io(stage), plain, sizes, seconds),
        grown(systems.stock(stage), plain, sizes, seconds),
    ]
    found = Block("curves", "deliveries/s with so many members of one room online, 8 senders × window 8", rows)
    if not stage.small:
        draw(found)
    return found


def draw(found: Block) -> None:
    """Into bench/results/fanout.svg."""
    series = {
        row.system: [(float(name.split()[0]), float(value)) for name, value in row.figures.items()]
        for row in found.rows
    }
    picture = chart("Fan-out: 8 senders × window 8", "members of the room online", "deliveries a second", series)
    (RESULTS / "fanout.svg").write_text(picture)
