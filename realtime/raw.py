"""The transport below our Daphne: framed bytes go from here to the socket, past autobahn and the reactor where that is
safe, and what the reader does not take waits here.

Why, and when it is safe: docs/decisions/0008. With `sendMessage` the core is busy with autobahn; a `send` of
bytes that were framed once, joined for a whole loop turn, leaves the time to the kernel.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Iterable
from errno import EAGAIN, ENOBUFS
from typing import Any

from twisted.internet import tcp
from twisted.protocols.policies import ProtocolWrapper

from realtime.bell import Burst, Encoded
from realtime.metrics import TALLY
from realtime.protocol.websocket import boundary, reason_bytes
from realtime.transport import too_much

logger = logging.getLogger(__name__)

# What the kernel holds for one reader (it doubles this for its own needs); more would hide how slow she is.
SEND_BUFFER_BYTES = 128 * 1024
# How much at a time goes from here into the reactor's buffer, from where it can no longer be dropped.
REFILL_BYTES = 32 * 1024
# autobahn's word for a WebSocket that is open (tests/pure/test_daphne_transport.py sees that it is).
OPEN = 3
# Times of waiting bytes are kept this exactly.
MARK_EVERY_S = 0.25


class Turn:
    """The writes of one loop turn: each socket gets all of its frames with one `send`."""

    def __init__(self) -> None:
        self.sends = 0
        self._written: list[RawTransport] = []

    def add(self, transport: "RawTransport") -> None:
        """Have this transport's chunks written when the loop turns."""
        if not self._written:
            asyncio.get_running_loop().call_soon(self.flush)
        self._written.append(transport)

    def flush(self) -> None:
        """Write everything now."""
        written, self._written = self._written, []
        for transport in written:
            try:
                transport.push()
            except Exception:
                logger.exception("a socket could not be written to")


TURN = Turn()


