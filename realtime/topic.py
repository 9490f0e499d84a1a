"""A topic in this process: where its log has been delivered to, and which sockets are live in it.

Everything here is synchronous and happens in one loop turn; `realtime.hub` does the waiting. Three rules are kept:
the delivered chain has no gap, a socket gets nothing from before it entered or after it left, and pending frames
are written before the set of sockets changes.
"""

from collections.abc import Callable
from typing import Protocol

from realtime.bell import Bell, Burst, Encoded, Step
from realtime.metrics import TALLY

REMOVALS_KEPT_S = 60.0
MAX_HELD = 1000


class Subscriber(Protocol):
    """A socket, as a topic sees it. `topics` are those it is in, each once; they keep it themselves."""

    topics: list["Topic"]

    @property
    def user(self) -> str: ...

    def feed(self, topic: str, frames: Burst) -> None:
        """Take these (rev, frame) pairs, in order."""


class Record:
    """What is delivered in a topic from now on, for sockets that are about to enter it."""

    def __init__(self, topic: "Topic") -> None:
        topic.flush()
        self.topic = topic
        self.frames: list[tuple[int, Encoded]] = []
        topic.records.append(self)

    def end(self) -> None:
        """Record nothing more."""
        self.topic.records.remove(self)


class Topic:
    """The live part of one log.

    `position` is the rev delivered last; None while the topic is being opened. `live` sockets get what comes next,
    `waiting` ones what comes after a head that this process has not reached yet. `allowed` has all sockets, each with
    those heads of the reads that let it in that lie ahead of the position (mostly none, which costs no memory): a
    removal before one of them is of an earlier stint, and the socket comes back there.
    `removals` remembers who left at which rev; before `known_from` nothing is known of them: an older entry is void.
    """

    def __init__(
        self,
        name: str,
        dirty: Callable[["Topic"], None],
        close: Callable[["Topic", dict[str, int]], None],
        clock: Callable[[], float],
        left: Callable[[str], None] = lambda user: None,
    ) -> None:
        self.name = name
        self.position: int | None = None
        self.known_from = 0
        self.live: dict[Subscriber, None] = {}
        self.waiting: dict[Subscriber, int] = {}
        self.allowed: dict[Subscriber, tuple[int, ...]] = {}
        self.records: list[Record] = []
        self.pending: list[tuple[int, Encoded]] = []
        self.held: list[Bell] = []
        self.removals: dict[str, tuple[int, float]] = {}
        self.empty_since: float | None = None
        self._dirty = dirty
        self._close = close
        self._clock = clock
        self._left = left

    def __len__(self) -> int:
        return len(self.allowed) + len(self.records)

    def __contains__(self, socket: Subscriber) -> bool:
        return socket in self.allowed

    def users(self) -> set[str]:
        """Whose sockets are here."""
        return {socket.user for socket in self.allowed}

    # ---- the chain

    def open(self, head: int) -> None:
        """Begin at this head: everything up to it is read, not delivered."""
        self.position = self.known_from = head
        self.drain()

    def accept(self, bell: Bell) -> bool:
        """Deliver a bell if it is the next in line, hold it otherwise. False: there is a gap to be closed."""
        position = self.position
        if position is not None and bell.rev <= position:
            return True
        if position is None or bell.prev > position or bell.steps is None:
            if len(self.held) >= MAX_HELD:
                self.held.clear()
            self.held.append(bell)
            return position is None
        self._apply_all(bell.steps)
        self.drain()
        return not self.held

    def drain(self) -> None:
        """Deliver what was held and is next in line now; forget what was delivered otherwise."""
        position = self.position
        if position is None:
            return
        moved = True
        while moved and self.held:
            moved = False
            for bell in self.held:
                if bell.steps is not None and bell.prev <= self.position_now < bell.rev:
                    self._apply_all(bell.steps)
                    moved = True
            self.held = [bell for bell in self.held if bell.rev > self.position_now]

    @property
    def position_now(self) -> int:
        """The position of a topic that is open."""
        assert self.position is not None
        return self.position

    def _apply_all(self, steps: list[Step]) -> None:
        for step in steps:
            self.apply(step)

    def apply(self, step: Step) -> None:
        """Deliver one change; what was delivered already is dropped."""
        if step.rev <= self.position_now:
            return
        self._promote(step.rev)
        self.pending.append((step.rev, step.frame))
        self.position = step.rev
        self._dirty(self)
        if step.leaves is not None:
            self.remove(step.leaves, step.rev)
        if step.closes:
            self.flush()
            self._close(self, step.closes)

    def _promote(self, rev: int) -> None:
        """Sockets that were allowed at a head before this rev become live."""
        due = [socket for socket, head in self.waiting.items() if head < rev]
        if due:
            self.flush()
            for socket in due:
                del self.waiting[socket]
                self.live[socket] = None

    def jump(self, head: int) -> None:
        """Take a head that was read together with who may be here (the chain up to it is given up)."""
        self.flush()
        self.position = max(self.position_now, head)
        self.known_from = self.position
        for socket, allowed in list(self.waiting.items()):
            if allowed <= self.position:
                del self.waiting[socket]
                self.live[socket] = None
        self.held = [bell for bell in self.held if bell.rev > self.position_now]

    # ---- the sockets

    def admits(self, user: str, head: int) -> bool:
        """Whether a read at `head` still says that a person may be here."""
        return head >= self.known_from and head >= self.removals.get(user, (0, 0.0))[0]

    def enter(self, socket: Subscriber, head: int) -> int | None:
        """Let a socket in that a read at `head` allowed. Returns the rev it starts from, None if the entry is void."""
        if not self.admits(socket.user, head):
            return None
        self.empty_since = None
        if socket not in self.allowed:
            socket.topics.append(self)
        position = self.position_now
        self.allowed[socket] = tuple(known for known in (*self.allowed.get(socket, ()), head) if known > position)
        if socket in self.waiting:
            return self.waiting[socket]
        if head > position and socket not in self.live:
            self.waiting[socket] = head
            return head
        self.flush()
        self.live[socket] = None
        return position

    def begin(self, socket: Subscriber, head: int) -> None:
        """As `enter`, for a socket whose client is just being told to take `head` as its cursor."""
        self.enter(socket, head)
        if (start := self.waiting.get(socket)) is not None and start > head:
            self.waiting[socket] = head
            self._promote(self.position_now + 1)

    def skip(self, socket: Subscriber, head: int) -> None:
        """What a socket was told by a read at `head` is not written to it again."""
        if head > self.position_now and socket in self:
            self.flush()
            self._wait(socket, max(head, self.waiting.get(socket, 0)))
            self.allowed[socket] += (head,)

    def _wait(self, socket: Subscriber, head: int) -> None:
        self.live.pop(socket, None)
        self.waiting[socket] = head

    def discard(self, socket: Subscriber) -> None:
        """The socket is gone, and lets go of its topics itself."""
        for sockets in (self.live, self.waiting, self.allowed):
            sockets.pop(socket, None)

    def remove(self, user: str, rev: int) -> None:
        """A person left at this rev: her sockets get what is pending, and nothing more of this stint."""
        self.flush()
        for socket, heads in [held for held in self.allowed.items() if held[0].user == user]:
            later = [head for head in heads if head >= rev]
            if not later:
                self.discard(socket)
                socket.topics.remove(self)
            elif self.waiting.get(socket, 0) < rev:
                self._wait(socket, min(later))
        self.removals[user] = (rev, self._clock())
        self._left(user)

    def flush(self) -> None:
        """Write what is pending to every live socket."""
        if not self.pending:
            return
        frames, self.pending = Burst(self.pending), []
        for record in self.records:
            record.frames += frames
        TALLY.deliveries += len(frames) * len(self.live)
        for socket in list(self.live):
            socket.feed(self.name, frames)

    def forget(self) -> None:
        """Drop removals older than a minute; entries allowed before them are void from now on."""
        now = self._clock()
        for user, (rev, when) in list(self.removals.items()):
            if now - when > REMOVALS_KEPT_S:
                del self.removals[user]
                self.known_from = max(self.known_from, rev)
