"""The proxy does what its scenarios say, and nothing where nothing is wrong."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from tests.chaos.proxy import Proxy, Way
from tests.chaos.resp import RedisProxy, RespError, is_message, value_end, values

BELL = b"*3\r\n$7\r\nmessage\r\n$4\r\nroom\r\n$%d\r\n%s\r\n"


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(1 << 16):
        writer.write(data)
        await writer.drain()
    writer.close()


@pytest.fixture
async def echo() -> AsyncIterator[int]:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
async def proxy(echo: int) -> AsyncIterator[Proxy]:
    proxy = await Proxy(echo, seed=1).start()
    yield proxy
    await proxy.stop()


Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _open(proxy: Proxy) -> Ends:
    return await asyncio.open_connection("127.0.0.1", proxy.port)


async def _said(ends: Ends, data: bytes) -> bytes:
    reader, writer = ends
    writer.write(data)
    await writer.drain()
    return await asyncio.wait_for(reader.readexactly(len(data)), 5)


async def _silent(ends: Ends, seconds: float = 0.3) -> bool:
    try:
        await asyncio.wait_for(ends[0].read(1), seconds)
    except TimeoutError:
        return True
    return False


async def test_without_a_fault_every_byte_passes(proxy: Proxy) -> None:
    data = bytes(range(256)) * 2000
    assert await _said(await _open(proxy), data) == data


async def test_it_cuts_after_so_many_bytes(proxy: Proxy) -> None:
    proxy.cut_after(1000, 1000)
    reader, writer = await _open(proxy)
    writer.write(b"x" * 600)
    assert await reader.readexactly(400)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await asyncio.wait_for(reader.readexactly(1000), 5)
    assert proxy.cuts == 1
    proxy.heal()
    assert await _said(await _open(proxy), b"y" * 5000)


async def test_a_cut_is_a_reset_for_both(proxy: Proxy) -> None:
    ends = await _open(proxy)
    await _said(ends, b"here")
    proxy.cut()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(ends[0].read(1), 5)
    assert not proxy.links


async def test_it_refuses_and_lets_in_again(proxy: Proxy) -> None:
    proxy.refuse()
    with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
        await _said(await _open(proxy), b"hello")
    assert proxy.refused == 1
    proxy.heal()
    assert await _said(await _open(proxy), b"hello") == b"hello"


async def test_what_is_stalled_comes_later(proxy: Proxy) -> None:
    ends = await _open(proxy)
    await _said(ends, b"here")
    proxy.stall()
    ends[1].write(b"later")
    assert await _silent(ends)
    proxy.heal()
    assert await asyncio.wait_for(ends[0].readexactly(5), 5) == b"later"


async def test_who_was_open_stays_stalled_and_who_comes_is_served(proxy: Proxy) -> None:
    ends = await _open(proxy)
    await _said(ends, b"here")
    assert proxy.stall_open() == 1
    ends[1].write(b"lost")
    assert await _silent(ends)
    assert await _said(await _open(proxy), b"new") == b"new"


async def test_nobody_hears_that_the_other_side_of_a_stalled_line_went(proxy: Proxy, echo: int) -> None:
    ends = await _open(proxy)
    await _said(ends, b"here")
    proxy.stall_open()
    ends[1].close()
    await asyncio.sleep(0.3)
    assert len(proxy.links) == 1, "the leg to the server is open"
    proxy.heal()
    await asyncio.sleep(0.2)
    assert not proxy.links


async def test_what_is_swallowed_never_comes(proxy: Proxy) -> None:
    ends = await _open(proxy)
    await _said(ends, b"here")
    proxy.swallow(Way.DOWN)
    ends[1].write(b"lost")
    assert await _silent(ends)
    proxy.heal()
    with pytest.raises(ConnectionResetError):
        await asyncio.wait_for(ends[0].read(1), 5)


async def test_it_is_slow_and_narrow(proxy: Proxy) -> None:
    ends = await _open(proxy)
    proxy.delay(0.1)
    began = time.monotonic()
    await _said(ends, b"x")
    assert time.monotonic() - began >= 0.1
    proxy.delay(0)
    proxy.throttle(2000, Way.DOWN)
    began = time.monotonic()
    await _said(ends, b"x" * 1000)
    assert time.monotonic() - began >= 0.4


def test_a_value_ends_where_it_ends() -> None:
    bell = BELL % (4, b"\r\n*3")
    pong = b"*2\r\n$4\r\npong\r\n$0\r\n\r\n"
    push = b">3\r\n+message\r\n:1\r\n$-1\r\n"
    whole = bell + pong + push + b"+OK\r\n:12\r\n%1\r\n+a\r\n_\r\n"
    assert list(values(whole)) == [bell, pong, push, b"+OK\r\n", b":12\r\n", b"%1\r\n+a\r\n_\r\n"]
    assert all(value_end(bell[:size]) == -1 for size in range(len(bell)))
    assert is_message(bell)
    assert not is_message(pong)
    with pytest.raises(RespError):
        value_end(b"hello\r\n")


@pytest.mark.parametrize("fault", ["lost", "doubled", "late"])
def test_of_the_messages_a_share_is_mistreated_and_of_the_answers_none(fault: str) -> None:
    proxy = RedisProxy(0, seed=5)
    setattr(proxy, fault, 0.3)
    link: object = object()
    proxy.subscribed.add(link)
    down = proxy.sieve(link, Way.DOWN)
    bells = [BELL % (3, b"%03d" % number) for number in range(300)]
    pong = b"*2\r\n$4\r\npong\r\n$0\r\n\r\n"
    stream = b"".join(bell + pong for bell in bells)
    # In pieces that end anywhere, as TCP brings them.
    came = b"".join(part for at in range(0, len(stream), 37) for part in down(stream[at : at + 37]))
    got = list(values(came))
    assert got.count(pong) == len(bells)
    heard = [bell for bell in got if is_message(bell)]
    assert 60 <= proxy.counts[fault] <= 120
    match fault:
        case "lost":
            assert len(heard) == 300 - proxy.counts["lost"]
            assert heard == sorted(heard)
        case "doubled":
            assert len(heard) == 300 + proxy.counts["doubled"]
            assert set(heard) == set(bells)
        case "late":
            assert sorted(heard) == bells
    assert proxy.sieve(object(), Way.DOWN)(b"raw") is not None
