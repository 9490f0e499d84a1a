"""The shared cache, which may be away.

A Redis that is gone or hangs costs one slow call every few seconds, not one for each: in between, the process keeps to
a cache of its own, so limits still count (here), locks can still be taken (here) and people can still sign in.
Sessions keep nothing meanwhile: the database has them.
"""

import time
from collections.abc import Callable
from typing import Any

import redis.exceptions
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django_redis.cache import RedisCache

PAUSE_S = 5.0
_AWAY = (redis.exceptions.ConnectionError, redis.exceptions.TimeoutError, OSError)
_METHODS = (
    *("add", "get", "set", "touch", "delete", "has_key", "incr", "decr"),
    *("get_many", "set_many", "delete_many", "clear"),
)
# Server → until when it is not asked. Of the process: Django makes a cache object for each thread.
_away_until: dict[str, float] = {}


def _patient(name: str) -> Callable[..., Any]:
    def method(self: "PatientRedisCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= _away_until.get(self._server, 0.0):
            try:
                return getattr(RedisCache, name)(self, *args, **kwargs)
            except _AWAY:
                _away_until[self._server] = time.monotonic() + PAUSE_S
        return getattr(self.spare, name)(*args, **kwargs)

    method.__name__ = name
    return method


class PatientRedisCache(RedisCache):  # type: ignore[misc]
    """`OPTIONS["SPARE"]`: whether the process keeps what is stored while Redis is away."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._ignore_exceptions = False
        keeps = params.get("OPTIONS", {}).get("SPARE", True)
        self.spare: BaseCache = LocMemCache(f"spare {server}", {}) if keeps else DummyCache(server, {})

    for _name in _METHODS:
        locals()[_name] = _patient(_name)
