"""Who may do what: pure answers over (person, her open stint in the room or None, the room)."""

from accounts.models import User
from chat.models import Membership, Room

Stint = Membership | None


def _may_act(person: User, membership: Stint) -> bool:
    return person.is_active and membership is not None and membership.left_rev is None


def _leads(membership: Stint) -> bool:
    return membership is not None and membership.role in {Membership.Role.OWNER, Membership.Role.MODERATOR}


def can_create_room(person: User) -> bool:
    """Guests only come to rooms others made."""
    return person.is_active and person.role != User.Role.GUEST


def can_find(person: User, membership: Stint, room: Room) -> bool:
    """Whether she may know that the room exists, and its settings."""
    return can_read(person, membership, room) or can_join(person, membership, room)


def can_join(person: User, membership: Stint, room: Room) -> bool:
    """Anyone but a guest joins a public room by herself."""
    return person.is_active and room.kind == Room.Kind.PUBLIC and person.role != User.Role.GUEST


def can_read(person: User, membership: Stint, room: Room) -> bool:
    """Who is in a room sees all its past; who left sees nothing of it."""
    return _may_act(person, membership)


def can_post(person: User, membership: Stint, room: Room) -> bool:
    return _may_act(person, membership) and room.archived_at is None


def can_edit(person: User, membership: Stint, room: Room, *, author_id: int) -> bool:
    """Only one's own words."""
    return can_post(person, membership, room) and author_id == person.pk


def can_delete(person: User, membership: Stint, room: Room, *, author_id: int) -> bool:
    """One's own; others' for those who lead the room, never in a direct conversation."""
    if not can_post(person, membership, room):
        return False
    return author_id == person.pk or (room.kind != Room.Kind.DIRECT and _leads(membership))


def can_update_room(person: User, membership: Stint, room: Room) -> bool:
    return _may_act(person, membership) and _leads(membership) and room.kind != Room.Kind.DIRECT


def can_archive(person: User, membership: Stint, room: Room) -> bool:
    return can_update_room(person, membership, room) and _is_owner(membership)


def can_add_member(person: User, membership: Stint, room: Room, *, who: User) -> bool:
    """Who leads the room adds anybody; in a public room any member adds those who could join by themselves."""
    if not can_post(person, membership, room) or room.kind == Room.Kind.DIRECT:
        return False
    if _leads(membership):
        return True
    return room.kind == Room.Kind.PUBLIC and User.Role.GUEST not in {person.role, who.role}


def can_remove_member(person: User, membership: Stint, room: Room, *, target: Membership) -> bool:
    """Owners remove anybody, moderators remove plain members; oneself one does not remove but leaves."""
    if not _may_act(person, membership) or room.kind == Room.Kind.DIRECT or target.user_id == person.pk:
        return False
    return _is_owner(membership) or (_leads(membership) and target.role == Membership.Role.MEMBER)


def can_change_role(person: User, membership: Stint, room: Room) -> bool:
    return _may_act(person, membership) and room.kind != Room.Kind.DIRECT and _is_owner(membership)


def can_leave(person: User, membership: Stint, room: Room) -> bool:
    """A direct conversation is the pair's; nobody leaves it."""
    return _may_act(person, membership) and room.kind != Room.Kind.DIRECT


def _is_owner(membership: Stint) -> bool:
    return membership is not None and membership.role == Membership.Role.OWNER
