"""The ASGI application: Django for HTTP, the engine for `/ws/`, and the product handed to the engine."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.urls import path, re_path

from accounts import auth
from chat.commands import VERBS
from chat.selectors import log
from realtime.consumer import SocketConsumer
from realtime.door import Door
from realtime.engine import Config, Engine
from realtime.presence import RedisStore
from realtime.product import Product

PRODUCT = Product(
    authenticate=auth.authenticate,
    topics=log.topics,
    greeting=log.greeting,
    replay=log.replay,
    heads=log.heads,
    standing=log.standing,
    may_watch=log.may_watch,
    verbs=VERBS,
)

CONFIG = Config(
    limits=settings.LIMITS,
    door=Door(
        origins=frozenset(settings.ORIGINS),
        hosts=tuple(settings.ALLOWED_HOSTS),
        secure=settings.SECURE,
        session_cookie=settings.SESSION_COOKIE_NAME,
        trusted_proxies=settings.TRUSTED_PROXIES,
    ),
    threads=settings.DATABASE_THREADS,
)

_engine: Engine | None = None


def engine() -> Engine:
    """The process's engine, made on the server's loop when the first request comes (Daphne has no lifespan)."""
    global _engine
    if _engine is None:
        redis = bool(settings.REDIS_URL)
        _engine = Engine(
            PRODUCT, CONFIG, layer=get_channel_layer() if redis else None, store=RedisStore() if redis else None
        )
        _engine.start()
    return _engine


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """There is no other socket address."""
    await receive()
    await send({"type": "websocket.close"})


router = ProtocolTypeRouter(
    {
        "http": http,
        "websocket": URLRouter(
            [path("ws/", SocketConsumer.as_asgi(engine=engine)), re_path(r"", nowhere)]  # type: ignore[arg-type]
        ),
    }
)


async def application(scope: Any, receive: Any, send: Any) -> None:
    """What the server calls."""
    engine()
    await router(scope, receive, send)
