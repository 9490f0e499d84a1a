"""When bytes may go straight to the socket, and what happens to those that may not."""

import asyncio
import errno
from collections import deque
from types import SimpleNamespace
from typing import Any

import pytest
from autobahn.websocket.protocol import WebSocketProtocol
from twisted.internet import tcp

from realtime import raw
from realtime.bell import Encoded
from realtime.raw import OPEN, RawTransport

FRAME = Encoded(b"x" * 98)


class FakeSocket:
    """Takes `room` bytes, or fails."""

    def __init__(self) -> None:
        self.room = 1 << 30
        self.error: int | None = None
        self.sent: list[bytes] = []

    def send(self, data: bytes) -> int:
        if self.error is not None:
            raise OSError(self.error, "no")
        taken = min(self.room, len(data))
        if not taken:
            raise BlockingIOError(errno.EAGAIN, "full")
        self.room -= taken
        self.sent.append(bytes(data[:taken]))
        return taken


def wired(**odd: Any) -> tuple[RawTransport, Any, FakeSocket]:
    """A transport on a real tcp.Server that was never connected to anything; what the reactor is given is kept."""
    server: Any = tcp.Server.__new__(tcp.Server)
    server.reactor = SimpleNamespace(addWriter=lambda _: None, removeWriter=lambda _: None)
    server._tempDataBuffer, server._tempDataLen, server.connected = [], 0, 1
    server.socket = FakeSocket()
    protocol = SimpleNamespace(transport=server, state=OPEN, send_queue=deque(), sendData=None)
    for name, value in odd.items():
        setattr(protocol if name in ("state", "send_queue") else server, name, value)
    return RawTransport(protocol), server, server.socket


def test_open_is_what_autobahn_means_by_it() -> None:
    assert OPEN == WebSocketProtocol.STATE_OPEN


async def turn() -> None:
    await asyncio.sleep(0)
    await asyncio.sleep(0)


async def test_the_frames_of_a_turn_are_one_send() -> None:
    transport, server, socket = wired()
    sends = raw.TURN.sends
    for _ in range(5):
        transport.write([FRAME, FRAME])
    assert transport.pending == 10 * len(FRAME.wire), "seen before it is written"
    await turn()
    assert socket.sent == [FRAME.wire * 10]
    assert raw.TURN.sends == sends + 1
    assert transport.pending == 0
    assert not server._tempDataBuffer


@pytest.mark.parametrize(
    "odd",
    [
        {"TLS": True},
        {"dataBuffer": b"before"},
        {"_tempDataBuffer": [b"before"], "_tempDataLen": 6},
        {"_writeDisconnected": True},
    ],
    ids=lambda odd: next(iter(odd)),
)
async def test_the_socket_is_not_touched_while_the_reactor_has_to_do_with_it(odd: dict[str, Any]) -> None:
    transport, _, socket = wired(**odd)
    transport.write([FRAME])
    await turn()
    assert socket.sent == []


@pytest.mark.parametrize("odd", [{"state": 2}, {"connected": 0}, {"disconnecting": 1}], ids=lambda odd: next(iter(odd)))
async def test_nothing_is_written_to_who_is_going(odd: dict[str, Any]) -> None:
    transport, server, socket = wired(**odd)
    transport.write([FRAME])
    await turn()
    assert socket.sent == server._tempDataBuffer == []


@pytest.mark.parametrize("number", [errno.EAGAIN, errno.ENOBUFS])
async def test_a_full_socket_is_nothing_sent(number: int) -> None:
    transport, server, socket = wired()
    socket.error = number
    transport.write([FRAME])
    await turn()
    assert server._tempDataBuffer == [FRAME.wire]
    assert transport.pending == len(FRAME.wire)


async def test_a_broken_socket_is_the_reactors_and_the_next_one_gets_its_frame() -> None:
    broken, server, socket = wired()
    socket.error = errno.ECONNRESET
    well, _, good = wired()
    for transport in (broken, well):
        transport.write([FRAME])
    await turn()
    assert server._tempDataBuffer == [FRAME.wire]
    assert good.sent == [FRAME.wire]


async def test_what_waits_follows_in_order_and_is_dropped_between_two_frames() -> None:
    transport, server, socket = wired()
    socket.room = 150
    big = Encoded(b"y" * raw.REFILL_BYTES)
    transport.write([FRAME, FRAME, big, FRAME])
    await turn()
    assert socket.sent == [(FRAME.wire + FRAME.wire)[:150]]
    everything = FRAME.wire * 2 + big.wire + FRAME.wire
    assert b"".join([*socket.sent, *server._tempDataBuffer]) == everything[: -len(FRAME.wire)]
    assert transport.pending == len(everything) - 150
    transport.drop()
    assert transport.pending == len(everything) - 150 - len(FRAME.wire)
    server._tempDataBuffer, server._tempDataLen = [], 0
    transport.write([FRAME])
    socket.room = 1000
    await turn()
    assert socket.sent[-1] == FRAME.wire


async def test_the_reactor_asks_for_more_until_there_is_none() -> None:
    transport, server, socket = wired()
    socket.room = 0
    frames = [Encoded(bytes([65 + n]) * 20_000) for n in range(8)]
    for frame in frames:
        transport.write([frame])
        await turn()
    got = b""
    while server._tempDataBuffer:
        got += b"".join(server._tempDataBuffer)
        server._tempDataBuffer, server._tempDataLen = [], 0
        if server.producer is not None:
            assert server.producer is transport
            transport.resumeProducing()
    assert got == b"".join(frame.wire for frame in frames)
    assert server.producer is None
    assert transport.pending == 0


async def test_the_age_is_that_of_the_oldest_byte(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(raw.time, "monotonic", lambda: now)
    transport, server, socket = wired()
    assert transport.age(now) == 0
    socket.room = 0
    for _ in range(3):
        transport.write([Encoded(b"z" * 40_000)])
        await turn()
        now += 1
    assert transport.age(now) == 3
    # The first went out while the second was asked for.
    server._tempDataBuffer, server._tempDataLen = [], 0
    transport.resumeProducing()
    assert transport.age(now) == 2
    transport.drop()
    server._tempDataBuffer, server._tempDataLen = [], 0
    assert transport.age(now) == 0


@pytest.fixture
async def stuck() -> tuple[RawTransport, list[int]]:
    """A transport with a limit of 100 000 whose reader takes nothing, and what was pending whenever it was told so."""
    transport, _, socket = wired()
    told: list[int] = []
    socket.room, transport.limit = 0, 100_000
    transport.overflowed = lambda: told.append(transport.pending)
    return transport, told


async def test_the_limit_is_told_once_it_is_passed(stuck: tuple[RawTransport, list[int]]) -> None:
    transport, told = stuck
    while not told:
        transport.write([Encoded(b"z" * 10_000)])
        await turn()
    assert 110_000 < told[0] < 120_200, "what was left when more came was over it"


async def test_what_comes_in_one_go_may_go_over_the_limit_once(stuck: tuple[RawTransport, list[int]]) -> None:
    transport, told = stuck
    transport.write([Encoded(b"z" * 10_000)] * 15)
    await turn()
    assert (told, transport.pending > 150_000) == ([], True), "she had no chance to read"
    transport.write([Encoded(b"z")])
    await turn()
    assert len(told) == 1, "now she had"


async def test_but_not_without_end(stuck: tuple[RawTransport, list[int]]) -> None:
    transport, told = stuck
    transport.write([Encoded(b"z" * 10_000)] * 25)
    await turn()
    assert len(told) == 1
