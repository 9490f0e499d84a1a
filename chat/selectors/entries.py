"""Rooms as they stand in a person's list."""

from collections.abc import Iterable
from sys import intern
from typing import Any

from django.db.models import F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Least

from accounts.models import User
from accounts.payloads import Person, person
from chat import payloads
from chat.models import Draft, Membership, Mention, Message, Room
from chat.payloads import DraftState, ReadPosition, RoomEntry
from chat.selectors.access import no_such_room

UNREAD_MAX = 100


class BoundedCount(Subquery):
    """How many rows a sliced queryset has: counting stops at the slice."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) bounded)"
    output_field = IntegerField()


def with_counts(stints: QuerySet[Membership]) -> QuerySet[Membership]:
    """Adds `unread`, `mentioned`, `head_rev` and `last_seq`, all of one moment since it is one statement.

    A message addresses a person or everybody, never both by two rows, so the two counts may be added.
    """
    unread = (
        Message.objects.filter(room_id=OuterRef("room_id"), seq__gt=OuterRef("read_seq"), deleted_at=None)
        .exclude(author_id=OuterRef("user_id"))
        .order_by()
        .values("pk")
    )
    mentions = Mention.objects.filter(room_id=OuterRef("room_id"), seq__gt=OuterRef("read_seq")).order_by().values("pk")
    own = mentions.filter(user_id=OuterRef("user_id"))
    everybodys = mentions.filter(user__isnull=True).exclude(message__author_id=OuterRef("user_id"))
    return stints.annotate(
        unread=BoundedCount(unread[:UNREAD_MAX]),
        mentioned=Least(BoundedCount(own[:UNREAD_MAX]) + BoundedCount(everybodys[:UNREAD_MAX]), Value(UNREAD_MAX)),
        head_rev=F("room__head__rev"),
        last_seq=F("room__head__last_seq"),
    )


def entries(which: Q) -> list[tuple[int, RoomEntry]]:
    """(person, entry) for the open stints that match, the most recently changed rooms first. Three queries at most."""
    rows = list(
        with_counts(Membership.objects.filter(which, left_rev=None))
        .select_related("room", "draft")
        .order_by("-room__head__changed_at", "-room_id")
    )
    others = {row.pk: other for row in rows if (other := _other(row.room, row.user_id)) is not None}
    people = User.objects.in_bulk(set(others.values())) if others else {}
    groups = _groups({row.room_id for row in rows if row.room.kind == Room.Kind.GROUP})
    return [(row.user_id, _entry(row, people.get(others.get(row.pk)), groups.get(row.room_id, []))) for row in rows]


def room_entries(*, user_id: int, room_ids: Iterable[int] | None = None) -> list[RoomEntry]:
    """A person's rooms, or these of them. Three queries at most, whatever their number."""
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
                mentions=row.mentioned,
                rewinds=row.rewinds,
            ),
        )
        for row in rows
    ]


def position(*, user_id: int, room_id: int) -> ReadPosition:
    """A person's position in a room. One query. Raises NotFound."""
    for _user, at in read_positions(Q(user_id=user_id, room_id=room_id)):
        return at
    raise no_such_room()


def _other(room: Room, user_id: int) -> int | None:
    if room.kind != Room.Kind.DIRECT or room.people_key is None:
        return None
    low, high = (int(part) for part in room.people_key.split(":"))
    return low if high == user_id else high


def _groups(room_ids: set[int]) -> dict[int, list[Person]]:
    """Who is in these groups, which are small. One query, if there are any."""
    found: dict[int, list[Person]] = {room_id: [] for room_id in room_ids}
    if room_ids:
        stints = Membership.objects.filter(room_id__in=room_ids, left_rev=None).select_related("user")
        for stint in stints.order_by("user_id"):
            found[stint.room_id].append(person(stint.user))
    return found


def _draft(row: Any) -> DraftState | None:
    """What she has begun to write, unless she said something since."""
    held: Draft | None = getattr(row, "draft", None)
    return payloads.draft(held, row.room_id) if held is not None and held.seq >= row.sent_seq else None


def _entry(row: Any, counterpart: User | None, group: list[Person]) -> RoomEntry:
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
        people=[one for one in group if one.id != str(row.user_id)],
        announcement=room.announcement,
        mention_room=intern(str(room.mention_room)),  # type: ignore[arg-type]
        muted_until=payloads.ms(row.muted_until),
        mentions=row.mentioned,
        rewinds=row.rewinds,
        favourite=row.favourite,
        folder=row.folder,
        notify=intern(str(row.notify)),  # type: ignore[arg-type]
        place=row.place,
        draft=_draft(row),
    )
