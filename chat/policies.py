"""Who may do what: pure answers over (person, her open stint in the room or None, the room)."""

from datetime import datetime

from accounts.models import User
from chat.models import Membership, Room

Stint = Membership | None

LARGE_ROOM = 50
"""Beyond so many people `auto` leaves addressing everybody to those who lead."""

_NAMED = {Room.Kind.PUBLIC, Room.Kind.PRIVATE}


# ---- finding and reading ------------------------------------------------------------------------------------------


def can_create_room(person: User) -> bool:
    """Guests only come to rooms others made."""
    return person.is_active and person.role != User.Role.GUEST


def can_find(person: User, membership: Stint, room: Room) -> bool:
    """Whether she may know that the room exists, and its settings."""
    return can_read(person, membership, room) or can_join(person, membership, room)


def can_join(person: User, membership: Stint, room: Room) -> bool:
    """Anyone but a guest joins a public room by herself (unless she is banned from it, which is another question)."""
    return person.is_active and room.kind == Room.Kind.PUBLIC and person.role != User.Role.GUEST


def can_read(person: User, membership: Stint, room: Room) -> bool:
    """Who is in a room sees all its past; who left sees nothing of it."""
    return _is_in(person, membership)


def can_manage(person: User, room: Room) -> bool:
    """Those who run the workspace manage its public rooms without being in them; private ones they do not see."""
    return person.is_active and room.kind == Room.Kind.PUBLIC and person.role in {User.Role.OWNER, User.Role.ADMIN}


def can_read_as_staff(person: User, room: Room, *, opened: bool) -> bool:
    """Staff reads what everybody could join; other rooms only while they are `opened`, with a reason that is kept."""
    return person.is_active and person.is_staff and (room.kind == Room.Kind.PUBLIC or opened)


# ---- speaking -----------------------------------------------------------------------------------------------------


def is_muted(membership: Membership, now: datetime) -> bool:
    return membership.muted_until is not None and membership.muted_until > now


def can_post(person: User, membership: Stint, room: Room, *, now: datetime) -> bool:
    if membership is None or not _is_in_open(person, membership, room) or is_muted(membership, now):
        return False
    return not room.announcement or _leads(person, membership)


def can_edit(person: User, membership: Stint, room: Room, *, author_id: int, now: datetime) -> bool:
    """Only one's own words, and only where one could say them."""
    return can_post(person, membership, room, now=now) and author_id == person.pk


def can_delete(person: User, membership: Stint, room: Room, *, author_id: int) -> bool:
    """One's own; others' for those who lead the room, never in a conversation of a pair or group."""
    if not _is_in_open(person, membership, room):
        return False
    return author_id == person.pk or (room.kind in _NAMED and _leads(person, membership))


def can_mention_room(person: User, membership: Stint, room: Room, *, members: int) -> bool:
    """Whether `@room` and `@here` in her words address anybody."""
    if not _is_in(person, membership):
        return False
    if room.mention_room == Room.MentionRoom.AUTO:
        return members <= LARGE_ROOM or _leads(person, membership)
    return room.mention_room == Room.MentionRoom.MEMBERS or _leads(person, membership)


# ---- the room's settings ------------------------------------------------------------------------------------------


def can_update_room(person: User, membership: Stint, room: Room) -> bool:
    """Name, topic and description: those who lead it; in a group, which nobody leads, everybody."""
    if room.kind == Room.Kind.GROUP:
        return _is_in(person, membership)
    return _runs(person, membership, room)


def can_set_rules(person: User, membership: Stint, room: Room) -> bool:
    """Who may post, and who may mention everybody."""
    return _runs(person, membership, room)


def can_archive(person: User, membership: Stint, room: Room) -> bool:
    return _owns(person, membership, room)


def can_link(person: User, membership: Stint, room: Room) -> bool:
    """Make, see and revoke links into the room."""
    return _runs(person, membership, room)


# ---- its people ---------------------------------------------------------------------------------------------------


def can_add_member(person: User, membership: Stint, room: Room, *, who: User) -> bool:
    """Who leads the room adds anybody; in a public room any member adds those who could join by themselves."""
    if _runs(person, membership, room):
        return True
    guests = User.Role.GUEST in {person.role, who.role}
    return _is_in(person, membership) and room.kind == Room.Kind.PUBLIC and not guests


def can_remove_member(person: User, membership: Stint, room: Room, *, target: Membership) -> bool:
    """Owners remove anybody, moderators remove plain members; oneself one does not remove but leaves."""
    if target.user_id == person.pk:
        return False
    plain = target.role == Membership.Role.MEMBER
    return _owns(person, membership, room) or (plain and _runs(person, membership, room))


def can_mute_member(person: User, membership: Stint, room: Room, *, target: Membership) -> bool:
    return can_remove_member(person, membership, room, target=target)


def can_ban(person: User, membership: Stint, room: Room, *, user_id: int, target: Stint) -> bool:
    """Ban somebody who is in the room as `target`, or not in it."""
    if target is not None:
        return can_remove_member(person, membership, room, target=target)
    return user_id != person.pk and _runs(person, membership, room)


def can_see_bans(person: User, membership: Stint, room: Room) -> bool:
    """And lift them."""
    return _runs(person, membership, room)


def can_change_role(person: User, membership: Stint, room: Room) -> bool:
    return _owns(person, membership, room)


def can_leave(person: User, membership: Stint, room: Room) -> bool:
    """A direct conversation is the pair's; nobody leaves it."""
    return _is_in(person, membership) and room.kind != Room.Kind.DIRECT


# ---- what these are made of ---------------------------------------------------------------------------------------


def _is_in(person: User, membership: Stint) -> bool:
    return person.is_active and membership is not None and membership.left_rev is None


def _is_in_open(person: User, membership: Stint, room: Room) -> bool:
    return _is_in(person, membership) and room.archived_at is None


def _leads(person: User, membership: Stint) -> bool:
    """A guest leads nothing, also one who became a guest."""
    leading = {Membership.Role.OWNER, Membership.Role.MODERATOR}
    return membership is not None and membership.role in leading and person.role != User.Role.GUEST


def _runs(person: User, membership: Stint, room: Room) -> bool:
    return room.kind in _NAMED and (
        (_is_in(person, membership) and _leads(person, membership)) or can_manage(person, room)
    )


def _owns(person: User, membership: Stint, room: Room) -> bool:
    owner = membership is not None and membership.role == Membership.Role.OWNER
    return (owner and _runs(person, membership, room)) or can_manage(person, room)
