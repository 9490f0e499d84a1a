"""Who may not come back."""

from django.db.models import Q, QuerySet
from django.utils import timezone

from chat.models import Ban


def holding() -> Q:
    """Bans that keep somebody out at this moment."""
    return Q(lifted_at=None) & (Q(until=None) | Q(until__gt=timezone.now()))


def standing(room_id: int) -> QuerySet[Ban]:
    """Bans from this room that hold now, the newest first."""
    return Ban.objects.select_related("user", "created_by").filter(holding(), room_id=room_id).order_by("-pk")


def standing_ban(*, room_id: int, user_id: int) -> Ban | None:
    """The ban that keeps somebody out of a room now. One query."""
    return standing(room_id).filter(user_id=user_id).first()
