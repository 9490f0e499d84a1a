"""Which errors say that the database is away, and not that something is wrong with what it was asked."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError

# SQLSTATE read_only_sql_transaction. Django makes an InternalError of it.
READ_ONLY = "25006"


def is_read_only(error: BaseException) -> bool:
    """The server may only be read: a primary that was demoted, or a standby that was not promoted yet."""
    return sqlstate(error) == READ_ONLY


def is_away(error: BaseException) -> bool:
    """The database cannot be reached, hangs, or takes no writing for now: the same may succeed later."""
    return isinstance(error, OperationalError | InterfaceError) or is_read_only(error)


def sqlstate(error: BaseException) -> str:
    """PostgreSQL's own word for what went wrong; "" if it said none."""
    return getattr(error.__cause__, "sqlstate", None) or ""


@contextmanager
def unless_away() -> Iterator[None]:
    """What is done in here can be left out when the database is away, or too busy for it."""
    try:
        yield
    except Exception as error:
        if not is_away(error):
            raise
