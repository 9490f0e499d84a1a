"""A client that sees bytes: for what a well-behaved library would hide, and for readers that are slow on purpose."""

import base64
import os
import socket
import ssl
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A frame of the server's: fin and opcode in the first byte, and the payload."""

    first: int
    payload: bytes

    @property
    def close(self) -> tuple[int, str]:
        """Code and reason of a close frame."""
        assert self.first == 0x88, self
        return struct.unpack("!H", self.payload[:2])[0], self.payload[2:].decode()


class Probe:
    """A socket past the opening handshake. `received` is every byte after it."""

    def __init__(
        self,
        port: int,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        buffer: int | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.socket = socket.socket()
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        lines = {
            "Host": f"127.0.0.1:{port}",
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            "Sec-WebSocket-Version": "13",
            **(headers or {}),
        }
        asked = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.socket.sendall(f"GET {path} HTTP/1.1\r\n{asked}\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += self._some(1)
        assert head.startswith(b"HTTP/1.1 101 "), head
        self.received = b""

    def _some(self, size: int) -> bytes:
        data = self.socket.recv(size)
        if not data:
            raise ConnectionError("closed")
        return data

    def say(self, text: str) -> None:
        """A masked text frame."""
        data = text.encode()
        size = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + struct.pack("!H", len(data))
        self.socket.sendall(b"\x81" + size + b"\0\0\0\0" + data)

    def read(self, *, until: bytes | None = None, within: float = 10) -> bytes:
        """Take what comes until these bytes were in it, or the connection ends (also by a reset)."""
        deadline = time.monotonic() + within
        while until is None or until not in self.received:
            assert time.monotonic() < deadline, f"{len(self.received)} bytes, and not {until!r}"
            try:
                self.received += self._some(1 << 16)
            except (ConnectionError, ssl.SSLError):
                if until is not None:
                    raise
                break
        return self.received

    def reset(self) -> None:
        """Be gone at once."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def close(self) -> None:
        self.socket.close()


def masked(first: int, payload: bytes = b"", *, size: bytes | None = None, mask: bytes = b"\x11\x22\x33\x44") -> bytes:
    """A client's frame. `size`: length bytes of one's own, with the mask bit; without a `mask` it says it has none."""
    bit = 0x80 if mask else 0
    if size is None:
        if len(payload) < 126:
            size = bytes([bit | len(payload)])
        elif len(payload) < 1 << 16:
            size = bytes([bit | 126]) + struct.pack("!H", len(payload))
        else:
            size = bytes([bit | 127]) + struct.pack("!Q", len(payload))
    hidden = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload)) if mask else payload
    return bytes([first]) + size + mask + hidden


def parts(data: bytes) -> list[Part]:
    """The whole frames in these bytes; what is left over at the end was cut off."""
    found, at = [], 0
    while at + 2 <= len(data):
        first, size, head = data[at], data[at + 1], 2
        if size == 126:
            size, head = int.from_bytes(data[at + 2 : at + 4], "big"), 4
        elif size == 127:
            size, head = int.from_bytes(data[at + 2 : at + 10], "big"), 10
        if at + head + size > len(data):
            break
        found.append(Part(first, data[at + head : at + head + size]))
        at += head + size
    return found
