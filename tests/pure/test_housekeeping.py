"""What a process sees to now and then."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from config import housekeeping
from realtime.protocol.errors import Unavailable


class Pool:
    """Answers as told, one after the other, and then for ever with nothing to do."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.asked = list(answers), 0

    async def run(self, call: Callable[[], int]) -> int:
        assert call is housekeeping.devices_expire
        self.asked += 1
        answer = self.answers.pop(0) if self.answers else 0
        if isinstance(answer, Exception):
            raise answer
        return int(answer)


async def test_it_goes_on_until_nothing_is_left_and_comes_back_whatever_happened(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(housekeeping, "EVERY_S", 0.01)
    pool = Pool(500, 20, 0, Unavailable("away"), 3)
    task = asyncio.create_task(housekeeping.keep_house(pool))
    async with asyncio.timeout(5):
        while pool.asked < 8:
            await asyncio.sleep(0.005)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
