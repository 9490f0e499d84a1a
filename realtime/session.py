"""The socket's state machine, sans I/O: frames and the clock go in, frames and wishes come out.

    open ──hello──▶ resuming ──resumed──▶ live
      └───────────── any ─────────────▶ closing

`receive` and `tick` answer with wishes (what the consumer shall do); frames to be written gather in `outbox`. While
resuming, live frames are held; `resumed` merges them behind the replay, so the chain of every topic is unbroken.
"""

import enum
from collections import deque
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

from realtime.bell import Encoded, Packed
from realtime.limits import Limits
from realtime.protocol import codec, frames, json, msgpack
from realtime.protocol.closes import Close
from realtime.protocol.errors import Invalid, ParleyError, TooLarge

HEARTBEATS = {
    "lan": frames.Heartbeat(30, 3),
    "mobile": frames.Heartbeat(15, 2),
    "lossy": frames.Heartbeat(10, 4),
}
SILENCE_GRACE_S = 5.0
REFUSALS_WINDOW_S = 10.0


class State(enum.Enum):
    """Where a socket is in its life."""

    OPEN = "open"
    RESUMING = "resuming"
    LIVE = "live"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class Greet:
    """Find out who this is, let them in, and replay what they missed."""

    id: str
    hello: frames.Hello


@dataclass(frozen=True, slots=True)
class Execute:
    """Carry out a command and answer it."""

    id: str
    command: frames.Command


@dataclass(frozen=True, slots=True)
class Goodbye:
    """Close, after what is in the outbox."""

    code: Close
    reason: str


Wish = Greet | Execute | Goodbye


