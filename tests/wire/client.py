"""A client of the socket and of the REST API, for tests: speaks as docs/protocol.md says; every wait is bounded."""

import asyncio
import json
import ssl
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar
from itertools import count
from typing import Any
from urllib.parse import urlencode

import msgpack
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as websocket
from websockets.exceptions import ConnectionClosed

from tests.wire.view import Frame, View
from tests.world import Person

SUBPROTOCOL = "parley.v1.json"
PACKED = "parley.v1.msgpack"
WITHIN = 5.0


class Closed(AssertionError):
    """The socket closed while something was awaited."""


class Refusal(AssertionError):
    """A command that should have been carried out was answered with an error."""


class Client:
    """One socket. A task reads it all the time; `view` folds what comes, `frames` and `arrived` keep it, with times."""

    def __init__(self, connection: ClientConnection, view: View) -> None:
        self.connection = connection
        self.view = view
        self.frames: list[Frame] = []
        self.arrived: list[float] = []
        self.code: int | None = None
        self.closed_at = 0.0
        self.answers_pings = True
        self._ids = count(1)
        self._answers: dict[str, Frame] = {}
        self._news = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for data in self.connection:
                # Which it is was agreed on in the handshake.
                assert isinstance(data, bytes) is self.packed, data
                frame = msgpack.unpackb(data) if isinstance(data, bytes) else json.loads(data)
                self.frames.append(frame)
                self.arrived.append(time.monotonic())
                self.view.apply(frame)
                if "re" in frame:
                    self._answers[frame["re"]] = frame
                if frame["type"] == "ping" and self.answers_pings:
                    await self.connection.send(self.encoded({"id": "pong", "type": "pong", "payload": {}}))
                self._tell()
        except ConnectionClosed:
            pass
        finally:
            self.closed_at = time.monotonic()
            self.code = self.connection.close_code or 1006
            self._tell()

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    # ---- out

    @property
    def packed(self) -> bool:
        """Whether it speaks MessagePack."""
        return self.connection.subprotocol == PACKED

    def encoded(self, frame: Frame) -> str | bytes:
        """A frame in the codec that was agreed on."""
        packed: bytes = msgpack.packb(frame)
        return packed if self.packed else json.dumps(frame)

    async def raw(self, data: str | bytes) -> None:
        """Exactly this as one frame."""
        await self.connection.send(data)

    async def say(self, kind: str, **payload: Any) -> str:
        """A command; its id."""
        name = f"c{next(self._ids)}"
        await self.raw(self.encoded({"id": name, "ts": int(time.time() * 1000), "type": kind, "payload": payload}))
        return name

    async def ask(self, kind: str, *, within: float = WITHIN, **payload: Any) -> Frame:
        """A command and its answer, whatever it is."""
        return await self.answer(await self.say(kind, **payload), within=within)

    async def answer(self, name: str, *, within: float = WITHIN) -> Frame:
        """The answer to the command with this id."""
        await self.holds(lambda: name in self._answers, within=within, what=f"an answer to {name}")
        return self._answers.pop(name)

    async def do(self, kind: str, *, within: float = WITHIN, **payload: Any) -> dict[str, Any]:
        """A command that is to be carried out: the payload of its ack."""
        return acked(await self.ask(kind, within=within, **payload))

    async def send(self, room: str, text: str, *, within: float = WITHIN, **payload: Any) -> dict[str, Any]:
        """`message.send` with a new client_id (or the one given): the ack."""
        payload.setdefault("client_id", str(uuid.uuid4()))
        return await self.do("message.send", within=within, room=room, text=text, **payload)

    async def barrier(self) -> None:
        """Everything the server had written to this socket before now has arrived after this."""
        answer = await self.ask("ping")
        assert answer["type"] == "pong", answer

    # ---- in

    async def until(
        self, match: Callable[[Frame], bool], *, since: int = 0, within: float = WITHIN, what: str = "a frame"
    ) -> Frame:
        """The first frame that matches, of those from position `since` on."""
        at = since

        def found() -> bool:
            nonlocal at
            while at < len(self.frames):
                if match(self.frames[at]):
                    return True
                at += 1
            return False

        await self.holds(found, within=within, what=what)
        return self.frames[at]

    async def got(self, kind: str, *, since: int = 0, within: float = WITHIN, **payload: Any) -> Frame:
        """The first frame of this type whose payload has these values."""
        return await self.until(
            lambda frame: frame["type"] == kind and frame["payload"].items() >= payload.items(),
            since=since,
            within=within,
            what=f"{kind} {payload}",
        )

    async def message(self, room: str, seq: int, *, kind: str = "created", within: float = WITHIN) -> dict[str, Any]:
        """The message with this seq, as the frame brought it."""
        frame = await self.until(
            lambda frame: (
                frame["type"] == f"message.{kind}"
                and frame["payload"]["room"] == room
                and frame["payload"]["message"]["seq"] == seq
            ),
            within=within,
            what=f"message.{kind} #{seq}",
        )
        message: dict[str, Any] = frame["payload"]["message"]
        return message

    async def holds(self, check: Callable[[], bool], *, within: float = WITHIN, what: str = "") -> None:
        """Wait until `check()` is true; it is asked again whenever a frame came."""
        try:
            async with asyncio.timeout(within):
                while not check():
                    if self.code is not None:
                        raise Closed(f"closed with {self.code} while waiting for {what}; last: {self.frames[-3:]}")
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"no {what or check} within {within} s; last: {self.frames[-3:]}") from None

    def all(self, kind: str, **payload: Any) -> list[Frame]:
        """Every frame so far of this type (or of types beginning so, with a dot at the end) with these values."""
        return [
            frame
            for frame in self.frames
            if (frame["type"] == kind or (kind.endswith(".") and frame["type"].startswith(kind)))
            and frame["payload"].items() >= payload.items()
        ]

    # ---- the end

    async def closed(self, *, within: float = WITHIN) -> int:
        """The close code, once the server has closed."""
        try:
            async with asyncio.timeout(within):
                while self.code is None:
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"still open after {within} s; last: {self.frames[-3:]}") from None
        return self.code

    async def goodbye(self, *, within: float = WITHIN) -> dict[str, Any]:
        """The payload of the `bye` that came last, once the server has closed with the same code."""
        code = await self.closed(within=within)
        last = self.frames[-1] if self.frames else {"type": "nothing", "payload": {}}
        assert last["type"] == "bye", f"closed with {code} after {last}"
        assert last["payload"]["code"] == code, f"closed with {code} after {last}"
        bye: dict[str, Any] = last["payload"]
        return bye

    @property
    def open(self) -> bool:
        return self.code is None

    async def close(self) -> None:
        """Leave properly."""
        await self.connection.close()
        await self._reader

    async def vanish(self) -> None:
        """Be gone without a word, as a phone in a tunnel."""
        self.connection.transport.abort()
        await self._reader

    def assert_unbroken(self) -> None:
        """The chains had no gap, and nothing came twice."""
        assert self.view.gaps == []
        assert self.view.repeats == []


