"""The seam to the server: frames in, ordinary ASGI `send` out.

Any ASGI server will do. Frames gather in a queue that one task at a time empties, so a server that waits for a slow
reader makes that reader's queue grow and nobody else's.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from realtime.bell import Encoded

logger = logging.getLogger(__name__)


class AsgiTransport:
    """Writes in order, never waits; `pending` is the bytes not yet taken by the server."""

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self.pending = 0
        self.closed = False
        self._send = send
        self._queue: deque[Encoded] = deque()
        self._task: asyncio.Task[None] | None = None
        self._code: int | None = None

    def write(self, frames: Iterable[Encoded]) -> None:
        """Send these frames, in order, as soon as the server takes them."""
        if self.closed or self._code is not None:
            return
        for frame in frames:
            self._queue.append(frame)
            self.pending += len(frame.data)
        self._work()

    def close(self, code: int) -> None:
        """Close with this code after what was written; nothing more is taken."""
        if not self.closed and self._code is None:
            self._code = code
            self._work()

    def lost(self) -> None:
        """The connection is gone: forget what is queued."""
        self.closed = True
        self._queue.clear()
        self.pending = 0

    def _work(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        try:
            while self._queue:
                frame = self._queue.popleft()
                await self._send({"type": "websocket.send", "text": frame.text})
                self.pending -= len(frame.data)
            if self._code is not None and not self.closed:
                self.closed = True
                # autobahn takes no subclass of int for a code.
                await self._send({"type": "websocket.close", "code": int(self._code)})
        except Exception as error:
            logger.debug("a socket was lost while writing: %s", error)
            self.lost()
