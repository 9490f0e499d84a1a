"""A person at her client, as docs/protocol.md wants one: comes back with her cursors, keeps what she says until it is
acknowledged, judges the server by its pongs. Everything is written into her journal."""

import asyncio
import contextlib
import json
import random
import time
import uuid
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

from websockets.exceptions import WebSocketException

from tests.chaos.journal import Change, Connection, Journal, Said
from tests.wire.client import Client, Closed, Rest, acked, shake_hands
from tests.wire.view import RoomView

HELLO_S = 6.0
ANSWER_S = 4.0
PING_EVERY_S = 0.5
PONG_S = 6.0
# Shorter than a browser's: a scenario lasts seconds.
RETRY_AT_MOST_S = 1.5
LOST = (OSError, TimeoutError, AssertionError, WebSocketException, EOFError)


class Member:
    """One person with one client. `doors`: the ports of the processes; she comes in by another one if hers is shut."""

    def __init__(self, user: str, name: str, token: str, doors: Sequence[int], home: int, seed: str) -> None:
        self.journal = Journal(user, name)
        self.view = self.journal.view
        self.client: Client | None = None
        self.home = home
        self.loads = 0
        self.answer_s = ANSWER_S
        self.pong_s = PONG_S
        self._token = token
        self._doors = doors
        self._random = random.Random(seed)
        self._outboxes: dict[str, asyncio.Queue[Said]] = {}
        self._live = asyncio.Event()
        self._leaving = False
        self._tasks: set[asyncio.Task[Any]] = set()
        # For each room held, how often it had been reset when its pages were read.
        self._loaded: WeakKeyDictionary[RoomView, int] = WeakKeyDictionary()

    @property
    def user(self) -> str:
        return self.journal.user

    @property
    def settled(self) -> bool:
        """Whether everything she said was answered, and everything she reads was read."""
        return not self.loads and all(said.settled for said in self.journal.said)

    # ---- life

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def come(self, *, within: float = 15) -> "Member":
        """Begin. Returns once she is live."""
        self._spawn(self._stay())
        await self.live(within=within)
        return self

    async def live(self, *, within: float = 15) -> Client:
        """Her socket, once it is past `ready` and every replay."""
        async with asyncio.timeout(within):
            while (client := self.client) is None or not client.open:
                await self._live.wait()
                await asyncio.sleep(0.01)
        return client

    async def leave(self) -> None:
        """Close properly and do nothing more."""
        self._leaving = True
        if self.client is not None:
            with contextlib.suppress(*LOST):
                await self._words_of_presence(self.client)
                await self.client.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _words_of_presence(self, client: Client) -> None:
        """More than the server has carried out when she is gone; what they register must go with her."""
        for state in ("away", "online") * 8:
            await client.say("presence.set", state=state)
        await client.say("presence.watch", users=[self.user])

    async def _stay(self) -> None:
        failures = 0
        while not self._leaving:
            try:
                client, connection = await self._enter()
            except LOST:
                failures += 1
                self.home = (self.home + 1) % len(self._doors)
                await asyncio.sleep(self._random.uniform(0.05, min(RETRY_AT_MOST_S, 0.1 * 2**failures)))
                continue
            failures = 0
            pinging = asyncio.create_task(self._ping(client))
            while client.open:
                with contextlib.suppress(AssertionError):
                    await client.closed(within=60)
            pinging.cancel()
            self._live.clear()
            self.client = None
            connection.code = client.code
            if client.code is not None and client.code >= 4500:
                self.journal.sent_away = client.code
                return
            bye = next((frame for frame in client.frames[-1:] if frame["type"] == "bye"), None)
            floor = bye["payload"]["retry_ms"] / 1000 if bye else 0.0
            await asyncio.sleep(min(RETRY_AT_MOST_S, max(floor, self._random.uniform(0, 0.3))))

    async def _enter(self) -> tuple[Client, Connection]:
        door = self.home
        began = time.monotonic()
        async with asyncio.timeout(HELLO_S):
            client = await shake_hands(f"ws://127.0.0.1:{self._doors[door]}/ws/", bearer=self._token, view=self.view)
        connection = Connection(door, began, dict(self.view.cursors), client.frames, client.arrived)
        self.journal.connections.append(connection)
        try:
            await self._greet(client, connection)
        except BaseException:
            self.journal.handshakes_refused += 1
            with contextlib.suppress(*LOST):
                async with asyncio.timeout(1):
                    await client.vanish()
            connection.code = client.code
            raise
        self.client = client
        self._read_what_is_new(client)
        self._live.set()
        return client, connection

    async def _greet(self, client: Client, connection: Connection) -> None:
        hello: dict[str, Any] = {"client": "chaos", "network": "lossy"}
        if connection.cursors:
            hello |= {"cursors": connection.cursors, "epoch": self.view.epoch}
        async with asyncio.timeout(HELLO_S):
            ready = await client.answer(await client.say("hello", **hello), within=HELLO_S)
            if ready["type"] != "ready":
                raise Closed(f"{ready}")
            for room, state in ready["payload"]["resume"].items():
                if state != "gone":
                    await client.got({"ok": "room.synced", "reset": "room.reset"}[state], room=room, within=HELLO_S)

    async def _ping(self, client: Client) -> None:
        """The client's own timer judges the server."""
        while client.open:
            began = time.monotonic()
            try:
                async with asyncio.timeout(self.pong_s):
                    await client.ask("ping", within=self.pong_s)
            except LOST:
                if client.open:
                    await self._drop(client)
                return
            self.journal.pongs.append((began, time.monotonic() - began))
            self._read_what_is_new(client)
            await asyncio.sleep(PING_EVERY_S)

    async def _drop(self, client: Client) -> None:
        with contextlib.suppress(*LOST):
            async with asyncio.timeout(2):
                await client.vanish()

    # ---- pages

    def _read_what_is_new(self, client: Client) -> None:
        """Rooms of which she holds no page: new ones, and those that were reset."""
        for room, held in list(self.view.rooms.items()):
            resets = len(held.resets)
            if self._loaded.get(held) != resets:
                self._loaded[held] = resets
                self.loads += 1
                self._spawn(self._load(room, held, resets))

    async def _load(self, room: str, held: RoomView, resets: int) -> None:
        try:
            while self.view.rooms.get(room) is held:
                try:
                    messages, members = await self._pages(room)
                except (*LOST, ValueError):
                    await asyncio.sleep(0.3)
                    continue
                if resets == len(held.resets):
                    for message in messages:
                        held.upsert(message)
                    gone = self._left(room)
                    for membership in members:
                        if (membership["user"]["id"], membership["joined_rev"]) not in gone:
                            held.member(membership)
                return
        finally:
            self.loads -= 1

    async def _pages(self, room: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        rest = Rest(f"http://127.0.0.1:{self._doors[self.home]}", token=self._token)
        messages: list[dict[str, Any]] = []
        before: dict[str, int] = {}
        more = True
        while more:
            page = await rest.get(f"rooms/{room}/messages/", limit=100, **before)
            messages += page["messages"]
            more = page["more_before"] and bool(page["messages"])
            before = {"before": min(message["seq"] for message in page["messages"])} if more else {}
        return messages, (await rest.get(f"rooms/{room}/memberships/", limit=100))["members"]

    def _left(self, room: str) -> set[tuple[str, int]]:
        return {
            (frame["payload"]["membership"]["user"]["id"], frame["payload"]["membership"]["joined_rev"])
            for connection in self.journal.connections
            for frame in connection.frames
            if frame["type"] == "member.left" and frame["payload"]["room"] == room
        }

    # ---- what she does

    def say(self, room: str, text: str = "") -> Said:
        """Put a message into the outbox. Each text is said once in all the world, with its number of hers in it."""
        text = f"{self.journal.name}#{len(self.journal.said) + 1} {text}".rstrip()
        said = Said(room, text, str(uuid.UUID(int=self._random.getrandbits(128), version=4)), time.monotonic())
        self.journal.said.append(said)
        self._put(said)
        return said

    def take_over(self, other: "Member") -> None:
        """As the same person's program started again: what it saw is gone, what it had to say is kept on disk."""
        kept, self.journal.said = other.journal, list(other.journal.said)
        self.journal.changes, self.journal.marks, self.journal.connections = kept.changes, kept.marks, kept.connections
        for said in self.journal.said:
            if not said.settled:
                self._put(said)

    def _put(self, said: Said) -> None:
        if said.room not in self._outboxes:
            self._outboxes[said.room] = asyncio.Queue()
            self._spawn(self._send(self._outboxes[said.room]))
        self._outboxes[said.room].put_nowait(said)

    async def _send(self, outbox: "asyncio.Queue[Said]") -> None:
        """One in flight a room, in order."""
        while True:
            said = await outbox.get()
            while not said.settled and self.journal.sent_away is None:
                await self._try(said)

    async def _try(self, said: Said) -> None:
        await self._live.wait()
        if (client := self.client) is None or not client.open:
            await asyncio.sleep(0.02)
            return
        said.tries += 1
        try:
            async with asyncio.timeout(self.answer_s + 1):
                answer = await client.ask(
                    "message.send", within=self.answer_s, room=said.room, text=said.text, client_id=said.client_id
                )
        except LOST:
            # Nobody knows: another connection, and the same client_id.
            if client.open:
                await self._drop(client)
            await asyncio.sleep(0.02)
            return
        payload = answer["payload"]
        if answer["type"] == "ack":
            said.seq, said.rev, said.acked_at = payload["seq"], payload["rev"], time.monotonic()
            return
        self.journal.errors.append((time.monotonic(), answer))
        if payload["retry"]:
            await asyncio.sleep(min(RETRY_AT_MOST_S, payload.get("retry_ms", 200) / 1000))
        else:
            said.refused = payload["code"]

    async def change(self, said: Said, text: str | None) -> None:
        """Edit (or delete) an own message; tried once."""
        if (client := self.client) is None or said.seq is None:
            return
        change = Change(said.room, said.seq, text)
        self.journal.changes.append(change)
        kind = "message.delete" if text is None else "message.edit"
        more = {} if text is None else {"text": text}
        with contextlib.suppress(*LOST):
            async with asyncio.timeout(self.answer_s + 1):
                answer = await client.ask(kind, within=self.answer_s, room=said.room, seq=said.seq, **more)
                change.acked = answer["type"] == "ack"

    async def read(self, room: str) -> None:
        """Mark all she holds as read; tried once."""
        held = self.view.rooms.get(room)
        if (client := self.client) is None or held is None or not held.messages:
            return
        seq = max(held.messages)
        with contextlib.suppress(*LOST):
            async with asyncio.timeout(self.answer_s + 1):
                acked(await client.ask("read.mark", within=self.answer_s, room=room, seq=seq))
                self.journal.marks.append((room, seq))

    async def chat(self, rooms: Sequence[str], every_s: float) -> None:
        """Talk, now and then change something, and read, until cancelled."""
        while True:
            await asyncio.sleep(self._random.uniform(0.5, 1.5) * every_s)
            room = self._random.choice(rooms)
            dice = self._random.random()
            own = [said for said in self.journal.said[-20:] if said.acked_at is not None]
            if sum(not said.settled for said in self.journal.said[-40:]) < 10 and dice < 0.75:
                self.say(room)
            elif dice < 0.85:
                await self.read(room)
            elif own:
                said = self._random.choice(own)
                deleted = {(change.room, change.seq) for change in self.journal.changes if change.text is None}
                if (said.room, said.seq) not in deleted:
                    await self.change(said, None if dice > 0.96 else f"{said.text} once more {self._random.random()}")


def frame(kind: str, **payload: Any) -> str:
    """A command as text."""
    return json.dumps({"id": "x", "type": kind, "payload": payload})
