"""The heartbeat of a device that keeps losing its sockets, and what is kept of it."""

import pytest

from realtime import losses
from realtime.losses import Losses


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_two_losses_in_five_minutes_make_a_network_lossy_until_ten_quiet_ones(clock: Clock) -> None:
    lost = Losses(clock)
    lost.note("phone")
    assert lost.heartbeat("phone", "auto") == "lan"
    clock.now = 299
    lost.note("phone")
    assert lost.heartbeat("phone", "auto") == "lossy"
    assert lost.heartbeat("phone", "lan") == "lan"
    assert lost.heartbeat("laptop", "auto") == "lan"
    clock.now += 600
    assert lost.heartbeat("phone", "auto") == "lossy"
    clock.now += 1
    assert lost.heartbeat("phone", "auto") == "lan"


def test_losses_far_apart_are_chance(clock: Clock) -> None:
    lost = Losses(clock)
    for clock.now in (0, 301, 900):
        lost.note("phone")
        assert lost.heartbeat("phone", "auto") == "lan"


def test_what_is_kept_is_bounded_in_time_and_in_number(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(losses, "DEVICES", 3)
    lost = Losses(clock)
    for number in range(10):
        lost.note(f"d{number}")
    assert len(lost) == 3
    for _twice in range(2):
        lost.note("d7")
    lost.note("d10")
    lost.note("d11")
    assert lost.heartbeat("d7", "auto") == "lossy"
    clock.now = 601
    lost.note("new")
    assert len(lost) == 1
