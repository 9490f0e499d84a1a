"""A TCP proxy that is as bad as one likes: slow, narrow, cutting, refusing, silent."""

import asyncio
import contextlib
import random
import socket
import struct
from collections.abc import Callable, Iterable
from enum import Enum

CHUNK = 16 * 1024
LOOK_EVERY_S = 0.05


class Way(Enum):
    """Which way bytes go."""

    UP = "to the server"
    DOWN = "to the client"


class Link:
    """One connection through the proxy: a leg to the client and one to the server."""

    def __init__(self, proxy: "Proxy", client: tuple[asyncio.StreamReader, asyncio.StreamWriter]) -> None:
        self.proxy = proxy
        self.client_in, self.client_out = client
        self.carried = 0
        self.stalled = False
        self.limit = proxy.draw_limit()
        self._server_out: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            server_in, self._server_out = await asyncio.open_connection("127.0.0.1", self.proxy.target)
            async with asyncio.TaskGroup() as ways:
                ways.create_task(self._carry(self.client_in, self._server_out, Way.UP))
                ways.create_task(self._carry(server_in, self.client_out, Way.DOWN))
        except* (OSError, EOFError):
            pass
        finally:
            self.cut()

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, way: Way) -> None:
        proxy, sieve = self.proxy, self.proxy.sieve(self, way)
        while data := await _some(source):
            if proxy.delay_s:
                await asyncio.sleep(proxy.delay_s * proxy.random.uniform(0.5, 1.5))
            if proxy.bytes_per_s and way in proxy.throttled:
                await self._trickle(sink, data)
                continue
            await self._let_through(way)
            if way in proxy.swallowed:
                continue
            for part in sieve(data):
                sink.write(self._within_limit(part))
            await sink.drain()
            self._cut_at_limit()
        # The other side of a silent line does not hear that this one went. Who is done with one way is done with both:
        # none of those who speak here half-closes.
        await self._let_through(way)
        raise EOFError

    async def _let_through(self, way: Way) -> None:
        while self.stalled or way in self.proxy.silent:
            await asyncio.sleep(LOOK_EVERY_S)

    async def _trickle(self, sink: asyncio.StreamWriter, data: bytes) -> None:
        step = max(1, int(self.proxy.bytes_per_s * LOOK_EVERY_S))
        for at in range(0, len(data), step):
            part = data[at : at + step]
            sink.write(part)
            await sink.drain()
            if self.proxy.bytes_per_s:
                await asyncio.sleep(len(part) / self.proxy.bytes_per_s)

    def _within_limit(self, data: bytes) -> bytes:
        left = len(data) if self.limit is None else max(0, self.limit - self.carried)
        self.carried += len(data)
        return data[:left]

    def _cut_at_limit(self) -> None:
        if self.limit is not None and self.carried >= self.limit:
            self.proxy.cuts += 1
            raise EOFError

    def cut(self) -> None:
        """End both legs at once, with a reset."""
        for writer in (self.client_out, self._server_out):
            if writer is not None and not writer.transport.is_closing():
                own = writer.get_extra_info("socket")
                with contextlib.suppress(OSError, AttributeError):
                    own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
        if self._task is not None and self._task is not _current_task():
            self._task.cancel()
        self.proxy.links.pop(self, None)


async def _some(source: asyncio.StreamReader) -> bytes:
    try:
        return await source.read(CHUNK)
    except OSError:
        return b""


def _current_task() -> "asyncio.Task[object] | None":
    with contextlib.suppress(RuntimeError):
        return asyncio.current_task()
    return None


class Proxy:
    """Listens on a port of its own in front of `target`. Without faults it carries every byte."""

    def __init__(self, target: int, *, seed: int = 0) -> None:
        self.target = target
        self.port = 0
        self.random = random.Random(seed)
        self.links: dict[Link, None] = {}
        self.cuts = 0
        self.refused = 0
        self._server: asyncio.Server | None = None
        self._calm()

    def _calm(self) -> None:
        self.delay_s = 0.0
        self.bytes_per_s = 0.0
        self.throttled: set[Way] = set(Way)
        self.silent: set[Way] = set()
        self.swallowed: set[Way] = set()
        self.refusing = False
        self.between: tuple[int, int] | None = None

    async def start(self) -> "Proxy":
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=4 * CHUNK)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def stop(self) -> None:
        self.cut()
        if self._server is not None:
            self._server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        link = Link(self, (reader, writer))
        if self.refusing:
            # As a port where nobody listens, from the moment the handshake is over.
            self.refused += 1
            link.cut()
            return
        self.links[link] = None
        link.start()

    def sieve(self, link: Link, way: Way) -> Callable[[bytes], Iterable[bytes]]:
        """What becomes of the bytes of one connection; here: they pass."""
        return lambda data: (data,)

    def draw_limit(self) -> int | None:
        """After how many bytes a new connection is cut."""
        return None if self.between is None else self.random.randint(*self.between)

    # ---- faults

    def delay(self, seconds: float) -> None:
        """Each chunk waits about this long, each way."""
        self.delay_s = seconds

    def throttle(self, bytes_per_s: float, *ways: Way) -> None:
        """Narrow: no more than this a second, each connection."""
        self.bytes_per_s, self.throttled = bytes_per_s, set(ways or Way)

    def cut(self) -> None:
        """Reset every connection, now."""
        for link in list(self.links):
            link.cut()

    def cut_after(self, least: int, most: int) -> None:
        """Reset each connection after some number of bytes, those that are open and those to come."""
        self.between = least, most
        for link in self.links:
            link.limit = link.carried + self.random.randint(least, most)

    def refuse(self, *, cut: bool = True) -> None:
        """Nobody is let in any more; who is in is cut off."""
        self.refusing = True
        if cut:
            self.cut()

    def stall(self) -> None:
        """Nothing passes, and nobody is told: half-open for as long as it lasts."""
        self.silent = set(Way)

    def stall_open(self, pick: Callable[[Link], bool] = lambda link: True) -> int:
        """The same, only for the connections that are open now, and for good. How many."""
        picked = [link for link in self.links if pick(link)]
        for link in picked:
            link.stalled = True
        return len(picked)

    def swallow(self, way: Way) -> None:
        """What goes this way is lost without a word."""
        self.swallowed = {way}

    def heal(self, *, cut: bool = False) -> None:
        """All is well again. `cut`: connections that lost bytes, or were to be cut, are reset."""
        lossy = bool(self.swallowed)
        self._calm()
        for link in list(self.links):
            link.limit = None
            if cut or lossy or link.stalled:
                link.cut()
