"""Frames as bytes, in one of two codecs: JSON, or MessagePack for who asks for it (`parley.v1.msgpack`).

An event is encoded once per process and codec, whoever reads it. JSON is what processes tell each other and is always
made; MessagePack is made from it when the first reader wants it, so it is the same wherever the event came from.
"""

import time
from typing import Annotated, Any

import msgspec

from . import frames

_encoder = msgspec.json.Encoder()
_packer = msgspec.msgpack.Encoder()


class _Envelope(msgspec.Struct, frozen=True, omit_defaults=True):
    id: str
    ts: int
    type: str
    payload: frames.Payload
    re: str | None = None


class Incoming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A command's envelope; `ts` is the client's clock, for its own logs."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    type: Annotated[str, msgspec.Meta(max_length=64)]
    payload: dict[str, Any] = {}
    ts: int | None = None


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def encode(payload: frames.Payload, *, frame_id: str, re: str | None = None, ts: int | None = None) -> bytes:
    """One frame as JSON bytes. `re` is the id of the command it answers."""
    return _encoder.encode(_Envelope(frame_id, now_ms() if ts is None else ts, payload.type, payload, re))


def pack(payload: frames.Payload, *, frame_id: str, re: str | None = None, ts: int | None = None) -> bytes:
    """The same frame as MessagePack."""
    return _packer.encode(_Envelope(frame_id, now_ms() if ts is None else ts, payload.type, payload, re))


def repack(data: bytes) -> bytes:
    """A frame that was encoded as JSON, as MessagePack: what `pack` says of it."""
    return _packer.encode(msgspec.json.decode(data))


def encode_event(event: frames.Event) -> bytes:
    """A durable event; its frame id is the same from every process."""
    return encode(event, frame_id=event.frame_id)
