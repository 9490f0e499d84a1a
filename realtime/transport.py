"""The seam to the server: frames in, bytes out.

Any ASGI server will do: `AsgiTransport` hands it one frame after the other. A server of ours (`realtime.daphne`) puts a
transport of its own into the scope, which writes bytes that are framed once for all readers and knows what the reader
has not taken yet.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol

from realtime.bell import Burst, Encoded
from realtime.metrics import TALLY

logger = logging.getLogger(__name__)

# The scope's extension that carries a transport of the server's own.
EXTENSION = "parley.transport"
# A close that the client does not answer is followed by an abort.
ABORT_AFTER_S = 1.5
# How often somebody who waits for room looks again.
LOOK_EVERY_S = 0.01


class Transport(Protocol):
    """Writes in order and never waits. On the loop's thread only."""

    limit: int
    """Pending bytes above which `overflowed` is called (`too_much`)."""

    overflowed: Callable[[], None]

    packed: bool
    """Whether the reader speaks MessagePack; said before the first frame."""

    @property
    def closed(self) -> bool:
        """Whether nothing more is taken: closing, or gone."""

    @property
    def pending(self) -> int:
        """Bytes that were written here and that the network has not taken yet, as far as the server can tell."""

    def age(self, now: float) -> float:
        """Seconds for which the oldest of the pending bytes has been waiting."""

    def write(self, frames: Iterable[Encoded]) -> None:
        """Send these frames, in order, as soon as the reader takes them."""

    def burst(self, burst: Burst) -> None:
        """The same, for frames that many sockets get."""

    def drop(self) -> None:
        """Forget what is pending, from the next frame on."""

    def close(self, code: int, reason: str = "") -> None:
        """Close after what was written; who does not answer is cut off after `ABORT_AFTER_S`."""

    def lost(self) -> None:
        """The connection is gone: forget what is queued."""


def too_much(before: int, more: int, limit: int) -> bool:
    """Whether a reader is too slow who has left `before` bytes when `more` come.

    What comes in one go may go over the limit once: she had no chance to read it yet.
    """
    return before > limit or before + more > 2 * limit


async def room(transport: Transport, pending: int) -> bool:
    """Wait until no more than this is pending. Whether more may be written (False: it was closed)."""
    while transport.pending > pending and not transport.closed:  # noqa: ASYNC110
        await asyncio.sleep(LOOK_EVERY_S)
    return not transport.closed


def transport_of(scope: Mapping[str, Any], send: Callable[[dict[str, Any]], Awaitable[None]]) -> Transport:
    """The server's own transport for this connection, if it has one."""
    own: Transport | None = (scope.get("extensions") or {}).get(EXTENSION)
    return AsgiTransport(send) if own is None else own


class AsgiTransport:
    """Ordinary ASGI `send`.

    Frames gather in a queue that one task at a time empties, so a server that waits for a slow reader makes that
    reader's queue grow and nobody else's. A server that never waits (Daphne) hides what is pending.
    """

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self.limit = 1 << 62
        self.overflowed: Callable[[], None] = lambda: None
        self.packed = False
        self.pending = 0
        self._send = send
        self._gone = False
        self._queue: deque[tuple[float, Encoded]] = deque()
        self._under_way = 0.0
        self._task: asyncio.Task[None] | None = None
        self._code: int | None = None
        self._reason = ""

    @property
    def closed(self) -> bool:
        return self._gone or self._code is not None

    def age(self, now: float) -> float:
        return now - self._under_way if self.pending else 0.0

    def write(self, frames: Iterable[Encoded]) -> None:
        if self.closed:
            return
        now, before = time.monotonic(), self.pending
        for frame in frames:
            self._queue.append((now, frame))
            size = self._size(frame)
            self.pending += size
            TALLY.bytes += size
        self._work()
        if too_much(before, self.pending - before, self.limit):
            self.overflowed()

    def burst(self, burst: Burst) -> None:
        self.write(burst.frames)

    def drop(self) -> None:
        self.pending -= sum(self._size(frame) for _, frame in self._queue)
        self._queue.clear()

    def close(self, code: int, reason: str = "") -> None:
        if not self.closed:
            self._code, self._reason = code, reason
            self._work()

    def lost(self) -> None:
        self._gone = True
        self._queue.clear()
        self.pending = 0

    def _size(self, frame: Encoded) -> int:
        return len(frame.packed if self.packed else frame.data)

    def _work(self) -> None:
        if self._task is None or self._task.done():
            self._under_way = time.monotonic()
            self._task = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._queue:
                self._under_way, frame = self._queue.popleft()
                content = {"bytes": frame.packed} if self.packed else {"text": frame.text}
                await self._send({"type": "websocket.send", **content})
                self.pending -= self._size(frame)
            if self._code is not None and not self._gone:
                self._gone = True
                # autobahn takes no subclass of int for a code.
                await self._send({"type": "websocket.close", "code": int(self._code), "reason": self._reason})
        except Exception as error:
            logger.debug("a socket was lost while writing: %s", error)
            self.lost()
