"""Two processes, everybody's devices, one database, and the promises that are watched all the time."""

import asyncio
import contextlib
import logging
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from unittest.mock import patch

from realtime import consumer as consumers
from realtime import engine as engines
from realtime import positions, presence, publish, repair
from realtime import topic as topics
from realtime.bell import Burst, Encoded
from realtime.consumer import SocketConsumer
from realtime.doorbell import EVERYWHERE
from realtime.engine import Config, Engine
from realtime.limits import Buckets, Limits
from realtime.protocol.errors import ParleyError, Unavailable
from realtime.protocol.frames import Event

from .client import Client, Connection
from .clock import VirtualLoop
from .database import Database, Person, Room
from .layer import STEP_S, Exchange, Layer, Weather

ALICE, BOB, CAROL, MALLORY = PEOPLE = ("1", "2", "3", "4")
ROOMS = {"10": (ALICE, BOB), "11": (ALICE, BOB, CAROL), "12": (CAROL,)}
DEVICES = ((ALICE, "a1"), (ALICE, "a2"), (BOB, "b1"), (BOB, "b2"), (CAROL, "c1"), (MALLORY, "m1"))
# Small, so that every bound is met.
LIMITS = Limits(
    commands_per_s=1e6,
    commands_burst=10**6,
    sends_per_s=1e6,
    sends_burst=10**6,
    hellos_per_min=1e6,
    replay_rows=12,
    held_frames=4,
    ready_bytes=150,
)
REVOKED_WITHIN_S = 2.0
SETTLE_S = 12.0

Step = tuple[Any, ...]


class Pool:
    """Calls of the database from one process: each statement takes its time, or the database is away."""

    def __init__(self, weather: Weather, chance: random.Random) -> None:
        self.weather = weather
        self.chance = chance

    async def _travel(self) -> None:
        await asyncio.sleep(self.chance.randint(0, self.weather.database_ms) * STEP_S)
        if self.weather.database_away:
            raise Unavailable("The database cannot be reached.", retry_ms=200)

    async def run(self, call: Callable[[], Any], *, language: str | None = None, writes: bool = False) -> Any:
        await self._travel()
        outcome = call()
        if not hasattr(outcome, "send"):
            return outcome
        while True:
            try:
                next(outcome)
            except StopIteration as stop:
                await self._travel()
                return stop.value
            await self._travel()

    def stop(self) -> None:
        """Nothing to stop."""


class WatchedConsumer(SocketConsumer):
    """The consumer, with every live frame held against the truth."""

    world: "World"

    def feed(self, topic: str, batch: Burst) -> None:
        self.world.check_live(self, topic, batch)
        super().feed(topic, batch)


class Process:
    """One server process."""

    def __init__(self, world: "World", name: str) -> None:
        self.name = name
        self.pool = Pool(world.weather, world.chance)
        product = world.database.product(self.publish)
        config = Config(limits=LIMITS)
        with patch.object(engines, "DatabasePool", lambda threads: self.pool):
            self.engine = Engine(product, config, layer=Layer(world.exchange))
        self.engine.buckets = Buckets(LIMITS.rates(), world.loop.time)
        watched = type("Consumer", (WatchedConsumer,), {"world": world})
        self.application = watched.as_asgi(engine=lambda: self.engine)

    def start(self) -> None:
        # All of `Engine.start` but the signals.
        self.engine.hub.start()
        self.engine.presence.start()
        self.engine.hub.spawn(self.engine._ticking())
        self._take = publish._sinks[-1]

    def publish(self, events: list[Event]) -> None:
        if events:
            self._take(events)

    async def stop(self) -> None:
        await self.engine.stop()


@contextlib.contextmanager
def short_times(loop: VirtualLoop) -> Iterator[None]:
    """The virtual clock for modules that ask for the time, and short memories, so that forgetting happens too."""
    with (
        patch.object(consumers, "time", loop),
        patch.object(engines, "time", loop),
        patch.object(positions, "SWEEP_EVERY", 3),
        patch.object(positions, "RETIRE_AFTER_S", 2.0),
        patch.object(repair, "ROWS", 5),
        patch.object(topics, "REMOVALS_KEPT_S", 1.0),
        patch.object(presence, "OFFLINE_AFTER_S", 1.0),
    ):
        yield


