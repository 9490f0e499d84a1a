"""Rooms as they stand in a person's list."""

from collections.abc import Iterable
from typing import Any

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from accounts.payloads import person
from chat.models import Membership, Message, Room
from chat.payloads import ReadPosition, RoomEntry
from chat.selectors.access import no_such_room

UNREAD_MAX = 100


class BoundedCount(Subquery):
    """How many rows a sliced queryset has: counting stops at the slice."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) bounded)"
    output_field = IntegerField()


def with_counts(stints: QuerySet[Membership]) -> QuerySet[Membership]:
    """Adds `unread`, `head_rev` and `last_seq`, all of one moment since it is one statement."""
    unread = (
        Message.objects.filter(room_id=OuterRef("room_id"), seq__gt=OuterRef("read_seq"), deleted_at=None)
        .exclude(author_id=OuterRef("user_id"))
        .order_by()
        .values("pk")
    )
    return stints.annotate(
        unread=BoundedCount(unread[:UNREAD_MAX]), head_rev=F("room__head__rev"), last_seq=F("room__head__last_seq")
    )


def entries(which: Q) -> list[tuple[int, RoomEntry]]:
    """(person, entry) for the open stints that match, the most recently changed rooms first. Two queries."""
    rows = list(
        with_counts(Membership.objects.filter(which, left_rev=None))
        .select_related("room")
        .order_by("-room__head__changed_at", "-room_id")
    )
    others = {row.pk: other for row in rows if (other := _other(row.room.pair_key, row.user_id)) is not None}
    people = User.objects.in_bulk(set(others.values())) if others else {}
    return [(row.user_id, _entry(row, people.get(others.get(row.pk)))) for row in rows]


def room_entries(*, user_id: int, room_ids: Iterable[int] | None = None) -> list[RoomEntry]:
    """A person's rooms, or these of them. Two queries, whatever their number."""
    which = Q(user_id=user_id) if room_ids is None else Q(user_id=user_id, room_id__in=list(room_ids))
    return [entry for _, entry in entries(which)]


def read_positions(which: Q) -> list[tuple[int, ReadPosition]]:
    """(person, position) for the open stints that match. One query."""
    rows: Any = with_counts(Membership.objects.filter(which, left_rev=None)).order_by("room_id")
    return [
        (
            row.user_id,
            ReadPosition(
                room=str(row.room_id),
                rev=row.head_rev,
                read_seq=row.read_seq,
                last_seq=row.last_seq,
                unread=row.unread,
            ),
        )
        for row in rows
    ]


def position(*, user_id: int, room_id: int) -> ReadPosition:
    """A person's position in a room. One query. Raises NotFound."""
    for _user, at in read_positions(Q(user_id=user_id, room_id=room_id)):
        return at
    raise no_such_room()


def _other(pair_key: str | None, user_id: int) -> int | None:
    if pair_key is None:
        return None
    low, high = (int(part) for part in pair_key.split(":"))
    return low if high == user_id else high


def _entry(row: Any, counterpart: User | None) -> RoomEntry:
    room: Room = row.room
    return RoomEntry(
        id=str(room.pk),
        kind=room.kind,
        name=room.name,
        topic=room.topic,
        archived=room.archived_at is not None,
        role=row.role,
        joined_rev=row.joined_rev,
        rev=row.head_rev,
        last_seq=row.last_seq,
        read_seq=row.read_seq,
        unread=row.unread,
        counterpart=None if counterpart is None else person(counterpart),
    )
