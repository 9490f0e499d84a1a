"""The table, read: rows and cells."""

from collections.abc import Iterator
from typing import NamedTuple

from tests.permissions import table

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}
ANSWERS = {"ok", "same", "401", "403", "404", "who?", "409", "yes", "no", "302"}


class Row(NamedTuple):
    """`GET rooms/{room}/ (variant)`, `message.send (variant)`, `shows rooms/ (variant)`, `hears …`, `addresses …`."""

    kind: str
    what: str
    variant: str

    @property
    def label(self) -> str:
        return " ".join(part for part in (self.kind, self.what, self.variant) if part)


class Cell(NamedTuple):
    """What `who` is told when she does what the row says, in a room of this kind (or anywhere in the workspace)."""

    world: str
    row: Row
    who: str
    answer: str

    def __str__(self) -> str:
        return f"{self.world}: {self.row.label}: {self.who}: {self.answer}"


def row(label: str) -> Row:
    head, bracket, rest = label.partition("(")
    words = head.split()
    variant = bracket + rest.strip()
    if words[0] in METHODS or words[0] in {"shows", "hears", "addresses"}:
        return Row(words[0], words[1], variant)
    return Row("", words[0], variant)


def read(world: str, block: str, columns: str) -> Iterator[Cell]:
    """The cells of a block, those that nobody can be in left out. Raises AssertionError for what is no table."""
    names = columns.split()
    header, *lines = (line for line in block.splitlines() if line.strip() and not line.startswith("#"))
    assert header.partition("|")[2].split() == [name[:4] for name in names], f"{world}: {header}"
    seen = set()
    for line in lines:
        label, bar, cells = line.partition("|")
        here, answers = row(label), cells.split()
        assert bar, f"{world}: {line}"
        assert len(answers) == len(names), f"{world}: {line}"
        assert set(answers) <= ANSWERS | {"-"}, f"{world}: {line}"
        assert here not in seen, f"{world}: {here.label} stands there twice"
        seen.add(here)
        for name, answer in zip(names, answers, strict=True):
            if answer != "-":
                yield Cell(world, here, name, answer)


def rows(block: str) -> list[Row]:
    """Every row of a block, also those of which all cells are empty."""
    lines = (line for line in block.splitlines() if line.strip() and not line.startswith(("#", " ")))
    return [row(line.partition("|")[0]) for line in lines]


ROOMS = {kind: list(read(kind, block, table.ROOM_COLUMNS)) for kind, block in table.ROOMS.items()}
WORKSPACE = list(read("workspace", table.WORKSPACE, table.WORKSPACE_COLUMNS))
TOKENS = list(read("tokens", table.TOKENS, table.TOKEN_COLUMNS))
PAGES = list(read("pages", table.PAGES, table.PAGE_COLUMNS))
ALL = [*(cell for cells in ROOMS.values() for cell in cells), *WORKSPACE, *TOKENS, *PAGES]


def requests(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.row.kind in METHODS]


def commands(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if not cell.row.kind]


def lists(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.row.kind == "shows"]


def heard(cells: list[Cell]) -> list[Cell]:
    return [cell for cell in cells if cell.row.kind == "hears"]
