"""Rooms, who is in them, and the stints that say since when."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import PersonHead, User
from chat.events import MemberJoined, MemberLeft, MemberUpdated, RoomUpdated, UserState
from chat.models import Membership, Room
from chat.selectors.entries import room_entries
from chat.selectors.people import known, visible
from chat.selectors.rooms import joinable
from chat.services.membership import member_add, member_remove, member_update, room_join, room_leave
from chat.services.message import message_delete
from chat.services.room import direct_open, room_create, room_update
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from tests.accounts import heard
from tests.chat import direct, head, join, open_stint, read, room, say


def _rev(person: User) -> int:
    return PersonHead.objects.get(pk=person.pk).rev


def test_a_new_room_begins_with_its_settings_and_its_owner_each_at_a_rev(alice: User) -> None:
    with heard() as events:
        entry = room_create(actor=alice, kind="public", name="  Design   设计 ", topic="a\nb")
    settings, joined, state = events
    assert isinstance(settings, RoomUpdated)
    assert isinstance(joined, MemberJoined)
    assert isinstance(state, UserState)
    assert [(event.prev, event.rev) for event in (settings, joined)] == [(0, 1), (1, 2)]
    assert (entry.name, entry.topic, entry.role, entry.rev, entry.unread) == ("Design 设计", "a b", "owner", 2, 0)
    assert state.rooms == [entry]
    assert (state.user, state.rev) == (str(alice.pk), _rev(alice))
    assert head(int(entry.id)) == (2, 0)


@pytest.mark.parametrize("name", ["", "   ", "a\u200bb", "a\u202eb", "a\0b", "x" * 81, "\ud800", "ﷺ" * 80], ids=ascii)
def test_a_room_needs_a_name_that_can_be_read(alice: User, name: str) -> None:
    with pytest.raises(Invalid) as caught:
        room_create(actor=alice, kind="public", name=name)
    assert "name" in caught.value.fields
    assert not Room.objects.exists()


@pytest.mark.parametrize(("kind", "topic"), [("direct", ""), ("secret", ""), ("public", "x" * 251), ("public", "\0")])
def test_a_room_is_public_or_private_and_its_topic_short(alice: User, kind: str, topic: str) -> None:
    with pytest.raises(Invalid):
        room_create(actor=alice, kind=kind, name="x", topic=topic)


@pytest.mark.parametrize("name", ["Lounge", "LOUNGE", "ｌｏｕｎｇｅ", " lounge "])
def test_two_rooms_cannot_look_the_same(alice: User, bob: User, name: str) -> None:
    room_create(actor=alice, kind="public", name="lounge")
    with pytest.raises(Conflict) as caught:
        room_create(actor=bob, kind="private", name=name)
    assert "name" in caught.value.fields
    other = room(bob, name="other")
    with pytest.raises(Conflict):
        room_update(actor=bob, room_id=other, name=name)
    assert Room.objects.count() == 2


def test_a_guest_makes_no_rooms(carol: User) -> None:
    with pytest.raises(Forbidden):
        room_create(actor=carol, kind="public", name="x")


def test_new_settings_take_one_rev_and_the_same_settings_none(alice: User, bob: User) -> None:
    lounge = room(alice, bob, name="lounge")
    rev, _ = head(lounge)
    with heard() as events:
        settings = room_update(actor=alice, room_id=lounge, name="salon", topic="t")
        again = room_update(actor=alice, room_id=lounge, name="salon", topic=" t ")
    (event,) = events
    assert isinstance(event, RoomUpdated)
    assert (event.prev, event.rev) == (rev, rev + 1)
    assert event.settings == settings == again
    assert head(lounge)[0] == Room.objects.get(pk=lounge).rev == rev + 1


def test_joining_takes_a_rev_of_the_room_and_one_of_the_person(alice: User, bob: User) -> None:
    lounge = room(alice, kind="public")
    say(alice, lounge)
    say(alice, lounge)
    rev, person_rev = head(lounge)[0], _rev(bob)
    with heard() as events:
        entry = room_join(actor=bob, room_id=lounge)
    joined, state = events
    stint = open_stint(bob, lounge)
    assert isinstance(joined, MemberJoined)
    assert (joined.prev, joined.rev, joined.membership.user.id) == (rev, rev + 1, str(bob.pk))
    assert (stint.joined_rev, stint.rev, stint.user_rev) == (rev + 1, rev + 1, person_rev + 1)
    assert (state.prev, state.rev, state.opens) == (person_rev, person_rev + 1, {f"room:{lounge}": state.rooms[0].rev})
    assert (entry.read_seq, entry.last_seq, entry.unread) == (2, 2, 0)
    assert state.rooms == [entry]


def test_joining_again_changes_nothing(alice: User, bob: User) -> None:
    lounge = room(alice, kind="public")
    first = room_join(actor=bob, room_id=lounge)
    with heard() as events:
        assert room_join(actor=bob, room_id=lounge) == first
        assert member_add(actor=alice, room_id=lounge, user_id=bob.pk).joined_rev == first.joined_rev
    assert events == []


def test_leaving_ends_the_stint_and_coming_back_is_another_one(alice: User, bob: User) -> None:
    lounge = room(alice, bob, kind="public")
    first = open_stint(bob, lounge)
    with heard() as events:
        room_leave(actor=bob, room_id=lounge)
    left, state = events
    assert isinstance(left, MemberLeft)
    assert (left.leaves, left.membership.left_rev, left.rev) == (str(bob.pk), left.rev, head(lounge)[0])
    assert (state.left, state.rev) == ([str(lounge)], _rev(bob))
    first.refresh_from_db()
    assert (first.left_rev, first.rev, first.user_rev) == (left.rev, left.rev, state.rev)
    join(bob, lounge)
    assert open_stint(bob, lounge).pk != first.pk
    assert Membership.objects.filter(room_id=lounge, user=bob).count() == 2
    assert room_entries(user_id=bob.pk)[0].joined_rev == left.rev + 1


def test_a_removed_member_is_told_last_of_her_removal(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    with heard() as events:
        say(alice, lounge)
        member_remove(actor=alice, room_id=lounge, user_id=bob.pk)
        say(alice, lounge)
    leaves = [event.leaves for event in events if event.topic == f"room:{lounge}"]
    assert leaves == [None, str(bob.pk), None]
    assert room_entries(user_id=bob.pk) == []


def test_the_last_owner_names_another_before_going(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    for go in (
        lambda: room_leave(actor=alice, room_id=lounge),
        lambda: member_update(actor=alice, room_id=lounge, user_id=alice.pk, role="member"),
    ):
        with pytest.raises(Conflict):
            go()
    member_update(actor=alice, room_id=lounge, user_id=bob.pk, role="owner")
    room_leave(actor=alice, room_id=lounge)
    assert room_entries(user_id=alice.pk) == []
    room_leave(actor=bob, room_id=lounge)  # alone: there is nobody to name


def test_a_new_role_is_told_to_the_room_and_to_the_person(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    with heard() as events:
        member_update(actor=alice, room_id=lounge, user_id=bob.pk, role="moderator")
        member_update(actor=alice, room_id=lounge, user_id=bob.pk, role="moderator")
    updated, state = events
    assert isinstance(updated, MemberUpdated)
    assert (updated.membership.role, state.rooms[0].role) == ("moderator", "moderator")
    assert (updated.rev, state.rev) == (head(lounge)[0], _rev(bob))


def test_a_guest_leads_nothing_and_roles_are_known_ones(alice: User, carol: User) -> None:
    lounge = room(alice, carol)
    with pytest.raises(Conflict):
        member_update(actor=alice, room_id=lounge, user_id=carol.pk, role="moderator")
    with pytest.raises(Invalid):
        member_update(actor=alice, room_id=lounge, user_id=carol.pk, role="king")
    with pytest.raises(NotFound):
        member_update(actor=alice, room_id=lounge, user_id=2**50, role="member")


def test_a_pair_has_one_direct_conversation_whoever_opens_it(alice: User, bob: User) -> None:
    with heard() as events:
        first = direct_open(actor=alice, user_id=bob.pk)
    assert [type(event) for event in events] == [RoomUpdated, MemberJoined, MemberJoined, UserState, UserState]
    assert [event.rev for event in events if event.topic.startswith("room")] == [1, 2, 3]
    with heard() as events:
        second = direct_open(actor=bob, user_id=alice.pk)
    assert events == []
    assert first.id == second.id
    assert (first.counterpart.id, second.counterpart.id) == (str(bob.pk), str(alice.pk))
    assert (first.name, first.kind, first.role) == ("", "direct", "member")


def test_notes_to_oneself_are_a_direct_conversation_of_one(bob: User) -> None:
    entry = direct_open(actor=bob, user_id=bob.pk)
    assert entry.counterpart.id == str(bob.pk)
    assert Membership.objects.filter(room_id=int(entry.id)).count() == 1
    assert direct_open(actor=bob, user_id=bob.pk).id == entry.id


def test_a_direct_conversation_needs_somebody_one_may_see(alice: User, bob: User, carol: User, mallory: User) -> None:
    mallory.is_active = False
    mallory.save()
    for actor, other in ((alice, 2**50), (alice, mallory.pk), (carol, bob.pk)):
        with pytest.raises(NotFound):
            direct_open(actor=actor, user_id=other)
    room(alice, bob, carol)
    assert direct_open(actor=carol, user_id=bob.pk).counterpart.id == str(bob.pk)


def test_an_open_conversation_outlives_the_others_deactivation(alice: User, bob: User) -> None:
    entry = direct_open(actor=alice, user_id=bob.pk)
    bob.is_active = False
    bob.save()
    assert direct_open(actor=alice, user_id=bob.pk).id == entry.id


def test_unread_counts_others_undeleted_messages_after_ones_position(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    for author in (bob, bob, alice, bob, bob, bob):
        say(author, lounge)
    assert room_entries(user_id=alice.pk)[0].unread == 3
    message_delete(actor=bob, room_id=lounge, seq=5)
    assert room_entries(user_id=alice.pk)[0].unread == 2
    read(alice, lounge, 4)
    assert room_entries(user_id=alice.pk)[0].unread == 1
    assert room_entries(user_id=bob.pk)[0].unread == 0


def test_unread_stops_at_a_hundred(alice: User, bob: User) -> None:
    from chat.services.message import messages_append
    from tests.chat import draft

    lounge = room(alice, bob)
    messages_append(drafts=[draft(bob, lounge) for _ in range(130)])
    assert room_entries(user_id=alice.pk)[0].unread == 100
    read(alice, lounge, 60)
    assert room_entries(user_id=alice.pk)[0].unread == 70


def test_a_list_of_any_length_takes_the_same_number_of_queries(alice: User, bob: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            room_entries(user_id=alice.pk)
        return len(caught)

    direct(alice, bob)
    few = queries()
    for _ in range(20):
        say(bob, room(alice, bob))
    assert len(room_entries(user_id=alice.pk)) == 21
    assert queries() == few == 2


def test_rooms_that_changed_last_come_first(alice: User) -> None:
    first, second = room(alice), room(alice)
    assert [entry.id for entry in room_entries(user_id=alice.pk)] == [str(second), str(first)]


def test_public_rooms_can_be_browsed_but_not_by_guests(alice: User, bob: User, carol: User) -> None:
    room(alice, bob, kind="public", name="Lounge")
    room(alice, kind="public", name="library")
    room(alice, kind="private", name="lair")
    closed = room(alice, kind="public", name="loft")
    room_update(actor=alice, room_id=closed, archived=True)
    assert [(row.name, row.members, row.joined) for row in joinable(bob)] == [
        ("library", 1, False),
        ("Lounge", 2, True),
    ]
    assert [row.name for row in joinable(bob, "LOU")] == ["Lounge"]
    assert not joinable(carol)


def test_a_guest_sees_only_people_she_shares_a_room_with(alice: User, bob: User, carol: User, mallory: User) -> None:
    assert set(visible(bob)) == {alice, bob, carol, mallory}
    assert set(visible(carol)) == {carol}
    lounge = room(alice, bob, carol)
    assert set(visible(carol)) == {alice, bob, carol}
    member_remove(actor=alice, room_id=lounge, user_id=bob.pk)
    assert set(visible(carol)) == {alice, carol}
    everybody = [person.pk for person in (alice, bob, carol, mallory)]
    assert set(known(carol, everybody)) == {alice, bob, carol}  # bob's words are still there
    assert set(known(bob, everybody)) == {alice, bob, carol, mallory}
