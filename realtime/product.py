"""What the engine asks of the product: callables over opaque ids, handed over in `config/asgi.py`.

All callables are plain functions that may query the database; the engine runs them in its bounded thread pool. They
raise the error tree. A topic is `room:<id>` or `user:<id>`. What is asked for every socket that comes is asked for
many at once, with a number of queries that does not grow with them; the answers are in the order of the questions.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from msgspec import Struct

from realtime.bell import Encoded
from realtime.protocol import codec
from realtime.protocol.closes import Close
from realtime.protocol.errors import ParleyError
from realtime.protocol.frames import Ack, Command, Event, ResetReason


class Identity(Struct, frozen=True):
    """Who speaks: a person on a device. `language` chooses the words of error messages.

    `readonly`: commands that change anything are refused (`realtime.commands.READING` are not). `until`: when these
    credentials end, in seconds since 1970; the socket ends with them.
    """

    user: str
    device: str
    language: str = "en"
    readonly: bool = False
    until: float | None = None


class Credentials(Struct, frozen=True, kw_only=True):
    """What a handshake (and its `hello`) offers; at most one is judged: ticket, then bearer, then session."""

    session: str | None = None
    bearer: str | None = None
    ticket: str | None = None


class Refused(Exception):
    """The credentials are no good: close with this code. `retry_ms`: about how long not to try again."""

    def __init__(self, close: Close, reason: str, *, retry_ms: int = 0) -> None:
        super().__init__(reason)
        self.close = close
        self.reason = reason
        self.retry_ms = retry_ms


class Greeting(Struct, frozen=True, kw_only=True):
    """The product's part of `ready`: read in one go, so that `heads` and `rooms` agree.

    `heads` has the person's topic and each room's, at or after the moment the reading began.
    """

    epoch: str
    user: Struct
    rooms: list[Any]
    heads: dict[str, int]


class Replay(Struct, frozen=True, kw_only=True, dict=True):
    """What changed in a topic after `since`, as state: each changed row once, in rev order, up to `head`.

    The events' prev and rev form an unbroken chain from `since`; what follows the last of them up to `head` is
    covered by `room.synced`. With `more` the read stopped at its budget and `head` is the last event's rev.
    `state` is `gone` where the reader has no open stint and `reset` where the log cannot be followed from `since`;
    then there are no events and `head` is where to start anew. `size` is about the bytes of the events.
    """

    since: int
    head: int
    events: list[Event] = []
    state: Literal["ok", "reset", "gone"] = "ok"
    reason: ResetReason | None = None
    more: bool = False
    size: int = 0

    @cached_property
    def frames(self) -> list[Encoded]:
        """The events as frames, made once for all who get this answer."""
        return [Encoded(codec.encode_event(event)) for event in self.events]


class Heads(Struct, frozen=True):
    """The heads of topics, and the database's epoch (another one: it was restored)."""

    epoch: str
    revs: dict[str, int]


class Standing(Struct, frozen=True):
    """Who of some people has an open stint in a topic, read together with the topic's head."""

    head: int
    users: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """A command of the product's: payload type → service → limit.

    Exactly one of `run` (one call) and `batch` (group commit: many calls, one transaction, answers in order) is set.
    Commands of one socket with the same `key` run in order.
    """

    payload: type[Command]
    limit: str
    key: Callable[[Any], str]
    weigh: Callable[[Any], int] = lambda command: 0
    """How many bytes it makes a group commit publish, about."""

    run: Callable[[Identity, Any], Ack] | None = None
    batch: Callable[[Sequence[tuple[Identity, Any]]], list[Ack | ParleyError]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """The product, as the engine sees it."""

    authenticate: Callable[[Sequence[Credentials]], Sequence[Identity | Refused]]
    """Who are these?"""

    topics: Callable[[Sequence[Identity]], Sequence[dict[str, int] | Refused]]
    """Each person's topic and the rooms of her open stints, each with the head of the read that allowed it. `Refused`
    if the device has ended since it was identified: no doorbell would tell this socket any more."""

    greetings: Callable[[Sequence[Identity]], Sequence[Greeting | ParleyError]]

    replays: Callable[[Sequence[tuple[Identity | None, Mapping[str, int]]], int], Sequence[dict[str, Replay]]]
    """([(reader, {topic: since})], budget of rows for each) → {topic: Replay} for each. Reader None: the engine
    itself, not filtered. Most recent rooms first; what is over the budget is `reset` if several topics were asked and
    `more` if only one was."""

    heads: Callable[[Collection[str] | None], Heads]
    """The heads of these topics; None: of all that changed lately (the last 30 s). One indexed query per kind."""

    renew: Callable[[str], str]
    """Replace this epoch, unless another one has begun already; the one that is now."""

    standing: Callable[[str, Collection[str]], Standing]
    """(topic, people) → who of them may be in it now."""

    may_watch: Callable[[Identity, Collection[str]], set[str]]
    """Whose presence this person may follow."""

    may_speak: Callable[[Identity, str], bool]
    """(reader, topic) → whether she may say something there now; who may not does not seem to be writing either."""

    verbs: Mapping[str, Verb] = field(default_factory=dict)
