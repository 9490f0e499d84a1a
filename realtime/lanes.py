"""The order of one socket's commands: those with the same key run one after the other."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any


class _Last:
    __slots__ = ("done", "group", "started")

    def __init__(self, group: str | None, done: "asyncio.Task[None]") -> None:
        self.group = group
        self.done = done
        self.started = False


class Lanes:
    """A lane per key. Neighbours of the same `group` are handed over without waiting for an answer: the group keeps
    their order itself (a batcher is a queue), so a burst of sends becomes one commit and not twenty.
    """

    def __init__(self) -> None:
        self.running = 0
        self._lanes: dict[str, _Last] = {}

    def run(self, key: str, group: str | None, start: Callable[[], "Awaitable[Any]"]) -> None:
        """Call `start` when it is this lane's turn; the lane is free when its awaitable is done (it may not raise)."""
        before = self._lanes.get(key)
        if before is not None and before.done.done():
            before = None
        self.running += 1
        if before is None or (group is not None and before.group == group and before.started):
            after = None if before is None else before.done
            last = _Last(group, asyncio.ensure_future(self._finish(key, after, start())))
            last.started = True
        else:
            last = _Last(group, asyncio.ensure_future(self._in_turn(key, before.done, start)))
        self._lanes[key] = last

    async def _finish(self, key: str, before: "asyncio.Task[None] | None", waiting: Awaitable[Any]) -> None:
        try:
            await waiting
            if before is not None:
                await before
        finally:
            self._leave(key)

    async def _in_turn(self, key: str, before: "asyncio.Task[None]", start: Callable[[], Awaitable[Any]]) -> None:
        try:
            await asyncio.wait([before])
            last = self._lanes.get(key)
            if last is not None and last.done is asyncio.current_task():
                last.started = True
            await start()
        finally:
            self._leave(key)

    def _leave(self, key: str) -> None:
        self.running -= 1
        last = self._lanes.get(key)
        if last is not None and last.done is asyncio.current_task():
            del self._lanes[key]
