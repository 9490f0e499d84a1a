"""A circuit breaker: while the database is away, calls fail at once instead of each waiting for it in a thread.

    closed ──failed──▶ open ──after a pause──▶ one call is let through
       ▲                 ▲                         │
       └──────────── succeeded        failed ──────┘
"""

import random
import threading
import time
from collections.abc import Callable

PAUSE_S = 0.5
# A probe nobody has heard of for so long is forgotten, and another call may try.
PROBE_S = 20.0
# Those sent away together are not to come back together.
SPREAD = 3


class Breaker:
    """Opens at the first failure: each has cost somebody seconds of waiting. May be asked from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.open = False
        self.openings = 0
        self._clock = clock
        self._next = 0.0
        self._lock = threading.Lock()

    def refuses(self) -> int:
        """0: go on. Else it is open: milliseconds after which trying again may help.

        While it is open each pause lets one call through; whoever is let through says how it went.
        """
        if not self.open:
            return 0
        with self._lock:
            now = self._clock()
            if not self.open:
                return 0
            if now >= self._next:
                self._next = now + PROBE_S
                return 0
        return self.retry_ms()

    @staticmethod
    def retry_ms() -> int:
        """How long somebody who is refused shall wait."""
        return random.randint(int(PAUSE_S * 1000), int(PAUSE_S * 1000 * SPREAD))  # noqa: S311

    def failed(self) -> bool:
        """A call found the database away. Whether that opened the breaker just now."""
        with self._lock:
            opened, self.open = not self.open, True
            self.openings += opened
            self._next = self._clock() + PAUSE_S
        return opened

    def succeeded(self) -> bool:
        """A call was answered. Whether that closed the breaker just now."""
        if not self.open:
            return False
        with self._lock:
            closed, self.open = self.open, False
        return closed
