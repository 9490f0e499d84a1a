"""What the database holds of some rooms, read past the servers."""

from collections import defaultdict
from collections.abc import Sequence

from chat.models import Membership, Message, Room, RoomHead
from tests.chaos.checker import StoredMessage, StoredRoom, StoredStint


def stored_rooms(ids: Sequence[str]) -> list[StoredRoom]:
    """These rooms, with all their rows; where the ORM may be used."""
    return [_room(room) for room in Room.objects.filter(pk__in=ids)]


def heads(ids: Sequence[str]) -> dict[str, int]:
    """The rev of each of these rooms."""
    return {str(pk): rev for pk, rev in RoomHead.objects.filter(pk__in=ids).values_list("pk", "rev")}


def places(ids: Sequence[str]) -> dict[str, set[str]]:
    """Who is in which of these rooms: {person: rooms}."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for user_id, room_id in Membership.objects.filter(room__in=ids, left_rev=None).values_list("user_id", "room_id"):
        found[str(user_id)].add(str(room_id))
    return found


def _room(room: Room) -> StoredRoom:
    head = RoomHead.objects.get(pk=room.pk)
    return StoredRoom(
        str(room.pk),
        head.rev,
        head.last_seq,
        [
            StoredMessage(
                row.seq,
                row.rev,
                row.created_rev,
                str(row.author_id),
                str(row.client_id),
                row.text,
                row.deleted_at is not None,
            )
            for row in Message.objects.filter(room=room).order_by("seq")
        ],
        [
            StoredStint(str(row.user_id), row.joined_rev, row.left_rev, row.read_seq)
            for row in Membership.objects.filter(room=room).order_by("joined_rev")
        ],
    )
