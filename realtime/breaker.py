"""A circuit breaker: while the database is away, calls fail at once instead of each waiting for it in a thread.

It opens at the first failure, since each has cost somebody seconds of waiting. From then on nobody but a probe waits,
on a thread of its own; the first one that is answered closes it.
"""

import logging
import random
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)

PAUSE_S = 0.5
# Those sent away together are not to come back together.
SPREAD = 3


class Breaker:
    """`probe` asks the database something and raises if that fails. May be used from any thread."""

    def __init__(self, name: str, probe: Callable[[], None]) -> None:
        self.open = False
        self.openings = 0
        self._name = name
        self._probe = probe
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def refuses(self) -> int:
        """0: go on. Else it is open: milliseconds after which trying again may help."""
        return self.retry_ms() if self.open else 0

    @staticmethod
    def retry_ms() -> int:
        """How long somebody who is refused shall wait."""
        return random.randint(int(PAUSE_S * 1000), int(PAUSE_S * 1000 * SPREAD))  # noqa: S311

    def failed(self, error: Exception) -> bool:
        """A call found the database away. Whether that opened the breaker just now."""
        with self._lock:
            if self.open or self._stopped.is_set():
                return False
            self.open = True
            self.openings += 1
        logger.warning("the database is away for %s: %s", self._name, error)
        threading.Thread(target=self._probing, name=f"probe-{self._name}", daemon=True).start()
        return True

    def _probing(self) -> None:
        while not self._stopped.wait(PAUSE_S) and self.open:
            try:
                self._probe()
            except Exception as error:
                logger.debug("the database is still away for %s: %s", self._name, error)
                continue
            break
        self.close()

    def close(self) -> None:
        """The database was heard of."""
        with self._lock:
            closed, self.open = self.open, False
        if closed:
            logger.info("the database is back for %s", self._name)

    def stop(self) -> None:
        """Probe no more."""
        self._stopped.set()
