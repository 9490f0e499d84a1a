"""Invitations: made, revoked, and used to become somebody."""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import policies, signals, validators
from accounts.models import Invitation, User
from accounts.selectors.invitation import in_force, invitation_by_token, invitation_hash
from accounts.services.user import user_new, user_store
from realtime.protocol.errors import Forbidden, Invalid, NotFound

LIFE_MAX = timedelta(days=90)
ROOMS_MAX = 20
_PREFIX = 6


def invitation_create(
    *,
    actor: User,
    role: str = User.Role.MEMBER,
    email: str = "",
    room_ids: Sequence[int] = (),
    life: timedelta = timedelta(days=7),
    uses: int | None = 1,
) -> tuple[Invitation, str]:
    """An invitation and the token of its link, which is stored nowhere. `uses` None: as often as one likes.

    Raises Invalid, Forbidden. Sends `invitation_made`, whose receivers may refuse the rooms.
    """
    refused: dict[str, list[Any]] = {}
    if role not in User.Role.values:
        refused["role"] = [_("There is no such role.")]
    if email:
        try:
            email = validators.email(email)
        except ValidationError as error:
            refused["email"] = list(error.messages)
    if not timedelta(minutes=1) <= life <= LIFE_MAX:
        refused["expires_in"] = [_("From one minute to 90 days.")]
    if uses is not None and not 1 <= uses <= 10_000:
        refused["uses"] = [_("From 1 to 10000, or without limit.")]
    if len(set(room_ids)) > ROOMS_MAX:
        refused["rooms"] = [_("At most 20 rooms.")]
    if refused:
        raise Invalid(_("The request is not valid."), fields=refused)
    if not policies.can_invite(actor, role=role):
        raise Forbidden(_("You may not invite people with this role."))
    token = secrets.token_urlsafe(24)
    now = timezone.now()
    with transaction.atomic():
        invitation = Invitation.objects.create(
            hash=invitation_hash(token),
            prefix=token[:_PREFIX],
            role=role,
            email=email,
            room_ids=sorted(set(room_ids)),
            uses_left=uses,
            created_by=actor,
            created_at=now,
            expires_at=now + life,
        )
        signals.invitation_made.send(sender=Invitation, user=actor, invitation=invitation)
    return invitation, token


def invitation_revoke(*, actor: User, invitation_id: int) -> Invitation:
    """Nobody comes in by it any more; again is no change. Raises NotFound, also for another's one may not see."""
    with transaction.atomic():
        rows = Invitation.objects.select_for_update(no_key=True, of=("self",)).select_related("created_by")
        invitation = rows.filter(pk=invitation_id).first()
        if invitation is None or not policies.can_manage_invitation(actor, created_by_id=invitation.created_by_id):
            raise NotFound(_("There is no such invitation."))
        if invitation.revoked_at is None:
            invitation.revoked_at = timezone.now()
            invitation.save(update_fields=["revoked_at"])
    return invitation


def invitation_redeem(*, token: str, **person: Any) -> User:
    """Become a person by an invitation; `person` is what `user_new` takes, but for the role.

    A last use is given once, to whoever's transaction commits; a sign-up that fails gives it back. Raises NotFound
    for an invitation that is no longer valid, Invalid, Conflict. Locks the invitation's row. Sends `person_created`.
    """
    invitation = _good(token)
    _refuse_other_address(invitation, person.get("email", ""))
    user = user_new(role=User.Role(invitation.role), **person)
    with transaction.atomic():
        _spend(invitation)
        return user_store(user=user, email_verified=False, invitation=invitation)


def invitation_spend(*, token: str, email: str) -> None:
    """Use an invitation for somebody who turns out to be here already, so that the link does not tell.

    Raises NotFound, Invalid.
    """
    invitation = _good(token)
    _refuse_other_address(invitation, email)
    _spend(invitation)


def _good(token: str) -> Invitation:
    invitation = invitation_by_token(token)
    if invitation is None:
        raise _gone()
    return invitation


def _refuse_other_address(invitation: Invitation, email: str) -> None:
    if invitation.email and email.strip().lower() != invitation.email:
        raise Invalid(
            _("The request is not valid."), fields={"email": [_("This invitation is for another e-mail address.")]}
        )


def _spend(invitation: Invitation) -> None:
    """One statement decides: of two who want the last use the second finds no row."""
    rows = Invitation.objects.filter(in_force(), pk=invitation.pk)
    if not rows.update(uses=F("uses") + 1, uses_left=F("uses_left") - 1):
        raise _gone()


def _gone() -> NotFound:
    return NotFound(_("This invitation is no longer valid."))
