"""Who is there. Each process says how its own people are, the store keeps that for a while, watchers hear of changes.

Presence is ephemeral and never in anybody's way: store calls run on a thread of their own with bounded waits, and
while the store is away people who are not connected here are `unknown`.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Callable, Collection, Iterable, MutableSet
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from typing import Literal, Protocol, TypeVar

from realtime.bell import Encoded
from realtime.hub import Hub, Socket
from realtime.protocol import codec, frames
from realtime.protocol.errors import ParleyError

T = TypeVar("T")
logger = logging.getLogger(__name__)

Shown = Literal["online", "away", "offline", "unknown"]
OFFLINE_AFTER_S = 30.0
REFRESH_S = 20.0
EXPIRY_S = 60.0
ASK_AGAIN_S = 1.0


class Store(Protocol):
    """Where processes leave word of their people. Plain calls that may raise; one thread."""

    def put(self, process: str, states: dict[str, str | None], expiry_s: float) -> None:
        """How this process's people are; None: not here any more."""

    def get(self, users: Collection[str]) -> dict[str, list[str]]:
        """The unexpired states of these people, from all processes."""


class RedisStore:
    """A hash per person: process → "state until". Expired fields do not count, expired keys vanish."""

    def __init__(self, alias: str = "default") -> None:
        from django_redis import get_redis_connection

        self._redis = get_redis_connection(alias)

    def put(self, process: str, states: dict[str, str | None], expiry_s: float) -> None:
        pipe = self._redis.pipeline(transaction=False)
        until = int(time.time() + expiry_s)
        for user, state in states.items():
            if state is None:
                pipe.hdel(f"presence:{user}", process)
            else:
                pipe.hset(f"presence:{user}", process, f"{state} {until}")
                pipe.expire(f"presence:{user}", int(expiry_s * 2))
        pipe.execute()

    def get(self, users: Collection[str]) -> dict[str, list[str]]:
        pipe = self._redis.pipeline(transaction=False)
        for user in users:
            pipe.hvals(f"presence:{user}")
        now = time.time()
        found: dict[str, list[str]] = {}
        for user, values in zip(users, pipe.execute(), strict=True):
            entries = (value.decode().split() for value in values)
            found[user] = [state for state, until in entries if int(until) > now]
        return found


def combined(states: Iterable[str]) -> Shown:
    """One person on many devices: hidden if she hides on any, else there if she is there on any."""
    known = set(states)
    if not known or "invisible" in known:
        return "offline"
    return "online" if "online" in known else "away"


class _Question:
    """Whether somebody may follow others, while the database is asked. A parting of any of them overtakes it."""

    __slots__ = ("overtaken", "people")

    def __init__(self, people: AbstractSet[str]) -> None:
        self.people = people
        self.overtaken = False