class Session:
    """One socket. Times are seconds of a monotonic clock, given with every call."""

    def __init__(
        self,
        now: float,
        limits: Limits,
        commands: Mapping[str, type[frames.Command]],
        heads: Callable[[], dict[str, int]] = dict,
        shape: Callable[[ParleyError], dict[str, Any]] = ParleyError.as_dict,
    ) -> None:
        self.state = State.OPEN
        self.outbox: list[Encoded] = []
        # Whether this socket speaks MessagePack.
        self.packed = False
        self.heartbeat = HEARTBEATS["lan"]
        self._limits = limits
        self._commands = commands
        self._heads = heads
        self._shape = shape
        self._opened = self._heard = now
        self._pinged = False
        self._violations = 0
        self._refusals: deque[float] = deque()
        self._held: list[tuple[str, int, Encoded]] = []
        self._held_bytes = 0
        self._overflowed: set[str] = set()
        self._ids = count(1)

    # ---- frames in

    def receive(self, data: str | bytes, now: float) -> Wish | None:
        """A frame of the client's. What is wrong with it is answered here; the socket stays up."""
        if self.state is State.CLOSING:
            return None
        self._heard = now
        self._pinged = False
        frame_id = ""
        try:
            value = self._plain(data)
            if isinstance(value, dict) and isinstance(value.get("id"), str):
                frame_id = value["id"][:64]
            envelope = json.decode(codec.Incoming, value, later="payload")
            command = self._decode(envelope)
        except ParleyError as error:
            self.answer(frame_id, error)
            return self._violated(error, now)
        self._violations = 0
        match command:
            case frames.ClientPing():
                self.send(frames.ServerPong(now=codec.now_ms(), heads=self._heads()), re=frame_id)
                return self.refused(now)
            case frames.ClientPong():
                return self.refused(now)
            case frames.Hello():
                self.state = State.RESUMING
                return Greet(frame_id, command)
        return Execute(frame_id, command)

    def _plain(self, data: str | bytes) -> Any:
        if isinstance(data, bytes) is not self.packed:
            raise Invalid(f"This subprotocol has {'binary' if self.packed else 'text'} frames only.")
        size = len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "replace"))
        if size > self._limits.command_bytes:
            raise TooLarge("The command is larger than the limit.")
        return msgpack.loads(data) if isinstance(data, bytes) else json.loads(data)

    def _decode(self, envelope: codec.Incoming) -> frames.Command:
        shape = self._commands.get(envelope.type)
        if shape is None:
            raise Invalid("There is no such command.", fields={"type": [envelope.type]})
        if (shape is frames.Hello) != (self.state is State.OPEN):
            raise Invalid("hello comes first, and once.", fields={"type": [envelope.type]})
        if self.state is State.RESUMING and shape not in (frames.ClientPing, frames.ClientPong):
            raise Invalid("Wait for ready.", fields={"type": [envelope.type]})
        return json.decode(shape, envelope.payload)

    def _violated(self, error: ParleyError, now: float) -> Goodbye | None:
        if isinstance(error, TooLarge):
            return self.refused(now)
        self._violations += 1
        if self._violations < self._limits.violations:
            return None
        return Goodbye(Close.PROTOCOL_VIOLATION, "too many malformed frames")

    def refused(self, now: float) -> Goodbye | None:
        """A frame that no bucket pays for (over a rate limit, too large, a sign of life); who goes on is sent away."""
        self._refusals.append(now)
        while self._refusals[0] < now - REFUSALS_WINDOW_S:
            self._refusals.popleft()
        if len(self._refusals) > self._limits.refusals_per_10_s:
            return Goodbye(Close.FLOODING, "too many commands")
        return None

    # ---- frames out

    def send(self, payload: frames.Payload, *, re: str | None = None) -> None:
        """Put a frame of this socket's own into the outbox."""
        self.outbox.append(self.own(payload, frame_id=f"s{next(self._ids)}", re=re))

    def own(self, payload: frames.Payload, *, frame_id: str, re: str | None = None) -> Encoded:
        """A frame for this socket alone, in its codec."""
        if self.packed:
            return Packed(codec.pack(payload, frame_id=frame_id, re=re))
        return Encoded(codec.encode(payload, frame_id=frame_id, re=re))

    def answer(self, re: str, outcome: frames.Payload | ParleyError) -> None:
        """Answer a command."""
        if isinstance(outcome, ParleyError):
            outcome = frames.ErrorFrame(**self._shape(outcome))
        self.send(outcome, re=re or None)

    def say_bye(self, code: Close, reason: str, retry_ms: int) -> None:
        """The last frame; nothing is taken or sent after it."""
        if self.state is not State.CLOSING:
            self.send(frames.Bye(code=code, reason=reason, retry_ms=retry_ms, resume=code.may_return))
            self.state = State.CLOSING

    def feed(self, topic: str, batch: list[tuple[int, Encoded]]) -> list[Encoded] | None:
        """Live frames of a topic: what to write now; None while they are held (or the socket is closing)."""
        if self.state is State.LIVE:
            return [frame for _, frame in batch]
        if self.state is State.RESUMING and topic not in self._overflowed:
            # A person's own log is short, and nothing can take its place.
            size = sum(len(frame.data) for _, frame in batch)
            full = (
                len(self._held) + len(batch) > self._limits.held_frames
                or self._held_bytes + size > self._limits.held_bytes
            )
            if full and not topic.startswith("user:"):
                self._held = [held for held in self._held if held[0] != topic]
                self._held_bytes = sum(len(frame.data) for _, _, frame in self._held)
                self._overflowed.add(topic)
            else:
                self._held.extend((topic, rev, frame) for rev, frame in batch)
                self._held_bytes += size
        return None

    def overflowed(self) -> Collection[str]:
        """Topics of which more came than is held: read on from their cursor before going live. Held anew from now."""
        topics, self._overflowed = self._overflowed, set()
        return topics

    def resumed(self, heads: Mapping[str, int]) -> dict[str, int]:
        """Go live: what was held and lies behind these heads follows the replay, in the order it came.

        Returns the heads that still stand: a room that was entered anew meanwhile starts where its entry says.
        """
        still = dict(heads)
        if self.state is not State.RESUMING:
            return {}
        for topic, rev, frame in self._held:
            if rev > still.get(topic, 0):
                self.outbox.append(frame)
                still[topic] = rev
                for opened in frame.opens:
                    still.pop(opened, None)
        self._held.clear()
        self._held_bytes = 0
        self.state = State.LIVE
        return still

    # ---- the clock

    def tick(self, now: float) -> Wish | None:
        """What the passing of time asks for; call it about every second."""
        if self.state is State.CLOSING:
            return None
        if self.state is State.OPEN and now - self._opened >= self._limits.hello_within_s:
            return Goodbye(Close.NO_HELLO, "no hello")
        silent = now - self._heard
        if silent >= self.heartbeat.interval_s * self.heartbeat.misses + SILENCE_GRACE_S:
            return Goodbye(Close.HEARTBEAT_LOST, "nothing heard")
        if silent >= self.heartbeat.interval_s and not self._pinged and self.state is State.LIVE:
            self._pinged = True
            self.send(frames.ServerPing(now=codec.now_ms(), heads=self._heads()))
        return None
