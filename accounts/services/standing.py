"""What people are in the workspace: their role, and whether their accounts are open.

Each changes one or many, all or none, in one transaction and with a fixed number of queries (and what the receivers of
the signals take). Everybody's row is locked first, then what receivers lock (heads of rooms), then the heads of people,
each in id order. The audit trail says why. `actor` None: the shell.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import policies, signals
from accounts.events import UserState
from accounts.models import User
from accounts.payloads import device_state, me
from accounts.services.audit import Subject, audit_write_all
from accounts.services.device import devices_of_many_end_locked
from accounts.services.person_head import person_revs_next
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from realtime.publish import publish_on_commit


def user_role_set(*, user_id: int, role: str, actor: User | None = None, reason: str = "") -> User:
    """Give a person another role in the workspace. As `users_role_set`."""
    return users_role_set(user_ids=[user_id], role=role, actor=actor, reason=reason)[0]


def users_role_set(*, user_ids: Collection[int], role: str, actor: User | None = None, reason: str = "") -> list[User]:
    """Give people another role in the workspace; who has it already stays as she is. Sends `people_role_changed`.

    Raises NotFound, Forbidden, Invalid; Conflict if no owner would be left, and for a bot that would lead.
    """
    if role not in User.Role.values:
        raise Invalid(_("There is no such role."), fields={"role": [_("owner, admin, member or guest.")]})
    with transaction.atomic():
        people = _locked_all(user_ids)
        if actor is not None and not all(policies.can_set_role(actor, user, role=role) for user in people):
            raise Forbidden(_("You may not give this role to this person."))
        if role not in {User.Role.MEMBER, User.Role.GUEST} and any(user.is_bot for user in people):
            raise Conflict(_("A bot is a member or a guest."))
        before = {user.pk: user.role for user in people if user.role != role}
        changing = [user for user in people if user.pk in before]
        _refuse_without_owner([user for user in changing if user.role == User.Role.OWNER])
        for user in changing:
            user.role = role
        User.objects.filter(pk__in=before).update(role=role)
        for was in sorted(set(before.values())):
            subjects = [Subject.of(user) for user in changing if before[user.pk] == was]
            detail = {"from": was, "to": role}
            audit_write_all(actor=actor, action="user.role_set", subjects=subjects, reason=reason, detail=detail)
        if changing:
            signals.people_role_changed.send(sender=User, users=changing, before=before)
        _publish_all(changing)
    return people


def user_deactivate(*, user_id: int, actor: User | None = None, reason: str = "") -> User:
    """Close an account and every socket of it. As `users_deactivate`."""
    return users_deactivate(user_ids=[user_id], actor=actor, reason=reason)[0]


def users_deactivate(*, user_ids: Collection[int], actor: User | None = None, reason: str = "") -> list[User]:
    """Close accounts and every socket of them; who is closed already stays as she is. Sends `people_deactivated`.

    Raises NotFound, Forbidden; Conflict if no owner would be left.
    """
    with transaction.atomic():
        people = _locked_all(user_ids)
        if actor is not None and not all(policies.can_deactivate(actor, user) for user in people):
            raise Forbidden(_("You may not close this account."))
        closing = [user for user in people if user.is_active]
        _refuse_without_owner([user for user in closing if user.role == User.Role.OWNER])
        _open_or_close(closing, open_=False, actor=actor, reason=reason)
        if closing:
            signals.people_deactivated.send(sender=User, users=closing)
        ended = devices_of_many_end_locked(user_ids=[user.pk for user in closing])
        revs = person_revs_next(user_ids=[user.pk for user in closing])
        for user in closing:
            devices = ended.get(user.pk, [])
            rev = revs[user.pk]
            states = [device_state(device) for device in devices]
            publish_on_commit(
                UserState(prev=rev - 1 - len(devices), rev=rev, user=str(user.pk), devices=states, disabled=True)
            )
    return people


def user_reactivate(*, user_id: int, actor: User | None = None, reason: str = "") -> User:
    """Open a closed account again. As `users_reactivate`."""
    return users_reactivate(user_ids=[user_id], actor=actor, reason=reason)[0]


def users_reactivate(*, user_ids: Collection[int], actor: User | None = None, reason: str = "") -> list[User]:
    """Open closed accounts again; what they were signed in with stays ended. Sends `people_reactivated`.

    Raises NotFound, Forbidden.
    """
    with transaction.atomic():
        people = _locked_all(user_ids)
        if actor is not None and not all(policies.can_deactivate(actor, user) for user in people):
            raise Forbidden(_("You may not open this account."))
        opening = [user for user in people if not user.is_active]
        _open_or_close(opening, open_=True, actor=actor, reason=reason)
        if opening:
            signals.people_reactivated.send(sender=User, users=opening)
        _publish_all(opening)
    return people


def _open_or_close(people: list[User], *, open_: bool, actor: User | None, reason: str) -> None:
    for user in people:
        user.is_active = open_
    User.objects.filter(pk__in=[user.pk for user in people]).update(is_active=open_)
    subjects = [Subject.of(user) for user in people]
    action = "user.reactivated" if open_ else "user.deactivated"
    audit_write_all(actor=actor, action=action, subjects=subjects, reason=reason)


def _publish_all(people: list[User]) -> None:
    revs = person_revs_next(user_ids=[user.pk for user in people])
    publish_on_commit(
        *(
            UserState(prev=revs[user.pk] - 1, rev=revs[user.pk], user=str(user.pk), me=me(user, revs[user.pk]))
            for user in people
        )
    )


def _locked_all(user_ids: Collection[int]) -> list[User]:
    """The rows of these people and of every owner, locked in id order: of two owners who go at the same time the
    second sees that the first has gone."""
    wanted = set(user_ids)
    rows = User.objects.select_for_update(no_key=True).filter(Q(pk__in=wanted) | Q(role=User.Role.OWNER))
    people = [user for user in rows.order_by("pk") if user.pk in wanted]
    if len(people) != len(wanted):
        raise NotFound(_("There is no such person."))
    return people


def _refuse_without_owner(going: Collection[User]) -> None:
    """The workspace always has an owner who can sign in."""
    if not going:
        return
    others = User.objects.filter(role=User.Role.OWNER, is_active=True).exclude(pk__in=[user.pk for user in going])
    if not others.exists():
        raise Conflict(_("This is the last owner. Make somebody else an owner first."))
