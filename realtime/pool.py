"""The database threads of the engine: few, bounded, each with its own connection.

Django's own bridge runs all socket queries of a process on one thread (measured: one query of 500 ms stalls
everyone), so the engine brings its own.
"""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from realtime.product import Refused
from realtime.protocol.errors import Internal, ParleyError, Unavailable

logger = logging.getLogger(__name__)
T = TypeVar("T")

RETRY_MS = 1000


class DatabasePool:
    """Runs plain functions in a bounded set of threads, and gives every failure its place in the error tree."""

    def __init__(self, threads: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="database")

    async def run(self, call: Callable[[], T], *, language: str | None = None) -> T:
        """The result of `call()`. Raises ParleyError; Unavailable if the database is away."""
        return await asyncio.get_running_loop().run_in_executor(self._executor, self._guarded, call, language)

    @staticmethod
    def _guarded(call: Callable[[], T], language: str | None) -> T:
        try:
            close_old_connections()
            if language is None:
                return call()
            with translation.override(language):
                return call()
        except (ParleyError, Refused):
            raise
        except (OperationalError, InterfaceError) as error:
            logger.warning("the database is away: %s", error)
            raise Unavailable(_("The database cannot be reached. Try again in a moment."), retry_ms=RETRY_MS) from None
        except DatabaseError as error:
            logger.exception("a query failed")
            raise Internal(_("Something went wrong on the server.")) from error
        except Exception as error:
            logger.exception("a call failed")
            raise Internal(_("Something went wrong on the server.")) from error
        finally:
            close_old_connections()

    def stop(self) -> None:
        """Wait for what runs, start nothing new."""
        self._executor.shutdown(wait=True, cancel_futures=True)
