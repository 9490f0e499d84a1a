"""What is being written to slow readers is bounded for the whole process."""

from types import SimpleNamespace
from typing import Any

from realtime.engine import Engine
from realtime.limits import Limits
from realtime.product import Replay


def engine() -> Any:
    return SimpleNamespace(limits=Limits(replays_bytes=1000), replayed=0)


def replays(size: int) -> dict[str, Replay]:
    return {"room:1": Replay(since=1, head=9, size=size), "room:2": Replay(since=7, head=7)}


def test_who_comes_when_much_is_being_written_begins_anew_and_what_is_written_counts_no_longer() -> None:
    here = engine()
    first, second, third = replays(700), replays(700), replays(700)
    with Engine.replaying(here, first):
        assert [replay.state for replay in first.values()] == ["ok", "ok"]
        with Engine.replaying(here, second):
            assert [replay.state for replay in second.values()] == ["reset", "ok"], "what is short is not in the way"
            assert (second["room:1"].head, second["room:1"].reason) == (9, "too_far_behind")
        assert here.replayed == 700
    assert here.replayed == 0
    with Engine.replaying(here, third):
        assert third["room:1"].state == "ok"
