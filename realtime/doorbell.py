"""The doorbell between processes: bells, whispers and presence over the channel layer.

Nobody awaits a publish: there is a bounded queue with one task behind it, which sends what has gathered in one round
trip; what cannot be sent within a second is dropped. A lost bell costs at most one position check. With Redis away
every wait here is bounded, and wanted topics are subscribed again when it is back. Each second a probe goes to this
process itself: a subscription may die (a connection cut off in silence, a failover) while publishing goes on working,
and then nobody else would notice.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from realtime.bell import Bell
from realtime.layer import add_together, send_together

logger = logging.getLogger(__name__)

QUEUE = 10_000
TOGETHER = 100
SEND_TIMEOUT_S = 1.0
KEEP_INTERVAL_S = 1.0
SUBSCRIBE_WAIT_S = 0.25
# Probes in a row that were sent and not heard.
DEAF_AFTER = 3
EVERYWHERE = "everywhere"

Message = dict[str, Any]


def group_name(topic: str) -> str:
    """The layer's group of a topic (its alphabet has no colon)."""
    return topic.replace(":", ".")


class Doorbell:
    """One per process: a single channel, member of the groups of the topics this process serves."""

    def __init__(self, layer: Any, ring: Callable[[Message], None], back: Callable[[], None] = lambda: None) -> None:
        self.layer = layer
        self.channel = f"hub.{secrets.token_hex(8)}"
        self.ok = True
        self.hears = True
        self.deafnesses = 0
        self.wanted: set[str] = set()
        self.subscribed: set[str] = set()
        self._ring = ring
        self._back = back
        self._queue: deque[tuple[str, Message]] = deque(maxlen=QUEUE)
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listener: asyncio.Task[None] | None = None
        self._unheard = 0

    def start(self) -> None:
        """Begin to listen, to send and to keep the subscriptions."""
        self.wanted.add(EVERYWHERE)
        self._listener = asyncio.create_task(self._listen())
        for run in (self._send(), self._keep()):
            self._tasks.add(asyncio.create_task(run))

    async def stop(self) -> None:
        """Stop all tasks (the channel goes with the listener)."""
        tasks = [*self._tasks, *([] if self._listener is None else [self._listener])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # ---- out

    def ring(self, bell: Bell) -> None:
        """Tell the other processes. Never waits."""
        self._put(bell.topic, {"type": "bell", **bell.pack()})

    def whisper(self, topic: str, message: Message) -> None:
        """Tell the other processes something ephemeral about a topic. Never waits."""
        self._put(topic, message)

    def _put(self, topic: str, message: Message) -> None:
        if self.ok:
            self._queue.append((group_name(topic), {**message, "o": self.channel}))
            self._wake.set()

    async def _send(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                together = [self._queue.popleft() for _ in range(min(len(self._queue), TOGETHER))]
                try:
                    async with asyncio.timeout(SEND_TIMEOUT_S):
                        await send_together(self.layer, together)
                except Exception as error:
                    self._away(error)

    # ---- in

    async def _listen(self) -> None:
        while True:
            try:
                message = await self.layer.receive(self.channel)
            except Exception as error:
                self._away(error)
                await asyncio.sleep(KEEP_INTERVAL_S)
                continue
            if message.get("type") == "probe":
                self._heard()
            elif message.get("o") != self.channel:
                try:
                    self._ring(message)
                except Exception:
                    logger.exception("a doorbell message could not be read")

    def _heard(self) -> None:
        self._unheard = 0
        if not self.hears:
            self.hears = True
            logger.info("the channel layer is heard again")
            self._back()

    async def _listen_anew(self) -> None:
        """Throw the layer's connections away, with a subscription that is dead, and subscribe to everything again."""
        if self.hears:
            self.deafnesses += 1
            logger.warning("nothing is heard from the channel layer, though it takes what is sent: listening anew")
        self.hears = False
        self._unheard = 0
        try:
            async with asyncio.timeout(2 * SEND_TIMEOUT_S):
                await self.layer.flush()
        except Exception as error:
            self._away(error)
        # Only now: the layer has forgotten the channel, so it does not unsubscribe it over the dead connection.
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.gather(self._listener, return_exceptions=True)
        self.subscribed.clear()
        self._listener = asyncio.create_task(self._listen())
        await asyncio.sleep(0)

    # ---- subscriptions

    async def want(self, topics: Iterable[str]) -> None:
        """Subscribe to these topics; waits a moment only if Redis is there, else the keeper does it later."""
        fresh = [topic for topic in topics if topic not in self.wanted]
        self.wanted.update(fresh)
        if fresh and self.ok:
            task = asyncio.create_task(self._subscribe(fresh))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.wait({task}, timeout=SUBSCRIBE_WAIT_S)

    def unwant(self, topic: str) -> None:
        """Nobody here is in this topic any more; the keeper leaves it."""
        self.wanted.discard(topic)

    async def _unsubscribe(self, topics: Iterable[str]) -> None:
        for topic in topics:
            try:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await self.layer.group_discard(group_name(topic), self.channel)
            except Exception as error:
                self._away(error)
                return
            self.subscribed.discard(topic)

    async def _subscribe(self, topics: Iterable[str]) -> None:
        missing = [topic for topic in topics if topic in self.wanted and topic not in self.subscribed]
        for start in range(0, len(missing), TOGETHER):
            some = missing[start : start + TOGETHER]
            try:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await add_together(self.layer, [group_name(topic) for topic in some], self.channel)
            except Exception as error:
                self._away(error)
                return
            self.subscribed.update(some)

    async def _keep(self) -> None:
        """Each second: find out whether Redis is there, and make the subscriptions what is wanted."""
        await self._subscribe(list(self.wanted))
        while True:
            await asyncio.sleep(KEEP_INTERVAL_S)
            try:
                async with asyncio.timeout(SEND_TIMEOUT_S):
                    await self.layer.send(self.channel, {"type": "probe"})
            except Exception as error:
                self._away(error)
                continue
            if not self.ok:
                self.ok = True
                logger.info("the channel layer is back")
                self._back()
            self._unheard += 1
            if self._unheard > DEAF_AFTER:
                await self._listen_anew()
            await self._unsubscribe(sorted(self.subscribed - self.wanted))
            await self._subscribe(sorted(self.wanted - self.subscribed))

    def _away(self, error: Exception) -> None:
        if self.ok:
            logger.warning("the channel layer is away: %s: %s", type(error).__name__, error)
        self.ok = False
        self._unheard = 0
        self._queue.clear()
