"""Pages and the API while the database is away: told at once, instead of each request waiting for it in a thread."""

import logging
import math
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.pages import refused
from realtime import engine
from realtime.outage import is_away
from realtime.pool import unavailable

logger = logging.getLogger(__name__)

# When to come again, where no breaker says it.
RETRY_MS = 1000
# Who asks how this process is, gets her answer.
ALWAYS = ("/healthz", "/readyz", "/metrics")


class AwayMiddleware:
    """Stands before all that asks the database who is there. The process's engine knows (`realtime/pool.py`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        here = engine.current()
        retry_ms = 0 if here is None or request.path in ALWAYS else here.pool.reading.refuses()
        return _away(request, retry_ms) if retry_ms else self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Who was the first to find out is told the same."""
        if not is_away(error):
            return None
        logger.warning("a page found the database away: %s", error)
        # The page asks nothing of it: what is to be said on the next page waits in the session.
        request.__dict__.pop("_messages", None)
        return _away(request, RETRY_MS)


def _away(request: HttpRequest, retry_ms: int) -> HttpResponse:
    answer = refused(request, unavailable(retry_ms), "503.html")
    # Or Django logs each of them as an error; that the database is away has been said once.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    answer["Retry-After"] = str(math.ceil(retry_ms / 1000))
    return answer
