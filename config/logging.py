"""What is not written down: nothing about what is no fault, nothing twice."""

import asyncio
import logging

from django.core.exceptions import RequestAborted

# An ASGI handler's task for a reader who went away ends with this; nobody waits for the task, and nothing is wrong.
_LEFT = (RequestAborted, asyncio.CancelledError)


def stayed(record: logging.LogRecord) -> bool:
    """A filter of asyncio's log: all but the forgotten tasks of readers who left before their answer."""
    return not (record.exc_info and isinstance(record.exc_info[1], _LEFT))


class Cause(logging.Filter):
    """Of what the pool of connections says: why it cannot connect, in one line, and the same again after a minute only.

    That it cannot, and that it can again, is said by the engine's breaker, which does not know why.
    """

    AGAIN_AFTER_S = 60.0

    def __init__(self) -> None:
        super().__init__()
        self._said, self._at = "", 0.0

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno >= logging.ERROR:
            return True
        error = record.args[-1] if isinstance(record.args, tuple) and record.args else None
        if not isinstance(error, Exception):
            return False
        cause = " ".join(str(error).split())
        if cause == self._said and record.created - self._at < self.AGAIN_AFTER_S:
            return False
        self._said, self._at = cause, record.created
        record.msg, record.args = f"{type(error).__name__}: %s", (cause,)
        return True
