"""Whose a room is when its owner can lead it no longer."""

import pytest
from django.db import transaction

from accounts.models import User
from accounts.services.bot import bot_create
from accounts.services.standing import user_deactivate, user_reactivate, user_role_set, users_deactivate
from chat.events import MemberUpdated, UserState
from chat.models import Membership, RoomHead
from chat.selectors import access
from chat.services.membership import member_add, member_remove, member_update, room_leave
from chat.services.room import group_open, room_update
from realtime.protocol.errors import Conflict, Forbidden, NotFound
from tests.accounts import heard
from tests.chat import direct, head, join, open_stint, read, room, say
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", "ada@example.org", PASSWORD)


@pytest.fixture
def dora(db: None) -> User:
    return User.objects.create_user("dora", "dora@example.org", PASSWORD)


def roles(room_id: int) -> dict[str, str]:
    return dict(Membership.objects.filter(room_id=room_id, left_rev=None).values_list("user__handle", "role"))


def test_it_falls_to_the_longest_standing_moderator_and_all_hear_of_it(
    alice: User, ada: User, bob: User, dora: User, mallory: User
) -> None:
    den = room(ada, bob, moderators=[dora, mallory])
    rev = head(den)[0]
    with heard() as events:
        user_deactivate(user_id=ada.pk)
    assert roles(den) == {"ada": "owner", "bob": "member", "dora": "owner", "mallory": "moderator"}
    [told] = [event for event in events if isinstance(event, MemberUpdated)]
    assert (told.prev, told.rev, told.membership.user.handle, told.membership.role) == (rev, rev + 1, "dora", "owner")
    [hers] = [event for event in events if isinstance(event, UserState) and event.user == str(dora.pk)]
    assert [(entry.id, entry.role) for entry in hers.rooms] == [(str(den), "owner")]
    assert hers.rev == open_stint(dora, den).user_rev == hers.prev + 1
    room_update(actor=dora, room_id=den, topic="mine")


def test_without_moderators_it_falls_to_the_longest_standing_member_but_never_to_a_guest_or_a_bot(
    alice: User, ada: User, bob: User, carol: User, dora: User
) -> None:
    bot = bot_create(actor=alice, handle="robot")
    den = room(ada, carol, bot, dora, bob)
    user_deactivate(user_id=dora.pk)
    user_deactivate(user_id=ada.pk)
    assert roles(den) == {
        "ada": "owner",
        "carol": "member",
        "robot": "member",
        "dora": "member",
        "bob": "owner",
    }


def test_who_comes_back_to_her_account_is_an_owner_beside_the_new_one(alice: User, ada: User, bob: User) -> None:
    den = room(ada, bob)
    user_deactivate(user_id=ada.pk)
    with heard() as events:
        user_reactivate(user_id=ada.pk)
    assert not [event for event in events if isinstance(event, MemberUpdated)]
    assert roles(den) == {"ada": "owner", "bob": "owner"}
    member_update(actor=ada, room_id=den, user_id=bob.pk, role="member")
    assert roles(den) == {"ada": "owner", "bob": "member"}


def test_where_there_is_nobody_it_waits_for_her(alice: User, ada: User, carol: User) -> None:
    den = room(ada, carol)
    rev = head(den)[0]
    user_deactivate(user_id=ada.pk)
    assert (roles(den), head(den)[0]) == ({"ada": "owner", "carol": "member"}, rev)
    user_reactivate(user_id=ada.pk)
    room_update(actor=ada, room_id=den, topic="mine")


def test_nothing_changes_where_somebody_owns_it_or_nobody_does(alice: User, ada: User, bob: User, dora: User) -> None:
    shared, public, pair = room(ada, bob, dora), room(ada, bob, kind="public"), direct(ada, bob)
    member_update(actor=ada, room_id=shared, user_id=dora.pk, role="owner")
    group = int(group_open(actor=ada, user_ids=[bob.pk, dora.pk]).id)
    before = dict(RoomHead.objects.values_list("room_id", "rev"))
    user_deactivate(user_id=ada.pk)
    assert dict(RoomHead.objects.values_list("room_id", "rev")) == before
    assert roles(public) == {"ada": "owner", "bob": "member"}
    assert set(roles(pair).values()) == set(roles(group).values()) == {"member"}


