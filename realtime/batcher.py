"""Group commit: many awaiting callers, one call of a service with the whole batch.

While one batch is being committed the next one gathers, so the batch grows exactly with the load and an idle writer
starts at once. Items with the same key keep their order: they go to the same writer, and a writer is a queue.
"""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from realtime.metrics import BATCH_SIZE, COMMIT
from realtime.protocol.errors import Internal, ParleyError, Unavailable

logger = logging.getLogger(__name__)
Item = TypeVar("Item")
Answer = TypeVar("Answer")
Waiting = tuple[Item, asyncio.Future[Answer], float]
"""An item, where its answer goes, and since when it waits."""

MAX_BATCH = 500
# What one batch stores is published in one go: more at a time than this (bytes, by what `weigh` says) would come over
# the readers faster than they can read, whoever they are.
MAX_BATCH_BYTES = 64 * 1024
# What waits in one queue, and for how long the first of it: then it is said at once that the database is slow.
MAX_WAITING = 5000
MAX_WAITING_S = 3.0


class Batcher(Generic[Item, Answer]):
    """Hands batches to `flush`, which answers each item (or raises for all of them).

    A batch ends with the item that makes it heavier than `MAX_BATCH_BYTES`.
    """

    def __init__(
        self,
        flush: Callable[[Sequence[Item]], Awaitable[Sequence[Answer | Exception]]],
        writers: int = 1,
        name: str = "",
        most: int = MAX_BATCH,
        weigh: Callable[[Item], int] = lambda item: 0,
    ) -> None:
        self._flush = flush
        self._most = most
        self._weigh = weigh
        self._queues: list[deque[Waiting[Item, Answer]]] = [deque() for _ in range(writers)]
        self._size, self._commit = BATCH_SIZE.labels(name), COMMIT.labels(name)
        self._running: list[asyncio.Task[None] | None] = [None] * writers

    def submit(self, key: str, item: Item) -> "asyncio.Future[Answer]":
        """The answer, later. Raises Unavailable at once if too much waits, or for too long (the database is slow)."""
        writer = hash(key) % len(self._queues)
        queue = self._queues[writer]
        loop = asyncio.get_running_loop()
        now = loop.time()
        if queue and (len(queue) >= MAX_WAITING or now - queue[0][2] > MAX_WAITING_S):
            waits_ms = int(1000 * max(1.0, now - queue[0][2]))
            raise Unavailable("Too much is waiting to be stored.", retry_ms=random.randint(waits_ms // 2, waits_ms))  # noqa: S311
        future: asyncio.Future[Answer] = loop.create_future()
        queue.append((item, future, now))
        running = self._running[writer]
        if running is None or running.done():
            self._running[writer] = asyncio.create_task(self._write(writer))
        return future

    async def _write(self, writer: int) -> None:
        queue = self._queues[writer]
        while queue:
            batch = self._next(queue)
            self._size.observe(len(batch))
            begun = time.monotonic()
            try:
                answers: Sequence[Answer | Exception] = await self._flush([item for item, _, _ in batch])
                if len(answers) != len(batch):
                    raise RuntimeError(f"{len(answers)} answers for {len(batch)} items")
            except ParleyError as error:
                answers = [error] * len(batch)
            except Exception:
                logger.exception("a batch failed")
                answers = [Internal()] * len(batch)
            self._commit.observe(time.monotonic() - begun)
            for (_, future, _), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)

    def _next(self, queue: deque[Waiting[Item, Answer]]) -> list[Waiting[Item, Answer]]:
        batch: list[Waiting[Item, Answer]] = []
        weight = 0
        while queue and len(batch) < self._most and weight <= MAX_BATCH_BYTES:
            batch.append(queue.popleft())
            weight += self._weigh(batch[-1][0])
        return batch

    @property
    def waiting(self) -> int:
        """Items that no batch has taken yet."""
        return sum(map(len, self._queues))

    async def drain(self) -> None:
        """Wait until everything submitted was answered."""
        await asyncio.gather(*(task for task in self._running if task is not None))
