"""Links into rooms."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from chat import policies
from chat.models import Membership, RoomLink


def live(room_id: int) -> QuerySet[RoomLink]:
    """A room's links that time and number leave good, the newest first."""
    return _live().select_related("created_by").filter(room_id=room_id).order_by("-pk")


def usable(hash: str, *, lock: bool = False) -> RoomLink | None:
    """The link with this hash, if it is good: also its maker must still be one who may make it. Two queries."""
    links = _live().select_related("room", "created_by").filter(hash=hash, room__archived_at=None)
    if lock:
        links = links.select_for_update(no_key=True, of=("self",))
    link = links.first()
    if link is None:
        return None
    maker = Membership.objects.filter(room_id=link.room_id, user_id=link.created_by_id, left_rev=None).first()
    return link if policies.can_link(link.created_by, maker, link.room) else None


def _live() -> QuerySet[RoomLink]:
    in_time = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    some_left = Q(uses_left=None) | Q(uses_left__gt=0)
    return RoomLink.objects.filter(in_time, some_left, revoked_at=None)
