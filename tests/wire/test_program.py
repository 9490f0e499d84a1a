"""The program in docs/programs.md does what the page says, as it stands there."""

import asyncio
import contextlib
import re
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.servers import ROOT
from tests.wire.conftest import Actor

PAGE = ROOT / "docs" / "programs.md"
ACK = b'"type":"ack"'


def program() -> str:
    (source,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return str(source)


class Line:
    """Between a program and a server; can be cut, and cuts itself before the first ack."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cuts = self.refused = 0
        self.open = True
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.StreamWriter] = set()
        self._work: set[asyncio.Task[None]] = set()

    async def listen(self) -> int:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._pipes.add(writer)
        if not self.open:
            self.refused += 1
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self.port)
        self._pipes.add(back)
        for source, sink, inward in ((reader, back, False), (there, writer, True)):
            task = asyncio.create_task(self._pump(source, sink, inward=inward))
            self._work.add(task)
            task.add_done_callback(self._work.discard)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, inward: bool) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65536):
                if inward and ACK in data and not self.cuts:
                    self.cut()
                    return
                sink.write(data)
                await sink.drain()
        sink.close()

    def cut(self) -> None:
        """As a pulled plug: what was on its way is lost."""
        self.cuts += 1
        for pipe in self._pipes:
            pipe.transport.abort()
        self._pipes.clear()

    async def close(self) -> None:
        self.cut()
        if self._server:
            self._server.close()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not true():
            await asyncio.sleep(0.02)


@pytest.fixture
async def line(bob: Actor) -> AsyncIterator[Line]:
    line = Line(bob.home.port)
    yield line
    await line.close()


def test_it_is_about_thirty_lines_and_needs_nothing_else() -> None:
    source = program()
    assert len(source.splitlines()) <= 36
    imported = set(re.findall(r"^(?:import|from) (.+)$", source, re.MULTILINE))
    assert imported == {
        "json, sys, time, uuid",
        "requests",
        "websockets.exceptions import WebSocketException",
        "websockets.sync.client import connect",
    }


@pytest.mark.timeout(90)
async def test_it_signs_in_sends_listens_and_loses_nothing_over_cuts(
    tmp_path: Path, line: Line, room: str, alice: Actor, bob: Actor
) -> None:
    path = tmp_path / "listen.py"
    path.write_text(program())
    a = await alice.live()
    url = f"http://127.0.0.1:{await line.listen()}"
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(path),
        url,
        bob.person.handle,
        bob.person.password,
        room,
        "Good morning",
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    heard: list[str] = []

    async def hears(count: int) -> list[str]:
        """The next lines it prints."""
        lines = [(await asyncio.wait_for(process.stdout.readline(), 15)).decode().rstrip() for _ in range(count)]  # type: ignore[union-attr]
        heard.extend(lines)
        return lines

    try:
        # Its own message, though the line was cut before the ack: it is sent again, and is one.
        assert await hears(1) == [f"{bob.person.name}: Good morning"]
        assert (await a.message(room, 1))["text"] == "Good morning"
        await until(lambda: line.cuts == 1)

        # Said while it is away: half an hour would be the same.
        await a.send(room, "before")
        assert await hears(1) == [f"{alice.person.name}: before"]
        line.open = False
        line.cut()
        await alice.asay(room, *(f"meanwhile {number}" for number in range(20)))
        await until(lambda: line.refused > 1)
        line.open = True
        assert await hears(20) == [f"{alice.person.name}: meanwhile {number}" for number in range(20)]

        # Cut in the middle of a burst, twice.
        for number in range(15):
            await a.send(room, f"burst {number}")
            if number in {3, 9}:
                line.cut()
        assert await hears(15) == [f"{alice.person.name}: burst {number}" for number in range(15)]
        await a.send(room, "the end")
        assert await hears(1) == [f"{alice.person.name}: the end"]
        assert len(heard) == len(set(heard)) == 38
        stored = (await (await alice.rest()).get(f"rooms/{room}/messages/", limit=100))["messages"]
        assert len([message for message in stored if message["text"] == "Good morning"]) == 1
    finally:
        process.kill()
        await process.wait()
