"""Who may wait at the door, and when nobody else is let in."""

import pytest

from realtime.lag import LOOKS, LoopLag
from realtime.limits import Limits
from realtime.lobby import Lobby

LIMITS = Limits(unidentified=5, unidentified_per_address=3, anonymous_per_address=2)


@pytest.fixture
def lobby() -> Lobby:
    return Lobby(LIMITS)


def test_each_address_has_so_many_places_and_all_together_too(lobby: Lobby) -> None:
    assert [lobby.enter("a", anonymous=False) for _ in range(4)] == [None] * 3 + [
        "too many sockets without a word from this address"
    ]
    assert [lobby.enter("b", anonymous=False) for _ in range(3)] == [None] * 2 + ["too many sockets without a word"]
    assert len(lobby) == 5


def test_without_a_proof_there_are_fewer_and_a_proof_needs_none_of_them(lobby: Lobby) -> None:
    assert [lobby.enter("a", anonymous=True) for _ in range(3)] == [None] * 2 + ["too many sockets without identity"]
    assert lobby.enter("a", anonymous=False) is None
    assert lobby.anonymous == {"a": 2}


def test_who_was_refused_is_not_counted_and_who_leaves_makes_room(lobby: Lobby) -> None:
    for _ in range(9):
        lobby.enter("a", anonymous=False)
    assert len(lobby) == 3
    for _ in range(3):
        lobby.leave("a", anonymous=False)
    assert [lobby.enter("a", anonymous=True) for _ in range(2)] == [None, None]
    lobby.leave("a", anonymous=True)
    lobby.leave("a", anonymous=True)
    assert (len(lobby), dict(lobby.anonymous), dict(lobby._here)) == (0, {}, {}), "nothing is kept of them"


def test_one_long_turn_of_the_loop_is_no_overload() -> None:
    lag = LoopLag(0.5)
    assert not lag.overloaded
    for late in (5.0, 0.0, 5.0, 5.0, 0.4):
        lag.look(late)
        assert not lag.overloaded


def test_late_all_the_time_is_and_one_good_look_ends_it() -> None:
    lag = LoopLag(0.5)
    for _ in range(LOOKS - 1):
        lag.look(0.6)
        assert not lag.overloaded
    lag.look(0.6)
    assert lag.overloaded
    lag.look(0.1)
    assert not lag.overloaded
