"""Opening, changing and closing stints, inside the transaction of whoever decided it."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.models import User
from accounts.services.person_head import person_revs_next
from chat import payloads
from chat.events import MemberJoined, MemberLeft, MemberUpdated, UserState
from chat.models import Membership, Room, RoomHead
from chat.selectors.entries import entries
from chat.services.head import head_move
from realtime.publish import publish_on_commit


def stints_open(*, room: Room, head: RoomHead, people: Sequence[tuple[User, str]]) -> list[Membership]:
    """Begin a stint for each (person, role), at the present end of the room. The head must be locked.

    Who is muted stays muted: a mute is not over because one leaves and comes back. A fixed number of queries. Publishes
    `member.joined` for each, and her list to each of them.
    """
    person_revs = person_revs_next(user_ids=[person.pk for person, _ in people])
    muted = _mutes(room, person_revs)
    rows = [
        Membership(
            room=room,
            user=person,
            role=role,
            joined_rev=head.rev + place,
            rev=head.rev + place,
            user_rev=person_revs[person.pk],
            read_seq=head.last_seq,
            muted_until=muted.get(person.pk),
        )
        for place, (person, role) in enumerate(people, 1)
    ]
    Membership.objects.bulk_create(rows)
    head_move(head=head, revs=len(rows))
    publish_on_commit(
        *(
            MemberJoined(room=str(room.pk), prev=row.rev - 1, rev=row.rev, membership=payloads.membership(row))
            for row in rows
        )
    )
    _tell(room, rows)
    return rows


def stint_close(*, room: Room, head: RoomHead, membership: Membership, reason: Membership.Left) -> None:
    """End a stint. The head must be locked, `membership.user` loaded. Publishes `member.left`, and to her the end.

    A group that somebody left is no longer the one conversation of those who began it.
    """
    person_rev = person_revs_next(user_ids=[membership.user_id])[membership.user_id]
    membership.rev = membership.left_rev = head.rev + 1
    membership.left_reason = reason
    membership.user_rev = person_rev
    membership.save(update_fields=["rev", "left_rev", "left_reason", "user_rev"])
    if room.kind == Room.Kind.GROUP and room.people_key is not None:
        room.people_key = None
        room.save(update_fields=["people_key"])
    head_move(head=head, revs=1)
    left = payloads.membership(membership)
    publish_on_commit(
        MemberLeft(room=str(room.pk), prev=membership.rev - 1, rev=membership.rev, membership=left),
        UserState(user=str(membership.user_id), prev=person_rev - 1, rev=person_rev, left=[str(room.pk)]),
    )


def stint_update(
    *, room: Room, head: RoomHead, membership: Membership, role: str, muted_until: datetime | None
) -> None:
    """Give a stint another role, or mute it for a time. As `stint_close`."""
    membership.user_rev = person_revs_next(user_ids=[membership.user_id])[membership.user_id]
    membership.rev, membership.role, membership.muted_until = head.rev + 1, role, muted_until
    membership.save(update_fields=["rev", "role", "muted_until", "user_rev"])
    head_move(head=head, revs=1)
    changed = payloads.membership(membership)
    publish_on_commit(MemberUpdated(room=str(room.pk), prev=membership.rev - 1, rev=membership.rev, membership=changed))
    _tell(room, [membership])


def _mutes(room: Room, user_ids: Collection[int]) -> dict[int, datetime | None]:
    """{person: until when}, of those whose last stint in the room ended before her mute does. One query."""
    later = Membership.objects.filter(room=room, user=OuterRef("user"), joined_rev__gt=OuterRef("joined_rev"))
    ended = Membership.objects.filter(room=room, user__in=user_ids, muted_until__gt=timezone.now())
    return dict(ended.exclude(Exists(later)).values_list("user_id", "muted_until"))


def _tell(room: Room, rows: Sequence[Membership]) -> None:
    listed = dict(entries(Q(pk__in=[row.pk for row in rows])))
    publish_on_commit(
        *(
            UserState(user=str(row.user_id), prev=row.user_rev - 1, rev=row.user_rev, rooms=[listed[row.user_id]])
            for row in rows
        )
    )
