"""How this process stops taking connections: the server says how, the engine says when."""

from collections.abc import Awaitable, Callable

_stop: Callable[[], Awaitable[None]] | None = None


def stop_with(stop: Callable[[], Awaitable[None]]) -> None:
    """The server can do it like this."""
    global _stop
    _stop = stop


async def stop() -> None:
    """Take no more connections, if the server knows how; those there are go on."""
    if _stop is not None:
        await _stop()
