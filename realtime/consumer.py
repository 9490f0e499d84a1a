"""The Channels consumer, thin: bytes ⇄ session, and the session's wishes carried out."""

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any

from channels.consumer import AsyncConsumer, get_handler_name
from channels.exceptions import StopConsumer
from django.utils import translation

from realtime import door, metrics
from realtime.bell import Burst, Encoded
from realtime.commands import READING, carry_out
from realtime.engine import Engine
from realtime.greeter import greet, look_up
from realtime.lanes import Lanes
from realtime.metrics import CLOSES, REFUSALS
from realtime.product import Identity, Refused, Verb
from realtime.protocol import codec, frames
from realtime.protocol.closes import Close
from realtime.protocol.errors import Forbidden, Internal, ParleyError, RateLimited, Unauthenticated, Unavailable
from realtime.session import HEARTBEATS, Execute, Goodbye, Greet, Session, State, Wish
from realtime.topic import Topic
from realtime.transport import Transport, transport_of
from realtime.wording import error_shape

logger = logging.getLogger(__name__)

NOBODY = Identity("", "")


class SocketConsumer(AsyncConsumer):
    """One WebSocket."""

    # The hub alone owns a channel: a layer channel per socket would cost a SUBSCRIBE each, and with Redis away every
    # new socket would die.
    channel_layer_alias = "none"

    def __init__(self, engine: Callable[[], Engine]) -> None:
        self.engine = engine()
        # A name and no secret: a call of the kernel for each would be 3 % of a connect.
        self.connection = f"{random.getrandbits(64):016x}"
        self.identity = NOBODY
        self.focus: str | None = None
        self.topics: list[Topic] = []
        self.since = time.monotonic()
        self.session = Session(self.since, self.engine.limits, self.engine.commands, self._heads_on_screen, self._shape)
        self.transport: Transport
        self._lanes = Lanes()
        self._tasks: set[asyncio.Task[None]] = set()
        self._anonymous = self._in_lobby = False
        self._said_bye = False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """As in Channels, without its channel and its two tasks for every event.

        Whatever ends it, also the server's cancelling: the hub forgets this socket.
        """
        self.scope, self.base_send = scope, send
        self.transport = transport_of(scope, send)
        self.transport.limit = self.engine.limits.pending_bytes
        self.transport.overflowed = self._too_slow
        try:
            with contextlib.suppress(StopConsumer):
                while True:
                    await self.dispatch(await receive())
        finally:
            self._forget()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As in Channels, without its hop to a thread before every event."""
        await getattr(self, get_handler_name(message))(message)

    # ---- what the server tells

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        if not self.engine.door.lets_in(self.scope):
            REFUSALS.labels("socket", "another origin").inc()
            await self.base_send({"type": "websocket.close"})
            raise StopConsumer
        chosen, ours = door.subprotocol(self.scope)
        self.session.packed = self.transport.packed = chosen == frames.PACKED_SUBPROTOCOL
        await self.base_send({"type": "websocket.accept", "subprotocol": chosen})
        self.engine.connections.add(self)
        self.address = self.engine.door.address(self.scope)
        self._anonymous = not self.engine.door.offers_identity(self.scope)
        if not ours:
            self.bye(Close.UNSUPPORTED_VERSION, "no common subprotocol")
        elif self.engine.hub.draining:
            self.bye(Close.RESTART, "the server restarts", _spread(2000))
        elif self.engine.lag.overloaded:
            self.bye(Close.OVERLOADED, "the server is overloaded", _spread(5000))
        elif full := self.engine.lobby.enter(self.address, anonymous=self._anonymous):
            self.bye(Close.OVERLOADED, full, _spread(5000))
        else:
            self._in_lobby = True

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        self._do(self.session.receive(message["bytes"] if text is None else text, time.monotonic()))
        self.flush()

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        if not self._said_bye:
            metrics.closed(message.get("code"))
        if not self._said_bye and message.get("code") in (None, 1005, 1006) and self.identity is not NOBODY:
            self.engine.lost(self.identity.device)
        raise StopConsumer

    def _forget(self) -> None:
        self._identified()
        self.session.state = State.CLOSING
        self.engine.connections.discard(self)
        self.transport.lost()
        if self.identity is not NOBODY:
            self.engine.hub.detach(self)
            self.engine.presence.leave(self)

    # ---- what the engine wants of a socket

    @property
    def user(self) -> str:
        """Whose socket this is."""
        return self.identity.user

    def feed(self, topic: str, batch: Burst) -> None:
        """Durable frames of a topic, in order."""
        if self.session.state is State.LIVE:
            self.transport.burst(batch)
        else:
            self.session.feed(topic, batch)

    def whisper(self, frame: Encoded) -> None:
        """Something ephemeral: only for a live socket that keeps up."""
        if self.session.state is State.LIVE and self.transport.pending < self.engine.limits.whisper_bytes:
            self.transport.write([frame])

    def bye(self, code: Close, reason: str = "", retry_ms: int = 0) -> None:
        """Say goodbye and close; commands under way still finish."""
        if self._said_bye:
            return
        self._said_bye = True
        CLOSES.labels(str(int(code))).inc()
        if self.session.state is not State.LIVE:
            REFUSALS.labels("socket", reason).inc()
        self.session.say_bye(code, reason, retry_ms)
        if code is Close.TOO_SLOW:
            # What is pending would keep the goodbye from arriving; the client reads on from its cursors.
            self.transport.drop()
        self.flush()
        self.transport.close(code, reason)

    def _too_slow(self) -> None:
        self.bye(Close.TOO_SLOW, "too slow", _spread(1000))

    def tick(self, now: float) -> None:
        """About every second."""
        if self.identity.until is not None and time.time() >= self.identity.until:
            self.bye(Close.SESSION_EXPIRED, "token expired")
        if self.transport.age(now) > self.engine.limits.pending_s:
            self._too_slow()
        self._do(self.session.tick(now))
        self.flush()

    def flush(self) -> None:
        """Write the session's outbox."""
        if self.session.outbox:
            outbox, self.session.outbox = self.session.outbox, []
            self.transport.write(outbox)

    def heartbeat_for(self, network: str) -> frames.Heartbeat:
        """The heartbeat this device gets."""
        return HEARTBEATS[self.engine.heartbeat(self.identity.device, network)]

    @staticmethod
    def encode(event: frames.Event) -> Encoded:
        return Encoded(codec.encode_event(event))

    # ---- wishes

    def _do(self, wish: Wish | None) -> None:
        match wish:
            case Greet():
                self._spawn(self._greet(wish))
            case Execute():
                self._execute(wish)
            case Goodbye():
                self.bye(wish.code, wish.reason, _spread(500))

    async def _greet(self, wish: Greet) -> None:
        if self.engine.greeting >= self.engine.limits.hellos_in_flight:
            self.bye(Close.OVERLOADED, "too many handshakes", _spread(5000))
            return
        self.engine.greeting += 1
        try:
            # What is read takes turns. What is written does not: a slow reader would keep others from coming in.
            async with self.engine.hellos:
                await self._identify(wish)
                found = await look_up(self, wish.hello) if self.session.state is State.RESUMING else None
            if found is not None:
                await greet(self, wish, *found)
            if self.session.state is State.LIVE:
                self.engine.presence.arrive(self, wish.hello.presence)
        except Refused as refused:
            self.bye(refused.close, refused.reason, _spread(refused.retry_ms))
        except RateLimited as error:
            self.bye(Close.FLOODING, "too many handshakes", error.retry_ms or 0)
        except Unavailable as error:
            self.bye(Close.DATABASE_AWAY, "the database is away", _spread(error.retry_ms or 1000))
        except Unauthenticated:
            self.bye(Close.SESSION_EXPIRED, "not signed in")
        except Exception:
            logger.exception("a greeting failed")
            self.bye(Close.INTERNAL, "internal error", _spread(2000))
        finally:
            self.engine.greeting -= 1

    async def _identify(self, wish: Greet) -> None:
        credentials = self.engine.door.credentials(self.scope, wish.hello.ticket)
        identity = await self.engine.hub.arrivals.authenticate(credentials)
        if retry_ms := self.engine.buckets.take(identity.user, "hello"):
            raise RateLimited(retry_ms=retry_ms)
        if self.session.state is not State.RESUMING:
            return
        self.identity = identity
        self._identified()
        self.engine.hub.attach(self)
        self._replace_oldest()

    def _identified(self) -> None:
        if self._in_lobby:
            self._in_lobby = False
            self.engine.lobby.leave(self.address, anonymous=self._anonymous)

    def _replace_oldest(self) -> None:
        """One socket too many: the oldest that has no room on screen goes, else the oldest."""
        sockets: list[Any] = list(self.engine.hub.people.get(self.user, ()))
        if len(sockets) > self.engine.limits.sockets_per_person:
            others = [socket for socket in sockets if socket is not self]
            oldest = min(others, key=lambda other: (other.focus is not None, other.since))
            oldest.bye(Close.REPLACED, "opened elsewhere")

    def _execute(self, wish: Execute) -> None:
        command = wish.command
        verb = self.engine.product.verbs.get(command.type)
        if error := self._over_a_limit(verb):
            self.session.answer(wish.id, error)
            self._do(self.session.refused(time.monotonic()))
            return
        if self.identity.readonly and command.type not in READING:
            self.session.answer(wish.id, Forbidden("This token may only read."))
            return
        batcher = self.engine.batcher(command.type)
        if verb is None:
            self._lanes.run(f"engine:{command.type}", None, lambda: self._answer(wish.id, carry_out(self, command)))
        elif batcher is not None:
            key = verb.key(command)
            self._lanes.run(
                key, command.type, lambda: self._answer(wish.id, batcher.submit, key, (self.identity, command))
            )
        else:
            self._lanes.run(verb.key(command), None, lambda: self._answer(wish.id, self._run(verb, command)))

    def _over_a_limit(self, verb: Verb | None) -> RateLimited | None:
        if self._lanes.running >= self.engine.limits.commands_in_flight:
            return RateLimited("Too many commands are under way.", retry_ms=200)
        for what in ("command",) if verb is None else ("command", verb.limit):
            if retry_ms := self.engine.buckets.take(self.user, what):
                return RateLimited("Too many commands.", retry_ms=retry_ms)
        return None

    async def _run(self, verb: Verb, command: frames.Command) -> frames.Ack:
        run = verb.run
        assert run is not None
        return await self.engine.pool.run(
            lambda: run(self.identity, command), language=self.identity.language, writes=True
        )

    def _answer(self, re: str, work: Any, *args: Any) -> Awaitable[None]:
        """Start the work now, answer when it is done."""
        try:
            outcome = work(*args) if args else work
        except ParleyError as error:
            outcome = _failed(error)
        return self._answered(re, outcome)

    async def _answered(self, re: str, outcome: Awaitable[frames.Ack]) -> None:
        answer: frames.Payload | ParleyError
        try:
            answer = await outcome
        except ParleyError as error:
            answer = error
        except Exception:
            logger.exception("a command failed")
            answer = Internal("Something went wrong on the server.")
        if self.session.state is not State.CLOSING:
            self.session.answer(re, answer)
            self.flush()

    # ---- small things

    def _heads_on_screen(self) -> dict[str, int]:
        topic = self.engine.hub.topics.get(self.focus or "")
        if topic is None or topic.position is None:
            return {}
        return {topic.name.partition(":")[2]: topic.position}

    def _shape(self, error: ParleyError) -> dict[str, Any]:
        REFUSALS.labels("command", error.code).inc()
        with translation.override(self.identity.language):
            return error_shape(error)

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _failed(error: ParleyError) -> frames.Ack:
    raise error


def _spread(ms: int) -> int:
    """A random wait, so that those sent away together do not come back together."""
    return random.randint(ms // 4, ms)  # noqa: S311
