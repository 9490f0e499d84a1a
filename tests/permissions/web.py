"""Real HTTP, on connections that stay open, from a few threads at a time."""

import asyncio
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from typing import TypeVar

from tests.permissions.judge import Answer
from tests.permissions.stage import Request

T = TypeVar("T")
AT_ONCE = 4


class Web:
    """Programs at one server."""

    def __init__(self, port: int) -> None:
        self.port = port
        self._here = threading.local()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="web")

    def _connection(self) -> HTTPConnection:
        if not hasattr(self._here, "connection"):
            self._here.connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection: HTTPConnection = self._here.connection
        return connection

    def _ask(self, bearer: str | None, request: Request) -> Answer:
        headers = {"Content-Type": request.kind}
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        connection = self._connection()
        connection.request(request.method, f"/api/v1/{request.path}", request.data, headers)
        answer = connection.getresponse()
        return Answer(answer.status, answer.read())

    async def ask(self, bearer: str | None, request: Request) -> Answer:
        """The answer."""
        return await asyncio.wrap_future(self._threads.submit(self._ask, bearer, request))

    async def all(self, asked: Iterable[tuple[str | None, Request]]) -> list[Answer]:
        """The answers, in order; the requests are under way together."""
        return list(await asyncio.gather(*(self.ask(bearer, request) for bearer, request in asked)))

    def close(self) -> None:
        self._threads.shutdown()
