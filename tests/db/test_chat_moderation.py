"""Announcements, mutes, bans, and those who run the workspace."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import User
from chat.events import MemberJoined, MemberLeft, MemberUpdated
from chat.models import Ban, Membership
from chat.selectors import access
from chat.selectors.bans import standing
from chat.selectors.rooms import joinable, open_to_newcomers
from chat.services.ban import ban_lift, ban_set
from chat.services.link import link_create, link_join
from chat.services.membership import member_add, member_remove, member_update, room_join, room_leave
from chat.services.message import message_delete, message_edit
from chat.services.room import room_create, room_update
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from tests.accounts import heard
from tests.chat import head, join, open_stint, read, room, say

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)


def test_in_an_announcement_room_only_those_who_lead_it_post(alice: User, bob: User, carol: User) -> None:
    lounge = room(alice, carol, moderators=[bob])
    say(carol, lounge, "before")
    rev, _ = head(lounge)
    with heard() as events:
        settings = room_update(actor=bob, room_id=lounge, announcement=True)
    assert (settings.announcement, events[0].settings, head(lounge)[0]) == (True, settings, rev + 1)
    for call in (
        lambda: say(carol, lounge),
        lambda: message_edit(actor=carol, room_id=lounge, seq=1, text="after"),
    ):
        with pytest.raises(Forbidden):
            call()
    assert say(bob, lounge).seq == 2
    assert say(alice, lounge).seq == 3
    assert read(carol, lounge, 3).seq == 3
    assert message_delete(actor=carol, room_id=lounge, seq=1).deleted
    room_update(actor=alice, room_id=lounge, announcement=False)
    assert say(carol, lounge).seq == 4


def test_a_room_is_made_whole(alice: User, bob: User, carol: User) -> None:
    with heard() as events:
        entry = room_create(
            actor=alice,
            kind="private",
            name="news",
            description=" what\n\nfor  \n",
            announcement=True,
            user_ids=[carol.pk, bob.pk, alice.pk],
        )
    assert entry.announcement
    assert events[0].settings.description == "what\n\nfor"
    assert [event.rev for event in events if event.topic == f"room:{entry.id}"] == [1, 2, 3, 4]
    assert open_stint(bob, int(entry.id)).role == "member"
    with pytest.raises(NotFound) as caught:
        room_create(actor=alice, kind="public", name="other", user_ids=[2**50])
    assert "people" in caught.value.fields
    for wrong in ({"description": "x" * 2001}, {"description": "\0"}, {"user_ids": range(51)}):
        with pytest.raises(Invalid):
            room_create(actor=alice, kind="public", name="other", **wrong)
    with pytest.raises(Invalid):
        room_update(actor=alice, room_id=int(entry.id), mention_room="nobody")


def test_who_is_muted_says_nothing_until_it_is_over(
    alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lounge = room(alice, bob, carol)
    say(bob, lounge, "one")
    rev, until = head(lounge)[0], timezone.now() + HOUR
    with heard() as events:
        member_update(actor=alice, room_id=lounge, user_id=bob.pk, muted_until=until)
        member_update(actor=alice, room_id=lounge, user_id=bob.pk, muted_until=until)
    updated, state = events
    assert isinstance(updated, MemberUpdated)
    assert (updated.rev, updated.membership.muted_until) == (rev + 1, int(until.timestamp() * 1000))
    assert state.rooms[0].muted_until == updated.membership.muted_until
    with pytest.raises(Forbidden):
        say(bob, lounge)
    with pytest.raises(Forbidden):
        message_edit(actor=bob, room_id=lounge, seq=1, text="x")
    assert message_delete(actor=bob, room_id=lounge, seq=1).deleted
    assert read(bob, lounge, 1).seq == 1
    assert say(carol, lounge).seq == 2
    later = timezone.now() + 2 * HOUR
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: later)
        assert say(bob, lounge).seq == 3
    member_update(actor=alice, room_id=lounge, user_id=bob.pk, muted_until=None)
    assert say(bob, lounge).seq == 4


def test_a_mute_is_not_over_because_one_leaves_and_comes_back(alice: User, bob: User, mallory: User) -> None:
    lounge, elsewhere = room(alice, bob, mallory, kind="public"), room(alice, bob, kind="public")
    until = timezone.now() + HOUR
    member_update(actor=alice, room_id=lounge, user_id=bob.pk, muted_until=until)
    for back in (
        lambda: room_join(actor=bob, room_id=lounge),
        lambda: member_add(actor=mallory, room_id=lounge, user_id=bob.pk),
        lambda: link_join(actor=bob, token=link_create(actor=alice, room_id=lounge).token),
    ):
        room_leave(actor=bob, room_id=lounge)
        with heard() as events:
            back()
        [joined] = [event for event in events if isinstance(event, MemberJoined)]
        assert joined.membership.muted_until == int(until.timestamp() * 1000)
        with pytest.raises(Forbidden):
            say(bob, lounge)
    say(bob, elsewhere, "only there is he muted")
    room_leave(actor=mallory, room_id=lounge)
    room_join(actor=mallory, room_id=lounge)
    say(mallory, lounge, "only he is muted")
    # It is lifted for good, and it ends in time.
    member_update(actor=alice, room_id=lounge, user_id=bob.pk, muted_until=None)
    room_leave(actor=bob, room_id=lounge)
    room_join(actor=bob, room_id=lounge)
    say(bob, lounge, "again")
    Membership.objects.filter(room_id=lounge, user=bob, left_rev=None).update(muted_until=timezone.now() - HOUR)
    room_leave(actor=bob, room_id=lounge)
    assert room_join(actor=bob, room_id=lounge).muted_until is None


def test_who_mutes_whom(alice: User, bob: User, carol: User, mallory: User) -> None:
    lounge, until = room(alice, carol, mallory, moderators=[bob]), timezone.now() + HOUR
    member_update(actor=bob, room_id=lounge, user_id=carol.pk, muted_until=until)
    member_update(actor=alice, room_id=lounge, user_id=bob.pk, muted_until=until)
    for actor, target in ((mallory, carol), (carol, mallory), (bob, alice), (bob, bob), (alice, alice)):
        with pytest.raises(Forbidden):
            member_update(actor=actor, room_id=lounge, user_id=target.pk, muted_until=until)
    with pytest.raises(Invalid) as caught:
        member_update(actor=alice, room_id=lounge, user_id=carol.pk, muted_until=timezone.now() - HOUR)
    assert "muted_until" in caught.value.fields
    with pytest.raises(Forbidden):  # a role is not a moderator's to give, also not beside a mute
        member_update(actor=bob, room_id=lounge, user_id=carol.pk, role="moderator", muted_until=None)
    assert open_stint(carol, lounge).muted_until == until


def test_why_a_stint_ended_is_told(alice: User, bob: User, carol: User, mallory: User) -> None:
    lounge = room(alice, bob, carol, mallory)
    with heard() as events:
        room_leave(actor=bob, room_id=lounge)
        member_remove(actor=alice, room_id=lounge, user_id=carol.pk)
        ban_set(actor=alice, room_id=lounge, user_id=mallory.pk, reason="noise")
    left = [event for event in events if isinstance(event, MemberLeft)]
    assert [event.membership.reason for event in left] == ["left", "removed", "banned"]
    assert [event.leaves for event in left] == [str(person.pk) for person in (bob, carol, mallory)]


def test_who_is_banned_does_not_come_back_by_any_door(alice: User, bob: User, mallory: User) -> None:
    lounge = room(alice, mallory, moderators=[bob], kind="public")
    token = link_create(actor=alice, room_id=lounge).token
    rev, _ = head(lounge)
    ban = ban_set(actor=bob, room_id=lounge, user_id=mallory.pk, reason=" a  lot\nof noise ")
    assert (ban.user.id, ban.by.id, ban.reason, ban.until) == (str(mallory.pk), str(bob.pk), "a lot of noise", None)
    assert head(lounge)[0] == rev + 1
    with pytest.raises(Forbidden, match="a lot of noise"):
        room_join(actor=mallory, room_id=lounge)
    with pytest.raises(Forbidden):
        link_join(actor=mallory, token=token)
    with pytest.raises(Conflict):
        member_add(actor=alice, room_id=lounge, user_id=mallory.pk)
    with pytest.raises(Forbidden):
        access.entered(person=mallory, room_id=lounge)
    ban_lift(actor=bob, room_id=lounge, user_id=mallory.pk)
    ban_lift(actor=bob, room_id=lounge, user_id=mallory.pk)
    assert not standing(lounge).exists()
    join(mallory, lounge)
    assert Ban.objects.get().lifted_by == bob


def test_a_ban_ends_by_itself_and_a_new_one_replaces_it(
    alice: User, mallory: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lounge = room(alice, kind="public")
    ban_set(actor=alice, room_id=lounge, user_id=mallory.pk)  # before she ever came
    rev, _ = head(lounge)
    ban_set(actor=alice, room_id=lounge, user_id=mallory.pk, until=timezone.now() + HOUR)
    assert head(lounge)[0] == rev
    assert len(standing(lounge)) == 1
    with pytest.raises(Forbidden):
        room_join(actor=mallory, room_id=lounge)
    later = timezone.now() + 2 * HOUR
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert not standing(lounge).exists()
    join(mallory, lounge)
    with pytest.raises(Invalid):
        ban_set(actor=alice, room_id=lounge, user_id=mallory.pk, until=later - HOUR)
    assert open_stint(mallory, lounge)


def test_who_bans_whom(alice: User, bob: User, carol: User, mallory: User) -> None:
    lounge = room(alice, carol, moderators=[bob])
    for actor, target in ((carol, mallory), (carol, bob), (bob, alice), (bob, bob), (alice, alice)):
        with pytest.raises(Forbidden):
            ban_set(actor=actor, room_id=lounge, user_id=target.pk)
    with pytest.raises(NotFound):
        ban_set(actor=mallory, room_id=lounge, user_id=carol.pk)
    with pytest.raises(NotFound):
        ban_set(actor=alice, room_id=lounge, user_id=2**50)
    with pytest.raises(Forbidden):
        ban_lift(actor=carol, room_id=lounge, user_id=mallory.pk)
    ban_set(actor=bob, room_id=lounge, user_id=mallory.pk)
    ban_set(actor=bob, room_id=lounge, user_id=carol.pk)
    ban_set(actor=alice, room_id=lounge, user_id=bob.pk)


def test_those_who_run_the_workspace_manage_public_rooms_and_see_no_private_ones(
    alice: User, bob: User, carol: User, mallory: User
) -> None:
    public, private = room(bob, carol, kind="public"), room(bob, carol)
    say(bob, public)
    member_update(actor=alice, room_id=public, user_id=carol.pk, muted_until=timezone.now() + HOUR)
    room_update(actor=alice, room_id=public, topic="t", announcement=True)
    member_add(actor=alice, room_id=public, user_id=mallory.pk)
    member_update(actor=alice, room_id=public, user_id=mallory.pk, role="owner")
    member_remove(actor=alice, room_id=public, user_id=carol.pk)
    ban_set(actor=alice, room_id=public, user_id=bob.pk)
    dora = User.objects.create_user("dora", "dora@example.org")
    with pytest.raises(Conflict):  # the last owner stays the last owner, whoever asks
        member_remove(actor=alice, room_id=public, user_id=member_add_more(alice, public, dora, mallory).pk)
    room_update(actor=alice, room_id=public, archived=True)
    room_update(actor=alice, room_id=public, archived=False)
    with pytest.raises(Forbidden):
        access.entered(person=alice, room_id=public)
    with pytest.raises(Forbidden):
        message_delete(actor=alice, room_id=public, seq=1)
    for call in (
        lambda: room_update(actor=alice, room_id=private, topic="t"),
        lambda: member_remove(actor=alice, room_id=private, user_id=carol.pk),
        lambda: ban_set(actor=alice, room_id=private, user_id=carol.pk),
        lambda: link_create(actor=alice, room_id=private),
    ):
        with pytest.raises(NotFound):
            call()


def member_add_more(actor: User, room_id: int, who: User, owner: User) -> User:
    member_add(actor=actor, room_id=room_id, user_id=who.pk)
    return owner


def test_who_becomes_a_guest_leads_no_longer(alice: User, bob: User, carol: User) -> None:
    lounge = room(alice, carol, moderators=[bob])
    room_update(actor=bob, room_id=lounge, topic="mine")
    User.objects.filter(pk=bob.pk).update(role=User.Role.GUEST)
    bob.refresh_from_db()
    for call in (
        lambda: room_update(actor=bob, room_id=lounge, topic="still"),
        lambda: member_remove(actor=bob, room_id=lounge, user_id=carol.pk),
        lambda: link_create(actor=bob, room_id=lounge),
    ):
        with pytest.raises(Forbidden):
            call()


def test_an_archived_room_is_read_only_and_nobody_comes_in(alice: User, bob: User, mallory: User) -> None:
    lounge = room(alice, bob, kind="public")
    token = link_create(actor=alice, room_id=lounge).token
    say(bob, lounge)
    room_update(actor=alice, room_id=lounge, archived=True)
    assert lounge not in {row.pk for row in joinable(mallory)}
    assert open_to_newcomers(alice, [lounge], "member") == set()
    with pytest.raises(Conflict):
        room_join(actor=mallory, room_id=lounge)
    with pytest.raises(NotFound):
        link_join(actor=mallory, token=token)
    assert read(alice, lounge, 1).seq == 1
    room_leave(actor=bob, room_id=lounge)
