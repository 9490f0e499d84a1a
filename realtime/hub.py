"""The hub: one per process. It knows which sockets are in which topic and sees to it that each gets an unbroken chain.

Doorbells bring bells, in any order and not always; the hub delivers what is next in line, waits a moment for what
is on its way, reads what is missing once for the whole process, and compares its positions with the database every
second. All state is touched on the loop's thread only.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Awaitable, Callable, Collection, Iterable
from typing import Any, Protocol, TypeVar

from realtime import publish
from realtime.bell import Bell, Encoded, Step
from realtime.doorbell import EVERYWHERE, Doorbell
from realtime.product import Identity, Product, Replay
from realtime.protocol import codec, frames
from realtime.protocol.closes import Close
from realtime.protocol.errors import ParleyError, Unavailable
from realtime.topic import Record, Subscriber, Topic

logger = logging.getLogger(__name__)
T = TypeVar("T")

GAP_WAIT_S = 0.03
CHECK_INTERVAL_S = 1.0
CHECK_GRACE_S = 0.2
CHECK_TRUST_S = 10.0
SWEEP_EVERY = 60
RETIRE_AFTER_S = 60.0
ADMIT_TRIES = 10
REPAIR_ROWS = 2000
REPAIR_RETRY_S = (0.2, 0.5, 1.0)
DRAIN_S = 2.0


class Socket(Subscriber, Protocol):
    """A socket, as the hub sees it."""

    identity: Identity
    focus: str | None

    def whisper(self, frame: Encoded) -> None:
        """Take something ephemeral, or drop it."""

    def bye(self, code: Close, reason: str = "", retry_ms: int = 0) -> None:
        """Say goodbye and close."""


class Call(Protocol):
    """Runs a plain function where queries are allowed."""

    def __call__(self, call: Callable[[], T], *, language: str | None = None) -> Awaitable[T]: ...


class Hub:
    """Topics, the people connected here, and the chain of every topic."""

    def __init__(self, product: Product, call: Call, *, layer: Any = None) -> None:
        self.product = product
        self.call = call
        self.topics: dict[str, Topic] = {}
        self.people: dict[str, dict[Socket, None]] = {}
        self.epoch: str | None = None
        self.draining = False
        self.doorbell = Doorbell(layer, self._rung, self._check_soon) if layer is not None else None
        self.whispers: dict[str, Callable[[dict[str, Any]], None]] = {"typing": self._typing_from_afar}
        self.stats = {"repairs": 0, "resets": 0, "checks": 0, "deliveries": 0}
        self._shared: dict[str, Topic] = {}
        self._opening: dict[str, asyncio.Future[None]] = {}
        self._repairs: dict[str, asyncio.Task[None]] = {}
        self._dirty: dict[Topic, None] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._loop = asyncio.get_running_loop()
        self._due = asyncio.Event()

    # ---- life

    def start(self) -> None:
        """Begin to take published events, doorbells and the position check."""
        publish.register(self._committed)
        if self.doorbell is not None:
            self.doorbell.start()
        self.spawn(self._checking())

    async def stop(self) -> None:
        """Take nothing more and end all tasks."""
        publish.unregister(self._committed)
        if self.doorbell is not None:
            await self.doorbell.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def layer_ok(self) -> bool:
        """Whether the doorbell between processes works (always, where there is only one process)."""
        return self.doorbell is None or self.doorbell.ok

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

    def detach(self, socket: Socket) -> None:
        """The socket is gone."""
        sockets = self.people.get(socket.user, {})
        sockets.pop(socket, None)
        if not sockets:
            self.people.pop(socket.user, None)
        for topic in (*self._shared.values(), self.topics.get(f"user:{socket.user}")):
            if topic is not None:
                topic.discard(socket)

    async def admit(self, socket: Socket) -> None:
        """Let the socket into every topic its person may be in.

        The read that allows an entry must be younger than the hub's knowledge of removals, so it is repeated until it
        brings no topic that had to be opened first and no entry is void. Raises ParleyError.
        """
        for _ in range(ADMIT_TRIES):
            allowed = await self.call(lambda: self.product.topics(socket.identity))
            if await self.serve(allowed):
                continue
            if socket not in self.people.get(socket.user, ()):
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
            opened = self._loop.create_future()
            opening = [self._topic(name) for name in fresh]
            for name in fresh:
                self._opening[name] = opened
            try:
                if self.doorbell is not None:
                    await self.doorbell.want(fresh)
                heads = await self.call(lambda: self.product.heads(fresh))
                for topic in opening:
                    topic.open(heads.revs.get(topic.name, 0))
                if self.epoch is None:
                    self.epoch = heads.epoch
                elif self.epoch != heads.epoch:
                    self._check_soon()
            except BaseException:
                for topic in opening:
                    if self.topics.get(topic.name) is topic:
                        self._retire(topic.name)
                raise
            finally:
                for name in fresh:
                    self._opening.pop(name, None)
                opened.set_result(None)
        if under_way:
            await asyncio.wait(under_way)
        return bool(fresh or under_way)

    def _topic(self, name: str) -> Topic:
        topic = self.topics[name] = Topic(name, self._mark_dirty, self._close_devices, self._loop.time)
        if not name.startswith("user:"):
            self._shared[name] = topic
        return topic

    def _close_devices(self, topic: Topic, closes: dict[str, int]) -> None:
        user = topic.name.partition(":")[2]
        for socket in list(self.people.get(user, ())):
            code = closes.get("*", closes.get(socket.identity.device))
            if code is not None:
                socket.bye(Close(code), "signed out")

    # ---- writing

    def _mark_dirty(self, topic: Topic) -> None:
        if not self._dirty:
            self._loop.call_soon(self.flush)
        self._dirty[topic] = None

    def flush(self) -> None:
        """Write what is pending in all topics."""
        dirty, self._dirty = self._dirty, {}
        for topic in dirty:
            self.stats["deliveries"] += len(topic.pending) * len(topic.live)
            topic.flush()

    # ---- bells

    def _committed(self, events: list[frames.Event]) -> None:
        """Events of this process, on whatever thread committed them."""
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._ring_all, Bell.ring(events))

    def _ring_all(self, bells: list[Bell]) -> None:
        for bell in bells:
            if self.doorbell is not None:
                self.doorbell.ring(bell)
            self.accept(bell)

    def _rung(self, message: dict[str, Any]) -> None:
        """A message from another process."""
        if message["type"] == "bell":
            self.accept(Bell.unpack(message))
        elif (heard := self.whispers.get(message["type"])) is not None:
            heard(message)

    def accept(self, bell: Bell) -> None:
        """Deliver a bell, or see to the gap before it."""
        topic = self.topics.get(bell.topic)
        if topic is None or topic.accept(bell) or topic.position is None:
            return
        self._close_gap(topic, 0 if bell.steps is None and bell.prev <= topic.position else GAP_WAIT_S)

    # ---- repair

    def _close_gap(self, topic: Topic, wait_s: float) -> None:
        running = self._repairs.get(topic.name)
        if running is None or running.done():
            self._repairs[topic.name] = self.spawn(self._repair(topic, wait_s))

    async def _repair(self, topic: Topic, wait_s: float) -> None:
        """Bring a topic up to the head that the database has, in rev order."""
        if wait_s:
            await asyncio.sleep(wait_s)
            if not topic.held:
                return
        failures = 0
        while self.topics.get(topic.name) is topic:
            since = topic.position_now
            try:
                more = await self._read_on(topic, since)
            except ParleyError:
                await asyncio.sleep(REPAIR_RETRY_S[min(failures, len(REPAIR_RETRY_S) - 1)])
                failures += 1
                continue
            topic.drain()
            if topic.position_now == since and not more:
                topic.held.clear()
            if not topic.held and not more:
                return
            if not more and all(bell.prev > topic.position_now for bell in topic.held):
                await asyncio.sleep(GAP_WAIT_S)
                if not topic.held:
                    return

    async def _read_on(self, topic: Topic, since: int) -> bool:
        """Read and deliver what follows `since`. Whether there is more to read."""
        self.stats["repairs"] += 1
        records: dict[str, Record] = {}
        try:
            replay = await self._replay(topic, since)
            for _ in range(ADMIT_TRIES):
                if not await self._prepare(topic, replay, records):
                    break
                replay = await self._replay(topic, since)
            else:
                raise Unavailable("The rooms change too fast to be entered.", retry_ms=1000)
            if self.topics.get(topic.name) is not topic:
                return False
            if replay.state != "ok":
                await self._give_up(topic, since)
                return False
            for event in replay.events:
                if event.opens and event.rev > topic.position_now:
                    self._introduce(topic, event, records)
                else:
                    topic.apply(Step.of(event))
        finally:
            for record in records.values():
                record.end()
        if replay.head > since:
            self._synced(topic, since, replay.head)
        return replay.more

    async def _replay(self, topic: Topic, since: int) -> Replay:
        replays = await self.call(lambda: self.product.replay(None, {topic.name: since}, REPAIR_ROWS))
        return replays[topic.name]

    async def _prepare(self, topic: Topic, replay: Replay, records: dict[str, Record]) -> bool:
        """Before a person learns of a room, this process serves it and records what is said there.

        Whether the replay must be read again: its heads must be younger than the records and than all removals.
        """
        user = topic.name.partition(":")[2]
        opens = [opened for event in replay.events if event.rev > topic.position_now for opened in event.opens.items()]
        if not opens or user not in self.people:
            return False
        while await self.serve(name for name, _ in opens):
            pass
        again = False
        for name, head in opens:
            opened = self.topics[name]
            if name not in records or records[name].topic is not opened:
                records[name] = Record(opened)
                again = True
            again = again or not opened.admits(user, head)
        return again

    def _introduce(self, topic: Topic, event: frames.Event, records: dict[str, Record]) -> None:
        """Tell a person of rooms: her sockets get the event, and then all that followed the heads it names."""
        rooms = [(records[name], head) for name, head in event.opens.items() if name in records]
        for record, _ in rooms:
            record.topic.flush()
        topic.apply(Step.of(event))
        sockets = list(topic.live)
        for record, head in rooms:
            for socket in sockets:
                record.topic.begin(socket, head)
        topic.flush()
        for record, head in rooms:
            since = [(rev, frame) for rev, frame in record.frames if rev > head]
            for socket in sockets:
                if since and socket in record.topic.live:
                    socket.feed(record.topic.name, since)

    def _synced(self, topic: Topic, since: int, head: int) -> None:
        """Say that nothing else changed in a room up to head (a person's events say so themselves)."""
        kind, _, room = topic.name.partition(":")
        if kind != "room":
            topic.position = max(topic.position_now, head)
            return
        frame = Encoded(codec.encode(frames.RoomSynced(room=room, prev=since, rev=head), frame_id=f"{room}.{head}"))
        if head > topic.position_now:
            topic.apply(Step(head, frame))
        else:
            topic.pending.append((head, frame))
            self._mark_dirty(topic)

    async def _give_up(self, topic: Topic, since: int) -> None:
        """The log cannot be followed from here: find out who may still be in it, and start anew from the head."""
        asked: set[str] | None = None
        while asked is None or not topic.users() <= asked:
            asked = topic.users()
            standing = await self.call(lambda asked=asked: self.product.standing(topic.name, asked))  # type: ignore[misc]
        kind, _, room = topic.name.partition(":")
        if topic.position_now != since or kind != "room":
            return
        self.stats["resets"] += 1
        for user in topic.users() - standing.users:
            topic.remove(user, standing.head)
        topic.jump(standing.head)
        head = topic.position_now
        reset = frames.RoomReset(room=room, rev=head, reason="too_far_behind")
        topic.pending.append((head, Encoded(codec.encode(reset, frame_id=f"{room}.{head}"))))
        self._mark_dirty(topic)

    # ---- the position check

    def _check_soon(self) -> None:
        self._due.set()

    async def _checking(self) -> None:
        turn, seen = 0, self._loop.time()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._due.wait(), CHECK_INTERVAL_S)
            now = self._loop.time()
            # After a while without an answer, what changed lately is not enough to know.
            everything = self._due.is_set() or turn % SWEEP_EVERY == SWEEP_EVERY - 1 or now - seen > CHECK_TRUST_S
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
        self.stats["checks"] += 1
        names: Collection[str] | None = list(self.topics) if everything else None
        heads = await self.call(lambda: self.product.heads(names))
        if self.epoch not in (None, heads.epoch):
            self._begin_again(heads.epoch)
            return
        self.epoch = heads.epoch
        if not self._behind(heads.revs):
            return
        await asyncio.sleep(CHECK_GRACE_S)
        for topic in self._behind(heads.revs):
            self._close_gap(topic, 0)

    def _behind(self, revs: dict[str, int]) -> list[Topic]:
        return [
            topic
            for name, rev in revs.items()
            if (topic := self.topics.get(name)) is not None and topic.position is not None and topic.position < rev
        ]

    def _begin_again(self, epoch: str) -> None:
        """Another epoch: the database was restored, nothing held here means anything."""
        self.epoch = epoch
        for socket in self.sockets():
            socket.bye(Close.RESTART, "the database was restored", retry_ms=random.randint(200, 2000))  # noqa: S311
        for name in list(self.topics):
            self._retire(name)

    def _tidy(self) -> None:
        now = self._loop.time()
        for name, topic in list(self.topics.items()):
            topic.forget()
            if len(topic) or topic.position is None:
                topic.empty_since = None
            elif topic.empty_since is None:
                topic.empty_since = now
            elif now - topic.empty_since >= RETIRE_AFTER_S:
                self._retire(name)

    def _retire(self, name: str) -> None:
        self.topics.pop(name, None)
        self._shared.pop(name, None)
        if self.doorbell is not None:
            self.doorbell.unwant(name)

    # ---- ephemeral things

    def typing(self, socket: Socket, topic: str, frame: bytes) -> None:
        """Show those who have the room on screen, here and elsewhere, that somebody writes."""
        self._show_typing(topic, frame, socket.user)
        self.whisper(topic, {"type": "typing", "t": topic, "d": frame, "u": socket.user})

    def _typing_from_afar(self, message: dict[str, Any]) -> None:
        self._show_typing(message["t"], message["d"], message["u"])

    def _show_typing(self, name: str, frame: bytes, user: str) -> None:
        topic = self.topics.get(name)
        if topic is None:
            return
        encoded = Encoded(frame)
        for socket in self.people_in(topic):
            if socket.focus == name and socket.user != user:
                socket.whisper(encoded)

    def people_in(self, topic: Topic) -> list[Socket]:
        """The live sockets of a topic."""
        return [socket for socket in topic.live if socket in self.people.get(socket.user, ())]  # type: ignore[misc]

    def whisper(self, topic: str, message: dict[str, Any]) -> None:
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
