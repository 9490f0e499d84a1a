"""The circuit breaker, and the deadline of a thread's waiting."""

import threading
import time
from collections.abc import Iterator

import pytest

from realtime import breaker as breakers
from realtime import deadline
from realtime.breaker import PAUSE_S, SPREAD, Breaker
from tests.servers import eventually

QUICK_S = 0.005


class Database:
    """What a probe asks."""

    def __init__(self) -> None:
        self.away = True
        self.asked = 0
        self.at_once = 0
        self.most_at_once = 0

    def __call__(self) -> None:
        self.asked += 1
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(QUICK_S)
        self.at_once -= 1
        if self.away:
            raise ConnectionError


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def breaker(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Breaker]:
    monkeypatch.setattr(breakers, "PAUSE_S", QUICK_S)
    breaker = Breaker("tests", database)
    yield breaker
    breaker.stop()


def test_closed_it_lets_everybody_through(breaker: Breaker, database: Database) -> None:
    assert [breaker.refuses() for _ in range(3)] == [0, 0, 0]
    assert database.asked == 0


def test_one_failure_opens_it_and_whoever_comes_is_told_how_long_to_wait(database: Database) -> None:
    breaker = Breaker("tests", database)
    assert breaker.failed(ConnectionError())
    assert not breaker.failed(ConnectionError()), "it is open already"
    told = {breaker.refuses() for _ in range(50)}
    assert min(told) >= PAUSE_S * 1000
    assert max(told) <= PAUSE_S * 1000 * SPREAD
    assert len(told) > 10, "spread, so that they do not come back together"
    breaker.stop()


def test_it_stays_open_until_a_probe_is_answered(breaker: Breaker, database: Database) -> None:
    breaker.failed(ConnectionError())
    eventually(lambda: database.asked >= 3)
    assert breaker.refuses() > 0
    database.away = False
    eventually(lambda: breaker.refuses() == 0)
    asked = database.asked
    time.sleep(10 * QUICK_S)
    assert database.asked == asked, "closed, it asks no more"


def test_many_failures_are_one_opening_and_one_probe_at_a_time(breaker: Breaker, database: Database) -> None:
    start, opened = threading.Barrier(8), []

    def fail() -> None:
        start.wait()
        opened.append(breaker.failed(ConnectionError()))

    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually(lambda: database.asked >= 5)
    assert (sum(opened), breaker.openings, database.most_at_once) == (1, 1, 1)


def test_an_answer_that_comes_late_closes_it_too(breaker: Breaker) -> None:
    breaker.failed(ConnectionError())
    breaker.close()
    assert breaker.refuses() == 0
    assert breaker.failed(ConnectionError()), "and it opens again"
    assert breaker.openings == 2


def test_stopped_it_asks_no_more(breaker: Breaker, database: Database) -> None:
    breaker.failed(ConnectionError())
    eventually(lambda: database.asked >= 1)
    breaker.stop()
    time.sleep(5 * QUICK_S)
    asked = database.asked
    time.sleep(10 * QUICK_S)
    assert database.asked == asked


def test_a_deadline_is_of_its_thread_and_ends_with_its_block() -> None:
    deadline.waited(1)
    assert deadline.left() == deadline.STATEMENT_S
    elsewhere: list[float] = []
    with deadline.within(2):
        assert deadline.left() == 2
        with deadline.within(0.01):
            deadline.waited(0.02)
            assert deadline.left() == pytest.approx(0.001), "never for ever: 0 and less would mean that"
        assert deadline.left() == 2
        time.sleep(0.02)
        assert deadline.left() == 2, "what is computed meanwhile is no waiting"
        deadline.waited(0.5)
        assert deadline.left() == 1.5
        thread = threading.Thread(target=lambda: elsewhere.append(deadline.left()))
        thread.start()
        thread.join()
    assert elsewhere == [deadline.STATEMENT_S]
    assert deadline.left() == deadline.STATEMENT_S
