"""Redis behind Sentinels: they are asked where the master is, at each new connection.

`REDIS_URL` then names the master as the Sentinels do, in the place of the host. Replicas are never read.
"""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

Address = tuple[str, int]


def addresses(texts: list[str]) -> list[Address]:
    """`host:port` each. Raises ImproperlyConfigured."""
    found = []
    for text in texts:
        host, _, port = text.rpartition(":")
        if not host or not port.isdigit():
            raise ImproperlyConfigured(f"REDIS_SENTINELS must be like 10.0.0.1:26379,10.0.0.2:26379, not {text!r}.")
        found.append((host, int(port)))
    return found


def checked(url: str) -> str:
    """The URL, if it names a master. Raises ImproperlyConfigured; what is wrong is not repeated: it may be secret."""
    parts = urlsplit(url)
    if parts.scheme != "redis" or not parts.hostname or parts.port is not None:
        raise ImproperlyConfigured("With REDIS_SENTINELS, REDIS_URL must be like redis://:PASSWORD@MASTER-NAME/0.")
    return url


def layer_host(url: str, sentinels: list[Address], password: str, socket: dict[str, Any]) -> dict[str, Any]:
    """What the channel layer connects to."""
    parts = urlsplit(url)
    login = {"username": parts.username, "password": parts.password}
    return {
        "master_name": parts.hostname,
        "sentinels": sentinels,
        "sentinel_kwargs": {**socket, "password": password or None, "retry": AsyncRetry(NoBackoff(), 0)},
        "db": int(parts.path.strip("/") or 0),
        **{name: unquote(value) for name, value in login.items() if value},
        **socket,
    }


def cache_options(sentinels: list[Address], password: str, socket: dict[str, Any]) -> dict[str, Any]:
    """What django-redis connects to."""
    return {
        "CONNECTION_FACTORY": "django_redis.pool.SentinelConnectionFactory",
        "SENTINELS": sentinels,
        "SENTINEL_KWARGS": {**socket, "password": password or None, "retry": Retry(NoBackoff(), 0)},
    }
