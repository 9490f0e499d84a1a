"""The order of one socket's commands."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from realtime.lanes import Lanes


class Work:
    """Commands that end when they are told to."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.ends: dict[str, asyncio.Event] = {}

    def __call__(self, name: str) -> Callable[[], Awaitable[None]]:
        self.ends[name] = asyncio.Event()

        def start() -> Awaitable[None]:
            self.started.append(name)
            return self._until(name)

        return start

    async def _until(self, name: str) -> None:
        await self.ends[name].wait()

    async def end(self, name: str) -> None:
        self.ends[name].set()
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def lanes() -> Lanes:
    return Lanes()


async def test_the_same_key_is_one_after_the_other_and_another_does_not_wait(lanes: Lanes, work: Work) -> None:
    lanes.run("room 1", None, work("a"))
    lanes.run("room 1", None, work("b"))
    lanes.run("room 2", None, work("c"))
    assert work.started == ["a", "c"]
    await work.end("a")
    assert work.started == ["a", "c", "b"]
    await work.end("b")
    await work.end("c")
    assert lanes.running == 0
    assert not lanes._lanes


async def test_a_group_is_handed_over_at_once_in_order(lanes: Lanes, work: Work) -> None:
    for name in "abc":
        lanes.run("room", "send", work(name))
    assert work.started == ["a", "b", "c"]
    assert lanes.running == 3
    for name in "cba":
        await work.end(name)
    assert lanes.running == 0
    assert not lanes._lanes


async def test_an_edit_waits_for_all_sends_before_it_and_sends_after_it_wait_for_the_edit(
    lanes: Lanes, work: Work
) -> None:
    for name, group in (("send 1", "send"), ("send 2", "send"), ("edit", None), ("send 3", "send"), ("send 4", "send")):
        lanes.run("room", group, work(name))
    assert work.started == ["send 1", "send 2"]
    await work.end("send 2")
    assert "edit" not in work.started, "the first send is still under way"
    await work.end("send 1")
    assert work.started == ["send 1", "send 2", "edit"]
    await work.end("edit")
    assert work.started[3:] == ["send 3"]
    lanes.run("room", "send", work("send 5"))
    assert "send 5" not in work.started, "the fourth is before it"
    await work.end("send 3")
    await work.end("send 4")
    await work.end("send 5")
    assert work.started[3:] == ["send 3", "send 4", "send 5"]
    assert lanes.running == 0
    assert not lanes._lanes