class RawTransport:
    """One socket of our Daphne. `protocol` is autobahn's, whose state says whether frames may still be sent.

    The direct way to the socket is safe only on a plain TCP transport (a TLS one hands out the inner socket) that is
    connected and has nothing of its own to write. What the socket does not take goes to the reactor; what comes while
    the reactor is still busy with that waits here, and follows when it asks for more (this is a pull producer).
    """

    __slots__ = (
        "_backlog",
        "_backlogged",
        "_chunks",
        "_direct",
        "_inner",
        "_marks",
        "_protocol",
        "_taken",
        "_transport",
        "limit",
        "overflowed",
        "packed",
    )

    def __init__(self, protocol: Any) -> None:
        self.limit = 1 << 62
        self.overflowed: Callable[[], None] = _nothing
        self.packed = False
        self._protocol = protocol
        self._transport = protocol.transport
        self._direct = type(protocol.transport) is tcp.Server
        inner = protocol.transport
        while isinstance(inner, ProtocolWrapper):
            inner = inner.transport
        self._inner: Any = inner
        # What was written in this turn; what waits for the reactor; how much was taken since nothing was pending, and
        # when. The last two are for slow readers only.
        self._chunks: list[bytes] = []
        self._backlog: deque[bytes] | None = None
        self._backlogged = 0
        self._taken = 0
        self._marks: deque[tuple[int, float]] | None = None

    # ---- what the engine asks

    @property
    def closed(self) -> bool:
        return bool(self._protocol.state != OPEN)

    @property
    def pending(self) -> int:
        return sum(map(len, self._chunks)) + self._backlogged + self._in_reactor()

    def age(self, now: float) -> float:
        if self._marks is None:
            return 0.0
        waiting = self._backlogged + self._in_reactor()
        if not waiting:
            self._taken, self._marks = 0, None
            return 0.0
        gone = self._taken - waiting
        while len(self._marks) > 1 and self._marks[0][0] <= gone:
            self._marks.popleft()
        return now - self._marks[0][1]

    def write(self, frames: Iterable[Encoded]) -> None:
        self._add(b"".join([frame.packed_wire if self.packed else frame.wire for frame in frames]))

    def burst(self, burst: Burst) -> None:
        self._add(burst.packed_wire if self.packed else burst.wire)

    def _add(self, data: bytes) -> None:
        if not self._chunks:
            TURN.add(self)
        self._chunks.append(data)

    def drop(self) -> None:
        self._chunks.clear()
        if self._backlogged:
            self._taken -= self._backlogged
            self._rest()

    def close(self, code: int, reason: str = "") -> None:
        self.push()
        if self._protocol.state == OPEN:
            if rest := self._rest():
                self._transport.write(rest)
            # Not sendClose: that refuses half of the codes there are.
            self._protocol.sendCloseFrame(code=int(code), reasonUtf8=reason_bytes(reason) or None)

    def abort(self) -> None:
        """Cut the connection off; what is pending is lost."""
        self.lost()
        self._transport.abortConnection()

    def lost(self) -> None:
        self._chunks.clear()
        self._rest()

    # ---- to the socket

    def push(self) -> None:
        """Write what this turn has gathered."""
        chunks = self._chunks
        if not chunks:
            return
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        chunks.clear()
        protocol, transport = self._protocol, self._transport
        if protocol.state != OPEN or not transport.connected or transport.disconnecting:
            return
        TURN.sends += 1
        TALLY.bytes += len(data)
        if self._backlogged:
            self._wait(data)
        elif (
            self._direct
            and not transport._tempDataBuffer
            and not transport.dataBuffer
            and not transport.TLS
            and not transport._writeDisconnected
            and not protocol.send_queue
        ):
            try:
                sent = transport.socket.send(data)
            except OSError as error:
                # Anything but a full socket is for the reactor to find out, and to tell everybody.
                sent = 0
                if error.errno not in (EAGAIN, ENOBUFS):
                    transport.write(data)
                    return
            if sent < len(data):
                self._hand_over(data, sent)
        elif protocol.send_queue:
            protocol.sendData(data)
        elif self._in_reactor():
            self._wait(data)
        else:
            self._hand_over(data, 0)

    def _hand_over(self, data: bytes, sent: int) -> None:
        """Give the reactor the frame that was begun and a little more; the rest waits, where it can be dropped."""
        end = boundary(data, min(len(data), sent + REFILL_BYTES))
        self._take(end - sent)
        self._transport.write(data[sent:end])
        if end < len(data):
            self._wait(data[end:])

    def _wait(self, data: bytes) -> None:
        """Keep this until the reactor asks for more."""
        before = self._backlogged + self._in_reactor()
        self._take(len(data))
        if self._backlog is None:
            self._backlog = deque()
        self._backlog.append(data)
        self._backlogged += len(data)
        if self._backlogged == len(data):
            self._transport.registerProducer(self, False)
        if too_much(before, len(data), self.limit):
            self.overflowed()

    def _take(self, size: int) -> None:
        now = time.monotonic()
        self.age(now)
        if self._marks is None:
            self._marks = deque()
        self._taken += size
        if self._marks and now - self._marks[-1][1] < MARK_EVERY_S:
            self._marks[-1] = (self._taken, self._marks[-1][1])
        else:
            self._marks.append((self._taken, now))

    def _rest(self) -> bytes:
        """Take what waits here away."""
        if self._backlog is None:
            return b""
        rest = b"".join(self._backlog)
        waited, self._backlog, self._backlogged = bool(self._backlog), None, 0
        if waited:
            self._transport.unregisterProducer()
        return rest

    def _in_reactor(self) -> int:
        inner = self._inner
        waiting: int = len(inner.dataBuffer) - inner.offset + inner._tempDataLen
        return waiting

    # ---- what the reactor asks

    def resumeProducing(self) -> None:  # noqa: N802
        """The reactor has written what it had."""
        if self._backlog is None or self._protocol.state != OPEN:
            self._rest()
            return
        if self._in_reactor() >= REFILL_BYTES:
            return
        chunks, size = [], 0
        while self._backlog and size < REFILL_BYTES:
            chunk = self._backlog.popleft()
            end = boundary(chunk, min(len(chunk), REFILL_BYTES - size))
            if end < len(chunk):
                self._backlog.appendleft(chunk[end:])
            chunks.append(chunk[:end])
            size += end
        self._backlogged -= size
        if not self._backlog:
            self._backlog = None
            self._transport.unregisterProducer()
        self._transport.write(b"".join(chunks))

    def stopProducing(self) -> None:  # noqa: N802
        """The connection is gone."""
        self._chunks.clear()
        self._backlog, self._backlogged = None, 0


def _nothing() -> None:
    """Nobody minds."""
