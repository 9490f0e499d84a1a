"""Conversations of three to ten people."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.models import Room
from chat.selectors.entries import room_entries
from chat.services.ban import ban_set
from chat.services.membership import member_add, member_remove, member_update, room_join, room_leave
from chat.services.message import message_delete
from chat.services.room import direct_open, group_open, room_update
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from tests.accounts import heard
from tests.chat import room, say
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def _people(number: int) -> list[User]:
    return [User.objects.create_user(f"p{n}", f"p{n}@example.org", PASSWORD) for n in range(number)]


def test_a_set_of_people_has_one_group_whoever_opens_it(alice: User, bob: User, mallory: User) -> None:
    with heard() as events:
        first = group_open(actor=alice, user_ids=[bob.pk, mallory.pk], name=" our  lunch ")
    assert [event.type for event in events] == ["room.updated", *["member.joined"] * 3, *["user.state"] * 3]
    with heard() as events:
        second = group_open(actor=mallory, user_ids=[alice.pk, bob.pk, mallory.pk, bob.pk], name="other")
    assert events == []
    assert first.id == second.id
    assert (first.kind, first.name, second.name, first.role) == ("group", "our lunch", "our lunch", "member")
    assert [person.handle for person in first.people] == ["bob", "mallory"]
    assert [person.handle for person in second.people] == ["alice", "bob"]
    assert first.counterpart is None


def test_a_group_has_three_to_ten_people(alice: User, bob: User) -> None:
    people = _people(10)
    for ids in ([], [alice.pk], [bob.pk], [bob.pk, alice.pk], [person.pk for person in people]):
        with pytest.raises(Invalid) as caught:
            group_open(actor=alice, user_ids=ids)
        assert "users" in caught.value.fields
    assert len(group_open(actor=alice, user_ids=[person.pk for person in people[:9]]).people) == 9


def test_a_group_needs_people_one_may_see(alice: User, bob: User, carol: User, mallory: User) -> None:
    mallory.is_active = False
    mallory.save()
    for actor, others in ((alice, [bob.pk, 2**50]), (alice, [bob.pk, mallory.pk]), (carol, [alice.pk, bob.pk])):
        with pytest.raises(NotFound):
            group_open(actor=actor, user_ids=others)
    room(alice, bob, carol)
    assert len(group_open(actor=carol, user_ids=[alice.pk, bob.pk]).people) == 2


def test_who_leaves_leaves_the_group_to_the_others_and_it_can_be_begun_anew(
    alice: User, bob: User, mallory: User
) -> None:
    first = int(group_open(actor=alice, user_ids=[bob.pk, mallory.pk]).id)
    say(bob, first)
    room_leave(actor=bob, room_id=first)
    assert [person.handle for person in room_entries(user_id=alice.pk)[0].people] == ["mallory"]
    assert room_entries(user_id=bob.pk) == []
    assert say(mallory, first).seq == 2
    second = int(group_open(actor=bob, user_ids=[alice.pk, mallory.pk]).id)
    assert second != first
    assert Room.objects.get(pk=first).people_key is None


def test_nobody_leads_a_group(alice: User, bob: User, carol: User, mallory: User) -> None:
    at = int(group_open(actor=alice, user_ids=[bob.pk, mallory.pk]).id)
    say(bob, at)
    for call in (
        lambda: member_add(actor=alice, room_id=at, user_id=carol.pk),
        lambda: member_remove(actor=alice, room_id=at, user_id=bob.pk),
        lambda: member_update(actor=alice, room_id=at, user_id=bob.pk, role="owner"),
        lambda: ban_set(actor=alice, room_id=at, user_id=bob.pk),
        lambda: message_delete(actor=alice, room_id=at, seq=1),
        lambda: room_update(actor=alice, room_id=at, archived=True),
        lambda: room_update(actor=alice, room_id=at, announcement=True),
    ):
        with pytest.raises(Forbidden):
            call()
    with pytest.raises(NotFound):
        room_join(actor=carol, room_id=at)


def test_anybody_in_a_group_names_it_and_names_need_not_be_unique(alice: User, bob: User, mallory: User) -> None:
    at = int(group_open(actor=alice, user_ids=[bob.pk, mallory.pk]).id)
    room(alice, name="lunch")
    assert room_update(actor=mallory, room_id=at, name="lunch").name == "lunch"
    assert room_update(actor=bob, room_id=at, name=" ").name == ""
    with pytest.raises(Invalid):
        room_update(actor=bob, room_id=at, name="a\u202eb")


def test_a_pair_stays_a_pair(alice: User, bob: User) -> None:
    with pytest.raises(Conflict):
        room_leave(actor=alice, room_id=int(direct_open(actor=alice, user_id=bob.pk).id))


def test_any_number_of_groups_takes_the_same_number_of_queries(alice: User) -> None:
    people = _people(8)

    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            room_entries(user_id=alice.pk)
        return len(caught)

    group_open(actor=alice, user_ids=[person.pk for person in people[:2]])
    few = queries()
    for at in range(1, 6):
        group_open(actor=alice, user_ids=[person.pk for person in people[at : at + 3]])
    direct_open(actor=alice, user_id=people[0].pk)
    assert few == 2
    assert queries() == 3
