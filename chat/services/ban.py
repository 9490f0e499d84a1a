"""Keeping somebody out of a room."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat import payloads, policies
from chat.models import Ban, Membership
from chat.selectors.people import visible
from chat.services.membership import locked, refuse_last_owner, stint_of
from chat.services.stint import stint_close
from chat.services.wording import checked_reason
from realtime.protocol.errors import Forbidden, Invalid, NotFound


def ban_set(
    *, actor: User, room_id: int, user_id: int, reason: str = "", until: datetime | None = None
) -> payloads.Ban:
    """Ban somebody, who leaves the room if she is in it; an earlier ban is replaced.

    Who is not in the room is banned without a rev: nothing that its log tells of changes. Locks the head. Raises
    NotFound (room or person), Forbidden, Invalid; Conflict for the last owner.
    """
    reason = checked_reason(reason)
    now = timezone.now()
    if until is not None and until <= now:
        raise Invalid(_("The request is not valid."), fields={"until": [_("This is in the past.")]})
    with transaction.atomic():
        head, room, membership = locked(actor, room_id)
        target = stint_of(room_id, user_id)
        if not policies.can_ban(actor, membership, room, user_id=user_id, target=target):
            raise Forbidden(_("You may not ban this person."))
        who = target.user if target else visible(actor).filter(pk=user_id).first()
        if who is None:
            raise NotFound(_("There is no such person."), fields={"user": [_("There is no such person.")]})
        _lift(room_id, user_id, actor, now)
        row = Ban.objects.create(room=room, user=who, reason=reason, until=until, created_by=actor, created_at=now)
        if target is not None:
            refuse_last_owner(target)
            stint_close(room=room, head=head, membership=target, reason=Membership.Left.BANNED)
        return payloads.ban(row)


def ban_lift(*, actor: User, room_id: int, user_id: int) -> None:
    """Let somebody come back (she does not come back by this). Again changes nothing. Raises NotFound, Forbidden."""
    with transaction.atomic():
        _head, room, membership = locked(actor, room_id)
        if not policies.can_see_bans(actor, membership, room):
            raise Forbidden(_("Only those who lead the room may lift bans."))
        _lift(room_id, user_id, actor, timezone.now())


def _lift(room_id: int, user_id: int, actor: User, now: datetime) -> None:
    Ban.objects.filter(room_id=room_id, user_id=user_id, lifted_at=None).update(lifted_by=actor, lifted_at=now)
