"""The hub: one per process. It knows which sockets are in which topic and sees to it that each gets an unbroken chain.

Doorbells bring bells, in any order and not always. The hub delivers what is next in line; `realtime.repair` reads what
is missing, and `realtime.positions` finds what nobody announced. All state is touched on the loop's thread only.
"""

import asyncio
import contextlib
import random
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Any, Protocol

from realtime import publish
from realtime.arrivals import Arrivals, Call
from realtime.batcher import Batcher
from realtime.bell import Bell, Encoded
from realtime.doorbell import EVERYWHERE, Doorbell
from realtime.positions import PositionCheck
from realtime.product import Heads, Identity, Product
from realtime.protocol import frames
from realtime.protocol.closes import Close
from realtime.protocol.errors import Unavailable
from realtime.repair import GAP_WAIT_S, Repairs
from realtime.topic import Subscriber, Topic
from realtime.whispers import Whispers

ADMIT_TRIES = 10
DRAIN_S = 2.0


class Socket(Subscriber, Protocol):
    """A socket, as the hub sees it."""

    identity: Identity
    focus: str | None

    def whisper(self, frame: Encoded) -> None:
        """Take something ephemeral, or drop it."""

    def bye(self, code: Close, reason: str = "", retry_ms: int = 0) -> None:
        """Say goodbye and close."""


