"""How many requests one person, or one address without identity, may make.

Counts live in the shared cache, in fixed windows. Where the cache is away the process counts by itself for a few
seconds at a time, so a Redis that hangs costs one slow request now and then and never an open door.
"""

import time
from typing import Any

from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from realtime.rest import address

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_SLOW_S = 0.5
_PAUSE_S = 5.0
_local = LocMemCache("throttles", {})
_away_until = 0.0


def _count(key: str, ttl: int) -> int:
    global _away_until
    started = time.monotonic()
    if started >= _away_until:
        try:
            cache.add(key, 0, ttl)
            count = cache.incr(key)
        except ValueError:
            return 1
        except Exception:
            count = None
        if count is None or time.monotonic() - started > _SLOW_S:
            _away_until = time.monotonic() + _PAUSE_S
        if count is not None:
            return int(count)
    _local.add(key, 0, ttl)
    try:
        return int(_local.incr(key))
    except ValueError:
        return 1


class Throttle(BaseThrottle):
    """`scope` names the rate in `REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]` ("600/min"); subclasses say who counts."""

    scope = ""

    def who(self, request: Any) -> str | None:
        """Whose requests are counted together; None: not counted."""
        raise NotImplementedError

    def allow_request(self, request: Any, view: Any) -> bool:
        rate = api_settings.DEFAULT_THROTTLE_RATES.get(self.scope)
        who = self.who(request)
        if not rate or who is None:
            return True
        number, _, period = str(rate).partition("/")
        window = _SECONDS[period[0]]
        now = time.time()
        self._wait = window - now % window
        return _count(f"throttle:{self.scope}:{who}:{int(now // window)}", window * 2) <= int(number)

    def wait(self) -> float:
        return self._wait


class PersonThrottle(Throttle):
    """Signed-in people, each by herself."""

    scope = "person"

    def who(self, request: Any) -> str | None:
        user = request.user
        return str(user.pk) if user is not None and user.is_authenticated else None


class AddressThrottle(Throttle):
    """Callers without identity, by address."""

    scope = "address"

    def who(self, request: Any) -> str | None:
        user = request.user
        return None if user is not None and user.is_authenticated else address(request)


class SendThrottle(PersonThrottle):
    """What writes for others to see."""

    scope = "send"
