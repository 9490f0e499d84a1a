"""RFC 6455 by hand, on a bare socket: what breaks it ends that connection, and the talk beside it goes on."""

import asyncio
import base64
import contextlib
import json
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest

from tests.servers import Daphne
from tests.wire.client import SUBPROTOCOL
from tests.wire.conftest import Actor
from tests.wire.probe import Part, Probe, masked, parts

TEXT, BINARY, CLOSE, PING, PONG = 0x81, 0x82, 0x88, 0x89, 0x8A
BEGIN_TEXT, BEGIN_PING, MORE, END = 0x01, 0x09, 0x00, 0x80
ASK = b'{"id":"x","type":"ping","payload":{}}'
MIB = 1 << 20
# What a message may take that is said while somebody else misbehaves, on a busy machine.
AT_ONCE_S = 1.0

# After any of these the server can trust nothing that follows, so it drops the connection ("fail" it, RFC 6455, 7.1.7).
BREAKS: dict[str, bytes] = {
    "text that is no UTF-8": masked(TEXT, b"\xff\xfe"),
    "an encoded surrogate": masked(TEXT, b'"\xed\xa0\x80"'),
    "an overlong form": masked(TEXT, b"\xc0\xaf"),
    "a character cut off at the end": masked(TEXT, b'"\xe4\xbd'),
    "bad UTF-8 in the second fragment": masked(BEGIN_TEXT, b'"') + masked(END, b"\xff"),
    "no mask": masked(TEXT, ASK, mask=b""),
    "a ping without mask": masked(PING, mask=b""),
    "the first reserved bit (compression nobody agreed on)": masked(TEXT | 0x40, ASK),
    "the second reserved bit": masked(TEXT | 0x20, ASK),
    "the third reserved bit": masked(TEXT | 0x10, ASK),
    "a reserved opcode": masked(0x83, b"?"),
    "the last reserved opcode for data": masked(0x87, b"?"),
    "a reserved control opcode": masked(0x8B),
    "the last reserved control opcode": masked(0x8F),
    "a control frame of 126 bytes": masked(PING, b"p" * 126),
    "a close of 126 bytes": masked(CLOSE, b"\x03\xe8" + b"x" * 124),
    "a ping in fragments": masked(BEGIN_PING, b"half"),
    "a continuation of nothing": masked(END, ASK),
    "a new message within another": masked(BEGIN_TEXT, b'{"id"') + masked(TEXT, ASK),
    "a length longer than it needs": masked(TEXT, b"x" * 10, size=b"\xfe\x00\x0a"),
    "a long length longer than it needs": masked(TEXT, b"x" * 10, size=b"\xff" + (10).to_bytes(8, "big")),
    "a length with its first bit": masked(TEXT, size=b"\xff" + (1 << 63).to_bytes(8, "big")),
    "a message that says it is larger than 1 MiB": masked(TEXT, size=b"\xff" + (MIB + 1).to_bytes(8, "big")),
    "a message of more than 1 MiB in fragments": masked(BEGIN_TEXT, b"x" * MIB) + masked(END, b"x" * 64),
    "a close of one byte": masked(CLOSE, b"\x03"),
    "a close with a reason that is no UTF-8": masked(CLOSE, b"\x03\xe8\xff\xfe"),
    **{
        f"a close with {code}": masked(CLOSE, code.to_bytes(2, "big"))
        for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535)
    },
}


def opened(server: Daphne, token: str, **headers: str) -> Probe:
    asked = {"Sec-WebSocket-Protocol": SUBPROTOCOL, "Authorization": f"Bearer {token}"}
    return Probe(server.port, "/ws/", headers=asked | headers)


def ended(probe: Probe) -> list[Part]:
    """What the server still says until the connection has ended, which is soon."""
    begun = time.monotonic()
    whole = parts(probe.read(within=8))
    assert time.monotonic() - begun < 6
    probe.close()
    return whole


