"""A topic in one process: the chain, and who gets which part of it."""

import pytest

from realtime.bell import Bell, Encoded, Step
from realtime.topic import MAX_HELD, Record, Topic


class Ear:
    """A socket that remembers."""

    def __init__(self, user: str) -> None:
        self.user = user
        self.topics: list[Topic] = []
        self.heard: list[int] = []

    def feed(self, topic: str, frames: list[tuple[int, Encoded]]) -> None:
        self.heard += [rev for rev, _ in frames]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def topic(clock: Clock) -> Topic:
    topic = Topic("room:1", lambda topic: None, lambda topic, closes: None, clock)
    topic.open(10)
    return topic


@pytest.fixture
def alice() -> Ear:
    return Ear("1")


@pytest.fixture
def bob() -> Ear:
    return Ear("2")


def step(rev: int, leaves: str | None = None) -> Step:
    return Step(rev, Encoded(b"%d" % rev), leaves)


def bell(*revs: int, leaves: str | None = None) -> Bell:
    return Bell("room:1", revs[0] - 1, revs[-1], [step(rev, leaves) for rev in revs])


def test_the_next_in_line_is_delivered_and_the_old_dropped(topic: Topic, alice: Ear) -> None:
    topic.enter(alice, 10)
    assert topic.accept(bell(11))
    assert topic.accept(bell(12, 13))
    assert topic.accept(bell(11))
    assert topic.accept(bell(12, 13))
    topic.flush()
    assert alice.heard == [11, 12, 13]


def test_what_comes_too_early_is_held_until_the_gap_is_closed(topic: Topic, alice: Ear) -> None:
    topic.enter(alice, 10)
    assert not topic.accept(bell(13))
    assert not topic.accept(bell(12))
    topic.flush()
    assert alice.heard == []
    assert topic.accept(bell(11))
    topic.flush()
    assert alice.heard == [11, 12, 13]
    assert topic.held == []


def test_a_bell_without_frames_is_a_gap_to_be_read(topic: Topic) -> None:
    assert not topic.accept(Bell("room:1", 10, 11, None))
    assert topic.held
    assert topic.position == 10


def test_what_is_held_is_bounded(topic: Topic) -> None:
    for rev in range(20, 20 + MAX_HELD + 5):
        topic.accept(bell(rev))
    assert len(topic.held) <= MAX_HELD


def test_bells_that_come_while_it_is_opened_follow_its_head(alice: Ear, clock: Clock) -> None:
    topic = Topic("room:1", lambda topic: None, lambda topic, closes: None, clock)
    for rev in (10, 11, 12):
        assert topic.accept(bell(rev))
    topic.open(11)
    assert topic.position == 12


def test_who_enters_gets_nothing_that_was_pending_and_who_leaves_gets_all_of_it(
    topic: Topic, alice: Ear, bob: Ear
) -> None:
    topic.enter(alice, 10)
    topic.apply(step(11))
    topic.enter(bob, 10)
    topic.apply(step(12))
    topic.apply(step(13, leaves="1"))
    topic.apply(step(14))
    topic.flush()
    assert alice.heard == [11, 12, 13]
    assert bob.heard == [12, 13, 14]


def test_a_socket_allowed_ahead_of_the_hub_begins_exactly_there(topic: Topic, alice: Ear) -> None:
    assert topic.enter(alice, 12) == 12
    for rev in (11, 12, 13):
        topic.apply(step(rev))
    topic.flush()
    assert alice.heard == [13]


def test_a_waiting_socket_keeps_its_place_when_it_is_allowed_again_later(topic: Topic, alice: Ear) -> None:
    topic.enter(alice, 12)
    assert topic.enter(alice, 14) == 12
    for rev in range(11, 16):
        topic.apply(step(rev))
    topic.flush()
    assert alice.heard == [13, 14, 15]


def test_an_entry_older_than_a_removal_is_void(topic: Topic, alice: Ear) -> None:
    assert topic.enter(alice, 10) == 10
    topic.apply(step(11, leaves="1"))
    assert topic.enter(alice, 10) is None
    topic.apply(step(12))
    topic.flush()
    assert alice.heard == [11]
    assert topic.enter(alice, 12) == 12


def test_out_and_in_again_known_before_the_room_says_so(topic: Topic, alice: Ear) -> None:
    """Her own log was quicker: she was let in at 15 while the room is at 10 and does not know that she left at 11."""
    topic.enter(alice, 10)
    topic.enter(alice, 15)
    topic.apply(step(11, leaves="1"))
    for rev in range(12, 18):
        topic.apply(step(rev))
    topic.flush()
    assert alice.heard == [11, 16, 17]


def test_out_and_in_again_and_something_more_read_of_her(topic: Topic, alice: Ear) -> None:
    topic.enter(alice, 10)
    topic.enter(alice, 13)
    topic.enter(alice, 15)
    for rev in range(11, 18):
        topic.apply(step(rev, leaves="1" if rev == 11 else None))
    topic.flush()
    assert alice.heard == [11, 14, 15, 16, 17], "she was first told of the room at 13"


def test_a_socket_knows_each_topic_it_is_in_once(topic: Topic, alice: Ear) -> None:
    for head in (10, 15):
        topic.enter(alice, head)
        topic.begin(alice, head)
    assert alice.topics == [topic]
    topic.apply(step(11, leaves="1"))
    assert alice.topics == [topic], "she was let in again at 15"
    topic.apply(step(16, leaves="1"))
    assert alice.topics == []
    topic.enter(alice, 17)
    assert alice.topics == [topic]


def test_removals_are_forgotten_after_a_minute_and_older_entries_void_for_all(
    topic: Topic, alice: Ear, bob: Ear, clock: Clock
) -> None:
    topic.apply(step(11, leaves="1"))
    topic.apply(step(12))
    assert topic.enter(bob, 10) is not None
    clock.now = 61
    topic.forget()
    assert topic.removals == {}
    assert topic.enter(alice, 10) is None
    assert topic.enter(bob, 10) is None
    assert topic.enter(alice, 12) == 12


def test_what_was_read_is_not_written_again(topic: Topic, alice: Ear, bob: Ear) -> None:
    topic.enter(alice, 10)
    topic.enter(bob, 10)
    topic.skip(alice, 12)
    for rev in (11, 12, 13):
        topic.apply(step(rev))
    topic.flush()
    assert alice.heard == [13]
    assert bob.heard == [11, 12, 13]


def test_a_record_has_all_that_is_delivered_after_it_began(topic: Topic, alice: Ear) -> None:
    topic.enter(alice, 10)
    topic.apply(step(11))
    record = Record(topic)
    topic.apply(step(12))
    topic.apply(step(13))
    topic.flush()
    record.end()
    topic.apply(step(14))
    topic.flush()
    assert [rev for rev, _ in record.frames] == [12, 13]
    assert alice.heard == [11, 12, 13, 14]


def test_a_topic_given_up_goes_on_from_the_head(topic: Topic, alice: Ear, bob: Ear) -> None:
    topic.enter(alice, 10)
    topic.enter(bob, 15)
    topic.accept(bell(14))
    topic.jump(20)
    assert not topic.held
    topic.apply(step(21))
    topic.flush()
    assert alice.heard == bob.heard == [21]
    assert topic.enter(Ear("3"), 19) is None, "before the jump nothing is known of removals"
