"""By when a thread's waiting for the database has to be over.

A server that hangs answers neither statements nor cancellations, so its own timeouts are no help: whoever waits has to
stop by herself. `config/postgres.py` asks here how long it may still wait; SQLite waits for its lock no longer than its
busy timeout.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Statements of no deadline (pages, the admin, commands): a little longer than the server's own statement_timeout.
STATEMENT_S = 16.0

_here = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Everything this thread asks of the database in here has to be answered by then."""
    before = getattr(_here, "by", None)
    _here.by = time.monotonic() + seconds
    try:
        yield
    finally:
        _here.by = before


def left() -> float:
    """Seconds for which this thread may still wait; at least a moment, so that what is there already is read."""
    by: float | None = getattr(_here, "by", None)
    return STATEMENT_S if by is None else max(0.001, by - time.monotonic())