@asynccontextmanager
async def talk(alice: Actor, bob: Actor, server: Daphne, room: str) -> AsyncIterator[None]:
    """A talk in the same process that is to notice nothing: how late each message was, and the chain."""
    speaker, listener = await alice.live(at=server), await bob.live(at=server)
    late: list[float] = []
    over = asyncio.Event()

    async def speak() -> None:
        while not over.is_set() or len(late) < 3:
            said = time.monotonic()
            ack = await speaker.send(room, f"message {len(late)}")
            await listener.message(room, ack["seq"])
            late.append(time.monotonic() - said)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), 0.25)
            await asyncio.sleep(0.05)

    speaking = asyncio.create_task(speak())
    try:
        yield
    finally:
        over.set()
        await speaking
    assert max(late) < AT_ONCE_S, late
    for client in (speaker, listener):
        assert client.open
        await client.barrier()
        client.assert_unbroken()
        assert client.view.rooms[room].texts == [f"message {n}" for n in range(len(late))]
        await client.close()


async def test_what_breaks_the_protocol_ends_that_connection(alice: Actor, bob: Actor, room: str) -> None:
    server, token = alice.home, await alice.token()

    def outcomes() -> dict[str, list[Part]]:
        found: dict[str, list[Part]] = {}
        for name, data in BREAKS.items():
            probe = opened(server, token)
            with contextlib.suppress(ConnectionError):
                probe.socket.sendall(data)
            found[name] = ended(probe)
        return found

    async with talk(alice, bob, server, room):
        found = await asyncio.to_thread(outcomes)
    assert {name: said for name, said in found.items() if said} == {}, "and nothing of it was understood"


async def test_what_is_allowed_is_answered(alice: Actor, bob: Actor, room: str) -> None:
    server, token = alice.home, await alice.token()
    hello = b'{"id":"h","type":"hello","payload":{"client":"probe"}}'

    def conversation() -> list[Part]:
        probe = opened(server, token)
        # Fragments, also empty ones, with pings in between, byte by byte over the network.
        data = masked(BEGIN_TEXT, hello[:7]) + masked(PING, b"between") + masked(MORE) + masked(MORE, hello[7:20])
        data += masked(PONG, b"nobody asked") + masked(END, hello[20:])
        for at in range(len(data)):
            probe.socket.sendall(data[at : at + 1])
        probe.read(until=b'"type":"ready"')
        # A character in two fragments, then a command whose mask is all zeros.
        cut = '{"id":"字","type":"ping","payload":{}}'.encode()
        probe.socket.sendall(masked(BEGIN_TEXT, cut[:8]) + masked(END, cut[8:]))
        probe.socket.sendall(masked(TEXT, ASK, mask=b"\0\0\0\0") + masked(PING, b"p" * 125))
        probe.read(until=b"p" * 125)
        probe.socket.sendall(masked(CLOSE, (4321).to_bytes(2, "big") + "再见".encode()) + masked(TEXT, ASK))
        found = parts(probe.read())
        probe.close()
        return found

    async with talk(alice, bob, server, room):
        found = await asyncio.to_thread(conversation)
    control = [part for part in found if part.first in (PING, PONG)]
    assert [part.payload for part in control] == [b"between", b"p" * 125], "an unasked pong is nothing"
    answers = [json.loads(part.payload) for part in found if part.first == TEXT]
    assert [answer["type"] for answer in answers if "re" in answer] == ["ready", "pong", "pong"]
    assert [answer["re"] for answer in answers if "re" in answer] == ["h", "字", "x"]
    assert found[-1].first == CLOSE, "a close is answered, and what follows it is not"
    assert found[-1].close[0] in (1000, 4321)


async def test_a_text_of_a_mebibyte_is_taken_and_refused_in_words(alice: Actor, bob: Actor, room: str) -> None:
    server, token = alice.home, await alice.token()

    def said() -> dict[str, object]:
        probe = opened(server, token)
        probe.socket.sendall(masked(TEXT, b'"' + b"x" * (MIB - 2) + b'"'))
        probe.read(until=b"too_large")
        [first] = parts(probe.received)
        probe.close()
        answer: dict[str, object] = json.loads(first.payload)
        return answer

    async with talk(alice, bob, server, room):
        assert (await asyncio.to_thread(said))["type"] == "error"


# ---- handshakes -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """How a handshake was answered."""

    status: int
    headers: Mapping[str, str]


