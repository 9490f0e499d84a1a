"""How far the others have read, where that is shown."""

from collections.abc import Collection

from django.db.models import OuterRef

from chat.models import Membership, Room
from chat.selectors.entries import BoundedCount

RECEIPTS_MAX = 20
"""In rooms of more people nobody is told who has read what."""


def small_rooms(room_ids: Collection[int]) -> set[int]:
    """Those of these rooms in which receipts are shown. One query."""
    if not room_ids:
        return set()
    people = Membership.objects.filter(room_id=OuterRef("pk"), left_rev=None).order_by().values("pk")
    rooms = Room.objects.filter(pk__in=room_ids).annotate(people=BoundedCount(people[: RECEIPTS_MAX + 1]))
    return set(rooms.filter(people__lte=RECEIPTS_MAX).values_list("pk", flat=True))


def positions(room_id: int) -> dict[int, int]:
    """{person: read up to} of a small room; nothing of a large one. One query."""
    stints = Membership.objects.filter(room_id=room_id, left_rev=None).order_by("user_id")
    found = list(stints.values_list("user_id", "read_seq")[: RECEIPTS_MAX + 1])
    return dict(found) if len(found) <= RECEIPTS_MAX else {}
