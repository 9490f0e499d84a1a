"""Who is in a room, and of them who can own it."""

from django.db.models import QuerySet

from accounts.models import User
from chat.models import Membership


def able(stints: QuerySet[Membership]) -> QuerySet[Membership]:
    """Those that are open, of people to whom a room can be left: no guest, no bot, no closed account."""
    return stints.filter(left_rev=None, user__is_active=True, user__is_bot=False).exclude(user__role=User.Role.GUEST)
