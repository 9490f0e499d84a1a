"""How late the loop is, and whether that is so bad that nobody else should be let in."""

import asyncio
from collections import deque

from realtime.metrics import LOOP_LAG

EVERY_S = 0.1
# One long turn is no overload: each of so many looks in a row has to be late.
LOOKS = 4


class LoopLag:
    """Looks ten times a second; `limit_s` is the lag above which those who are here are preferred to new ones."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._looks: deque[float] = deque(maxlen=LOOKS)

    async def watch(self) -> None:
        """Look, for as long as the process lives."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + EVERY_S
            await asyncio.sleep(EVERY_S)
            self.look(max(0.0, loop.time() - due))

    def look(self, late_s: float) -> None:
        """The loop was so late just now."""
        self._looks.append(late_s)
        LOOP_LAG.observe(late_s)

    @property
    def overloaded(self) -> bool:
        """Whether it has been late all the time."""
        return len(self._looks) == LOOKS and min(self._looks) > self._limit_s
