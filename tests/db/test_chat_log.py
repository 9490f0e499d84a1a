"""The logs as the engine reads them: heads, and what changed after a rev."""

import datetime
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from accounts.models import PersonHead, User
from chat.models import Membership, Room, RoomHead
from chat.selectors import log, room_log, user_log
from chat.selectors.epoch import epoch_value
from chat.services.epoch import epoch_renew
from chat.services.membership import member_add, member_remove, member_update
from chat.services.message import message_delete, message_edit, messages_append
from chat.services.room import room_update
from realtime.product import Identity, Replay
from realtime.protocol.errors import Unauthenticated
from tests.alone import alone
from tests.chat import direct, draft, head, join, read, room, say


def _me(person: User) -> Identity:
    return Identity(user=str(person.pk), device="")


def _replay(reader: User | None, room_id: int, since: int, budget: int = 2000) -> Replay:
    topic = f"room:{room_id}"
    return log.replay(None if reader is None else _me(reader), {topic: since}, budget)[topic]


def _told(replay: Replay) -> list[tuple[str, int]]:
    at = replay.since
    for event in replay.events:
        assert event.prev == at < event.rev <= replay.head
        at = event.rev
    return [(event.type, event.rev) for event in replay.events]


def test_a_replay_tells_each_changed_row_once_in_rev_order(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    say(alice, lounge, "before")
    since = head(lounge)[0]
    say(alice, lounge, "two")
    say(bob, lounge, "three")
    message_edit(actor=alice, room_id=lounge, seq=2, text="zwei")
    message_edit(actor=alice, room_id=lounge, seq=2, text="deux")
    message_edit(actor=alice, room_id=lounge, seq=1, text="edited")
    message_delete(actor=bob, room_id=lounge, seq=3)
    replay = _replay(bob, lounge, since)
    assert _told(replay) == [
        ("message.created", since + 4),
        ("message.updated", since + 5),
        ("message.deleted", since + 6),
    ]
    assert [event.message.text for event in replay.events] == ["deux", "edited", ""]
    assert (replay.state, replay.head, replay.more) == ("ok", since + 6, False)


def test_from_the_very_beginning_a_replay_tells_the_whole_state(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    say(alice, lounge)
    assert _told(_replay(alice, lounge, 0)) == [
        ("room.updated", 1),
        ("member.joined", 2),
        ("member.joined", 3),
        ("message.created", 4),
    ]


def test_an_up_to_date_cursor_is_told_nothing(alice: User) -> None:
    lounge = room(alice)
    replay = _replay(alice, lounge, head(lounge)[0])
    assert (replay.events, replay.state, replay.head) == ([], "ok", head(lounge)[0])


def test_stints_are_told_as_joined_updated_and_left(alice: User, bob: User, carol: User) -> None:
    lounge = room(alice)
    since = head(lounge)[0]
    member_add(actor=alice, room_id=lounge, user_id=bob.pk)  # +1
    member_update(actor=alice, room_id=lounge, user_id=bob.pk, role="moderator")  # +2
    member_add(actor=alice, room_id=lounge, user_id=carol.pk)  # +3
    member_remove(actor=alice, room_id=lounge, user_id=carol.pk)  # +4
    member_update(actor=alice, room_id=lounge, user_id=bob.pk, role="owner")  # +5
    member_add(actor=alice, room_id=lounge, user_id=carol.pk)  # +6
    replay = _replay(alice, lounge, since)
    assert _told(replay) == [
        ("member.joined", since + 1),
        ("member.joined", since + 3),
        ("member.left", since + 4),
        ("member.updated", since + 5),
        ("member.joined", since + 6),
    ]
    assert [event.membership.user.id for event in replay.events] == [
        str(person.pk) for person in (bob, carol, carol, bob, carol)
    ]
    assert _told(_replay(alice, lounge, since + 3))[0] == ("member.left", since + 4)
    assert _told(_replay(alice, lounge, since + 1))[-2:] == [
        ("member.updated", since + 5),
        ("member.joined", since + 6),
    ]


def test_a_row_that_moves_on_while_the_replay_is_read_comes_later(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lounge = room(alice, bob)
    since = head(lounge)[0]
    say(alice, lounge, "one")
    say(alice, lounge, "two")
    heads = room_log._heads

    def heads_then_a_change(*given: object) -> Iterator[RoomHead]:
        rows = list(heads(*given))
        if head(lounge)[0] == since + 2:
            message_edit(actor=alice, room_id=lounge, seq=1, text="later")
            say(bob, lounge, "three")
        return iter(rows)

    monkeypatch.setattr(room_log, "_heads", heads_then_a_change)
    first = _replay(bob, lounge, since)
    assert _told(first) == [("message.created", since + 2)]
    assert first.head == since + 2
    assert _told(_replay(bob, lounge, first.head)) == [("message.updated", since + 3), ("message.created", since + 4)]


def test_who_has_no_open_stint_is_told_that_the_room_is_gone(alice: User, bob: User, mallory: User) -> None:
    lounge = room(alice, bob, kind="public")
    say(alice, lounge)
    assert _replay(bob, lounge, 0).state == "ok"
    member_remove(actor=alice, room_id=lounge, user_id=bob.pk)
    for person in (bob, mallory):
        gone = _replay(person, lounge, 0)
        assert (gone.state, gone.events) == ("gone", [])
    assert _replay(bob, 2**50, 0).state == "gone"
    join(bob, lounge)
    assert len(_replay(bob, lounge, 0).events) == 6  # settings, alice, bob in and out, the message, bob in


def test_the_engine_itself_reads_everything(alice: User) -> None:
    lounge = room(alice)
    assert _told(_replay(None, lounge, 0)) == [("room.updated", 1), ("member.joined", 2)]


def test_a_cursor_that_cannot_be_followed_is_reset(alice: User) -> None:
    lounge = room(alice)
    for _ in range(5):
        say(alice, lounge)
    rev = head(lounge)[0]
    above = _replay(alice, lounge, rev + 1)
    assert (above.state, above.reason, above.head, above.events) == ("reset", "cursor_above_head", rev, [])
    RoomHead.objects.filter(pk=lounge).update(floor_rev=4)
    below = _replay(alice, lounge, 3)
    assert (below.state, below.reason, below.head) == ("reset", "below_floor", rev)
    assert _replay(alice, lounge, 4).state == "ok"


def test_what_is_over_the_budget_is_reset_the_most_recent_rooms_first(alice: User) -> None:
    old, large, new = room(alice), room(alice), room(alice)
    say(alice, old)
    messages_append(drafts=[draft(alice, large) for _ in range(20)])
    say(alice, new)
    wants = {f"room:{at}": 2 for at in (old, large, new)}
    replays = log.replay(_me(alice), wants, 10)
    assert [replays[f"room:{at}"].state for at in (old, large, new)] == ["ok", "reset", "ok"]
    assert replays[f"room:{large}"].reason == "too_far_behind"
    assert replays[f"room:{large}"].head == head(large)[0]
    assert [log.replay(_me(alice), wants, 1)[f"room:{at}"].state for at in (old, new)] == ["reset", "ok"]


def test_so_is_what_is_too_much_to_keep_in_memory(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    small, large, new = room(alice), room(alice), room(alice)
    say(alice, small)
    messages_append(drafts=[draft(alice, large, "x" * 2000) for _ in range(20)])
    say(alice, new)
    wants = {f"room:{at}": 2 for at in (small, large, new)}
    monkeypatch.setattr(room_log, "BYTES_MAX", 1_000_000)
    assert [replay.state for replay in log.replay(_me(alice), wants, 2000).values()] == ["ok"] * 3
    monkeypatch.setattr(room_log, "BYTES_MAX", 10_000)
    replays = log.replay(_me(alice), wants, 2000)
    assert [replays[f"room:{at}"].state for at in (small, large, new)] == ["ok", "reset", "ok"]
    assert replays[f"room:{large}"].reason == "too_far_behind"
    # One room alone is read on in steps.
    at, steps = 2, []
    while True:
        replay = _replay(alice, large, at)
        assert replay.size < 10_000 + 5000
        steps += _told(replay)
        at = replay.head
        if not replay.more:
            break
    assert [rev for _kind, rev in steps] == list(range(3, 23))
    assert at == head(large)[0]


@pytest.mark.parametrize("budget", [1, 2, 3, 7, 100])
def test_one_room_alone_is_read_on_in_steps_and_nothing_is_lost(alice: User, bob: User, budget: int) -> None:
    lounge = room(alice)
    since = head(lounge)[0]
    messages_append(drafts=[draft(alice, lounge) for _ in range(4)])
    member_add(actor=alice, room_id=lounge, user_id=bob.pk)
    messages_append(drafts=[draft(alice, lounge) for _ in range(3)])
    member_update(actor=alice, room_id=lounge, user_id=bob.pk, role="moderator")
    room_update(actor=alice, room_id=lounge, topic="x")
    message_edit(actor=alice, room_id=lounge, seq=2, text="x")
    whole, steps, at = _replay(alice, lounge, since), [], since
    for _ in range(20):
        replay = _replay(alice, lounge, at, budget)
        assert len(replay.events) <= budget
        steps += _told(replay)
        assert replay.head > at
        at = replay.head
        if not replay.more:
            break
    assert at == whole.head == head(lounge)[0]
    # A stint's `joined` may be left out where its row comes later anyway, as `updated`.
    told = {rev for _kind, rev in steps}
    assert {kind for kind, rev in _told(whole) if rev not in told} <= {"member.joined"}
    assert [rev for _kind, rev in steps] == sorted({rev for _kind, rev in steps})


def test_any_number_of_topics_takes_the_same_number_of_queries(alice: User, bob: User) -> None:
    def queries(wants: dict[str, int], reader: Identity | None) -> int:
        with CaptureQueriesContext(connection) as caught:
            replays = log.replay(reader, wants, 2000)
        assert all(replay.state == "ok" and replay.events for replay in replays.values())
        return len(caught)

    rooms = [room(alice, bob) for _ in range(200)]
    messages_append(drafts=[draft(bob, at) for at in rooms])
    wants = {f"room:{at}": 2 for at in rooms}
    assert queries(dict(list(wants.items())[:10]), _me(alice)) == queries(wants, _me(alice)) == 4
    own = {f"user:{person.pk}": 0 for person in (alice, bob)}
    assert queries({f"user:{alice.pk}": 0}, None) == queries(own, None) <= 6


def test_five_hundred_cursors_are_followed(alice: User) -> None:
    owner_rows = []
    Room.objects.bulk_create(
        [
            Room(kind="private", name=f"r{number}", name_key=f"r{number}", created_by=alice, rev=1)
            for number in range(500)
        ]
    )
    rooms = list(Room.objects.all())
    RoomHead.objects.bulk_create([RoomHead(room=at, rev=2) for at in rooms])
    owner_rows = [Membership(room=at, user=alice, joined_rev=2, rev=2, user_rev=0) for at in rooms]
    Membership.objects.bulk_create(owner_rows)
    replays = log.replay(_me(alice), {f"room:{at.pk}": 1 for at in rooms}, 2000)
    assert len(replays) == 500
    assert all(_told(replay) == [("member.joined", 2)] for replay in replays.values())


def test_a_persons_log_is_hers_alone(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    topic = f"user:{bob.pk}"
    assert log.replay(_me(alice), {topic: 0}, 10)[topic].state == "gone"
    (state,) = log.replay(_me(bob), {topic: 0}, 10)[topic].events
    assert (state.prev, state.rev, [entry.id for entry in state.rooms]) == (0, 1, [str(lounge)])
    assert state.me.handle == "bob"


def test_a_persons_log_tells_what_is_open_and_what_is_left(alice: User, bob: User) -> None:
    stays, goes, returns = (room(alice, bob) for _ in range(3))
    topic, since = f"user:{bob.pk}", PersonHead.objects.get(pk=bob.pk).rev
    say(alice, stays)
    read(bob, stays, 1)
    for at in (goes, returns):
        member_remove(actor=alice, room_id=at, user_id=bob.pk)
    member_add(actor=alice, room_id=returns, user_id=bob.pk)
    replay = log.replay(None, {topic: since}, 10)[topic]
    (state,) = replay.events
    assert (state.prev, state.rev, replay.head) == (since, since + 4, since + 4)
    assert {entry.id for entry in state.rooms} == {str(stays), str(returns)}
    assert state.left == [str(goes)]
    assert log.replay(None, {topic: since + 4}, 10)[topic].events == []
    ahead = log.replay(None, {topic: since + 5}, 10)[topic]
    assert (ahead.state, ahead.reason) == ("reset", "cursor_above_head")


def test_a_room_is_told_of_even_if_she_reads_in_it_while_her_log_is_read(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The read position that comes live says nothing of the room, and the row is no more in (since, head]."""
    lounge = room(alice)
    say(alice, lounge)
    topic, since = f"user:{bob.pk}", PersonHead.objects.get(pk=bob.pk).rev
    member_add(actor=alice, room_id=lounge, user_id=bob.pk)
    say(alice, lounge)
    rows_between = user_log.rows_between

    def rows_after_a_change(model: type[Any], **given: Any) -> list[Any]:
        read(bob, lounge, 2)
        return rows_between(model, **given)

    monkeypatch.setattr(user_log, "rows_between", rows_after_a_change)
    replay = log.replay(None, {topic: since}, 10)[topic]
    (state,) = replay.events
    assert (state.prev, state.rev, replay.head) == (since, since + 1, since + 1)
    assert [entry.id for entry in state.rooms] == [str(lounge)]


def test_a_deactivated_person_is_told_so(bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    PersonHead.objects.filter(pk=bob.pk).update(rev=1)
    topic = f"user:{bob.pk}"
    (state,) = log.replay(None, {topic: 0}, 10)[topic].events
    assert state.disabled
    assert state.closes == {"*": 4504}


def test_topics_are_ones_own_and_the_rooms_of_open_stints_with_their_heads(alice: User, bob: User) -> None:
    lounge, den = room(alice, bob), room(alice, bob)
    member_remove(actor=alice, room_id=den, user_id=bob.pk)
    rev = PersonHead.objects.get(pk=bob.pk).rev
    assert alone(log.topics, _me(bob)) == {f"user:{bob.pk}": rev, f"room:{lounge}": head(lounge)[0]}


def test_a_greeting_has_the_person_her_rooms_and_where_their_logs_stand(alice: User, bob: User) -> None:
    lounge, pair = room(alice, bob), direct(alice, bob)
    say(alice, lounge)
    greeting = alone(log.greetings, _me(bob))
    rev = PersonHead.objects.get(pk=bob.pk).rev
    assert (greeting.user.handle, greeting.user.rev, greeting.epoch) == ("bob", rev, epoch_value())
    assert {room.id: (room.rev, room.unread) for room in greeting.rooms} == {str(lounge): (4, 1), str(pair): (3, 0)}
    assert greeting.heads == {f"user:{bob.pk}": rev, f"room:{lounge}": 4, f"room:{pair}": 3}
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(Unauthenticated):
        alone(log.greetings, _me(bob))


def test_heads_of_some_topics_or_of_what_changed_lately(alice: User, bob: User) -> None:
    lounge, den = room(alice, bob), room(alice)
    assert log.heads([f"room:{lounge}", f"user:{bob.pk}", "room:1125899906842624"]).revs == {
        f"room:{lounge}": 3,
        f"user:{bob.pk}": 1,
    }
    lately = log.heads(None)
    assert lately.epoch == epoch_value() != ""
    assert lately.revs[f"room:{den}"] == 2
    RoomHead.objects.filter(pk=den).update(changed_at=Now() - datetime.timedelta(seconds=40))
    PersonHead.objects.filter(pk=bob.pk).update(changed_at=Now() - datetime.timedelta(seconds=40))
    lately = log.heads(None)
    assert f"room:{den}" not in lately.revs
    assert f"user:{bob.pk}" not in lately.revs
    assert lately.revs[f"room:{lounge}"] == 3
    say(alice, den)
    assert log.heads(None).revs[f"room:{den}"] == 3


def test_heads_take_three_queries_at_most_whatever_is_asked(alice: User) -> None:
    rooms = [f"room:{room(alice)}" for _ in range(20)]
    for topics in (None, rooms[:1], rooms):
        with CaptureQueriesContext(connection) as caught:
            log.heads(topics)
        assert len(caught) <= 3


def test_standing_says_who_may_be_in_a_topic_now(alice: User, bob: User, mallory: User) -> None:
    lounge = room(alice, bob)
    everybody = [str(person.pk) for person in (alice, bob, mallory)]
    standing = log.standing(f"room:{lounge}", everybody)
    assert (standing.head, standing.users) == (3, frozenset({str(alice.pk), str(bob.pk)}))
    member_remove(actor=alice, room_id=lounge, user_id=bob.pk)
    assert log.standing(f"room:{lounge}", everybody).users == {str(alice.pk)}
    nobody = log.standing(f"room:{lounge}", [str(mallory.pk)])
    assert (nobody.head, nobody.users) == (4, frozenset())
    own = log.standing(f"user:{bob.pk}", everybody)
    assert (own.head, own.users) == (PersonHead.objects.get(pk=bob.pk).rev, frozenset({str(bob.pk)}))
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert log.standing(f"room:{lounge}", everybody).users == frozenset()
    assert log.standing(f"user:{alice.pk}", everybody).users == frozenset()


def test_presence_is_followed_by_people_who_share_a_room(alice: User, bob: User, carol: User, mallory: User) -> None:
    lounge = room(alice, bob, carol)
    everybody = [str(person.pk) for person in (alice, bob, carol, mallory)]
    assert log.may_watch(_me(bob), everybody) == {str(person.pk) for person in (alice, bob, carol)}
    assert log.may_watch(_me(mallory), everybody) == {str(mallory.pk)}
    member_remove(actor=alice, room_id=lounge, user_id=carol.pk)
    assert log.may_watch(_me(bob), everybody) == {str(alice.pk), str(bob.pk)}


def test_another_epoch_is_another_text(db: None) -> None:
    before = epoch_value()
    assert before
    assert epoch_renew() == epoch_value() != before
    called = StringIO()
    before = epoch_value()
    call_command("new_epoch", stdout=called)
    assert epoch_value() != before
    assert epoch_value() in called.getvalue()