def test_owners_who_go_together_leave_it_to_a_third(alice: User, ada: User, bob: User, dora: User) -> None:
    den = room(ada, bob, dora)
    member_update(actor=ada, room_id=den, user_id=bob.pk, role="owner")
    users_deactivate(user_ids=[ada.pk, bob.pk])
    assert roles(den)["dora"] == "owner"


def test_who_becomes_a_guest_leaves_it_too(alice: User, ada: User, bob: User) -> None:
    den = room(ada, bob)
    user_role_set(user_id=ada.pk, role="admin")
    assert roles(den)["bob"] == "member"
    user_role_set(user_id=ada.pk, role="guest")
    assert roles(den)["bob"] == "owner"


def test_the_last_who_can_own_it_is_not_she_whose_account_is_closed(
    alice: User, ada: User, bob: User, dora: User
) -> None:
    den = room(ada, bob, dora)
    user_deactivate(user_id=ada.pk)
    assert roles(den) == {"ada": "owner", "bob": "owner", "dora": "member"}
    with pytest.raises(Conflict):
        room_leave(actor=bob, room_id=den)
    member_update(actor=bob, room_id=den, user_id=dora.pk, role="owner")
    room_leave(actor=bob, room_id=den)
    room_update(actor=dora, room_id=den, topic="mine")


def test_nor_who_became_a_guest(alice: User, ada: User, bob: User, dora: User) -> None:
    den = room(ada, bob, dora)
    member_update(actor=ada, room_id=den, user_id=bob.pk, role="owner")
    user_role_set(user_id=bob.pk, role="guest")
    for go in (
        lambda: room_leave(actor=ada, room_id=den),
        lambda: member_update(actor=ada, room_id=den, user_id=ada.pk, role="member"),
    ):
        with pytest.raises(Conflict):
            go()


def test_who_leaves_nobody_behind_that_could_own_it_may_go(
    alice: User, ada: User, bob: User, carol: User, dora: User
) -> None:
    den = room(ada, bob, carol, bot_create(actor=alice, handle="robot"))
    user_deactivate(user_id=bob.pk)
    for role in ("owner", "moderator"):
        with pytest.raises(Conflict):
            member_update(actor=ada, room_id=den, user_id=bob.pk, role=role)
    room_leave(actor=ada, room_id=den)
    assert roles(den) == {"bob": "member", "carol": "member", "robot": "member"}


def test_it_is_one_transaction(alice: User, ada: User, bob: User) -> None:
    den = room(ada, bob)
    with heard() as events, transaction.atomic():
        user_deactivate(user_id=ada.pk)
        transaction.set_rollback(True)
    assert (roles(den)["bob"], events) == ("member", [])
    ada.refresh_from_db()
    assert ada.is_active


# ---- whose account is closed


@pytest.mark.parametrize("verb", ["find", "read", "send", "mark", "change settings", "leave", "add"])
def test_a_closed_account_does_nothing_even_where_it_owns_the_room(
    alice: User, ada: User, bob: User, mallory: User, verb: str
) -> None:
    den = room(ada, bob)
    say(bob, den)
    verbs = {
        "find": lambda: access.found(person=ada, room_id=den),
        "read": lambda: access.entered(person=ada, room_id=den),
        "send": lambda: say(ada, den),
        "mark": lambda: read(ada, den, 1),
        "change settings": lambda: room_update(actor=ada, room_id=den, topic="x"),
        "leave": lambda: room_leave(actor=ada, room_id=den),
        "add": lambda: member_add(actor=ada, room_id=den, user_id=mallory.pk),
    }
    assert access.entered(person=ada, room_id=den)
    user_deactivate(user_id=ada.pk)
    ada.refresh_from_db()
    with pytest.raises((NotFound, Forbidden)):
        verbs[verb]()


def test_an_owner_removes_everybody_but_herself(alice: User, bob: User, mallory: User) -> None:
    den = room(alice, bob, mallory, kind="public")
    join(bob, den)
    member_update(actor=alice, room_id=den, user_id=bob.pk, role="owner")
    with pytest.raises(Forbidden):
        member_remove(actor=alice, room_id=den, user_id=alice.pk)
    member_remove(actor=alice, room_id=den, user_id=bob.pk)
    assert set(roles(den)) == {"alice", "mallory"}
