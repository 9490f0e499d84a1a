"""The connection to PostgreSQL that gives up waiting."""

import time
from typing import Any, Self, TypeVar

import psycopg
from psycopg.errors import _WaitTimeout

from config import adapters
from realtime import deadline

Answer = TypeVar("Answer")


class PatientConnection(psycopg.Connection[Any]):
    """psycopg's, but a server that keeps the thread waiting for longer than it may has lost it.

    The outcome of what was asked is then unknown. Raises OperationalError; the connection is closed, since an answer
    that comes later would be taken for that of the next question.
    """

    @classmethod
    def connect(cls, *args: Any, **kwargs: Any) -> Self:
        connection = super().connect(*args, **kwargs)
        adapters.adapt(connection)
        return connection

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        patience, begun = deadline.left(), time.monotonic()
        try:
            return super().wait(gen, interval, patience if timeout is None else min(timeout, patience))
        except _WaitTimeout:
            if timeout is not None and timeout <= patience:
                raise
            self.pgconn.finish()
            raise psycopg.OperationalError("the database did not answer in time") from None
        finally:
            deadline.waited(time.monotonic() - begun)
