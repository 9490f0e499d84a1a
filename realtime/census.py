"""How many sockets and people each process has, for those who run the place.

Each process counts on its own loop and leaves word in Redis, where there is one; so any process can tell of all. The
numbers are up to `EVERY_S` old, and a process that died is counted for `EXPIRY_S` more.
"""

import asyncio
import json
import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from msgspec import Struct

from realtime.hub import Hub
from realtime.presence import Presence

logger = logging.getLogger(__name__)

EVERY_S = 2.0
EXPIRY_S = 20.0
_KEY = "census"


class Count(Struct, frozen=True):
    """One process. `online` are the people who are here and do not hide; `hidden` those who do."""

    process: str
    sockets: int
    online: list[str] = []
    hidden: list[str] = []
    until: float = 0.0


class Board:
    """The processes' words, in one hash of Redis. Plain calls that may raise."""

    def __init__(self, alias: str = "default") -> None:
        from django_redis import get_redis_connection

        self._redis = get_redis_connection(alias)

    def put(self, count: Count) -> None:
        shape = [count.sockets, count.online, count.hidden, count.until]
        self._redis.hset(_KEY, count.process, json.dumps(shape))
        self._redis.expire(_KEY, int(EXPIRY_S * 10))

    def counts(self) -> list[Count]:
        """Those who are still alive; what the dead left is removed."""
        alive: list[Count] = []
        dead: list[Count] = []
        for name, value in self._redis.hgetall(_KEY).items():
            count = Count(name.decode(), *json.loads(value))
            (alive if count.until > time.time() else dead).append(count)
        if dead:
            self._redis.hdel(_KEY, *(count.process for count in dead))
        return alive


class Census:
    """Counts this process, again and again."""

    def __init__(self, hub: Hub, presence: Presence, board: Board | None) -> None:
        self.here = Count(presence.process, 0)
        self._hub = hub
        self._presence = presence
        self._board = board
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="census")

    def start(self) -> None:
        self._hub.spawn(self._counting())

    def counts(self) -> list[Count]:
        """All processes, or this one where there is no Redis, or it is away. May wait for Redis: not for the loop."""
        if self._board is None:
            return [self.here]
        try:
            afar = self._board.counts()
        except Exception as error:
            logger.warning("the census is away: %s: %s", type(error).__name__, error)
            return [self.here]
        return [self.here, *(count for count in afar if count.process != self.here.process)]

    def count(self) -> Count:
        """This process at this moment. On the loop only."""
        people = list(self._hub.people)
        hidden = [user for user in people if self._presence.hidden(user)]
        return Count(
            self._presence.process,
            len(self._hub.sockets()),
            sorted(set(people).difference(hidden)),
            sorted(hidden),
            time.time() + EXPIRY_S,
        )

    async def _counting(self) -> None:
        while True:
            self.here = self.count()
            if self._board is not None:
                await self._leave_word(self._board)
            await asyncio.sleep(EVERY_S)

    async def _leave_word(self, board: Board) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, board.put, self.here)
        except Exception as error:
            logger.debug("the census is away: %s: %s", type(error).__name__, error)


def online(counts: Iterable[Count]) -> set[str]:
    """Who is here: at some process, and hiding at none."""
    counts = list(counts)
    hidden = {user for count in counts for user in count.hidden}
    return {user for count in counts for user in count.online} - hidden


_current: Census | None = None


def current() -> Census | None:
    """The census of this process, once its engine runs."""
    return _current


def install(census: Any) -> None:
    """Make this the census of the process."""
    global _current
    _current = census
