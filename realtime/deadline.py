"""How long a thread may wait for the database.

A server that hangs answers neither statements nor cancellations, so its own timeouts are no help: whoever waits has to
stop by herself. `config/postgres.py` asks here how long it may still wait; SQLite waits for its lock no longer than its
busy timeout. What a call computes meanwhile does not count: a batch that takes long to render says nothing about the
database.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Statements of no deadline (pages, the admin, commands): a little longer than the server's own statement_timeout.
STATEMENT_S = 16.0

_here = threading.local()


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What this thread asks of the database in here may keep it waiting for so long, all together."""
    before = getattr(_here, "left", None)
    _here.left = seconds
    try:
        yield
    finally:
        _here.left = before


def left() -> float:
    """Seconds for which this thread may still wait; at least a moment, so that what is there already is read."""
    seconds: float | None = getattr(_here, "left", None)
    return STATEMENT_S if seconds is None else max(0.001, seconds)


def waited(seconds: float) -> None:
    """So long this thread has waited for the database just now."""
    if getattr(_here, "left", None) is not None:
        _here.left -= seconds