class Hub:
    """Topics, the people connected here, and the chain of every topic."""

    def __init__(self, product: Product, call: Call, *, layer: Any = None, replay_rows: int = 2000) -> None:
        self.loop = asyncio.get_running_loop()
        self.product = product
        self.call = call
        self.topics: dict[str, Topic] = {}
        self.people: dict[str, dict[Socket, None]] = {}
        self.epoch: str | None = None
        self.draining = False
        self.arrivals = Arrivals(product, call, replay_rows)
        self.repairs = Repairs(self)
        self.positions = PositionCheck(self)
        self.doorbell = Doorbell(layer, self._rung, self.positions.soon) if layer is not None else None
        # What to do with the ephemeral messages of other processes, by type.
        self.afar: dict[str, Callable[[dict[str, Any]], None]] = {}
        self.whispers = Whispers(self)
        self.hidden: Callable[[str], bool] = lambda user: False
        self.left: Callable[[str], None] = lambda user: None
        self.stats = {"repairs": 0, "resets": 0, "checks": 0}
        self._openings: Batcher[list[str], Heads] = Batcher(self._subscribed, name="open")
        self._opening: dict[str, asyncio.Future[None]] = {}
        self._dirty: dict[Topic, None] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    # ---- life

    def start(self) -> None:
        """Begin to take published events, doorbells and the position check."""
        publish.register(self._committed)
        publish.listen(self.whispers.overhear)
        if self.doorbell is not None:
            self.doorbell.start()
        self.spawn(self.positions.run())

    async def stop(self) -> None:
        """Take nothing more and end all tasks."""
        publish.unregister(self._committed)
        publish.unlisten(self.whispers.overhear)
        if self.doorbell is not None:
            await self.doorbell.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def layer_ok(self) -> bool:
        """Whether the doorbell between processes works (always, where there is only one process)."""
        return self.doorbell is None or (self.doorbell.ok and self.doorbell.hears)

    async def drain(self) -> None:
        """Send every socket away with 4012, spread over two seconds, asking them to come back spread out."""
        self.draining = True
        sockets = self.sockets()
        for index, socket in enumerate(sockets):
            socket.bye(Close.RESTART, "the server restarts", retry_ms=random.randint(200, 3000))  # noqa: S311
            if index % 200 == 199:
                await asyncio.sleep(DRAIN_S * 200 / len(sockets))

    def spawn(self, work: Any) -> asyncio.Task[Any]:
        """A task of the hub's, ended with it."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # ---- sockets

    def sockets(self) -> list[Socket]:
        """All of this process."""
        return [socket for sockets in self.people.values() for socket in sockets]

    def attach(self, socket: Socket) -> None:
        """From now on the person's events reach this socket (before `admit`, so that none is missed)."""
        self.people.setdefault(socket.user, {})[socket] = None

    def attached(self, socket: Socket) -> bool:
        """Whether the socket is still here. Its commands run on when it has gone: what they registered would stay."""
        return socket in self.people.get(socket.user, ())

    def detach(self, socket: Socket) -> None:
        """The socket is gone. Costs what it was in, not what is served: a drain detaches ten thousand."""
        sockets = self.people.get(socket.user, {})
        sockets.pop(socket, None)
        if not sockets:
            self.people.pop(socket.user, None)
        for topic in socket.topics:
            topic.discard(socket)
        socket.topics.clear()

    async def admit(self, socket: Socket) -> None:
        """Let the socket into every topic its person may be in.

        The read that allows an entry must be younger than the hub's knowledge of removals, so it is repeated until it
        brings no topic that had to be opened first and no entry is void. Raises ParleyError.
        """
        for _ in range(ADMIT_TRIES):
            allowed = await self.arrivals.topics(socket.identity)
            if await self.serve(allowed):
                continue
            if not self.attached(socket):
                return
            entered = [self.topics[name].enter(socket, head) for name, head in allowed.items()]
            if None not in entered:
                return
        raise Unavailable("The rooms change too fast to be entered.", retry_ms=1000)

    async def serve(self, names: Iterable[str]) -> bool:
        """Have these topics open: subscribe first, then read their heads. Whether any had to be opened."""
        names = list(names)
        fresh = [name for name in names if name not in self.topics]
        under_way = {self._opening[name] for name in names if name in self._opening}
        if fresh:
            opened = self.loop.create_future()
            opening = [self._topic(name) for name in fresh]
            for name in fresh:
                self._opening[name] = opened
            try:
                heads = await self._openings.submit("", fresh)
                for topic in opening:
                    topic.open(heads.revs.get(topic.name, 0))
                if self.epoch is None:
                    self.epoch = heads.epoch
                elif self.epoch != heads.epoch:
                    self.positions.soon()
            except BaseException:
                for topic in opening:
                    if self.topics.get(topic.name) is topic:
                        self.retire(topic.name)
                raise
            finally:
                for name in fresh:
                    self._opening.pop(name, None)
                opened.set_result(None)
        if under_way:
            await asyncio.wait(under_way)
        return bool(fresh or under_way)

    async def _subscribed(self, fresh: Sequence[list[str]]) -> list[Heads]:
        """The heads of topics that are opened at the same moment, read after the subscription to all of them."""
        names = list(chain.from_iterable(fresh))
        if self.doorbell is not None:
            await self.doorbell.want(names)
        heads: Heads = await self.call(lambda: self.product.heads(names))
        return [heads] * len(fresh)

    def _topic(self, name: str) -> Topic:
        topic = Topic(name, self.mark_dirty, self._close_devices, self.loop.time, lambda user: self.left(user))
        self.topics[name] = topic
        return topic

    def _close_devices(self, topic: Topic, closes: dict[str, int]) -> None:
        user = topic.name.partition(":")[2]
        for socket in list(self.people.get(user, ())):
            code = closes.get("*", closes.get(socket.identity.device))
            if code is not None:
                socket.bye(Close(code), "signed out")

    # ---- writing

    def mark_dirty(self, topic: Topic) -> None:
        """Have what is pending in a topic written at the end of this loop turn."""
        if not self._dirty:
            self.loop.call_soon(self.flush)
        self._dirty[topic] = None

    def flush(self) -> None:
        """Write what is pending in all topics."""
        dirty, self._dirty = self._dirty, {}
        for topic in dirty:
            topic.flush()

    # ---- bells

    def _committed(self, events: list[frames.Event]) -> None:
        """Events of this process, on whatever thread committed them."""
        with contextlib.suppress(RuntimeError):
            self.loop.call_soon_threadsafe(self._ring_all, Bell.ring(events))

    def _ring_all(self, bells: list[Bell]) -> None:
        for bell in bells:
            if self.doorbell is not None:
                self.doorbell.ring(bell)
            self.accept(bell)

    def _rung(self, message: dict[str, Any]) -> None:
        """A message from another process."""
        if message["type"] == "bell":
            self.accept(Bell.unpack(message))
        elif (heard := self.afar.get(message["type"])) is not None:
            heard(message)

    def accept(self, bell: Bell) -> None:
        """Deliver a bell, or see to the gap before it."""
        topic = self.topics.get(bell.topic)
        if topic is None or topic.accept(bell) or topic.position is None:
            return
        self.repairs.close_gap(topic, 0 if bell.steps is None and bell.prev <= topic.position else GAP_WAIT_S)

    def retire(self, name: str) -> None:
        """Serve a topic no longer."""
        self.topics.pop(name, None)
        if self.doorbell is not None:
            self.doorbell.unwant(name)

    # ---- ephemeral things

    def people_in(self, name: str) -> list[Socket]:
        """The live sockets of a topic; of one that is not served here, none."""
        topic = self.topics.get(name)
        live = topic.live if topic is not None else ()
        return [socket for socket in live if self.attached(socket)]  # type: ignore[arg-type, misc]

    def tell_afar(self, topic: str, message: dict[str, Any]) -> None:
        """Tell the other processes something ephemeral about a topic, or everywhere."""
        if self.doorbell is not None:
            self.doorbell.whisper(topic or EVERYWHERE, message)


_current: Hub | None = None


def current() -> Hub | None:
    """The hub of this process, once the first socket has come."""
    return _current


def install(hub: Hub | None) -> None:
    """Make this the hub of the process."""
    global _current
    _current = hub
