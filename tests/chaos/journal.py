"""What one person's client did and saw, for the checker."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.wire.view import View

Frame = dict[str, Any]


@dataclass
class Said:
    """A message she said: until it is acknowledged or refused it is said again, with the same `client_id`."""

    room: str
    text: str
    client_id: str
    at: float
    tries: int = 0
    seq: int | None = None
    rev: int | None = None
    acked_at: float | None = None
    refused: str = ""

    @property
    def settled(self) -> bool:
        return self.acked_at is not None or bool(self.refused)


@dataclass
class Change:
    """An edit (or, without text, a delete) of an own message; not acknowledged means that nobody knows."""

    room: str
    seq: int
    text: str | None
    acked: bool = False


@dataclass
class Connection:
    """One socket: the cursors of its hello, and what came."""

    process: int
    began: float
    cursors: Mapping[str, int] = field(default_factory=dict)
    frames: list[Frame] = field(default_factory=list)
    arrived: list[float] = field(default_factory=list)
    code: int | None = None


@dataclass
class Removal:
    """A stint that was ended from outside. Times are monotonic seconds; `back_at`: when she was let in again."""

    user: str
    room: str
    left_rev: int
    at: float
    back_at: float = float("inf")


@dataclass
class Journal:
    """All of one person."""

    user: str
    name: str
    view: View = field(default_factory=View)
    said: list[Said] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    marks: list[tuple[str, int]] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    pongs: list[tuple[float, float]] = field(default_factory=list)
    errors: list[tuple[float, Frame]] = field(default_factory=list)
    handshakes_refused: int = 0
    sent_away: int | None = None
