"""How far people have read."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import PersonHead, User
from chat.services.membership import member_remove
from chat.services.message import message_delete
from chat.services.read import Mark, reads_mark
from realtime.protocol.errors import Forbidden, NotFound
from tests.accounts import heard
from tests.chat import head, join, open_stint, read, room, say


def _rev(person: User) -> int:
    return PersonHead.objects.get(pk=person.pk).rev


def test_a_position_moves_forward_and_never_back_nor_past_the_end(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    for _ in range(5):
        say(alice, lounge)
    assert [read(bob, lounge, seq).seq for seq in (2, 1, 4, 0, 99, 3)] == [2, 2, 4, 4, 5, 5]
    assert open_stint(bob, lounge).read_seq == 5


def test_a_move_takes_a_rev_of_the_persons_and_none_of_the_rooms(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    say(alice, lounge)
    say(alice, lounge)
    room_rev, rev = head(lounge)[0], _rev(bob)
    with heard() as events:
        read(bob, lounge, 1)
        read(bob, lounge, 1)
    (state,) = events
    assert (state.user, state.prev, state.rev) == (str(bob.pk), rev, rev + 1)
    (position,) = state.read
    assert (position.room, position.rev, position.read_seq, position.last_seq, position.unread) == (
        str(lounge),
        room_rev,
        1,
        2,
        1,
    )
    assert (open_stint(bob, lounge).user_rev, _rev(bob), head(lounge)[0]) == (rev + 1, rev + 1, room_rev)


def test_a_batch_takes_one_rev_for_each_person_however_many_rooms(alice: User, bob: User, carol: User) -> None:
    rooms = [room(alice, bob, carol) for _ in range(3)]
    for at in rooms:
        say(alice, at)
    revs = {person: _rev(person) for person in (bob, carol)}
    marks = [Mark(user_id=person.pk, room_id=at, seq=1) for at in rooms for person in (bob, carol)]
    with heard() as events:
        answers = reads_mark(marks=[*marks, marks[0]])
    assert [answer.seq for answer in answers] == [1] * 7
    assert [(state.user, len(state.read)) for state in events] == [(str(bob.pk), 3), (str(carol.pk), 3)]
    assert {person: _rev(person) for person in (bob, carol)} == {person: rev + 1 for person, rev in revs.items()}


def test_several_marks_of_one_room_move_to_the_furthest(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    for _ in range(3):
        say(alice, lounge)
    answers = reads_mark(marks=[Mark(user_id=bob.pk, room_id=lounge, seq=seq) for seq in (3, 1, 2)])
    assert [answer.seq for answer in answers] == [3, 3, 3]


def test_who_is_not_in_the_room_marks_nothing_and_spoils_nothing(alice: User, bob: User, mallory: User) -> None:
    lounge, hall = room(alice, bob), room(alice, kind="public")
    say(alice, lounge)
    answers = reads_mark(
        marks=[
            Mark(user_id=mallory.pk, room_id=lounge, seq=1),
            Mark(user_id=mallory.pk, room_id=hall, seq=1),
            Mark(user_id=bob.pk, room_id=lounge, seq=1),
            Mark(user_id=bob.pk, room_id=2**50, seq=1),
        ]
    )
    assert [type(answer) for answer in answers[:2]] == [NotFound, Forbidden]
    assert answers[2].seq == 1
    assert isinstance(answers[3], NotFound)


def test_a_new_stint_begins_read_to_the_end(alice: User, bob: User) -> None:
    lounge = room(alice, bob, kind="public")
    say(alice, lounge)
    member_remove(actor=alice, room_id=lounge, user_id=bob.pk)
    say(alice, lounge)
    with pytest.raises(Forbidden):
        read(bob, lounge, 2)
    join(bob, lounge)
    assert open_stint(bob, lounge).read_seq == 2


def test_a_position_counts_what_is_left(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    for _ in range(4):
        say(alice, lounge)
    message_delete(actor=alice, room_id=lounge, seq=3)
    with heard() as events:
        read(bob, lounge, 1)
    assert events[0].read[0].unread == 2


def test_a_batch_of_any_size_takes_the_same_number_of_queries(alice: User, bob: User, carol: User) -> None:
    rooms = [room(alice, bob, carol) for _ in range(10)]
    for at in rooms:
        say(alice, at)

    def queries(marks: list[Mark]) -> int:
        with CaptureQueriesContext(connection) as caught:
            reads_mark(marks=marks)
        return len(caught)

    one = queries([Mark(user_id=bob.pk, room_id=rooms[0], seq=1)])
    many = queries([Mark(user_id=person.pk, room_id=at, seq=1) for at in rooms[1:] for person in (bob, carol)])
    assert one == many
    assert many <= 9
