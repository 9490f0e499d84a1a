"""Token buckets."""

import pytest

from realtime.limits import Buckets, Limits


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def buckets(clock: Clock) -> Buckets:
    return Buckets({"send": (5.0, 20), "typing": (1 / 3, 2)}, clock)


def test_a_burst_is_free_and_then_one_waits_as_long_as_one_is_told(buckets: Buckets, clock: Clock) -> None:
    assert [buckets.take("alice", "send") for _ in range(20)] == [0] * 20
    wait_ms = buckets.take("alice", "send")
    assert wait_ms == 200
    clock.now += wait_ms / 1000 - 0.01
    assert buckets.take("alice", "send") > 0
    clock.now += 0.02
    assert buckets.take("alice", "send") == 0


def test_one_persons_flood_is_nobody_elses(buckets: Buckets) -> None:
    while not buckets.take("mallory", "send"):
        pass
    assert buckets.take("alice", "send") == 0
    assert buckets.take("mallory", "typing") == 0


def test_a_rest_fills_the_bucket_and_no_more(buckets: Buckets, clock: Clock) -> None:
    for _ in range(20):
        buckets.take("alice", "send")
    clock.now += 3600
    assert sum(buckets.take("alice", "send") == 0 for _ in range(40)) == 20


def test_full_buckets_are_forgotten_and_others_kept(buckets: Buckets, clock: Clock) -> None:
    buckets.take("bob", "send")
    clock.now += 10
    for _ in range(20):
        buckets.take("alice", "send")
    buckets.forget()
    assert set(buckets._levels) == {("alice", "send")}
    assert buckets.take("alice", "send") > 0


def test_each_rate_comes_from_a_limit() -> None:
    rates = Limits(sends_per_s=2, sends_burst=9, typing_every_s=4, hellos_per_min=60).rates()
    assert {what: rates[what] for what in ("send", "typing", "hello")} == {
        "send": (2, 9),
        "typing": (0.25, 2),
        "hello": (1, 60),
    }
