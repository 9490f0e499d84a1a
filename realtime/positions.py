"""The position check: every second the heads in the database are compared with what this process delivered.

That finds a last lost doorbell, a Redis that is away, a change of a process without a hub, a restored database, and one
that has lost commits.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Collection
from typing import TYPE_CHECKING

from realtime.protocol.closes import Close
from realtime.protocol.errors import ParleyError
from realtime.topic import Topic

if TYPE_CHECKING:
    from realtime.hub import Hub

logger = logging.getLogger(__name__)

INTERVAL_S = 1.0
GRACE_S = 0.2
TRUST_S = 10.0
SWEEP_EVERY = 60
RETIRE_AFTER_S = 60.0


class PositionCheck:
    """Compares, and has gaps closed; once a minute it looks at everything and drops topics that nobody is in."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._due = asyncio.Event()

    def soon(self) -> None:
        """Look at everything now."""
        self._due.set()

    async def run(self) -> None:
        """Look, for as long as the process lives."""
        turn, seen = 0, asyncio.get_running_loop().time()
        while True:
            with contextlib.suppress(TimeoutError):
                # Not wait_for: in Python 3.11 it may swallow the cancelling of `stop`, which then waits for ever.
                async with asyncio.timeout(INTERVAL_S):
                    await self._due.wait()
            now = asyncio.get_running_loop().time()
            # After a while without an answer, what changed lately is not enough to know.
            everything = self._due.is_set() or turn % SWEEP_EVERY == SWEEP_EVERY - 1 or now - seen > TRUST_S
            self._due.clear()
            turn += 1
            try:
                await self.check(everything=everything)
                seen = now
            except ParleyError:
                continue
            except Exception:
                logger.exception("the position check failed")
            if everything:
                self._tidy()

    async def check(self, *, everything: bool = False) -> None:
        """Compare the heads in the database with what was delivered, and close what gaps there are."""
        self._hub.stats["checks"] += 1
        names: Collection[str] | None = list(self._hub.topics) if everything else None
        reached = self._reached()
        heads = await self._hub.call(lambda: self._hub.product.heads(names))
        if self._hub.epoch not in (None, heads.epoch):
            self._begin_again(heads.epoch)
            return
        self._hub.epoch = heads.epoch
        if lost := _lost(heads.revs, reached):
            await self._look_again(lost, heads.epoch)
            return
        if not self._behind(heads.revs):
            return
        await asyncio.sleep(GRACE_S)
        for topic in self._behind(heads.revs):
            self._hub.repairs.close_gap(topic, 0)

    def _behind(self, revs: dict[str, int]) -> list[Topic]:
        return [
            topic
            for name, rev in revs.items()
            if (topic := self._hub.topics.get(name)) is not None and topic.position is not None and topic.position < rev
        ]

    def _reached(self) -> dict[str, int]:
        return {name: topic.position for name, topic in self._hub.topics.items() if topic.position is not None}

    async def _look_again(self, names: list[str], epoch: str) -> None:
        """What was delivered before this read began was committed: a head below it is of a database that has lost
        commits, as a standby may that took over. Its revs are given out a second time, so another epoch begins."""
        reached = self._reached()
        heads = await self._hub.call(lambda: self._hub.product.heads(names))
        lost = _lost(heads.revs, reached)
        if heads.epoch != epoch or not lost:
            return
        name = lost[0]
        at, was = heads.revs[name], reached[name]
        logger.critical("the database has lost commits (%s: at %s, was at %s): a new epoch begins", name, at, was)
        self._begin_again(await self._hub.call(lambda: self._hub.product.renew(epoch)))

    def _begin_again(self, epoch: str) -> None:
        """Another epoch: the database was restored, nothing held here means anything."""
        self._hub.epoch = epoch
        for socket in self._hub.sockets():
            socket.bye(Close.RESTART, "the database was restored", retry_ms=random.randint(200, 2000))  # noqa: S311
        for name in list(self._hub.topics):
            self._hub.retire(name)

    def _tidy(self) -> None:
        now = asyncio.get_running_loop().time()
        for name, topic in list(self._hub.topics.items()):
            topic.forget()
            if len(topic) or topic.position is None:
                topic.empty_since = None
            elif topic.empty_since is None:
                topic.empty_since = now
            elif now - topic.empty_since >= RETIRE_AFTER_S:
                self._hub.retire(name)


def _lost(revs: dict[str, int], reached: dict[str, int]) -> list[str]:
    """The topics whose head lies below what was delivered of them."""
    return [name for name, rev in revs.items() if rev < reached.get(name, 0)]