class Presence:
    """The presence of one process's people, and of the people they watch."""

    def __init__(self, hub: Hub, store: Store | None) -> None:
        self.process = secrets.token_hex(6)
        self.ok = True
        self._hub = hub
        self._store = store
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="presence")
        self._sockets: dict[str, dict[Socket, str]] = {}
        self._leaving: dict[str, tuple[asyncio.TimerHandle, str]] = {}
        self._watched: dict[str, set[Socket]] = {}
        self._watching: dict[Socket, set[str]] = {}
        self._questions: set[_Question] = set()
        self._told: dict[str, Shown] = {}
        self._hidden_afar: set[str] = set()
        hub.afar["presence"] = self._heard
        hub.hidden = self.hidden
        hub.left = self._parted

    def start(self) -> None:
        """Begin to refresh what this process says and what its watchers were told."""
        self._hub.spawn(self._refreshing())

    # ---- people of this process

    def arrive(self, socket: Socket, state: str = "online") -> None:
        """A socket is live; how its person wants to be seen came with its hello."""
        if (leaving := self._leaving.pop(socket.user, None)) is not None:
            leaving[0].cancel()
        self._change(socket, state)

    def set(self, socket: Socket, state: str) -> None:
        """The person wants to be seen like this on this socket; nothing, if it has gone meanwhile."""
        if self._hub.attached(socket):
            self._change(socket, state)

    def hidden(self, user: str) -> bool:
        """Whether the person wants to look offline, on any of her sockets here or elsewhere."""
        return self._local(user) == "invisible" or user in self._hidden_afar

    def online(self, users: Collection[str]) -> Collection[str]:
        """Who of these people is seen to be here. For a service's thread: may wait for the store, which is not asked
        while it is known to be away.
        """
        states = {user: [state] if (state := self._local(user)) is not None else [] for user in users}
        if self._store is not None and self.ok:
            try:
                for user, afar in self._store.get(users).items():
                    states[user] += afar
            except Exception as error:
                logger.warning("the presence store is away: %s: %s", type(error).__name__, error)
        return {user for user, known in states.items() if combined(known) == "online"}

    def leave(self, socket: Socket) -> None:
        """A socket is gone; its person is offline half a minute after the last one, so a reload does not flicker."""
        self.watch(socket, ())
        sockets = self._sockets.get(socket.user, {})
        if socket not in sockets:
            return
        last = self._local(socket.user) or "online"
        del sockets[socket]
        if sockets:
            # A word for each socket of a drain would be in the way of the last one.
            if self._local(socket.user) != last:
                self._say(socket.user)
        else:
            timer = asyncio.get_running_loop().call_later(OFFLINE_AFTER_S, self._gone, socket.user)
            self._leaving[socket.user] = (timer, last)

    def _gone(self, user: str) -> None:
        self._leaving.pop(user, None)
        if not self._sockets.get(user):
            self._sockets.pop(user, None)
            self._hidden_afar.discard(user)
            self._say(user)

    def _change(self, socket: Socket, state: str) -> None:
        before = self._local(socket.user)
        self._sockets.setdefault(socket.user, {})[socket] = state
        if self._local(socket.user) != before:
            self._say(socket.user)

    def _local(self, user: str) -> str | None:
        """What this process says of a person; None: not here. While leaving, she still counts as she was."""
        if user in self._leaving:
            return self._leaving[user][1]
        sockets = self._sockets.get(user)
        if not sockets:
            return None
        states = set(sockets.values())
        return "invisible" if "invisible" in states else combined(states)

    def _say(self, user: str) -> None:
        self._hub.spawn(self._tell_everyone(user))

    async def _tell_everyone(self, user: str) -> None:
        if self._store is not None:
            await self._ask(lambda store: store.put(self.process, {user: self._local(user)}, EXPIRY_S))
            self._hub.tell_afar("", {"type": "presence", "u": user})
        await self._look([user])

    # ---- the people they watch

    async def allowed(self, socket: Socket, users: AbstractSet[str]) -> AbstractSet[str]:
        """Whom of these people she may follow at the moment this returns. One call of the product; another for each
        time one of them parted from a room meanwhile, which the answer may not know. Raises ParleyError.
        """
        while True:
            question = _Question({socket.user, *users})
            self._questions.add(question)
            try:
                allowed = await self._hub.call(lambda: self._hub.product.may_watch(socket.identity, users))
            finally:
                self._questions.discard(question)
            if not question.overtaken:
                return allowed

    def watch(self, socket: Socket, users: Collection[str]) -> None:
        """Follow exactly these people on this socket (`allowed` is to be asked in the same turn of the loop), and say
        how they are; nobody, if it has gone meanwhile.
        """
        self._unwatch(socket, self._watching.pop(socket, set()))
        if users and self._hub.attached(socket):
            self._watching[socket] = set(users)
            self._follow(socket, users)

    def _follow(self, socket: Socket, users: Collection[str]) -> None:
        for user in users:
            self._watched.setdefault(user, set()).add(socket)
        self._hub.spawn(self._look(users, tell=socket))

    def _unwatch(self, socket: Socket, users: Collection[str]) -> None:
        for user in users:
            self._watched[user].discard(socket)
            if not self._watched[user]:
                del self._watched[user]
                self._told.pop(user, None)

    def _parted(self, left: str) -> None:
        """Somebody left a room: until it was asked again who may, she follows nobody and nobody follows her."""
        for question in self._questions:
            question.overtaken |= left in question.people
        doubtful = {socket: {left} for socket in self._watched.get(left, ())}
        doubtful |= {socket: set(users) for socket, users in self._watching.items() if socket.user == left and users}
        for socket, users in doubtful.items():
            self._unwatch(socket, users)
            self._watching[socket] -= users
            self._hub.spawn(self._ask_again(socket, self._watching[socket], users))

    async def _ask_again(self, socket: Socket, watching: MutableSet[str], users: AbstractSet[str]) -> None:
        while True:
            try:
                allowed = await self.allowed(socket, users)
                break
            except ParleyError:
                await asyncio.sleep(ASK_AGAIN_S)
        # Another list came meanwhile, or the socket has gone: it was asked then.
        if self._watching.get(socket) is watching and allowed:
            watching |= allowed
            self._follow(socket, allowed)

    def _heard(self, message: dict[str, str]) -> None:
        if message["u"] in self._watched or message["u"] in self._sockets:
            self._hub.spawn(self._look([message["u"]]))

    async def _look(self, users: Collection[str], tell: Socket | None = None) -> None:
        """Read how these people are; tell the watchers what changed, and `tell` everything."""
        users = [user for user in users if user in self._watched or user in self._sockets]
        if not users:
            return
        afar = None
        if self._store is not None:
            afar = await self._ask(lambda store: store.get(users))
        if afar is not None:
            hidden = {user for user in users if user in self._sockets and "invisible" in afar.get(user, ())}
            self._hidden_afar = self._hidden_afar.difference(users) | hidden
        for user in users:
            if user not in self._watched:
                continue
            shown = self._shown(user, afar)
            told, self._told[user] = self._told.get(user), shown
            frame = self._frame(user, shown)
            for socket in self._watched.get(user, ()):
                if socket is tell or told != shown:
                    socket.whisper(frame)

    def _shown(self, user: str, afar: dict[str, list[str]] | None) -> Shown:
        local = self._local(user)
        states = [local] if local is not None else []
        if self._store is not None and afar is None:
            return combined(states) if states else "unknown"
        return combined([*states, *(afar or {}).get(user, ())])

    def _frame(self, user: str, state: Shown) -> Encoded:
        presence = frames.Presence(user=user, state=state, ttl_ms=int(EXPIRY_S * 1000))
        return Encoded(codec.encode(presence, frame_id=f"presence.{user}"))

    async def _refreshing(self) -> None:
        while True:
            await asyncio.sleep(REFRESH_S)
            states = {user: self._local(user) for user in {*self._sockets, *self._leaving}}
            if self._store is not None and states:
                await self._ask(lambda store: store.put(self.process, states, EXPIRY_S))  # noqa: B023
            await self._look(list({*self._watched, *self._sockets}))

    async def _ask(self, call: Callable[[Store], T]) -> T | None:
        """The store's answer, or None if it is away."""
        assert self._store is not None
        try:
            answer = await asyncio.get_running_loop().run_in_executor(self._thread, call, self._store)
        except Exception as error:
            if self.ok:
                logger.warning("the presence store is away: %s: %s", type(error).__name__, error)
            self.ok = False
            return None
        if not self.ok:
            logger.info("the presence store is back")
        self.ok = True
        return answer

    async def depart(self) -> None:
        """This process ends: its people count as here for half a minute more, as after a last socket, and no longer."""
        states = {user: self._local(user) for user in {*self._sockets, *self._leaving}}
        if self._store is not None and states:
            await self._ask(lambda store: store.put(self.process, states, OFFLINE_AFTER_S))

    def stop(self) -> None:
        """End the store's thread."""
        self._thread.shutdown(wait=False, cancel_futures=True)
