"""Who comes, goes, and leads."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat import payloads, policies
from chat.models import Membership, Room, RoomHead
from chat.selectors import access
from chat.selectors.entries import room_entries
from chat.selectors.people import visible
from chat.services.head import head_lock
from chat.services.stint import stint_close, stint_update, stints_open
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound


def room_join(*, actor: User, room_id: int) -> payloads.RoomEntry:
    """Enter a public room; who is in it already just gets her entry. Locks the head. Raises NotFound, Conflict."""
    with transaction.atomic():
        head = head_lock(room_id=room_id)
        room, membership = access.found(person=actor, room_id=room_id)
        if membership is None:
            _open_for_people(room)
            stints_open(room=room, head=head, people=[(actor, Membership.Role.MEMBER)])
        return room_entries(user_id=actor.pk, room_ids=[room_id])[0]


def member_add(*, actor: User, room_id: int, user_id: int) -> payloads.Membership:
    """Bring somebody into a room; who is in it already stays as she is.

    Locks the head. Raises NotFound (room or person), Forbidden, Conflict.
    """
    with transaction.atomic():
        head, membership = _locked(actor, room_id)
        room = membership.room
        who = visible(actor).filter(pk=user_id).first()
        if who is None:
            raise NotFound(_("There is no such person."), fields={"user": [_("There is no such person.")]})
        _open_for_people(room)
        if not policies.can_add_member(actor, membership, room, who=who):
            raise Forbidden(_("You may not add people to this room."))
        there = _stint(room_id, user_id)
        if there is None:
            there = stints_open(room=room, head=head, people=[(who, Membership.Role.MEMBER)])[0]
        return payloads.membership(there)


def member_remove(*, actor: User, room_id: int, user_id: int) -> None:
    """Take somebody out of a room. Locks the head. Raises NotFound (room or member), Forbidden."""
    with transaction.atomic():
        head, membership = _locked(actor, room_id)
        target = _member(room_id, user_id)
        if not policies.can_remove_member(actor, membership, membership.room, target=target):
            raise Forbidden(_("You may not remove this person."))
        stint_close(room=membership.room, head=head, membership=target)


def room_leave(*, actor: User, room_id: int) -> None:
    """Leave a room. Locks the head. Raises NotFound; Conflict in a direct conversation and for the last owner."""
    with transaction.atomic():
        head, membership = _locked(actor, room_id)
        if not policies.can_leave(actor, membership, membership.room):
            raise Conflict(_("A direct conversation cannot be left."))
        _refuse_last_owner(membership)
        membership.user = actor
        stint_close(room=membership.room, head=head, membership=membership)


def member_update(*, actor: User, room_id: int, user_id: int, role: str) -> payloads.Membership:
    """Give a member another role. Locks the head. Raises NotFound, Forbidden, Invalid; Conflict for the last owner."""
    if role not in Membership.Role.values:
        raise Invalid(_("There is no such role."), fields={"role": [_("owner, moderator or member.")]})
    with transaction.atomic():
        head, membership = _locked(actor, room_id)
        if not policies.can_change_role(actor, membership, membership.room):
            raise Forbidden(_("Only the room's owner may change roles."))
        target = _member(room_id, user_id)
        if target.role != role:
            if target.user.role == User.Role.GUEST:
                raise Conflict(_("A guest can only be a member."))
            _refuse_last_owner(target)
            stint_update(room=membership.room, head=head, membership=target, role=role)
        return payloads.membership(target)


def _locked(actor: User, room_id: int) -> tuple[RoomHead, Membership]:
    head = head_lock(room_id=room_id)
    return head, access.entered(person=actor, room_id=room_id)


def _stint(room_id: int, user_id: int) -> Membership | None:
    return Membership.objects.select_related("user").filter(room_id=room_id, user_id=user_id, left_rev=None).first()


def _member(room_id: int, user_id: int) -> Membership:
    if membership := _stint(room_id, user_id):
        return membership
    raise NotFound(_("There is no such member."))


def _open_for_people(room: Room) -> None:
    if room.archived_at is not None:
        raise Conflict(_("The room is archived."))


def _refuse_last_owner(membership: Membership) -> None:
    """The last owner names another before she goes; alone in the room she may go."""
    if membership.role != Membership.Role.OWNER:
        return
    others = Membership.objects.filter(room_id=membership.room_id, left_rev=None).exclude(pk=membership.pk)
    roles = set(others.values_list("role", flat=True))
    if roles and Membership.Role.OWNER not in roles:
        raise Conflict(_("Name another owner first."))
