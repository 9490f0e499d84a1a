"""Measuring fan-out: several systems take turns, each round anew; of what counts, the median."""

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from bench.block import Figure, Row
from bench.load import Event, LoadError, faults, remarks, run, void
from bench.stage import People
from bench.systems import Running, started
from tests.servers import ServerError

# A round that says nothing is repeated so often.
AGAIN = 2


@dataclass
class Entrant:
    """A system that takes part: how to start it, and who comes to it (asked when it runs)."""

    start: Callable[[], Running]
    people: Callable[[], People]


@dataclass
class _Taken:
    good: list[Event] = field(default_factory=list)
    voided: list[tuple[Event, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def measured(
    entrants: list[Entrant], figures: Callable[[list[Event]], dict[str, Figure]], rounds: int, **flags: object
) -> list[Row]:
    """A row for each entrant."""
    taken: dict[str, _Taken] = {}
    for _ in range(rounds):
        for entrant in entrants:
            running = entrant.start()
            mine = taken.setdefault(running.name, _Taken())
            _take(mine, entrant, running, flags)
    for entrant in entrants:
        running = entrant.start()
        mine = taken[running.name]
        for _ in range(AGAIN):
            if mine.good:
                break
            _take(mine, entrant, entrant.start(), flags)
    return [_row(name, mine, figures) for name, mine in taken.items()]


def _take(mine: _Taken, entrant: Entrant, running: Running, flags: dict[str, object]) -> None:
    try:
        with started(running):
            events = run(running, entrant.people(), **flags)
    except (LoadError, ServerError) as error:
        mine.notes.append(str(error)[:300])
        return
    wrong = faults(events[-1])
    if remark := remarks(events[-1]):
        if running.dialect == "parley":
            wrong = f"{wrong} {remark}".strip()
        elif remark not in mine.notes:
            mine.notes.append(remark)
    for event in events:
        if event["event"] == "measured":
            event["connected_s"] = events[0]["seconds"]
            why = wrong or void(event)
            if why:
                mine.voided.append((event, why))
            else:
                mine.good.append(event)


def _row(name: str, mine: _Taken, figures: Callable[[list[Event]], dict[str, Figure]]) -> Row:
    if mine.good:
        voided = [f"({len(mine.voided)} void: {mine.voided[0][1]})"] if mine.voided else []
        return Row(name, figures(mine.good), note="; ".join([*mine.notes, *voided]))
    if mine.voided:
        return Row(name, figures([event for event, _ in mine.voided]), void=mine.voided[0][1])
    return Row(name, {}, void="; ".join(mine.notes) or "nothing was measured")


def median(events: list[Event], name: str) -> float:
    """The median of a figure."""
    return statistics.median(event.get(name, 0) for event in events)


def spread(events: list[Event], name: str) -> str:
    """How far apart the measurements lie."""
    values = [event.get(name, 0) for event in events]
    middle = statistics.median(values)
    return f"±{max(abs(value - middle) for value in values) / middle:.0%}" if middle else ""
