"""What a frame weighs and costs in each codec.

    python -m bench.codec

Bytes of the catalogue's samples with the header of their WebSocket frame; µs to encode, to make MessagePack of what was
encoded as JSON (what readers of it cost a process, once a frame), and to read commands as a socket's session does. Then
what the engine itself does for each reader of a fan-out: sockets that take everything, so without the kernel. The
quickest of several rounds. Prints the table and stores it.
"""

import asyncio
import datetime
import os
import platform
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import django
import msgpack
import msgspec
from twisted.internet import tcp

RESULTS = Path(__file__).resolve().parent / "results" / "codec.txt"
ROUNDS = 15
SOCKETS = 500
TURNS = 40
FRAMES = ("message.created", "message.updated", "ack", "typing", "room.synced", "user.state", "ready")


def best_us(work: Callable[[], object], times: int = 2000) -> float:
    """µs of one call, in the quickest of some rounds."""
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(times):
            work()
        found.append((time.perf_counter() - begun) / times * 1e6)
    return min(found)


class Sink:
    """A socket that takes everything at once."""

    def send(self, data: bytes) -> int:
        return len(data)


def transport(*, packed: bool = False) -> Any:
    """Our transport on a real tcp.Server that is connected to nothing."""
    from realtime.raw import OPEN, RawTransport

    server: Any = tcp.Server.__new__(tcp.Server)
    server.reactor = SimpleNamespace(addWriter=lambda _: None, removeWriter=lambda _: None)
    server._tempDataBuffer, server._tempDataLen, server.connected, server.socket = [], 0, 1, Sink()
    made = RawTransport(SimpleNamespace(transport=server, state=OPEN, send_queue=deque(), sendData=None))
    if packed:
        made.packed = True
    return made


async def deliver_us(data: bytes, packed: int) -> float:
    """µs for each of the readers, of whom so many speak MessagePack: a new frame in every turn of the loop."""
    from realtime.bell import Burst, Encoded

    readers = [transport(packed=number < packed) for number in range(SOCKETS)]
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(TURNS):
            burst = Burst([(1, Encoded(data))])
            for reader in readers:
                reader.burst(burst)
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        found.append((time.perf_counter() - begun) / TURNS / SOCKETS * 1e6)
    return min(found)


def sample(kind: str) -> Any:
    """The catalogue's sample of a frame."""
    from chat import catalogue

    return next(sample for sample in catalogue.FRAMES if sample.type == kind)


def encode_us(kind: str) -> float:
    """µs to encode this frame as JSON."""
    from realtime.protocol import codec

    frame = sample(kind)
    return best_us(lambda: codec.encode(frame, frame_id="7.4711", ts=1767225600000))


def frame_row(kind: str) -> str:
    from realtime.protocol import codec
    from realtime.protocol.websocket import framed

    frame = sample(kind)
    as_json = codec.encode(frame, frame_id="7.4711", ts=1767225600000)
    as_packed = codec.pack(frame, frame_id="7.4711", ts=1767225600000)
    sizes = len(framed(as_json)), len(framed(as_packed, binary=True))
    packing = best_us(lambda: codec.pack(frame, frame_id="7.4711", ts=1767225600000))
    repacking = best_us(lambda: codec.repack(as_json))
    return (
        f"{kind:<18} {sizes[0]:>6} {sizes[1]:>8} {sizes[1] / sizes[0]:>6.2f}"
        f" {encode_us(kind):>9.2f} {packing:>8.2f} {repacking:>9.2f}"
    )


def received_us(*, packed: bool) -> float:
    """µs for a session to read a `message.send`."""
    from chat.commands import VERBS
    from realtime.limits import Limits
    from realtime.protocol import frames
    from realtime.session import Session

    payload = {"room": "7", "client_id": "0190c3a2-6f0e-7cc1-9d3e-1b6f6d1c2a44", "text": "Good morning, " * 7}
    values = [
        {"id": "c1", "type": "hello", "payload": {}},
        {"id": "c2", "ts": 1767225600000, "type": "message.send", "payload": payload},
    ]
    commands = {**frames.ENGINE_COMMANDS, **{name: verb.payload for name, verb in VERBS.items()}}
    session = Session(0.0, Limits(), commands)
    if packed:
        session.packed = True
    hello, send = (msgpack.packb(value) if packed else msgspec.json.encode(value).decode() for value in values)
    session.receive(hello, 0.0)
    session.resumed({})
    assert session.receive(send, 0.0) is not None
    assert not session.outbox
    return best_us(lambda: session.receive(send, 0.0))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from realtime.protocol import codec

    data = codec.encode(sample("message.created"), frame_id="7.4711", ts=1767225600000)
    rows = [
        f"{datetime.date.today()}, {os.cpu_count()} cores, {platform.system()} {platform.release()},"
        f" Python {platform.python_version()}, msgspec {msgspec.__version__}",
        f"{'':<18} {'bytes':>15} {'':>6} {'µs to encode':>18} {'µs from':>9}",
        f"{'frame':<18} {'JSON':>6} {'msgpack':>8} {'ratio':>6} {'JSON':>9} {'msgpack':>8} {'JSON':>9}",
        *(frame_row(kind) for kind in FRAMES),
        f"message.send as a session reads it: {received_us(packed=False):.1f} µs JSON,"
        f" {received_us(packed=True):.1f} µs msgpack",
        f"message.created to {SOCKETS} readers, µs for each:",
        *(
            f"  {SOCKETS - packed:>3} JSON, {packed:>3} msgpack: {asyncio.run(deliver_us(data, packed)):.2f}"
            for packed in (0, 1, SOCKETS // 2, SOCKETS)
        ),
    ]
    text = "\n".join(rows) + "\n"
    print(text, end="")
    RESULTS.write_text(text)


if __name__ == "__main__":
    main()
