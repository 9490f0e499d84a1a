"""WebSocket framing (RFC 6455) of what the server writes: whole messages, unmasked, uncompressed."""

from struct import Struct

MAX_REASON_BYTES = 123

_SHORT = 125
_MEDIUM = 0xFFFF
_head = Struct("!BB").pack
_medium_head = Struct("!BBH").pack
_long_head = Struct("!BBQ").pack


def framed(data: bytes, *, binary: bool = False) -> bytes:
    """One message as the bytes on the wire, the same for every reader."""
    first = 0x82 if binary else 0x81
    size = len(data)
    if size <= _SHORT:
        return _head(first, size) + data
    if size <= _MEDIUM:
        return _medium_head(first, 126, size) + data
    return _long_head(first, 127, size) + data


def boundary(data: bytes, at: int) -> int:
    """The end of the frame that the byte before `at` belongs to, in a sequence of whole frames of the server's."""
    end = 0
    while end < at:
        size, head = data[end + 1], 2
        if size == 126:
            size, head = int.from_bytes(data[end + 2 : end + 4], "big"), 4
        elif size == 127:
            size, head = int.from_bytes(data[end + 2 : end + 10], "big"), 10
        end += head + size
    return end


def reason_bytes(reason: str) -> bytes:
    """A close reason that fits into a control frame and ends between two characters."""
    data = reason.encode()
    if len(data) <= MAX_REASON_BYTES:
        return data
    return data[:MAX_REASON_BYTES].decode(errors="ignore").encode()
