"""Who comes, goes, and leads."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat import payloads, policies
from chat.models import Membership, Room, RoomHead
from chat.selectors import access
from chat.selectors.bans import standing_ban
from chat.selectors.entries import room_entries
from chat.selectors.people import visible
from chat.selectors.stints import able
from chat.services.head import head_lock, heads_lock
from chat.services.stint import stint_close, stint_update, stints_open
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound

KEEP = object()
"""Leave this as it is."""


def room_join(*, actor: User, room_id: int) -> payloads.RoomEntry:
    """Enter a public room; who is in it already just gets her entry. Locks the head.

    Raises NotFound, Conflict; Forbidden for who is banned.
    """
    with transaction.atomic():
        head = head_lock(room_id=room_id)
        room, membership = access.found(person=actor, room_id=room_id)
        if membership is None:
            enter(room=room, head=head, person=actor)
    return room_entries(user_id=actor.pk, room_ids=[room_id])[0]


def enter(*, room: Room, head: RoomHead, person: User) -> None:
    """Somebody who may come in comes in by herself. The head must be locked. Raises Conflict, Forbidden."""
    _open_for_people(room)
    if (ban := standing_ban(room_id=room.pk, user_id=person.pk)) is not None:
        why = _("You are banned from this room: %(reason)s") % {"reason": ban.reason}
        raise Forbidden(why if ban.reason else _("You are banned from this room."))
    stints_open(room=room, head=head, people=[(person, Membership.Role.MEMBER)])


def member_add(*, actor: User, room_id: int, user_id: int) -> payloads.Membership:
    """Bring somebody into a room; who is in it already stays as she is.

    Locks the head. Raises NotFound (room or person), Forbidden; Conflict if it is archived or she is banned.
    """
    with transaction.atomic():
        head, room, membership = locked(actor, room_id)
        who = visible(actor).filter(pk=user_id).first()
        if who is None:
            raise NotFound(_("There is no such person."), fields={"user": [_("There is no such person.")]})
        _open_for_people(room)
        if not policies.can_add_member(actor, membership, room, who=who):
            raise Forbidden(_("You may not add people to this room."))
        there = stint_of(room_id, user_id)
        if there is None:
            if standing_ban(room_id=room_id, user_id=user_id) is not None:
                raise Conflict(_("This person is banned from the room."), fields={"user": [_("Lift the ban first.")]})
            there = stints_open(room=room, head=head, people=[(who, Membership.Role.MEMBER)])[0]
        return payloads.membership(there)


def members_welcome(*, user: User, room_ids: Collection[int], inviter: User) -> None:
    """Bring a new person into the rooms of her invitation: those of them where the inviter may still do so.

    For each room a fixed number of queries. Locks the heads, in id order.
    """
    with transaction.atomic():
        heads = heads_lock(room_ids=room_ids)
        for room_id in sorted(heads):
            membership = access.stint(room_id=room_id, user_id=inviter.pk)
            room = Room.objects.get(pk=room_id) if membership is None else membership.room
            if room.archived_at is None and policies.can_add_member(inviter, membership, room, who=user):
                stints_open(room=room, head=heads[room_id], people=[(user, Membership.Role.MEMBER)])


def member_remove(*, actor: User, room_id: int, user_id: int) -> None:
    """Take somebody out of a room. Locks the head. Raises NotFound (room or member), Forbidden, Conflict."""
    with transaction.atomic():
        head, room, membership = locked(actor, room_id)
        target = _member(room_id, user_id)
        if not policies.can_remove_member(actor, membership, room, target=target):
            raise Forbidden(_("You may not remove this person."))
        refuse_last_owner(target)
        stint_close(room=room, head=head, membership=target, reason=Membership.Left.REMOVED)


def room_leave(*, actor: User, room_id: int) -> None:
    """Leave a room. Locks the head. Raises NotFound; Conflict in a direct conversation and for the last owner."""
    with transaction.atomic():
        head = head_lock(room_id=room_id)
        membership = access.entered(person=actor, room_id=room_id)
        if not policies.can_leave(actor, membership, membership.room):
            raise Conflict(_("A direct conversation cannot be left."))
        refuse_last_owner(membership)
        membership.user = actor
        stint_close(room=membership.room, head=head, membership=membership, reason=Membership.Left.LEFT)


def member_update(
    *, actor: User, room_id: int, user_id: int, role: str | None = None, muted_until: object = KEEP
) -> payloads.Membership:
    """Give a member another role, or mute her until then (None: not any more). Locks the head.

    Raises NotFound, Forbidden, Invalid; Conflict for the last owner, and for a guest or a closed account that should
    lead.
    """
    if role is not None and role not in Membership.Role.values:
        raise Invalid(_("There is no such role."), fields={"role": [_("owner, moderator or member.")]})
    with transaction.atomic():
        head, room, membership = locked(actor, room_id)
        if role is not None and not policies.can_change_role(actor, membership, room):
            raise Forbidden(_("Only the room's owner may change roles."))
        target = _member(room_id, user_id)
        if muted_until is not KEEP and not policies.can_mute_member(actor, membership, room, target=target):
            raise Forbidden(_("You may not mute this person."))
        role = target.role if role is None else role
        muted = target.muted_until if muted_until is KEEP else _checked_until(muted_until)
        if role != target.role:
            if target.user.role == User.Role.GUEST:
                raise Conflict(_("A guest can only be a member."))
            if role != Membership.Role.MEMBER and not target.user.is_active:
                raise Conflict(_("A closed account can only be a member."))
            refuse_last_owner(target)
        if (role, muted) != (target.role, target.muted_until):
            stint_update(room=room, head=head, membership=target, role=role, muted_until=muted)
        return payloads.membership(target)


def locked(actor: User, room_id: int) -> tuple[RoomHead, Room, Membership | None]:
    """The locked head, the room, and the stint of somebody who is in it or manages it. Raises NotFound, Forbidden."""
    head = head_lock(room_id=room_id)
    return head, *access.managed(person=actor, room_id=room_id)


def stint_of(room_id: int, user_id: int) -> Membership | None:
    """Somebody's open stint, with the person. One query."""
    return Membership.objects.select_related("user").filter(room_id=room_id, user_id=user_id, left_rev=None).first()


def refuse_last_owner(membership: Membership) -> None:
    """The last owner names another before she goes; where nobody else could be one she may go. Raises Conflict."""
    if membership.role != Membership.Role.OWNER:
        return
    others = able(Membership.objects.filter(room_id=membership.room_id)).exclude(pk=membership.pk)
    roles = set(others.values_list("role", flat=True))
    if roles and Membership.Role.OWNER not in roles:
        raise Conflict(_("Name another owner first."))


def _member(room_id: int, user_id: int) -> Membership:
    if membership := stint_of(room_id, user_id):
        return membership
    raise NotFound(_("There is no such member."))


def _open_for_people(room: Room) -> None:
    if room.archived_at is not None:
        raise Conflict(_("The room is archived."))


def _checked_until(until: object) -> datetime | None:
    if until is None:
        return None
    if not isinstance(until, datetime) or until <= timezone.now():
        raise Invalid(_("The request is not valid."), fields={"muted_until": [_("This is in the past.")]})
    return until
