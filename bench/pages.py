"""`python -m bench.pages [--check]`: the measured parts of docs/scaling.md, from bench/results/; `make bench` calls it.

Nothing on that page is typed in by hand: a figure comes from a file that a run has left, or is computed here from such.
"""

import re
import sys
from pathlib import Path

from bench.block import Block, shown
from bench.model import Line

PAGE = Path(__file__).resolve().parent.parent / "docs" / "scaling.md"
NOTHING = "*Not measured yet: `make bench` writes this.*"
MARK = re.compile(r"<!-- generated: (\w+) -->\n.*?<!-- end -->", re.DOTALL)

# The estimate's assumptions; all else in it follows from what was measured.
SOCKETS = 1_000_000
PER_PROCESS = 10_000
TEXTS_EACH_S = 1 / 300
ONLINE_IN_A_ROOM = 30
BUSY = 0.5


def table(name: str) -> str:
    """A workload's rows as Markdown."""
    block = Block.stored(name)
    if block is None:
        return NOTHING
    names = list(dict.fromkeys(figure for row in block.rows for figure in row.figures))
    lines = ["| | " + " | ".join(names) + " |", "| --- " + "| ---: " * len(names) + "|"]
    for row in block.rows:
        cells = [f"{row.system} (void: {row.void})" if row.void else row.system]
        cells += [shown(row.figures.get(figure, "")) for figure in names]
        lines.append("| " + " | ".join(cells) + " |")
    lines += [
        "",
        *(
            f"- {bar.says}: {shown(bar.reached) if bar.reached is not None else '–'}, {bar.verdict}"
            for bar in block.bars
        ),
    ]
    machine = block.machine
    lines += ["", f"{machine['date']}, {machine['machine']}, commit {machine['commit']}; `make bench ONLY={name}`."]
    return "\n".join(lines)


def lines_of(block: Block) -> dict[str, Line]:
    """The fitted lines of `scaling`, over sockets."""
    base, each = ({row.system: row for row in block.rows}[name].figures for name in ("line: base", "line: + per 1 000"))
    return {what: Line(float(base[what]), float(each[what]) / 1000) for what in base}


def million() -> str:
    """A million sockets on paper."""
    block, rooms = Block.stored("scaling"), Block.stored("rooms")
    if block is None or "line: base" not in {row.system for row in block.rows}:
        return NOTHING
    line = lines_of(block)
    at = {what: line[what].at(PER_PROCESS) for what in line}
    processes = SOCKETS // PER_PROCESS
    texts = SOCKETS * TEXTS_EACH_S
    deliveries = texts * ONLINE_IN_A_ROOM
    rest = processes * at["CPU at rest %"] / 100
    traffic = (texts * at["µs CPU/message"] + deliveries * at["µs CPU/delivery"]) / 1e6
    cores = (rest + traffic) / BUSY
    bells = texts * min(ONLINE_IN_A_ROOM, processes)
    window = at["ms CPU/connect"] / 1000 * PER_PROCESS
    rate = rooms.figure("Parley", "messages/s") if rooms is not None else None
    one = (
        "not measured"
        if rate is None
        else f"{shown(texts / rate)} × what one core for PostgreSQL, client and Redis together took"
    )
    rows = [
        ("processes", shown(processes), f"{PER_PROCESS:,} sockets each".replace(",", " ")),
        (
            "memory",
            f"{shown(processes * at['RSS MiB'] / 1024)} GiB",
            f"{shown(at['RSS MiB'])} MiB a process by the line",
        ),
        (
            "cores at rest",
            shown(rest),
            f"{shown(at['CPU at rest %'])} % of a core a process: heartbeats, position checks",
        ),
        ("messages", f"{shown(texts)} /s", "each person says something every 5 minutes"),
        ("deliveries", f"{shown(deliveries)} /s", f"{ONLINE_IN_A_ROOM} members of a room online"),
        ("cores for traffic", shown(traffic), "messages and deliveries at the costs above"),
        (
            "cores to provide",
            shown(max(cores, processes)),
            f"half busy; at least one for each process (load alone: {shown(cores)})",
        ),
        (
            "Redis",
            f"{shown(bells)} doorbells/s",
            "each message rings every process that has a member of its room online",
        ),
        ("PostgreSQL", f"{shown(texts)} messages/s", one),
        ("position checks", f"{shown(processes * 3)} queries/s", "three indexed ones a second from each process"),
        (
            "everybody comes back",
            f"{shown(window)} s",
            "at the CPU of a connect, all processes at once, doing nothing else",
        ),
    ]
    head = ["| | | why |", "| --- | ---: | --- |"]
    return "\n".join([*head, *(f"| {name} | {value} | {why} |" for name, value, why in rows)])


def part(name: str) -> str:
    """What stands at a mark of the page."""
    return million() if name == "million" else table(name)


def written(text: str) -> str:
    """The page with its measured parts as the results say."""
    return MARK.sub(lambda found: f"<!-- generated: {found[1]} -->\n{part(found[1])}\n<!-- end -->", text)


def main(arguments: list[str]) -> int:
    before = PAGE.read_text()
    after = written(before)
    if "--check" in arguments:
        if before != after:
            print("docs/scaling.md is out of date: python -m bench.pages")
        return int(before != after)
    PAGE.write_text(after)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
