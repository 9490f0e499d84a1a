"""An application for test_transport.py: no product, no Django. A client says a word and sees what the transport does.

Each answers to everybody who is connected, or about them. `/asgi` has the ordinary `send`, whatever the server offers.
"""

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

from realtime.bell import Burst, Encoded
from realtime.transport import AsgiTransport, Transport, transport_of

SIZES = (1, 125, 126, 127, 4000, 65535, 65536, 200_000)
CHUNK = Encoded(b'"' + b"x" * 16_382 + b'"')
LIMIT = 256 * 1024
OLD_S = 1.0

transports: dict[str, Transport] = {}


def frame(n: int, size: int = 100) -> Encoded:
    return Encoded(json.dumps({"n": n, "text": "é" * (size // 2)}, ensure_ascii=False).encode())


def burst(*frames: Encoded) -> Burst:
    return Burst(enumerate(frames))


async def sizes(me: Transport) -> None:
    """Every length a header can have; in one turn, and one a turn."""
    frames = [Encoded(b"x" * size) for size in SIZES]
    me.write(frames)
    me.burst(burst(*frames))
    for one in frames:
        me.write([one])
        await asyncio.sleep(0)
    me.close(4012, "再见")


async def everybody(me: Transport) -> None:
    """The same to all, in many turns; meanwhile the loop is deaf, so who resets now is found out by writing."""
    time.sleep(0.4)
    for n in range(50):
        shared = burst(frame(n), frame(n, 3000))
        for transport in transports.values():
            transport.burst(shared)
        await asyncio.sleep(0)


async def farewell(me: Transport) -> None:
    """Nothing may follow a close frame, not even in the same turn."""
    me.burst(burst(frame(1), frame(2)))
    me.write([frame(3)])
    me.close(4008, "too slow")
    me.burst(burst(frame(4)))
    await asyncio.sleep(0.01)
    me.write([frame(5)])


async def flood(me: Transport) -> None:
    """As the engine does it: what the reader does not take is dropped at the limit, and she is sent away."""

    def too_slow() -> None:
        me.drop()
        me.write([Encoded(b'"bye"')])
        me.close(4008, "too slow")

    me.limit, me.overflowed = LIMIT, too_slow
    while not me.closed:
        me.burst(burst(CHUNK))
        if me.age(time.monotonic()) > OLD_S:
            too_slow()
        await asyncio.sleep(0.001)


async def drip(me: Transport) -> None:
    """Little, but more than a reader of a byte a second takes: only its age tells."""
    me.write([CHUNK] * 40)
    while not me.closed:
        me.write([frame(1)])
        if me.age(time.monotonic()) > OLD_S:
            me.drop()
            me.close(4008, "too slow")
        await asyncio.sleep(0.05)


async def others(me: Transport) -> None:
    """How everybody is."""
    now = time.monotonic()
    told = {name: [one.pending, round(one.age(now), 2), one.closed] for name, one in transports.items()}
    me.write([Encoded(json.dumps(told).encode())])


WORDS: dict[str, Callable[[Transport], Any]] = {
    word.__name__: word for word in (sizes, everybody, farewell, flood, drip, others)
}


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    await receive()
    await send({"type": "websocket.accept", "subprotocol": None})
    name = scope["path"].strip("/")
    mine = transports[name] = AsgiTransport(send) if name.startswith("asgi") else transport_of(scope, send)
    tasks = set()
    try:
        while (message := await receive())["type"] != "websocket.disconnect":
            tasks.add(asyncio.create_task(WORDS[message["text"]](mine)))
    finally:
        mine.lost()
        del transports[name]
