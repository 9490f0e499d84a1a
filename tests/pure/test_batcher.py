"""Group commit."""

import asyncio
import time
from collections.abc import Sequence

import pytest

from realtime import batcher as batchers
from realtime.batcher import Batcher
from realtime.protocol.errors import Conflict, Internal, NotFound, ParleyError, Unavailable


class Store:
    """Commits batches when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.fails: Exception | None = None

    async def flush(self, items: Sequence[str]) -> Sequence[str | ParleyError]:
        await self.gate.wait()
        self.batches.append(list(items))
        if self.fails is not None:
            raise self.fails
        return [NotFound() if item == "bad" else f"{item} stored" for item in items]


async def test_an_idle_writer_starts_at_once_and_the_next_batch_gathers_meanwhile() -> None:
    store = Store()
    store.gate.clear()
    batcher = Batcher(store.flush)
    first = batcher.submit("a", "1")
    await asyncio.sleep(0)
    rest = [batcher.submit("a", str(number)) for number in range(2, 6)]
    store.gate.set()
    assert await asyncio.gather(first, *rest) == [f"{number} stored" for number in range(1, 6)]
    assert store.batches == [["1"], ["2", "3", "4", "5"]]


async def test_the_same_key_keeps_its_order_over_many_batches_and_writers() -> None:
    store = Store()
    batcher = Batcher(store.flush, writers=3, most=7)
    await asyncio.gather(*(batcher.submit(f"room {n % 5}", f"{n % 5} {n:03}") for n in range(200)))
    for room in range(5):
        stored = [item for batch in store.batches for item in batch if item.startswith(f"{room} ")]
        assert len(stored) == 40
        assert stored == sorted(stored)
    assert max(map(len, store.batches)) <= 7


async def test_a_batch_ends_with_what_makes_it_too_heavy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batchers, "MAX_BATCH_BYTES", 10)
    store = Store()
    batcher = Batcher(store.flush, weigh=len)
    items = ["1", *["x" * 6] * 5, "y" * 100, "2", "3"]
    await asyncio.gather(*(batcher.submit("a", item) for item in items))
    assert [item for batch in store.batches for item in batch] == items
    assert store.batches == [["1", "x" * 6, "x" * 6], ["x" * 6] * 2, ["x" * 6, "y" * 100], ["2", "3"]]


async def test_what_is_refused_fails_alone() -> None:
    batcher = Batcher(Store().flush)
    answers = await asyncio.gather(*(batcher.submit("a", item) for item in ("1", "bad", "2")), return_exceptions=True)
    assert answers[0] == "1 stored"
    assert answers[2] == "2 stored"
    assert isinstance(answers[1], NotFound)


@pytest.mark.parametrize(
    ("failure", "told"), [(Conflict(), Conflict), (Unavailable(), Unavailable), (ValueError("a bug"), Internal)]
)
async def test_one_failure_is_told_to_all_of_the_batch_and_to_nobody_after_it(
    failure: Exception, told: type[ParleyError]
) -> None:
    store = Store()
    store.fails = failure
    batcher = Batcher(store.flush)
    answers = await asyncio.gather(*(batcher.submit("a", item) for item in "123"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [told] * 3
    store.fails = None
    assert await batcher.submit("a", "4") == "4 stored"


async def test_an_answer_too_few_is_a_failure_and_nobody_waits_for_ever() -> None:
    async def forgetful(items: Sequence[str]) -> Sequence[str]:
        return list(items[1:])

    batcher: Batcher[str, str] = Batcher(forgetful)
    async with asyncio.timeout(1):
        answers = await asyncio.gather(*(batcher.submit("a", item) for item in "123"), return_exceptions=True)
    assert [type(answer) for answer in answers] == [Internal] * 3


async def test_too_much_waiting_is_refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batchers, "MAX_WAITING", 3)
    store = Store()
    store.gate.clear()
    batcher = Batcher(store.flush)
    taken = [batcher.submit("a", "0")]
    await asyncio.sleep(0)
    taken += [batcher.submit("a", item) for item in "123"]
    with pytest.raises(Unavailable) as refused:
        batcher.submit("a", "4")
    assert refused.value.retry_ms
    store.gate.set()
    assert await asyncio.gather(*taken) == [f"{number} stored" for number in range(4)]


async def test_what_waits_too_long_is_not_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow database: an answer at once is worth more than a place in a queue that does not move."""
    monkeypatch.setattr(batchers, "MAX_WAITING_S", 0.05)
    store = Store()
    store.gate.clear()
    batcher = Batcher(store.flush)
    taken = [batcher.submit("a", "0")]
    await asyncio.sleep(0.1)
    taken.append(batcher.submit("a", "1"))
    assert batcher.waiting == 1, "the one under way has not waited"
    await asyncio.sleep(0.1)
    with pytest.raises(Unavailable) as refused:
        batcher.submit("a", "2")
    assert refused.value.retry_ms
    assert 500 <= refused.value.retry_ms <= 1000
    store.gate.set()
    assert await asyncio.gather(*taken) == ["0 stored", "1 stored"]
    assert await batcher.submit("a", "3") == "3 stored"


async def test_an_idle_writer_does_not_wait_for_company() -> None:
    batcher = Batcher(Store().flush)
    took = []
    for _ in range(21):
        begun = time.monotonic()
        await batcher.submit("a", "1")
        took.append(time.monotonic() - begun)
    assert sorted(took)[10] < 0.005, "half of them; this machine may have a hiccup"


async def test_a_key_always_has_the_same_writer_and_no_two_batches_of_its_at_once() -> None:
    under_way: dict[str, int] = dict.fromkeys("abcdefgh", 0)

    async def flush(items: Sequence[str]) -> Sequence[str]:
        for key in set(items):
            under_way[key] += 1
            assert under_way[key] == 1, "another writer has it"
        await asyncio.sleep(0.002)
        for key in set(items):
            under_way[key] -= 1
        return items

    batcher: Batcher[str, str] = Batcher(flush, writers=4)
    waiting = []
    for turn in range(300):
        waiting.append(batcher.submit("abcdefgh"[turn % 8], "abcdefgh"[turn % 8]))
        if turn % 3 == 0:
            await asyncio.sleep(0)
    assert len(await asyncio.gather(*waiting)) == 300


async def test_who_stopped_waiting_does_not_spoil_it_for_the_others() -> None:
    store = Store()
    store.gate.clear()
    batcher = Batcher(store.flush)
    gone, there = batcher.submit("a", "1"), batcher.submit("a", "2")
    gone.cancel()
    store.gate.set()
    assert await there == "2 stored"
    await batcher.drain()
    assert store.batches == [["1", "2"]]
