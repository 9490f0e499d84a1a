"""How many HTTP requests compute at once, so that those who are connected do not wait for those who come."""

import asyncio
from typing import Any

from config.away import ALWAYS

# Django takes a thread for each request, and all share one interpreter with the loop: measured, 200 pages at once made
# a message take 0.6 s on its way. More at once do not make pages faster.
AT_ONCE = 4
# Who takes longer is not computing but waits, for a database or a hash: the next one may come in.
HELD_S = 0.05


class Turns:
    """An ASGI application whose requests wait for their turn, in order. Who asks how this process is does not wait."""

    def __init__(self, application: Any, at_once: int = AT_ONCE) -> None:
        self._application = application
        self._places = asyncio.Semaphore(at_once)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["path"] in ALWAYS:
            await self._application(scope, receive, send)
            return
        await self._places.acquire()
        turn = _Turn(self._places)
        try:
            await self._application(scope, receive, send)
        finally:
            turn.end()


class _Turn:
    """A place, given back once: when it ends, or when it has lasted too long."""

    def __init__(self, places: asyncio.Semaphore) -> None:
        self._places = places
        self._over = False
        self._timer = asyncio.get_running_loop().call_later(HELD_S, self.end)

    def end(self) -> None:
        """Give it back."""
        if not self._over:
            self._over = True
            self._timer.cancel()
            self._places.release()
