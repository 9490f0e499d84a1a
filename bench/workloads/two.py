"""Two processes: what it adds when the sender is on another process than the readers.

Both processes share the server's core. One member sends 20 texts a second to 50 readers: all on one process, then the
readers on the other one.
"""

from bench import systems
from bench.block import Bar, Block, Figure, Row
from bench.fan import Entrant, measured, median, spread
from bench.load import Event
from bench.stage import People, Stage

READERS = 50


def figures(events: list[Event]) -> dict[str, Figure]:
    """The columns."""
    return {
        "p50 ms": median(events, "p50_ms"),
        "spread": spread(events, "p50_ms"),
        "p99 ms": median(events, "p99_ms"),
        "deliveries/s": median(events, "deliveries_s"),
        "server idle": f"{median(events, 'server_core_idle'):.0%}",
    }


def apart(people: People, name: str, readers_on: int) -> People:
    """The first client on process 0, the others on this one."""
    first, *others = (line.split("\t", 1)[1] for line in people.path.read_text().splitlines(keepends=True))
    path = people.path.with_suffix(name)
    path.write_text(f"0\t{first}" + "".join(f"{readers_on}\t{line}" for line in others))
    return People(path, people.epoch)


def measure(stage: Stage) -> Block:
    """See the module."""

    def row(name: str, readers_on: int) -> Row:
        def people() -> People:
            ours = stage.members("two", people=READERS + 1, rooms=1)
            return apart(ours, f".{readers_on}", readers_on)

        entrant = Entrant(lambda: systems.parley(stage, "two", processes=2), people)
        (found,) = measured(
            [entrant],
            figures,
            rounds=1 if stage.small else 2,
            senders=1,
            rate=20,
            warm=f"{stage.seconds(2)}s",
            time=f"{stage.seconds(4)}s",
        )
        found.system = name
        return found

    found = Block("two", f"a sender and {READERS} readers, 20 texts a second", [row("together", 0), row("apart", 1)])
    together, other = (found.figure(name, "p50 ms") for name in ("together", "apart"))
    added = None if together is None or other is None else other - together
    found.bars = [Bar("added p50 ≤ 3 ms", added, 3, at_least=False)]
    found.notes = ["apart: the sender's process commits and rings through Redis; the readers' process delivers."]
    return found
