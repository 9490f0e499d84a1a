"""How far the others have read, where that is shown."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from chat.models import Membership, Message, Room
from chat.selectors.entries import BoundedCount

RECEIPTS_MAX = 20
"""In rooms of more people nobody is told who has read what."""


def shown(stints: Collection[Membership]) -> set[int]:
    """Those of these stints (their ids) whose position the others are told. One query."""
    if not stints:
        return set()
    people = Membership.objects.filter(room_id=OuterRef("pk"), left_rev=None).order_by().values("pk")
    rooms = Room.objects.filter(pk__in={row.room_id for row in stints})
    small = rooms.annotate(people=BoundedCount(people[: RECEIPTS_MAX + 1])).filter(people__lte=RECEIPTS_MAX)
    found = Membership.objects.filter(_has_read(), pk__in=[row.pk for row in stints], room__in=small.values("pk"))
    return set(found.values_list("pk", flat=True))


def positions(room_id: int) -> dict[int, int]:
    """{person: read up to} of a small room, without who has read nothing yet; nothing of a large one. One query."""
    stints = Membership.objects.filter(room_id=room_id, left_rev=None).order_by("user_id")
    found = list(stints.values_list("user_id", "read_seq", _has_read())[: RECEIPTS_MAX + 1])
    return {user_id: seq for user_id, seq, has_read in found if has_read} if len(found) <= RECEIPTS_MAX else {}


def _has_read() -> Exists:
    """Whether a stint's position is a message said since it began: it begins at the room's end with nothing read."""
    at = Message.objects.filter(room_id=OuterRef("room_id"), seq=OuterRef("read_seq"))
    return Exists(at.filter(created_rev__gt=OuterRef("joined_rev")))
