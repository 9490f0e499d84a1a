"""A process that is asked to go: everybody is told, commits finish, presence leaves. In virtual time."""

import asyncio
import signal
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import pytest

from realtime import engine as engines
from realtime.engine import Config, Engine
from realtime.hub import DRAIN_S
from realtime.product import Identity, Verb
from realtime.protocol import frames
from tests.pure.simulation.clock import run
from tests.pure.test_hub import Books, Ear

PARTS = ("the goodbyes", "a batch", "a client", "the store")
IN_ALL_S = 10.0


class Caller(Ear):
    """Closes when it is told to go, unless it hangs."""

    def __init__(self, engine: Engine, user: str, *, hangs: bool) -> None:
        super().__init__(Identity(user, "d"))
        self.engine = engine
        self.hangs = hangs

    def bye(self, code: int, reason: str = "", retry_ms: int = 0) -> None:
        super().bye(code, reason, retry_ms)
        if not self.hangs:
            self.engine.hub.detach(self)
            self.engine.connections.discard(self)  # type: ignore[arg-type]


class House:
    """An engine with people at it, some of whom have not said who they are, and a message on its way."""

    def __init__(self, hangs: str) -> None:
        self.hangs = hangs
        self.stored = self.departed = False
        send = Verb(payload=frames.RoomFocus, limit="send", key=str, batch=lambda items: [])
        with patch.object(engines, "DatabasePool", lambda threads: self):
            self.engine = Engine(replace(Books().product(), verbs={"message.send": send}), Config())
        self.engine.presence.depart = self._depart  # type: ignore[method-assign]
        self.callers = [Caller(self.engine, f"{n % 300}", hangs=hangs == "a client" and n == 7) for n in range(500)]
        for number, caller in enumerate(self.callers):
            self.engine.connections.add(caller)  # type: ignore[arg-type]
            if number % 2:
                self.engine.hub.attach(caller)
        batcher = self.engine.batcher("message.send")
        assert batcher is not None
        self.answer = batcher.submit("", (Identity("1", "d"), frames.RoomFocus(room=None)))

    async def run(self, call: Any, *, writes: bool) -> list[frames.Ack]:
        await self._wait("a batch", DRAIN_S + 0.5)
        self.stored = True
        return [frames.Ack()]

    async def _depart(self) -> None:
        await self._wait("the store", 1)
        self.departed = True

    async def _wait(self, part: str, usually_s: float) -> None:
        await asyncio.sleep(1e4 if part == self.hangs else usually_s)

    async def leave(self) -> float:
        """Drain; how long it took."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        if self.hangs == "the goodbyes":
            with patch("realtime.hub.DRAIN_S", 1e4):
                await self.engine.drain()
        else:
            await self.engine.drain()
        return loop.time() - began


@pytest.mark.parametrize("hangs", PARTS)
def test_what_hangs_in_a_drain_takes_nothing_from_the_rest(hangs: str, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        house = House(hangs)
        took = await house.leave()
        assert {caller.closed for caller in house.callers} == {4012}, "everybody is told"
        assert (house.stored, house.departed) == (hangs != "a batch", hangs != "the store")
        assert took <= IN_ALL_S
        [said] = caplog.messages
        assert "not everything was finished in time" in said

    run(story())


def test_a_drain_in_which_nothing_hangs_is_as_long_as_it_is_spread(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        house = House("")
        assert await house.leave() <= DRAIN_S + 1.1
        assert {caller.closed for caller in house.callers} == {4012}
        assert house.stored
        assert house.departed
        assert not caplog.messages

    run(story())


async def test_a_drain_that_fails_still_ends_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    raised: list[int] = []
    monkeypatch.setattr(engines.signal, "raise_signal", raised.append)
    engine = House("").engine

    async def fail() -> None:
        raise RuntimeError("a part of it is broken")

    monkeypatch.setattr(engine, "drain", fail)
    with pytest.raises(RuntimeError):
        await engine._leave(signal.SIGTERM, signal.getsignal(signal.SIGTERM))
    assert raised == [signal.SIGTERM]
