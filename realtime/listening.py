"""How this process stops taking connections: the server says how, the engine says when."""

from collections.abc import Callable

_stop: Callable[[], None] | None = None


def stop_with(stop: Callable[[], None]) -> None:
    """The server can do it like this."""
    global _stop
    _stop = stop


def stop() -> None:
    """Take no more connections, if the server knows how; those there are go on."""
    if _stop is not None:
        _stop()