def acked(answer: Frame) -> dict[str, Any]:
    """The payload of an ack. Raises Refusal."""
    if answer["type"] != "ack":
        raise Refusal(f"{answer['type']}: {answer['payload']}")
    payload: dict[str, Any] = answer["payload"]
    return payload


async def shake_hands(
    url: str,
    *,
    origin: str | None = None,
    cookie: str | None = None,
    bearer: str | None = None,
    subprotocols: list[str] | None = None,
    headers: Mapping[str, str] | None = None,
    view: View | None = None,
    tls: ssl.SSLContext | None = None,
    source: str = "",
) -> Client:
    """A socket before its hello, from this `source` address. Raises websockets' InvalidStatus if it is refused."""
    more = dict(headers or {})
    if cookie is not None:
        more["Cookie"] = f"sessionid={cookie}"
    if bearer is not None:
        more["Authorization"] = f"Bearer {bearer}"
    connection = await websocket(
        url,
        origin=origin,  # type: ignore[arg-type]
        subprotocols=[SUBPROTOCOL] if subprotocols is None else subprotocols,  # type: ignore[arg-type]
        additional_headers=more,
        compression=None,
        max_size=None,
        open_timeout=10,
        ping_interval=None,
        close_timeout=2,
        proxy=None,
        ssl=tls,
        **({"local_addr": (source, 0)} if source else {}),
    )
    return Client(connection, view or View())


