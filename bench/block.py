"""A workload's outcome: rows of figures, the bars they must reach, and how both are kept and printed."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

RESULTS = Path(__file__).resolve().parent / "results"
Figure = float | int | str


@dataclass
class Row:
    """What one system did. `void` says why its figures do not count; they are shown all the same."""

    system: str
    figures: dict[str, Figure]
    void: str = ""
    note: str = ""


@dataclass
class Bar:
    """What must be reached. `reached` is None where a void row leaves nothing to compare."""

    says: str
    reached: float | None
    bound: float
    at_least: bool = True

    @property
    def verdict(self) -> str:
        """`held`, `MISSED`, or `void`."""
        if self.reached is None:
            return "void"
        held = self.reached >= self.bound if self.at_least else self.reached <= self.bound
        return "held" if held else "MISSED"


@dataclass
class Block:
    """One workload, measured."""

    name: str
    title: str
    rows: list[Row]
    bars: list[Bar] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    machine: dict[str, str] = field(default_factory=dict)
    seconds: float = 0
    small: bool = False

    @property
    def whole(self) -> bool:
        """Whether nothing in it is void."""
        return not any(row.void for row in self.rows) and all(bar.verdict != "void" for bar in self.bars)

    def row(self, system: str) -> Row | None:
        """The row of a system, if it is there and counts."""
        return next((row for row in self.rows if row.system == system and not row.void), None)

    def figure(self, system: str, name: str) -> float | None:
        """A figure of a row that counts."""
        row = self.row(system)
        value = None if row is None else row.figures.get(name)
        return None if value is None or isinstance(value, str) else float(value)

    def ratio(self, system: str, to: str, name: str) -> float | None:
        """How many times the other's figure."""
        mine, other = self.figure(system, name), self.figure(to, name)
        return None if mine is None or not other else mine / other

    def times(self, name: str, **columns: str) -> None:
        """Add a column for each keyword with every row's figure over that system's: what a ratio is called, to whom."""
        for row in self.rows:
            value = row.figures.get(name)
            for title, system in columns.items():
                other = self.figure(system, name)
                if isinstance(value, (int, float)) and other:
                    row.figures[title.replace("_", " ")] = f"{value / other:.2f} ×"

    def store(self) -> None:
        """Keep it in bench/results/."""
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        (RESULTS / f"{self.name}.json").write_text(text + "\n")

    @classmethod
    def stored(cls, name: str) -> Self | None:
        """What was kept of a workload."""
        path = RESULTS / f"{name}.json"
        if not path.exists():
            return None
        value: dict[str, Any] = json.loads(path.read_text())
        rows, bars = [Row(**row) for row in value.pop("rows")], [Bar(**bar) for bar in value.pop("bars")]
        return cls(rows=rows, bars=bars, **value)

    def text(self) -> str:
        """As people read it. A small trial run shows whether everything works: it judges nothing."""
        small = " (a small trial run: whether it works, not how well)" if self.small else ""
        lines = [f"{self.name}: {self.title}{small}", *_table(self.rows, judged=not self.small), ""]
        if not self.small:
            lines += [f"  {bar.verdict:<6} {bar.says}: {_reached(bar)}" for bar in self.bars]
        lines += [f"  {note}" for note in self.notes]
        when = f"{self.machine.get('date', '')}, commit {self.machine.get('commit', '')}, {self.seconds:.0f} s"
        return "\n".join([*lines, f"  {when}", ""])


def _reached(bar: Bar) -> str:
    return "nothing to compare" if bar.reached is None else shown(bar.reached)


def _table(rows: Iterable[Row], *, judged: bool) -> list[str]:
    names = list(dict.fromkeys(name for row in rows for name in row.figures))
    cells = [["", *names]]
    cells += [[row.system, *(shown(row.figures.get(name, "")) for name in names)] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names) + 1)]
    lines = []
    for line, row in zip(cells, [None, *rows], strict=True):
        text = "  ".join(
            [line[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(line[1:], widths[1:], strict=True))]
        )
        why = "" if row is None else f"VOID: {row.void}" if judged else f"({row.void})"
        remarks = [] if row is None else [why] * bool(row.void) + [row.note] * bool(row.note)
        lines.append("  ".join([f"  {text}", *remarks]).rstrip())
    return lines


def shown(value: Figure) -> str:
    """A figure for people: thousands apart, three digits that matter."""
    if isinstance(value, str):
        return value
    if abs(value) >= 100 or value == int(value):
        return f"{round(value):,}".replace(",", " ")
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def report(blocks: Iterable[Block]) -> str:
    """All blocks, under the machine they were measured on, and what was missed."""
    blocks = list(blocks)
    machine = blocks[-1].machine
    head = [f"{name:<8} {machine[name]}" for name in ("machine", "python", "peers") if name in machine]
    head.append("cores    server on one; load client, PostgreSQL and Redis on the other (each ≥ 10 % idle, else void)")
    bars = [(block, bar) for block in blocks for bar in block.bars]
    counts = [f"{sum(bar.verdict == word for _, bar in bars)} {word}" for word in ("held", "MISSED", "void")]
    tail = [f"{len(bars)} bars: {', '.join(counts)}"]
    tail += [f"  {bar.verdict:<6} {block.name}: {bar.says}" for block, bar in bars if bar.verdict != "held"]
    return "\n".join([*head, "", *(block.text() for block in blocks), *tail, ""])
