"""The ASGI application: Django for HTTP, the engine for `/ws/`."""

import os
from typing import Any

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
http = get_asgi_application()

# Only now: these need the apps to be loaded.
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path

from config.product import engine
from config.turns import Turns
from realtime.consumer import SocketConsumer


async def nowhere(scope: Any, receive: Any, send: Any) -> None:
    """There is no other socket address."""
    await receive()
    await send({"type": "websocket.close"})


ws: Any = SocketConsumer.as_asgi(engine=engine)
elsewhere: Any = nowhere
router = ProtocolTypeRouter({"http": Turns(http), "websocket": URLRouter([path("ws/", ws), re_path(r"", elsewhere)])})


async def application(scope: Any, receive: Any, send: Any) -> None:
    """What the server calls; one that says that it starts (lifespan) has the engine run before the first request."""
    engine()
    if scope["type"] == "lifespan":
        return
    await router(scope, receive, send)
