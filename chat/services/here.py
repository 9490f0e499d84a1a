"""Who is there at this moment: only the process that serves sockets knows, and says so when it starts."""

from collections.abc import Callable, Collection

Online = Callable[[Collection[str]], Collection[str]]


def _nobody(users: Collection[str]) -> Collection[str]:
    return ()


_online: Online = _nobody


def install(online: Online) -> None:
    """From now on ask this. It is called outside of transactions, may wait a moment, and must not raise."""
    global _online
    _online = online


def online(user_ids: Collection[int]) -> set[int]:
    """Who of these people is seen to be online (nobody, where no socket is served)."""
    return {int(user) for user in _online([str(user_id) for user_id in user_ids])}
