"""What happens to people, as far as rooms are concerned."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services.invitation import invitation_create
from accounts.services.standing import user_deactivate
from accounts.services.user import user_new, user_store, user_update
from chat.events import PersonUpdated, Receipt
from chat.models import Membership
from chat.selectors.people import search, visible
from chat.selectors.receipts import positions
from chat.selectors.rooms import members
from chat.services.membership import member_add, member_remove
from chat.services.message import message_edit
from chat.services.read import read_rewind
from chat.services.room import room_update
from realtime import publish
from realtime.protocol.errors import Invalid
from tests.accounts import heard
from tests.chat import direct, read, room, say

pytestmark = pytest.mark.django_db


@contextmanager
def overheard() -> Iterator[list[publish.Whisper]]:
    """The whispers of this block."""
    whispers: list[publish.Whisper] = []
    ear = whispers.extend
    publish.listen(ear)
    try:
        with heard():
            yield whispers
    finally:
        publish.unlisten(ear)


def test_a_new_name_is_told_to_those_who_share_a_room(alice: User, bob: User, mallory: User) -> None:
    rooms = sorted([room(alice, bob), direct(bob, alice)])
    room(alice, mallory)
    with overheard() as whispers:
        user_update(user_id=bob.pk, display_name="Robert")
        user_update(user_id=bob.pk, language="zh-hans")
        user_update(user_id=mallory.pk, display_name="M")
    first, second = whispers
    assert isinstance(first.payload, PersonUpdated)
    assert (first.payload.person.name, first.topics) == ("Robert", tuple(f"room:{at}" for at in rooms))
    assert not first.on_screen
    assert len(second.topics) == 1


def test_who_is_in_no_room_is_told_to_nobody(mallory: User) -> None:
    with overheard() as whispers:
        user_update(user_id=mallory.pk, display_name="M")
    assert whispers == []


def test_who_is_deactivated_stays_in_her_rooms_and_is_shown_so(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    say(bob, lounge)
    assert bob in visible(alice)
    with overheard() as whispers:
        user_deactivate(user_id=bob.pk)
    assert whispers[0].payload.person.deactivated
    assert Membership.objects.get(room_id=lounge, user=bob).left_rev is None
    from chat import payloads

    shown = {row.user.handle: payloads.membership(row).user.deactivated for row in members(lounge)}
    assert shown == {"alice": False, "bob": True}
    assert bob not in visible(alice)
    assert not search(alice, "bob")


def test_who_comes_by_an_invitation_is_in_its_rooms(alice: User, bob: User) -> None:
    public, private = room(bob, kind="public"), room(alice, bob)
    invitation, _token = invitation_create(actor=alice, room_ids=[private, public])
    with heard() as events:
        dave = user_store(
            user=user_new(handle="dave", email="dave@example.org"), email_verified=True, invitation=invitation
        )
    assert [event.type for event in events if event.topic.startswith("room:")] == ["member.joined"] * 2
    assert set(Membership.objects.filter(user=dave).values_list("room_id", flat=True)) == {public, private}


def test_rooms_that_are_lost_meanwhile_are_left_out(alice: User, bob: User) -> None:
    kept, archived = room(alice, bob), room(alice, bob)
    invitation, _token = invitation_create(actor=alice, room_ids=[kept, archived])
    room_update(actor=alice, room_id=archived, archived=True)
    dave = user_store(
        user=user_new(handle="dave", email="dave@example.org"), email_verified=True, invitation=invitation
    )
    assert [row.room_id for row in Membership.objects.filter(user=dave)] == [kept]


@pytest.mark.parametrize("wrong", ["hidden", "not hers to lead", "none", "pair"])
def test_nobody_invites_into_rooms_where_she_may_bring_nobody(
    alice: User, bob: User, mallory: User, wrong: str
) -> None:
    at = {"hidden": room(bob), "not hers to lead": room(bob, alice), "none": 2**40, "pair": direct(alice, bob)}[wrong]
    with pytest.raises(Invalid) as caught:
        invitation_create(actor=alice, room_ids=[room(alice), at])
    assert list(caught.value.fields) == ["rooms"]


def test_into_a_public_room_a_member_does_not_invite_guests(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(role=User.Role.ADMIN)
    bob.refresh_from_db()
    public, private = room(alice, kind="public"), room(alice, bob)
    invitation_create(actor=bob, room_ids=[public], role=User.Role.GUEST)  # who runs the workspace does
    with pytest.raises(Invalid):
        invitation_create(actor=bob, room_ids=[private], role=User.Role.GUEST)


def test_reading_is_told_in_small_rooms_only(alice: User, bob: User) -> None:
    small, large = room(alice, bob), room(alice, bob)
    people = [User(handle=f"p{n}", handle_key=f"p{n}", email=f"p{n}@example.org") for n in range(19)]
    for person in User.objects.bulk_create(people):
        Membership.objects.create(room_id=large, user=person, joined_rev=3, rev=3, user_rev=1)
    for at in (small, large):
        say(alice, at)
        say(alice, at)
    with overheard() as whispers:
        read(bob, small, 1)
        read(bob, small, 2)
        read(bob, large, 2)
        read(bob, small, 2)
    assert [whisper.payload for whisper in whispers] == [
        Receipt(room=str(small), user=str(bob.pk), read_seq=seq) for seq in (1, 2)
    ]
    assert {(whisper.topics, whisper.on_screen) for whisper in whispers} == {((f"room:{small}",), True)}
    assert len({whisper.key for whisper in whispers}) == 1
    assert positions(small) == {alice.pk: 2, bob.pk: 2}
    assert positions(large) == {}


def test_who_comes_has_a_receipt_once_she_has_read_what_was_said_since(alice: User, bob: User, carol: User) -> None:
    lounge = room(alice, carol)
    for _ in range(3):
        say(alice, lounge)
    read(carol, lounge, 3)
    member_add(actor=alice, room_id=lounge, user_id=bob.pk)
    assert positions(lounge) == {alice.pk: 3, carol.pk: 3}
    say(alice, lounge)
    assert positions(lounge) == {alice.pk: 4, carol.pk: 3}
    with overheard() as whispers:
        read(bob, lounge, 3)
        assert positions(lounge) == {alice.pk: 4, carol.pk: 3}
        read(bob, lounge, 4)
    assert [whisper.payload for whisper in whispers] == [Receipt(room=str(lounge), user=str(bob.pk), read_seq=4)]
    assert positions(lounge) == {alice.pk: 4, bob.pk: 4, carol.pk: 3}


def test_who_comes_has_a_receipt_once_she_has_said_something(alice: User, bob: User) -> None:
    lounge = room(alice)
    say(alice, lounge)
    member_add(actor=alice, room_id=lounge, user_id=bob.pk)
    assert positions(lounge) == {alice.pk: 1}
    say(bob, lounge)
    assert positions(lounge) == {alice.pk: 1, bob.pk: 2}


def test_what_a_stint_before_has_read_is_no_receipt_of_the_next(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    say(alice, lounge)
    read(bob, lounge, 1)
    assert positions(lounge) == {alice.pk: 1, bob.pk: 1}
    member_remove(actor=alice, room_id=lounge, user_id=bob.pk)
    member_add(actor=alice, room_id=lounge, user_id=bob.pk)
    assert positions(lounge) == {alice.pk: 1}
    say(alice, lounge)
    read(bob, lounge, 2)
    assert positions(lounge) == {alice.pk: 2, bob.pk: 2}


def test_a_position_among_what_was_said_before_is_no_receipt(alice: User, bob: User) -> None:
    lounge = room(alice)
    for _ in range(3):
        say(alice, lounge)
    member_add(actor=alice, room_id=lounge, user_id=bob.pk)
    message_edit(actor=alice, room_id=lounge, seq=3, text="changed since")
    say(alice, lounge)
    read(bob, lounge, 4)
    assert positions(lounge) == {alice.pk: 4, bob.pk: 4}
    read_rewind(actor=bob, room_id=lounge, seq=1)
    with overheard() as whispers:
        read(bob, lounge, 3)
    assert whispers == []
    assert positions(lounge) == {alice.pk: 4}
    with overheard() as whispers:
        read(bob, lounge, 4)
    assert [whisper.payload for whisper in whispers] == [Receipt(room=str(lounge), user=str(bob.pk), read_seq=4)]


def test_positions_of_a_room_are_one_query(alice: User, bob: User, carol: User) -> None:
    lounge = room(alice, bob, carol)
    say(alice, lounge)
    with CaptureQueriesContext(connection) as caught:
        positions(lounge)
    assert len(caught) == 1
