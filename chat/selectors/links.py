"""Links into rooms."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from chat import policies
from chat.models import Membership, RoomLink


def in_force() -> Q:
    """Links that time, number and nobody's revoking leave good at this moment."""
    in_time = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return Q(revoked_at=None) & in_time & (Q(uses_left=None) | Q(uses_left__gt=0))


def live(room_id: int) -> QuerySet[RoomLink]:
    """A room's links that time and number leave good, the newest first."""
    return RoomLink.objects.select_related("created_by").filter(in_force(), room_id=room_id).order_by("-pk")


def usable(hash: str, *, lock: bool = False) -> RoomLink | None:
    """The link with this hash, if it is good: also its maker must still be one who may make it. Two queries."""
    links = RoomLink.objects.select_related("room", "created_by")
    links = links.filter(in_force(), hash=hash, room__archived_at=None)
    if lock:
        links = links.select_for_update(no_key=True, of=("self",))
    link = links.first()
    if link is None:
        return None
    maker = Membership.objects.filter(room_id=link.room_id, user_id=link.created_by_id, left_rev=None).first()
    return link if policies.can_link(link.created_by, maker, link.room) else None
