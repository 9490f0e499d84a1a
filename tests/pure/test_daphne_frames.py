"""What goes over the wire is what autobahn would have written; and where it may be cut."""

import os
from collections import deque
from types import SimpleNamespace

import pytest
from autobahn.websocket.protocol import WebSocketProtocol
from hypothesis import given
from hypothesis import strategies as st

from realtime.bell import Burst, Encoded
from realtime.protocol.websocket import boundary, framed, reason_bytes

SIZES = (1, 2, 124, 125, 126, 127, 65534, 65535, 65536, 70000)


def autobahns(data: bytes, *, binary: bool) -> bytes:
    """The frame as autobahn's server makes it."""
    written: list[bytes] = []
    protocol = WebSocketProtocol()
    protocol.factory = SimpleNamespace(isServer=True)
    protocol.maskServerFrames = protocol.logFrames = False
    protocol.state, protocol._perMessageCompress = protocol.STATE_OPEN, None
    protocol.trafficStats = SimpleNamespace(
        outgoingWebSocketMessages=0, outgoingOctetsAppLevel=0, outgoingOctetsWebSocketLevel=0, outgoingWebSocketFrames=0
    )
    protocol.trackedTimings, protocol.maxMessagePayloadSize, protocol.autoFragmentSize = None, 0, 0
    protocol.send_queue = deque()
    protocol.sendData = lambda raw, sync, chopsize: written.append(raw)
    protocol.sendMessage(data, isBinary=binary)
    return b"".join(written)


@pytest.mark.parametrize("binary", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_a_frame_is_the_one_autobahn_makes(size: int, binary: bool) -> None:
    data = os.urandom(size)
    assert framed(data, binary=binary) == autobahns(data, binary=binary)


def test_a_frame_is_made_once_for_all_its_readers() -> None:
    frame = Encoded(b"{}")
    assert frame.wire is frame.wire
    burst = Burst([(1, frame), (2, Encoded(b"[]"))])
    assert burst.wire is burst.wire == b"\x81\x02{}\x81\x02[]"


@given(st.lists(st.sampled_from(SIZES), min_size=1, max_size=6), st.data())
def test_a_cut_is_never_inside_a_frame(sizes: list[int], data: st.DataObject) -> None:
    frames = [framed(bytes(size)) for size in sizes]
    joined = b"".join(frames)
    ends = [sum(map(len, frames[:n])) for n in range(len(frames) + 1)]
    at = data.draw(st.integers(0, len(joined)))
    assert boundary(joined, at) == min(end for end in ends if end >= at)


@pytest.mark.parametrize("reason", ["", "too slow", "x" * 123, "x" * 124, "再" * 41, "再" * 42, "x再" * 40])
def test_a_reason_fits_and_ends_between_two_characters(reason: str) -> None:
    data = reason_bytes(reason)
    assert len(data) <= 123
    assert reason.startswith(data.decode())
    assert len(data) > 119 or data.decode() == reason