class Faults(logging.Handler):
    """Exceptions that the engine only wrote to its log."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        cause = record.exc_info[1] if record.exc_info else None
        self.seen.append(f"{record.getMessage()}: {cause!r}")


class World:
    """Carries out steps; `violations` is what should never have been."""

    def __init__(self, seed: int = 0, *, database: type[Database] = Database) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        self.loop = loop
        self.chance = random.Random(seed)
        random.seed(seed)
        self.weather = Weather()
        self.exchange = Exchange(self.weather, self.chance)
        self.database = database(loop.time)
        self.violations: list[str] = []
        self.rough_until = loop.now
        self.seen: Counter[str] = Counter()
        self.ended: dict[tuple[str, str], float] = {}
        self.sent: dict[str, tuple[str, str]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._furnish()
        self.processes = [Process(self, "p0"), Process(self, "p1")]
        self.quiet = Pool(self.weather, self.chance)
        self.clients = [Client(self, user, device, place % 2) for place, (user, device) in enumerate(DEVICES)]

    def _furnish(self) -> None:
        state = self.database.state
        for user in PEOPLE:
            state.people[user] = Person(user, changed_at=-100.0)
        for user, device in DEVICES:
            state.people[user].devices[device] = 0
        for room, members in ROOMS.items():
            state.rooms[room] = Room(room)
            for user in members:
                self.database.join(room, user)

    # ---- watching

    def violated(self, what: str) -> None:
        self.violations.append(f"{self.loop.now - 1000:.3f} s: {what}")

    def restored(self, connection: Connection) -> bool:
        """Whether this connection's process does not know yet that the database is another one."""
        if connection.process.engine.hub.epoch != self.database.state.epoch:
            connection.doomed = True
        return connection.doomed

    def check_live(self, socket: WatchedConsumer, topic: str, batch: list[tuple[int, Encoded]]) -> None:
        if socket.engine.hub.epoch not in (None, self.database.state.epoch):
            return
        kind, _, room = topic.partition(":")
        for rev, frame in batch:
            if kind == "user" and room != socket.user:
                self.violated(f"{socket.user} got {frame.text} of somebody else")
            elif kind == "room" and not self.database.was_in(socket.user, room, rev):
                self.violated(f"{socket.user} got rev {rev} of room {room} live, outside every stint: {frame.text}")

    def check_ack(self, client: Client, connection: Connection, room: str, client_id: str, ack: dict[str, Any]) -> None:
        if self.restored(connection):
            return
        row = self.database.state.rooms[room].messages.get(ack.get("seq", 0))
        if client_id not in client.sent_again and not ack.get("duplicate"):
            place = (int(client_id.rpartition("-")[2]), ack.get("seq", 0))
            if any((place[0] < number) != (place[1] < seq) for number, seq in connection.acked.setdefault(room, [])):
                self.violated(f"{client}'s messages were stored in another order than they were sent in")
            connection.acked[room].append(place)
        if row is None or row["client_id"] != client_id:
            self.violated(f"{client} has an ack for {client_id}, which is not stored")
        self.sent[client_id] = (client.user, room)

    def check_revoked(self, client: Client) -> None:
        """Somebody signed out on this device, a while ago."""
        connection = client.connection
        if connection is not None and connection.ready and not self.restored(connection):
            self.violated(f"{client} ended and is still connected")

    # ---- doing

    def spawn(self, work: Any) -> None:
        task = self.loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self.violated(f"{task.get_coro()}: {task.exception()!r}")

    async def ask(self, call: Callable[[], Any]) -> Any:
        """A read over HTTP; None if it failed."""
        try:
            return await self.quiet.run(call)
        except ParleyError:
            return None

    def commit(self, where: int | None, *changes: Callable[[], list[Event]]) -> None:
        """Transactions one after the other, by a process or (None) by somebody who rings no bell."""
        self.spawn(self._commit(where, changes))

    async def _commit(self, where: int | None, changes: Sequence[Callable[[], list[Event]]]) -> None:
        process = None if where is None else self.processes[where % len(self.processes)]

        def transaction(change: Callable[[], list[Event]]) -> Any:
            yield
            events = change()
            yield
            if process is not None:
                process.publish(events)

        for change in changes:
            with contextlib.suppress(ParleyError):
                await self.quiet.run(lambda change=change: transaction(change))  # type: ignore[misc]

    def rough(self) -> None:
        """From now on nothing can be expected in time."""
        self.rough_until = float("inf")

    def fair(self) -> None:
        vars(self.weather).update(vars(Weather()))
        self.rough_until = self.loop.now + 3

    def step(self, name: str, *args: Any) -> None:
        getattr(self, f"do_{name}")(*args)

    def do_send(self, client: int, room: str) -> None:
        for _ in range(self.chance.choice((1, 1, 3))):
            self.clients[client].send(room)

    def do_edit(self, client: int, room: str) -> None:
        seq = self.database.state.rooms[room].last_seq
        self.clients[client].do("message.edit", {"room": room, "seq": seq, "text": f"edited at {self.loop.now:.3f}"})

    def do_delete(self, client: int, room: str) -> None:
        self.clients[client].do("message.delete", {"room": room, "seq": self.database.state.rooms[room].last_seq})

    def do_read(self, client: int, room: str) -> None:
        self.clients[client].do("read.mark", {"room": room, "seq": self.database.state.rooms[room].last_seq})

    def do_page(self, client: int, room: str) -> None:
        self.clients[client].load(room)

    def do_rename(self, where: int | None, room: str) -> None:
        now = f"{self.loop.now:.3f}"
        self.commit(where, *(lambda name=f"{now}-{n}": self.database.rename(room, name) for n in range(2)))  # type: ignore[misc]

    def do_role(self, where: int | None, room: str, user: str) -> None:
        roles = ("moderator", "member") if self.chance.random() < 0.5 else ("owner", "moderator")
        self.commit(where, *(lambda role=role: self.database.role(room, user, role) for role in roles))  # type: ignore[misc]

    def do_join(self, where: int | None, room: str, user: str) -> None:
        self.commit(where, lambda: self.database.join(room, user))

    def do_leave(self, where: int | None, room: str, user: str) -> None:
        self.commit(where, lambda: self.database.leave(room, user))

    def do_bounce(self, where: int | None, room: str, user: str) -> None:
        """Out and in again, with something said in between."""
        self.commit(
            where,
            lambda: self.database.leave(room, user),
            lambda: self.database.rename(room, f"without {user} at {self.loop.now:.3f}"),
            lambda: self.database.join(room, user),
        )

    def do_kick(self, where: int | None, room: str, client: int) -> None:
        """Out of a room while she is on her way back."""
        device = self.clients[client]
        if device.connection is not None:
            device.connection.lose(0)

        def change() -> list[Event]:
            return self.database.leave(room, device.user)

        self.loop.call_later(
            self.chance.randint(40, 500) * STEP_S,
            lambda: self.commit(where, change, lambda: self.database.rename(room, f"without {device.user}")),
        )

    def do_cut(self, client: int) -> None:
        if (connection := self.clients[client].connection) is not None:
            connection.lose(self.chance.choice((0, 0.002, 0.5, 2.0)))

    def do_sign_out(self, where: int | None, client: int) -> None:
        device = self.clients[client]
        self.commit(where, lambda: self._ended(device, lambda: self.database.end_device(device.user, device.device)))

    def do_deactivate(self, where: int | None, user: str) -> None:
        def change() -> list[Event]:
            events = self.database.deactivate(user)
            for client in self.clients:
                if client.user == user:
                    self._ended(client, list)
            return events

        self.commit(where, change)

    def _ended(self, client: Client, change: Callable[[], list[Event]]) -> list[Event]:
        self.loop.call_later(REVOKED_WITHIN_S, self._ended_a_while_ago, client, self.loop.now)
        return change()

    def _ended_a_while_ago(self, client: Client, when: float) -> None:
        if when >= self.rough_until and not self._is_good(client):
            self.check_revoked(client)

    def do_purge(self, room: str) -> None:
        self.commit(None, lambda: self.database.purge(room))

    def do_backup(self) -> None:
        self.database.keep()

    def do_restore(self) -> None:
        if self.database.restore():
            self.sent.clear()
            for client in self.clients:
                client.outbox.clear()
                client.stopped = False
                if client.connection is not None:
                    client.connection.doomed = True
                else:
                    client.connect()

    def do_bells(self, how: str) -> None:
        modes: dict[str, dict[str, Any]] = {
            "fine": {"lost": 0.0, "doubled": 0.0, "late_ms": 2, "away": ""},
            "lost": {"lost": 0.5},
            "gone": {"lost": 1.0},
            "doubled": {"doubled": 0.5},
            "late": {"late_ms": 60},
            "away": {"away": "refuses"},
            "hangs": {"away": "hangs"},
        }
        vars(self.weather).update(modes[how])

    def do_database(self, how: str) -> None:
        modes: dict[str, dict[str, Any]] = {
            "quick": {"database_ms": 2, "database_away": False},
            "slow": {"database_ms": 80},
            "away": {"database_away": True},
        }
        vars(self.weather).update(modes[how])
        if how == "quick":
            self.rough_until = self.loop.now + 3
        else:
            self.rough()

    # ---- the whole of it

    async def live(self, steps: Sequence[Step]) -> None:
        """Connect everybody, take the steps, let it settle, hold every view against the database, close everything."""
        faults = Faults()
        logger = logging.getLogger("realtime")
        logger.addHandler(faults)
        logger.setLevel(logging.ERROR)
        try:
            with short_times(self.loop):
                for process in self.processes:
                    process.start()
                for client in self.clients:
                    client.connect()
                await asyncio.sleep(1)
                for step in steps:
                    if step[0] == "wait":
                        await asyncio.sleep(step[1] * STEP_S)
                    else:
                        self.step(*step)
                        await asyncio.sleep(self.chance.choice((0, 0, 1, 3)) * STEP_S)
                    if self.violations:
                        break
                else:
                    await self._settle()
                    self.check_views()
                await self._close()
        finally:
            logger.removeHandler(faults)
            logger.setLevel(logging.NOTSET)
        self.violations += faults.seen

    async def _settle(self) -> None:
        self.fair()
        for client in self.clients:
            client.connect()
        await asyncio.sleep(SETTLE_S)

    def _is_good(self, client: Client) -> bool:
        person = self.database.state.people[client.user]
        return person.active and not person.devices[client.device]

    def check_views(self) -> None:
        """Every client's view is what the database says, and everything that was acknowledged is there once."""
        state = self.database.state
        for client in self.clients:
            if not self._is_good(client):
                if client.connection is not None:
                    self.violated(f"{client} may not be here")
                continue
            if not client.live or client.outbox:
                self.violated(f"{client} is not back (stopped: {client.stopped}), unsent: {client.outbox}")
                continue
            rooms = {room.id: (room, stint) for room, stint in self.database.rooms_of(client.user)}
            if rooms.keys() != client.view.rooms.keys():
                self.violated(f"{client} sees rooms {sorted(client.view.rooms)} instead of {sorted(rooms)}")
                continue
            if client.view.rev != state.people[client.user].rev:
                self.violated(f"{client} is at {client.view.rev} of her own log")
            for room_id, view in client.view.rooms.items():
                room, stint = rooms[room_id]
                seen = {user: held for user, held in view.stints.items() if held["left_rev"] is None}
                for what, one, other in (
                    ("entry", {**view.entry, "rev": room.rev}, room.entry(stint)),
                    ("cursor", view.cursor, room.rev),
                    ("messages", view.messages, room.messages),
                    ("members", seen, {held.user: held.shape() for held in room.stints if held.left_rev is None}),
                ):
                    if one != other:
                        self.violated(f"{client}'s {what} of room {room_id}: {one} instead of {other}")
        for process in self.processes:
            topics = process.engine.hub.topics.values()
            for socket in process.engine.hub.sockets():
                entered = sorted(topic.name for topic in topics if socket in topic)
                if (known := sorted(topic.name for topic in socket.topics)) != entered:
                    self.violated(f"{socket.user} is in {entered} and known to be in {known}")
        for client_id, (user, room_id) in self.sent.items():
            found = [row for row in state.rooms[room_id].messages.values() if row["client_id"] == client_id]
            if len(found) != 1 or found[0]["author"] != user:
                self.violated(f"{client_id} was acknowledged and is there {len(found)} times")

    async def _close(self) -> None:
        """Everybody leaves, and nothing is left."""
        for client in self.clients:
            client.stopped = True
            client.view.rooms.clear()
            # Commands that are still under way when nobody is there any more.
            for state in ("away", "online", "away", "online"):
                client.do("presence.set", {"state": state})
            client.do("presence.watch", {"users": list(PEOPLE)})
            if client.connection is not None:
                client.connection.lose(0)
        await asyncio.sleep(REVOKED_WITHIN_S + 1)
        self.fair()
        await asyncio.sleep(12)
        for process in self.processes:
            self.seen.update(process.engine.hub.stats)
            engine, doorbell = process.engine, process.engine.hub.doorbell
            assert doorbell is not None
            left: dict[str, Any] = {
                "connections": engine.connections,
                "people": engine.hub.people,
                "anonymous": +engine.anonymous,
                "topics": [vars(topic) for topic in engine.hub.topics.values()],
                "wanted": doorbell.wanted - {EVERYWHERE},
                "subscribed": doorbell.subscribed - {EVERYWHERE},
                "sockets present": engine.presence._sockets,
                "sockets watching": engine.presence._watching,
                "people watched": engine.presence._watched,
                "greetings": engine.greeting,
            }
            for what, things in left.items():
                if things:
                    self.violated(f"{process.name} keeps {what}: {things}")
            await process.stop()
        if groups := [group for group in self.exchange.groups if group != EVERYWHERE]:
            self.violated(f"groups are left: {groups}")
        await asyncio.sleep(0)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        if tasks:
            self.violated(f"tasks are left: {tasks}")


async def live(steps: Sequence[Step], seed: int = 0, database: type[Database] = Database) -> World:
    """A world after these steps."""
    world = World(seed, database=database)
    await world.live(steps)
    return world
