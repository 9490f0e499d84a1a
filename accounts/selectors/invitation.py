"""Reading invitations."""

from hashlib import sha256

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts import policies
from accounts.models import Invitation, User


def invitation_hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def in_force() -> Q:
    """Those that let somebody in at this moment."""
    return Q(revoked_at=None, expires_at__gt=timezone.now()) & (Q(uses_left=None) | Q(uses_left__gt=0))


def invitation_by_token(token: str) -> Invitation | None:
    """The invitation of a link, if it is in force and whoever made it may still invite so. One query."""
    rows = Invitation.objects.select_related("created_by").filter(in_force(), hash=invitation_hash(token))
    found = rows.first()
    if found is None or not policies.can_invite(found.created_by, role=found.role):
        return None
    return found


def invitations(person: User) -> QuerySet[Invitation]:
    """Those this person may see, the newest first: administrators all, others their own."""
    rows = Invitation.objects.select_related("created_by").order_by("-pk")
    return rows if policies.can_administer(person) else rows.filter(created_by=person)