async def greet(client: Client, *, within: float = 10, **hello: Any) -> Client:
    """Say hello with the view's cursors, and wait for `ready` and the end of every replay."""
    view = client.view
    if view.rooms and "cursors" not in hello:
        hello["cursors"] = view.cursors
    if hello.get("cursors") and "epoch" not in hello:
        hello["epoch"] = view.epoch
    ready = await client.answer(await client.say("hello", **{"client": "tests", **hello}), within=within)
    if ready["type"] != "ready":
        raise Refusal(f"{ready['type']}: {ready['payload']}")
    for room, state in ready["payload"]["resume"].items():
        if state == "ok":
            await client.got("room.synced", room=room, within=within)
        elif state == "reset":
            await client.got("room.reset", room=room, within=within)
    return client


# ---- REST ---------------------------------------------------------------------------------------------------------


@dataclass
class Answer:
    """What an endpoint said."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(repr=False, default_factory=dict)


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are answers to look at."""

    def redirect_request(self, *_: Any) -> None:
        return None


class Rest:
    """A program (with a token) or a browser (after `sign_in`) at one server."""

    def __init__(self, url: str, *, token: str | None = None, tls: ssl.SSLContext | None = None) -> None:
        self.url = url
        self.token = token
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}),
            urllib.request.HTTPSHandler(context=tls),
            urllib.request.HTTPCookieProcessor(self._jar),
            _Stay(),
        )

    def _named(self, name: str) -> str:
        return next((cookie.value or "" for cookie in self._jar if cookie.name == name), "")

    @property
    def cookie(self) -> str:
        """The session cookie's value."""
        return self._named("sessionid")

    async def call(self, method: str, path: str, body: Any = None, **params: Any) -> Answer:
        """Below /api/v1/; whatever the answer is."""
        query = "?" + urlencode(params) if params else ""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", "X-CSRFToken": self._named("csrftoken")}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = await asyncio.to_thread(self._request, method, f"/api/v1/{path}{query}", data, headers)
        answer.body = json.loads(answer.body) if answer.body else None
        return answer

    def _request(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> Answer:
        headers = {"Origin": self.url, **headers}
        request = urllib.request.Request(self.url + path, data=data, method=method, headers=headers)
        try:
            with self._opener.open(request, timeout=10) as answer:
                return Answer(answer.status, answer.read().decode(), dict(answer.headers))
        except urllib.error.HTTPError as refusal:
            return Answer(refusal.code, refusal.read().decode(), dict(refusal.headers))

    async def get(self, path: str, **params: Any) -> Any:
        """The body of a 2xx, as in all these."""
        return self._good(await self.call("GET", path, **params))

    async def post(self, path: str, body: Any = None) -> Any:
        return self._good(await self.call("POST", path, {} if body is None else body))

    async def patch(self, path: str, body: Any) -> Any:
        return self._good(await self.call("PATCH", path, body))

    async def put(self, path: str, body: Any) -> Any:
        return self._good(await self.call("PUT", path, body))

    async def delete(self, path: str) -> Any:
        return self._good(await self.call("DELETE", path))

    @staticmethod
    def _good(answer: Answer) -> Any:
        assert 200 <= answer.status < 300, answer
        return answer.body

    # ---- pages

    async def sign_in(self, person: Person) -> "Rest":
        """Through the real page, as a browser would."""
        page = "/accounts/login/"
        assert (await asyncio.to_thread(self._request, "GET", page, None, {})).status == 200
        await self._submit(page, login=person.email, password=person.password)
        assert self.cookie, "not signed in"
        return self

    async def sign_out(self) -> None:
        """Through the real page."""
        await self._submit("/accounts/logout/")

    async def _submit(self, page: str, **values: str) -> None:
        data = urlencode({"csrfmiddlewaretoken": self._named("csrftoken"), **values}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": self.url + page}
        answer = await asyncio.to_thread(self._request, "POST", page, data, headers)
        assert answer.status == 302, answer
