"""Links that let people into a room."""

import datetime

import pytest
from django.utils import timezone

from accounts.models import User
from chat.models import RoomLink
from chat.selectors.links import live
from chat.services.link import link_create, link_join, link_revoke, link_seen
from chat.services.membership import member_remove, member_update
from realtime.protocol.errors import Forbidden, Invalid, NotFound
from tests.accounts import heard
from tests.chat import direct, open_stint, room

pytestmark = pytest.mark.django_db


def test_a_link_brings_in_also_guests_and_into_private_rooms(alice: User, bob: User, carol: User) -> None:
    lounge = room(alice)
    link = link_create(actor=alice, room_id=lounge)
    with heard() as events:
        entry = link_join(actor=carol, token=link.token)
    assert [event.type for event in events] == ["member.joined", "user.state"]
    assert (entry.id, entry.role) == (str(lounge), "member")
    with heard() as events:
        assert link_join(actor=carol, token=link.token).id == entry.id
    assert events == []
    link_join(actor=bob, token=link.token)
    assert live(lounge).get().uses == 2


def test_only_the_hash_is_kept(alice: User) -> None:
    link = link_create(actor=alice, room_id=room(alice))
    assert len(link.token) == 32
    row = RoomLink.objects.get()
    assert link.token not in {str(value) for value in vars(row).values()}
    assert row.hash == RoomLink.objects.get(hash=row.hash).hash
    assert len(row.hash) == 64


def test_a_link_is_good_for_so_many_people_and_so_long(
    alice: User, bob: User, carol: User, mallory: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lounge, other = room(alice), room(alice)
    two = link_create(actor=alice, room_id=lounge, uses=2).token
    for person in (bob, carol):
        link_join(actor=person, token=two)
    with pytest.raises(NotFound):
        link_join(actor=mallory, token=two)
    soon = link_create(actor=alice, room_id=other, expires_at=timezone.now() + datetime.timedelta(hours=1)).token
    link_join(actor=bob, token=soon)
    later = timezone.now() + datetime.timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    with pytest.raises(NotFound):
        link_join(actor=carol, token=soon)
    with pytest.raises(Invalid):
        link_create(actor=alice, room_id=other, expires_at=timezone.now())
    assert list(live(lounge)) == list(live(other)) == []


def test_every_link_that_is_not_good_is_refused_alike(alice: User, bob: User, mallory: User) -> None:
    lounge = room(alice, moderators=[bob])
    revoked = link_create(actor=alice, room_id=lounge)
    link_revoke(actor=bob, room_id=lounge, link_id=int(revoked.id))
    link_revoke(actor=bob, room_id=lounge, link_id=int(revoked.id))
    demoted = link_create(actor=bob, room_id=lounge)
    assert link_seen(token=demoted.token).room_id == lounge
    member_update(actor=alice, room_id=lounge, user_id=bob.pk, role="member")
    answers = []
    for token in (revoked.token, demoted.token, "x" * 32, "", "\ud800", "好"):
        with pytest.raises(NotFound) as caught:
            link_join(actor=mallory, token=token)
        answers.append(caught.value.as_dict())
    assert all(answer == answers[0] for answer in answers)


def test_a_link_dies_with_its_makers_lead(alice: User, bob: User, mallory: User) -> None:
    lounge = room(alice, moderators=[bob])
    token = link_create(actor=bob, room_id=lounge).token
    member_remove(actor=alice, room_id=lounge, user_id=bob.pk)
    with pytest.raises(NotFound):
        link_join(actor=mallory, token=token)
    owners = link_create(actor=alice, room_id=lounge).token
    User.objects.filter(pk=alice.pk).update(is_active=False)
    with pytest.raises(NotFound):
        link_join(actor=mallory, token=owners)


def test_who_makes_links(alice: User, bob: User, carol: User, mallory: User) -> None:
    lounge = room(alice, bob, carol)
    for person in (bob, carol):
        with pytest.raises(Forbidden):
            link_create(actor=person, room_id=lounge)
        with pytest.raises(Forbidden):
            link_revoke(actor=person, room_id=lounge, link_id=1)
    with pytest.raises(NotFound):
        link_create(actor=mallory, room_id=lounge)
    with pytest.raises(Forbidden):
        link_create(actor=alice, room_id=direct(alice, bob))
    other = link_create(actor=alice, room_id=room(alice))
    with pytest.raises(NotFound):  # of another room
        link_revoke(actor=alice, room_id=lounge, link_id=int(other.id))


def test_a_link_that_is_used_by_two_at_once_is_used_once(alice: User, bob: User, mallory: User) -> None:
    token = link_create(actor=alice, room_id=room(alice), uses=1).token
    link_join(actor=bob, token=token)
    with pytest.raises(NotFound):
        link_join(actor=mallory, token=token)
    link = RoomLink.objects.get()
    assert (link.uses, link.uses_left) == (1, 0)
    assert open_stint(bob, link.room_id)
