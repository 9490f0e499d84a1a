"""What is being written to slow readers is bounded for the whole process."""

from realtime.product import Replay
from realtime.replay import Written


def replays(size: int) -> dict[str, Replay]:
    return {"room:1": Replay(since=1, head=9, size=size), "room:2": Replay(since=7, head=7)}


def states(of: dict[str, Replay]) -> list[str]:
    return [replay.state for replay in of.values()]


def test_who_comes_when_much_is_being_written_begins_anew_and_what_is_written_counts_no_longer() -> None:
    written = Written(1000)
    first, second, third = replays(700), replays(700), replays(700)
    with written.of(first):
        assert states(first) == ["ok", "ok"]
        with written.of(second):
            assert states(second) == ["reset", "ok"], "what is short is not in the way"
            assert (second["room:1"].head, second["room:1"].reason) == (9, "too_far_behind")
        assert written.bytes == 700
    assert written.bytes == 0
    with written.of(third):
        assert states(third) == ["ok", "ok"]


def test_what_many_get_counts_once_until_the_last_of_them_has_it() -> None:
    written = Written(1000)
    same = replays(700)
    with written.of(dict(same)):
        with written.of(again := dict(same)):
            assert (states(again), written.bytes) == (["ok", "ok"], 700)
        assert written.bytes == 700
    assert written.bytes == 0