def shaken(server: Daphne, *, line: str = "GET /ws/ HTTP/1.1", drop: str = "", more: str = "", **headers: str) -> Head:
    """The answer to a handshake that is right but for this."""
    lines = {
        "Host": f"127.0.0.1:{server.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    lines.pop(drop, None)
    asked = "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + more
    with socket.create_connection(("127.0.0.1", server.port), 10) as connection:
        connection.sendall(f"{line}\r\n{asked}\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head and (data := connection.recv(4096)):
            head += data
    first, _, rest = head.partition(b"\r\n\r\n")[0].decode().partition("\r\n")
    pairs = (line.partition(":") for line in rest.split("\r\n") if line)
    return Head(
        int(first.split()[1]) if first else 0, {name.strip().lower(): value.strip() for name, _, value in pairs}
    )


KEY = base64.b64encode(b"k" * 16).decode()
ODD: dict[str, Callable[[Daphne], Head]] = {
    "an old version": lambda server: shaken(server, Sec_WebSocket_Version="7"),
    "a version to come": lambda server: shaken(server, Sec_WebSocket_Version="14"),
    "a version that is no number": lambda server: shaken(server, Sec_WebSocket_Version="thirteen"),
    "no version": lambda server: shaken(server, drop="Sec-WebSocket-Version"),
    "no key": lambda server: shaken(server, drop="Sec-WebSocket-Key"),
    "a key that is too short": lambda server: shaken(server, Sec_WebSocket_Key="c2hvcnQ="),
    "two keys": lambda server: shaken(server, Sec_WebSocket_Key=KEY, more=f"Sec-WebSocket-Key: {KEY}\r\n"),
    "no host": lambda server: shaken(server, drop="Host"),
    "no Connection: Upgrade": lambda server: shaken(server, Connection="keep-alive"),
    "another upgrade": lambda server: shaken(server, Upgrade="h2c"),
    "another method": lambda server: shaken(server, line="POST /ws/ HTTP/1.1"),
    "another address": lambda server: shaken(server, line="GET /elsewhere/ HTTP/1.1"),
    "a subprotocol twice": lambda server: shaken(server, Sec_WebSocket_Protocol=f"{SUBPROTOCOL}, {SUBPROTOCOL}"),
}


async def test_a_handshake_that_is_none_is_refused(alice: Actor, bob: Actor, room: str) -> None:
    server = alice.home
    async with talk(alice, bob, server, room):
        heads = {name: await asyncio.to_thread(odd, server) for name, odd in ODD.items()}
    assert {name for name, head in heads.items() if not 400 <= head.status < 500} == set(), heads
    assert "13" in heads["an old version"].headers["sec-websocket-version"], "what would be right is told"


async def test_the_subprotocol_is_ours_or_none(alice: Actor, bob: Actor, room: str) -> None:
    server = alice.home

    def chosen(*offered: str) -> tuple[int, str | None]:
        more = "".join(f"Sec-WebSocket-Protocol: {name}\r\n" for name in offered)
        head = shaken(server, more=more)
        return head.status, head.headers.get("sec-websocket-protocol")

    async with talk(alice, bob, server, room):
        assert await asyncio.to_thread(chosen) == (101, None)
        assert await asyncio.to_thread(chosen, SUBPROTOCOL) == (101, SUBPROTOCOL)
        assert await asyncio.to_thread(chosen, f"chat, {SUBPROTOCOL}") == (101, SUBPROTOCOL)
        assert await asyncio.to_thread(chosen, "chat", SUBPROTOCOL) == (101, SUBPROTOCOL)
        # Accepted, so that a browser can be told: bye, 4501.
        assert await asyncio.to_thread(chosen, "chat, parley.v9.json") == (101, None)


async def test_no_extension_is_agreed_on(alice: Actor) -> None:
    head = await asyncio.to_thread(
        shaken,
        alice.home,
        Sec_WebSocket_Extensions="permessage-deflate; client_max_window_bits, x-webkit-deflate-frame",
    )
    assert head.status == 101
    assert "sec-websocket-extensions" not in head.headers


@pytest.mark.parametrize("end", ["reset", "half a header", "half a frame"])
async def test_who_is_gone_in_the_middle_of_a_frame_is_nobodys_business(
    alice: Actor, bob: Actor, room: str, end: str
) -> None:
    server, token = alice.home, await alice.token()

    def leave() -> None:
        probe = opened(server, token)
        if end == "reset":
            probe.socket.sendall(masked(BEGIN_TEXT, ASK))
            probe.reset()
        else:
            probe.socket.sendall(masked(TEXT, ASK)[: 3 if end == "half a header" else 9])
            probe.close()

    async with talk(alice, bob, server, room):
        await asyncio.to_thread(leave)
        await asyncio.sleep(0.5)
