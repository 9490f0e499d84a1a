"""The database threads of the engine: few, bounded, each with its own connection.

Django's own bridge runs all socket queries of a process on one thread (measured: one query of 500 ms stalls
everyone), so the engine brings its own.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import OperationalError, close_old_connections, connection, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from realtime import deadline
from realtime.breaker import Breaker
from realtime.outage import is_away, is_read_only, sqlstate
from realtime.product import Refused
from realtime.protocol.errors import Internal, ParleyError, Unavailable

logger = logging.getLogger(__name__)
T = TypeVar("T")

# A call that has waited so long for the database, all together, is given up; what it did is then unknown, and a retry
# settles it.
CALL_S = 5.0
# Calls that wait for a thread; more would only be answered when nobody waits for the answer any more.
WAITING = 2000
# PostgreSQL's words for "the others were in the way" (deadlocks, locks): it is there, and a retry may succeed.
IN_THE_WAY = ("40", "55")


class DatabasePool:
    """Runs plain functions in a bounded set of threads, and gives every failure its place in the error tree.

    Reading and writing have a breaker each: a SQLite that somebody else keeps locked, or a PostgreSQL that is a
    standby, can still be read.
    """

    def __init__(self, threads: int) -> None:
        self.reading = Breaker("reading", _read)
        self.writing = Breaker("writing", _write)
        self.under_way = 0
        self._threads = threads
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="database")

    @property
    def waiting(self) -> int:
        """Calls that wait for a thread."""
        return max(0, self.under_way - self._threads)

    async def run(self, call: Callable[[], T], *, language: str | None = None, writes: bool = False) -> T:
        """The result of `call()`. Raises ParleyError; Unavailable if the database is away: at once while that is
        known, after `CALL_S` when it is found out.
        """
        breaker = self.writing if writes else self.reading
        if (retry_ms := breaker.refuses()) or self.waiting >= WAITING:
            raise unavailable(retry_ms or breaker.retry_ms())
        self.under_way += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._executor, self._guarded, call, language, breaker)
        finally:
            self.under_way -= 1

    def _guarded(self, call: Callable[[], T], language: str | None, breaker: Breaker) -> T:
        if retry_ms := breaker.refuses():
            # Found out while this call waited for its thread.
            raise unavailable(retry_ms)
        with deadline.within(CALL_S):
            try:
                close_old_connections()
                if language is None:
                    answer = call()
                else:
                    with translation.override(language):
                        answer = call()
            except (ParleyError, Refused):
                raise
            except Exception as error:
                if is_away(error):
                    raise self._failed(breaker, error) from None
                logger.exception("a call failed")
                raise Internal(_("Something went wrong on the server.")) from error
            else:
                if breaker.open:
                    # It was asked before the database went, and is answered now.
                    breaker.close()
                return answer
            finally:
                close_old_connections()

    def _failed(self, breaker: Breaker, error: Exception) -> Unavailable:
        if is_read_only(error):
            # Also where a call that mostly reads has written something.
            breaker = self.writing
        if sqlstate(error).startswith(IN_THE_WAY):
            logger.info("a transaction was in the way of another: %s", error)
        elif breaker.failed(error):
            _forget_idle_connections()
        return unavailable(breaker.retry_ms())

    def stop(self) -> None:
        """Wait for what runs, start nothing new."""
        self.reading.stop()
        self.writing.stop()
        self._executor.shutdown(wait=True, cancel_futures=True)


def unavailable(retry_ms: int) -> Unavailable:
    """What people are told while the database is away."""
    return Unavailable(_("The database cannot be reached. Try again in a moment."), retry_ms=retry_ms)


def _read() -> None:
    """Ask the database something, on a thread of no pool."""
    with deadline.within(CALL_S):
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
        finally:
            connection.close()


def _write() -> None:
    """The same, where SQLite needs its lock for it, and PostgreSQL says whether it may be written to."""
    with deadline.within(CALL_S):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                if connection.vendor != "postgresql":
                    cursor.execute("SELECT 1")
                    return
                cursor.execute("SELECT current_setting('transaction_read_only')")
                read_only = cursor.fetchone() == ("on",)
            if read_only:
                # Another connection may lead to the server that took over.
                connection.connection.close()
                raise OperationalError("the server may only be read")
        finally:
            connection.close()


def _forget_idle_connections() -> None:
    """Those in Django's pool lead to the server as it was: each would cost a call of its own to find that out."""
    if (pool := getattr(connection, "pool", None)) is not None:
        pool.drain()
