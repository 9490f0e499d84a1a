"""One process's engine: the hub, presence, buckets, database threads and writers, made when the first socket comes."""

import asyncio
import logging
import random
import signal
import threading
import time
from collections.abc import Awaitable, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from realtime import hub as hubs
from realtime import listening
from realtime.batcher import Batcher
from realtime.door import Door
from realtime.hub import Hub
from realtime.lag import LoopLag
from realtime.limits import Buckets, Limits
from realtime.lobby import Lobby
from realtime.losses import Losses
from realtime.pool import CALL_S, DatabasePool
from realtime.presence import Presence, Store
from realtime.product import Identity, Product, Verb
from realtime.protocol import frames
from realtime.protocol.closes import Close
from realtime.protocol.errors import ParleyError
from realtime.replay import Written

if TYPE_CHECKING:
    from realtime.consumer import SocketConsumer

logger = logging.getLogger(__name__)

TICK_S = 1.0
# So many that they fill the batches in which they are answered.
HELLOS_AT_ONCE = 48
# A drain: each part has its own time, so that one that hangs takes nothing from the others. Ten seconds in all.
GOODBYES_TIMEOUT_S = 5.0
BATCHES_TIMEOUT_S = CALL_S
CLOSES_TIMEOUT_S = 2.0
DEPART_TIMEOUT_S = 2.0


class Config(Struct, frozen=True, kw_only=True):
    """What the settings say of the engine."""

    limits: Limits = Limits()
    door: Door = Door()
    threads: int = 8


class Engine:
    """Everything of a process that sockets share. Made on the loop it runs on."""

    def __init__(self, product: Product, config: Config, *, layer: Any = None, store: Store | None = None) -> None:
        self.product = product
        self.limits = config.limits
        self.door = config.door
        self.pool = DatabasePool(config.threads)
        self.hub = Hub(product, self.pool.run, layer=layer, replay_rows=config.limits.replay_rows)
        self.presence = Presence(self.hub, store)
        self.buckets = Buckets(config.limits.rates())
        self.losses = Losses()
        self.commands = {**frames.ENGINE_COMMANDS, **{name: verb.payload for name, verb in product.verbs.items()}}
        self.connections: set[SocketConsumer] = set()
        self.lobby = Lobby(config.limits)
        self.anonymous = self.lobby.anonymous
        self.lag = LoopLag(config.limits.loop_lag_s)
        self.hellos = asyncio.Semaphore(HELLOS_AT_ONCE)
        self.greeting = 0
        self.written = Written(config.limits.replays_bytes)
        self.batchers = {
            name: self._batcher(name, verb) for name, verb in product.verbs.items() if verb.batch is not None
        }

    def _batcher(self, name: str, verb: Verb) -> Batcher[tuple[Identity, frames.Command], frames.Ack]:
        batch = verb.batch
        assert batch is not None

        async def flush(items: Sequence[tuple[Identity, frames.Command]]) -> Sequence[frames.Ack | ParleyError]:
            return await self.pool.run(lambda: batch(items), writes=True)

        return Batcher(flush, name=name, weigh=lambda item: verb.weigh(item[1]))

    def batcher(self, name: str) -> Batcher[tuple[Identity, frames.Command], frames.Ack] | None:
        """The group commit of a verb, if it has one."""
        return self.batchers.get(name)

    def start(self) -> None:
        """Begin; from now on this is the process's engine."""
        global _current
        _current = self
        self.hub.start()
        self.presence.start()
        self.hub.spawn(self._ticking())
        self.hub.spawn(self.lag.watch())
        hubs.install(self.hub)
        if threading.current_thread() is threading.main_thread():
            loop = asyncio.get_running_loop()
            for signum in (signal.SIGTERM, signal.SIGINT):
                before = signal.getsignal(signum)
                loop.add_signal_handler(signum, self._asked_to_leave, signum, before)

    async def stop(self) -> None:
        """End all tasks and threads."""
        await self.hub.stop()
        self.presence.stop()
        self.pool.stop()
        global _current
        if hubs.current() is self.hub:
            hubs.install(None)
            _current = None

    def _asked_to_leave(self, signum: int, before: Any) -> None:
        self.hub.spawn(self._leave(signum, before))

    async def _leave(self, signum: int, before: Any) -> None:
        """Take no more connections, drain, then let the server stop as it would have, also if that fails."""
        asyncio.get_running_loop().remove_signal_handler(signum)
        signal.signal(signum, before)
        try:
            await listening.stop()
            await self.drain()
        finally:
            signal.raise_signal(signum)

    async def drain(self) -> None:
        """Say goodbye to everybody, let commits finish, leave word of presence. Takes ten seconds at most."""
        await _within(GOODBYES_TIMEOUT_S, "spreading the goodbyes", self.hub.drain())
        # Those who have not said who they are, and those for whom the time was too short.
        for connection in list(self.connections):
            connection.bye(Close.RESTART, "the server restarts", retry_ms=random.randint(200, 3000))  # noqa: S311
        await asyncio.gather(
            *(_within(BATCHES_TIMEOUT_S, f"storing {name}", batch.drain()) for name, batch in self.batchers.items()),
            self._part(),
        )

    async def _part(self) -> None:
        # A server that stops drops what it has not written: wait for the clients' own goodbyes.
        await _within(CLOSES_TIMEOUT_S, "waiting for the clients' goodbyes", self._closed())
        await _within(DEPART_TIMEOUT_S, "leaving word of presence", self.presence.depart())

    async def _closed(self) -> None:
        while self.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.02)

    async def _ticking(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            for connection in list(self.connections):
                connection.tick(now)
            self.buckets.forget()

    # ---- networks that lose sockets

    def lost(self, device: str) -> None:
        """A socket of this device was lost without a goodbye."""
        self.losses.note(device)

    def heartbeat(self, device: str, network: str) -> str:
        """The profile of this device's heartbeat, on the network it declares."""
        return self.losses.heartbeat(device, network)


async def _within(seconds: float, what: str, work: Awaitable[None]) -> None:
    """Do it in this time, or say that it was not done."""
    try:
        async with asyncio.timeout(seconds):
            await work
    except TimeoutError:
        logger.warning("not everything was finished in time: %s, %g s", what, seconds)


_current: Engine | None = None


def current() -> Engine | None:
    """The engine of this process, once it runs."""
    return _current
