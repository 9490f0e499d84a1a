"""A device with a client on it: it speaks the real consumer's ASGI, keeps a view, reconnects and sends again."""

import asyncio
import json
from typing import TYPE_CHECKING, Any

from .view import View, Violation

if TYPE_CHECKING:
    from .world import Process, World

CONTROL = {"ready", "ready.rooms", "user.state", "ack", "error", "ping", "pong", "bye", "typing", "presence"}


class Connection:
    """One WebSocket, as the server and the client see it."""

    def __init__(self, client: "Client", process: "Process") -> None:
        self.client = client
        self.process = process
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.open = True
        self.ready = False
        self.closed_with: int | None = None
        self.said_bye = False
        self.posted = 0
        self.acked: dict[str, list[tuple[int, int]]] = {}
        self.greeting: dict[str, Any] = {}
        self.asked: dict[str, Any] = {}
        self.doomed = False
        """Opened on a database that was replaced since: what comes means nothing until the goodbye."""

    def scope(self) -> dict[str, Any]:
        bearer = f"Bearer {self.client.user}.{self.client.device}"
        return {
            "type": "websocket",
            "headers": [(b"authorization", bearer.encode())],
            "subprotocols": [],
            "client": ["127.0.0.1", 1],
        }

    async def serve(self) -> None:
        """The server's side of this connection."""
        self.inbox.put_nowait({"type": "websocket.connect"})
        await self.process.application(self.scope(), self.inbox.get, self.take)

    def post(self, kind: str, payload: dict[str, Any], wanted: Any = None) -> None:
        self.posted += 1
        frame_id = f"c{self.posted}"
        self.asked[frame_id] = wanted
        text = json.dumps({"id": frame_id, "type": kind, "payload": payload})
        self.inbox.put_nowait({"type": "websocket.receive", "text": text})

    async def take(self, message: dict[str, Any]) -> None:
        """The server's `send`."""
        client = self.client
        if message["type"] == "websocket.accept":
            if self.open:
                client.greet(self)
        elif message["type"] == "websocket.close":
            client.world.restored(self)
            self.inbox.put_nowait({"type": "websocket.disconnect", "code": message.get("code", 1000)})
            if self.open:
                self.open = False
                self.closed_with = message.get("code", 1000)
                client.world.seen[f"closed {self.closed_with}"] += 1
                client.closed(self)
        elif self.open:
            try:
                if self.said_bye:
                    raise Violation("a frame after bye")
                self.frame(json.loads(message["text"]))
            except Exception as problem:
                if not (isinstance(problem, Violation) and client.world.restored(self)):
                    client.world.violated(f"{client}: {problem!r}")

    def frame(self, frame: dict[str, Any]) -> None:
        kind, payload, client = frame["type"], frame["payload"], self.client
        client.world.seen[kind] += 1
        if kind in ("ready", "ready.rooms"):
            if self.ready:
                raise Violation(f"{kind} came after the last one")
            payload["rooms"] = self.greeting.get("rooms", []) + payload["rooms"]
            self.greeting |= payload
            if not payload.get("more"):
                self.ready = True
                client.view.ready(self.greeting)
                client.world.seen.update(f"resume {state}" for state in self.greeting["resume"].values())
                client.went(self)
        elif not self.ready and kind not in CONTROL:
            raise Violation(f"{kind} came before ready")
        elif kind == "bye":
            self.said_bye = True
        elif kind == "ping":
            self.post("pong", {})
        elif kind in ("ack", "error"):
            client.answered(self, self.asked.pop(frame["re"], None), kind, payload)
        elif kind == "user.state":
            client.view.user_state(payload)
            client.load_what_is_new()
        elif kind not in CONTROL:
            client.view.room_frame(kind, frame["id"], payload)
            client.load_what_is_new()
            if kind == "room.synced" and payload.get("more"):
                self.post("sync", {"room": payload["room"], "since": payload["rev"]})

    def lose(self, notice_s: float) -> None:
        """The line is cut; the server notices later."""
        if self.open:
            self.open = False
            loop = asyncio.get_running_loop()
            loop.call_later(notice_s, self.inbox.put_nowait, {"type": "websocket.disconnect", "code": 1006})
            self.client.closed(self)


