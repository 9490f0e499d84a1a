"""First requests wait their turn: nobody's is lost, reordered or answered after she has gone."""

import asyncio
from typing import Any

import pytest

from realtime import handshakes
from realtime.handshakes import Handshakes


class Protocol:
    """A connection's protocol, as the reactor sees it."""

    def __init__(self, cost_s: float = 0) -> None:
        self.received: list[bytes] = []
        self.ended: list[Any] = []
        self.cost_s = cost_s

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        until = asyncio.get_running_loop().time() + self.cost_s
        while asyncio.get_running_loop().time() < until:
            pass
        self.received.append(data)

    def connectionLost(self, reason: Any) -> None:  # noqa: N802
        self.ended.append(reason)


def test_what_comes_before_its_turn_comes_in_one_piece_and_what_comes_after_directly() -> None:
    async def story() -> Protocol:
        protocol = Handshakes().watch(Protocol())
        protocol.dataReceived(b"GET / ")
        protocol.dataReceived(b"HTTP/1.1")
        assert protocol.received == []
        await asyncio.sleep(0)
        protocol.dataReceived(b"\r\n")
        found: Protocol = protocol
        return found

    protocol = asyncio.run(story())
    assert protocol.received == [b"GET / HTTP/1.1", b"\r\n"]
    assert vars(protocol).keys() == {"received", "ended", "cost_s"}, "nothing of the queue stays on it"


def test_who_goes_before_her_turn_is_not_looked_at() -> None:
    async def story() -> list[Protocol]:
        queue = Handshakes()
        gone, silent, here = (queue.watch(Protocol()) for _ in range(3))
        gone.dataReceived(b"gone")
        here.dataReceived(b"here")
        gone.connectionLost("reset")
        silent.connectionLost("reset")
        await asyncio.sleep(0)
        return [gone, silent, here]

    gone, silent, here = asyncio.run(story())
    assert (gone.received, gone.ended) == ([], ["reset"])
    assert (silent.received, silent.ended) == ([], ["reset"])
    assert here.received == [b"here"]


def test_others_have_their_turn_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(handshakes, "TURN_S", 0.002)

    async def story() -> tuple[list[int], list[Protocol]]:
        queue = Handshakes()
        crowd = [queue.watch(Protocol(cost_s=0.001)) for _ in range(10)]
        for number, protocol in enumerate(crowd):
            protocol.dataReceived(b"%d" % number)
        done: list[int] = []
        while not done or done[-1] < len(crowd):
            await asyncio.sleep(0)
            done.append(sum(bool(protocol.received) for protocol in crowd))
        return done, crowd

    done, crowd = asyncio.run(story())
    assert done == sorted(done)
    assert len(done) >= 4, "ten of a millisecond are several turns of two"
    assert [protocol.received for protocol in crowd] == [[b"%d" % number] for number in range(10)]
