"""A bare ASGI application that accepts sockets and does nothing: what Daphne alone costs."""

from typing import Any


async def application(scope: Any, receive: Any, send: Any) -> None:
    """Accept, then wait for the end."""
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})
        return
    while (message := await receive())["type"] != "websocket.disconnect":
        if message["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
