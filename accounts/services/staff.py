"""What staff does to people and their sign-ins, each deed with its entry in the audit trail.

Being staff opens the admin; what one may do there is judged by the same policies as everywhere.
"""

from collections import defaultdict
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import policies
from accounts.models import ApiToken, Device, Invitation, User
from accounts.services.audit import Subject, audit_write
from accounts.services.device import device_end, devices_end_all
from accounts.services.invitation import invitation_create, invitation_revoke
from accounts.services.standing import users_deactivate, users_reactivate, users_role_set
from realtime.protocol.errors import Conflict, Forbidden, NotFound


def people_deactivate(*, actor: User, user_ids: Collection[int], reason: str = "") -> int:
    """Close accounts, all or none; how many were open. As `users_deactivate`."""
    with transaction.atomic():
        _refuse_oneself(actor, user_ids)
        was_open = set(User.objects.filter(pk__in=user_ids, is_active=True).values_list("pk", flat=True))
        users_deactivate(user_ids=user_ids, actor=actor, reason=reason)
    return len(was_open)


def people_reactivate(*, actor: User, user_ids: Collection[int], reason: str = "") -> int:
    """Open closed accounts again, all or none; how many were closed. As `users_reactivate`."""
    with transaction.atomic():
        was_closed = set(User.objects.filter(pk__in=user_ids, is_active=False).values_list("pk", flat=True))
        users_reactivate(user_ids=user_ids, actor=actor, reason=reason)
    return len(was_closed)


def people_role_set(*, actor: User, user_ids: Collection[int], role: str, reason: str = "") -> int:
    """Give people another role in the workspace, all or none; how many had another one. As `users_role_set`."""
    with transaction.atomic():
        _refuse_oneself(actor, user_ids)
        others = set(User.objects.filter(pk__in=user_ids).exclude(role=role).values_list("pk", flat=True))
        users_role_set(user_ids=user_ids, role=role, actor=actor, reason=reason)
    return len(others)


def people_sign_out(*, actor: User, user_ids: Collection[int], reason: str = "") -> int:
    """End every sign-in and token of these people; how many ended. Raises NotFound, Forbidden."""
    with transaction.atomic():
        people = _governed(actor, user_ids)
        ended = 0
        for user in people:
            count = devices_end_all(user_id=user.pk)
            detail = {"ended": count}
            audit_write(actor=actor, action="user.signed_out", subject=Subject.of(user), reason=reason, detail=detail)
            ended += count
    return ended


def person_staff_set(*, actor: User, user_id: int, staff: bool, reason: str = "") -> None:
    """Open or close the admin to a person; what she is already is no change. Only owners do that, to others.

    It is asked of the row with each page of the admin, so nothing has to be published. Raises NotFound, Forbidden,
    Conflict.
    """
    with transaction.atomic():
        _refuse_oneself(actor, [user_id])
        user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
        if user is None:
            raise NotFound(_("There is no such person."))
        if actor.role != User.Role.OWNER or not policies.can_deactivate(actor, user):
            raise Forbidden(_("Only owners decide who may open the admin."))
        if user.is_bot:
            raise Conflict(_("A bot cannot open the admin."))
        if user.is_staff == staff:
            return
        user.is_staff = staff
        user.save(update_fields=["is_staff"])
        action = "user.staff_given" if staff else "user.staff_taken"
        audit_write(actor=actor, action=action, subject=Subject.of(user), reason=reason)


def sign_ins_end(*, actor: User, device_ids: Collection[int], reason: str = "") -> int:
    """End these sign-ins, whosever they are; how many were live. Raises NotFound, Forbidden."""
    with transaction.atomic():
        devices = list(Device.objects.filter(pk__in=device_ids, ended_at=None).order_by("user_id", "pk"))
        people = {user.pk: user for user in _governed(actor, {device.user_id for device in devices})}
        ended: defaultdict[int, list[int]] = defaultdict(list)
        for device in devices:
            if device_end(device_id=device.pk, user_id=device.user_id):
                ended[device.user_id].append(device.pk)
        for user_id, ids in ended.items():
            subject, detail = Subject.of(people[user_id]), {"devices": ids}
            audit_write(actor=actor, action="device.ended", subject=subject, reason=reason, detail=detail)
    return sum(map(len, ended.values()))


def tokens_revoke(*, actor: User, token_ids: Collection[int], reason: str = "") -> int:
    """Revoke these API tokens, whosever they are; how many were live. Raises NotFound, Forbidden."""
    with transaction.atomic():
        rows = ApiToken.objects.select_related("device__user").filter(pk__in=token_ids, device__ended_at=None)
        tokens = list(rows.order_by("device__user_id", "pk"))
        _governed(actor, {token.device.user_id for token in tokens})
        for token in tokens:
            device_end(device_id=token.device_id, user_id=token.device.user_id)
            detail = {"name": token.name, "prefix": token.prefix}
            subject = Subject.of(token.device.user)
            audit_write(actor=actor, action="token.revoked", subject=subject, reason=reason, detail=detail)
    return len(tokens)


def invitation_make(
    *, actor: User, role: str, email: str, life: timedelta, uses: int | None, reason: str = ""
) -> tuple[Invitation, str]:
    """As `invitation_create`."""
    with transaction.atomic():
        invitation, token = invitation_create(actor=actor, role=role, email=email, life=life, uses=uses)
        subject = Subject("invitation", invitation.pk, str(invitation))
        audit_write(actor=actor, action="invitation.made", subject=subject, reason=reason, detail={"role": role})
    return invitation, token


def invitations_withdraw(*, actor: User, invitation_ids: Collection[int], reason: str = "") -> int:
    """Revoke invitations, all or none; how many were not revoked yet. As `invitation_revoke`."""
    with transaction.atomic():
        live = list(Invitation.objects.filter(pk__in=invitation_ids, revoked_at=None).order_by("pk"))
        for row in live:
            invitation = invitation_revoke(actor=actor, invitation_id=row.pk)
            subject = Subject("invitation", invitation.pk, str(invitation))
            audit_write(actor=actor, action="invitation.revoked", subject=subject, reason=reason)
    return len(live)


def _refuse_oneself(actor: User, user_ids: Collection[int]) -> None:
    """A slip with a tick in a long list must not lock one out."""
    if actor.pk in user_ids:
        raise Conflict(_("You cannot do this to yourself here."))


def _governed(actor: User, user_ids: Collection[int]) -> list[User]:
    """These people, if the actor may close their accounts (then she may end their sign-ins), or is one of them."""
    people = list(User.objects.filter(pk__in=user_ids).order_by("pk"))
    if len(people) < len(set(user_ids)):
        raise NotFound(_("There is no such person."))
    if not all(user.pk == actor.pk or policies.can_deactivate(actor, user) for user in people):
        raise Forbidden(_("You may not end the sign-ins of these people."))
    return people
