"""What a doorbell says: a topic moved from prev to rev, and the frames of that step if they are small enough."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any

from realtime.protocol import codec
from realtime.protocol.frames import Event
from realtime.protocol.websocket import framed

MAX_BELL_BYTES = 8 * 1024


class Encoded:
    """A frame as JSON (`data`), as text for servers that want text, and as it goes over the wire; each made at most
    once. The same for readers of MessagePack: nothing of it is made before the first of them.

    `opens`: topics that a client begins anew with this frame.
    """

    def __init__(self, data: bytes, opens: tuple[str, ...] = ()) -> None:
        self.data = data
        self.opens = opens

    @cached_property
    def text(self) -> str:
        return self.data.decode()

    @cached_property
    def wire(self) -> bytes:
        """With its WebSocket header: what a server is handed that takes bytes as they are."""
        return framed(self.data)

    @cached_property
    def packed(self) -> bytes:
        """As MessagePack."""
        return codec.repack(self.data)

    @cached_property
    def packed_wire(self) -> bytes:
        """As MessagePack, with its WebSocket header."""
        return framed(self.packed, binary=True)


class Packed(Encoded):
    """A frame for a single reader, who speaks MessagePack: `data` is that, and there is no JSON of it."""

    @cached_property
    def packed(self) -> bytes:
        return self.data


class Burst(list[tuple[int, Encoded]]):
    """What a topic has for its sockets in one go, as (rev, frame) pairs; joined once for all of them."""

    @cached_property
    def frames(self) -> list[Encoded]:
        return [frame for _, frame in self]

    @cached_property
    def wire(self) -> bytes:
        return b"".join([frame.wire for _, frame in self])

    @cached_property
    def packed_wire(self) -> bytes:
        return b"".join([frame.packed_wire for _, frame in self])


class Step:
    """One durable change, ready to be written: its frame, and what it does to the set of sockets."""

    __slots__ = ("closes", "frame", "leaves", "rev")

    def __init__(
        self,
        rev: int,
        frame: Encoded,
        leaves: str | None = None,
        closes: dict[str, int] | None = None,
    ) -> None:
        self.rev = rev
        self.frame = frame
        self.leaves = leaves
        self.closes = closes or {}

    @classmethod
    def of(cls, event: Event) -> "Step":
        frame = Encoded(codec.encode_event(event), tuple(event.opens))
        return cls(event.rev, frame, event.leaves, event.closes)


class Bell:
    """A topic moved over (prev, rev]. Without `steps` the hub reads them itself."""

    __slots__ = ("prev", "rev", "steps", "topic")

    def __init__(self, topic: str, prev: int, rev: int, steps: list[Step] | None) -> None:
        self.topic = topic
        self.prev = prev
        self.rev = rev
        self.steps = steps

    @classmethod
    def ring(cls, events: Iterable[Event]) -> "list[Bell]":
        """The bells of one transaction: one per topic, in order of first mention.

        An event that opens topics for a person never travels: each hub must serve those topics first, so it reads.
        """
        grouped: dict[str, list[Event]] = {}
        for event in events:
            grouped.setdefault(event.topic, []).append(event)
        return [
            cls(
                topic,
                min(event.prev for event in chain),
                max(event.rev for event in chain),
                None if any(event.opens for event in chain) else [Step.of(event) for event in chain],
            )
            for topic, chain in grouped.items()
        ]

    def pack(self) -> dict[str, Any]:
        """The channel-layer message; without the frames if they are too large to send to processes at random."""
        message: dict[str, Any] = {"t": self.topic, "p": self.prev, "r": self.rev}
        if self.steps is not None and sum(len(step.frame.data) for step in self.steps) <= MAX_BELL_BYTES:
            message["s"] = [[step.rev, step.frame.data, step.leaves, step.closes] for step in self.steps]
        return message

    @classmethod
    def unpack(cls, message: dict[str, Any]) -> "Bell":
        steps = message.get("s")
        return cls(
            message["t"],
            message["p"],
            message["r"],
            None
            if steps is None
            else [Step(rev, Encoded(data), leaves, closes) for rev, data, leaves, closes in steps],
        )