class Client:
    """A person's device."""

    def __init__(self, world: "World", user: str, device: str, home: int) -> None:
        self.world = world
        self.user = user
        self.device = device
        self.home = home
        self.view = View(user)
        self.connection: Connection | None = None
        self.stopped = False
        self.attempts = 0
        self.outbox: dict[str, tuple[str, str]] = {}
        self.sent = 0
        self.sent_again: set[str] = set()
        self.reading: set[str] = set()

    def __repr__(self) -> str:
        return f"{self.user}.{self.device}"

    @property
    def live(self) -> bool:
        return self.connection is not None and self.connection.open and self.connection.ready

    # ---- the line

    def connect(self) -> None:
        if self.connection is not None or self.stopped:
            return
        processes = self.world.processes
        self.connection = Connection(self, processes[self.home])
        self.home = (self.home + 1) % len(processes)
        self.world.spawn(self.connection.serve())

    def greet(self, connection: Connection) -> None:
        hello: dict[str, Any] = {"network": "lan"}
        if self.view.epoch is not None:
            hello |= {"epoch": self.view.epoch, "cursors": self.view.cursors()}
        connection.post("hello", hello)

    def went(self, connection: Connection) -> None:
        self.attempts = 0
        self.load_what_is_new()
        for client_id in list(self.outbox):
            self.sent_again.add(client_id)
            self._post_send(connection, client_id)

    def closed(self, connection: Connection) -> None:
        self.connection = None
        if connection.closed_with is not None and connection.closed_with >= 4500:
            self.stopped = not connection.doomed
        self.attempts += 1
        wait = self.world.chance.uniform(0.05, min(2.0, 0.2 * 2**self.attempts))
        asyncio.get_running_loop().call_later(wait, self.connect)

    # ---- what the person does

    def send(self, room: str) -> None:
        self.sent += 1
        client_id = f"{self}-{self.sent}"
        self.outbox[client_id] = (room, client_id)
        if self.connection is not None and self.live:
            self._post_send(self.connection, client_id)

    def _post_send(self, connection: Connection, client_id: str) -> None:
        room, text = self.outbox[client_id]
        payload = {"room": room, "client_id": client_id, "text": text}
        connection.post("message.send", payload, ("send", room, client_id))

    def do(self, kind: str, payload: dict[str, Any]) -> None:
        if self.connection is not None and self.live:
            self.connection.post(kind, payload)

    def answered(self, connection: Connection, wanted: Any, kind: str, payload: dict[str, Any]) -> None:
        if wanted is None:
            return
        _, room, client_id = wanted
        if kind == "ack":
            self.world.check_ack(self, connection, room, client_id, payload)
            self.outbox.pop(client_id, None)
        elif not payload["retry"]:
            self.outbox.pop(client_id, None)
        else:
            asyncio.get_running_loop().call_later(0.3, self._again, connection, client_id)

    def _again(self, connection: Connection, client_id: str) -> None:
        if connection is self.connection and self.live and client_id in self.outbox:
            self.sent_again.add(client_id)
            self._post_send(connection, client_id)

    # ---- pages

    def load(self, room: str) -> None:
        if room not in self.reading:
            self.reading.add(room)
            self.world.spawn(self._load(room))

    async def _load(self, room: str) -> None:
        try:
            while room in self.view.rooms:
                epoch = self.view.epoch
                page = await self.world.ask(lambda: self.world.database.page(self.user, room))
                if page is None or epoch != self.view.epoch:
                    await asyncio.sleep(0.2)
                elif self.view.page(room, page):
                    return
        finally:
            self.reading.discard(room)

    def load_what_is_new(self) -> None:
        """Read the rooms that were entered or reset."""
        for room, view in self.view.rooms.items():
            if not view.loaded:
                self.load(room)
