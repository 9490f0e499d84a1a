"""The circuit breaker, and the deadline of a thread's waiting."""

import threading
import time

import pytest

from realtime import breaker as breakers
from realtime import deadline
from realtime.breaker import PAUSE_S, PROBE_S, SPREAD, Breaker


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(clock)


def test_closed_it_lets_everybody_through(breaker: Breaker) -> None:
    assert [breaker.refuses() for _ in range(3)] == [0, 0, 0]
    assert not breaker.succeeded(), "it was never open"


def test_one_failure_opens_it_and_whoever_comes_is_told_how_long_to_wait(breaker: Breaker) -> None:
    assert breaker.failed()
    assert not breaker.failed(), "it is open already"
    told = {breaker.refuses() for _ in range(50)}
    assert min(told) >= PAUSE_S * 1000
    assert max(told) <= PAUSE_S * 1000 * SPREAD
    assert len(told) > 10, "spread, so that they do not come back together"


def test_after_a_pause_one_call_is_let_through_and_no_second(breaker: Breaker, clock: Clock) -> None:
    breaker.failed()
    clock.now += PAUSE_S
    assert breaker.refuses() == 0
    assert breaker.refuses() > 0
    clock.now += PROBE_S - 1
    assert breaker.refuses() > 0, "the probe may still be waiting"


def test_a_probe_that_is_answered_closes_it_for_all(breaker: Breaker, clock: Clock) -> None:
    breaker.failed()
    clock.now += PAUSE_S
    assert breaker.refuses() == 0
    assert breaker.succeeded()
    assert [breaker.refuses() for _ in range(3)] == [0, 0, 0]
    assert breaker.openings == 1


def test_a_probe_that_fails_costs_another_pause(breaker: Breaker, clock: Clock) -> None:
    breaker.failed()
    clock.now += PAUSE_S
    breaker.refuses()
    breaker.failed()
    assert breaker.refuses() > 0
    clock.now += PAUSE_S
    assert breaker.refuses() == 0


def test_a_probe_that_is_never_heard_of_again_is_not_the_last(breaker: Breaker, clock: Clock) -> None:
    breaker.failed()
    clock.now += PAUSE_S
    assert breaker.refuses() == 0
    clock.now += PROBE_S
    assert breaker.refuses() == 0


def test_of_many_threads_one_is_let_through(breaker: Breaker, clock: Clock) -> None:
    breaker.failed()
    clock.now += breakers.PAUSE_S
    start, let = threading.Barrier(8), []

    def ask() -> None:
        start.wait()
        let.append(breaker.refuses() == 0)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(let) == 1


def test_a_deadline_is_of_its_thread_and_ends_with_its_block() -> None:
    assert deadline.left() == deadline.STATEMENT_S
    elsewhere: list[float] = []
    with deadline.within(2):
        assert 1.5 < deadline.left() <= 2
        with deadline.within(0.01):
            time.sleep(0.02)
            assert deadline.left() == pytest.approx(0.001), "never for ever: 0 and less would mean that"
        assert 1.5 < deadline.left() <= 2
        thread = threading.Thread(target=lambda: elsewhere.append(deadline.left()))
        thread.start()
        thread.join()
    assert elsewhere == [deadline.STATEMENT_S]
    assert deadline.left() == deadline.STATEMENT_S
