"""What staff does to rooms, each deed with its entry in the audit trail.

The services judge as for everybody: who runs the workspace manages its public rooms, and only those.
"""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.audit import Subject, audit_write, checked_reason
from chat import policies
from chat.models import Message, Room
from chat.selectors.access import no_such_room
from chat.selectors.staff import page
from chat.services.ban import ban_lift
from chat.services.link import link_revoke
from chat.services.membership import member_remove
from chat.services.room import room_update
from realtime.protocol.errors import Forbidden

REASON_MIN = 10


def rooms_archive(*, actor: User, room_ids: Collection[int], archived: bool, reason: str = "") -> int:
    """Archive rooms, or open them again; how many there were. Each in its own transaction. As `room_update`."""
    for room_id in sorted(room_ids):
        with transaction.atomic():
            room_update(actor=actor, room_id=room_id, archived=archived)
            action = "room.archived" if archived else "room.unarchived"
            audit_write(actor=actor, action=action, subject=subject(_room(room_id)), reason=reason)
    return len(room_ids)


def room_rename(*, actor: User, room_id: int, name: str, reason: str = "") -> None:
    """Give a room another name. As `room_update`."""
    with transaction.atomic():
        before = _room(room_id).name
        after = room_update(actor=actor, room_id=room_id, name=name).name
        detail = {"from": before, "to": after}
        audit_write(actor=actor, action="room.renamed", subject=subject(_room(room_id)), reason=reason, detail=detail)


def members_remove(*, actor: User, stints: Collection[tuple[int, int]], reason: str = "") -> int:
    """Take people, (room, person), out of rooms; how many. Each in its own transaction. As `member_remove`."""
    for room_id, user_id in sorted(stints):
        with transaction.atomic():
            member_remove(actor=actor, room_id=room_id, user_id=user_id)
            removed = User.objects.get(pk=user_id)
            detail = {"person": str(removed)}
            audit_write(
                actor=actor, action="room.member_removed", subject=subject(_room(room_id)), reason=reason, detail=detail
            )
    return len(stints)


def bans_lift(*, actor: User, bans: Collection[tuple[int, int]], reason: str = "") -> int:
    """Lift bans, (room, person), all or none; how many. As `ban_lift`."""
    people = User.objects.in_bulk({user_id for _room, user_id in bans})
    with transaction.atomic():
        for room_id, user_id in sorted(bans):
            ban_lift(actor=actor, room_id=room_id, user_id=user_id)
            detail = {"person": str(people[user_id])}
            about = subject(_room(room_id))
            audit_write(actor=actor, action="room.ban_lifted", subject=about, reason=reason, detail=detail)
    return len(bans)


def links_revoke(*, actor: User, links: Collection[tuple[int, int]], reason: str = "") -> int:
    """Revoke links, (room, link), all or none; how many. As `link_revoke`."""
    with transaction.atomic():
        for room_id, link_id in sorted(links):
            link_revoke(actor=actor, room_id=room_id, link_id=link_id)
            detail = {"link": f"#{link_id}"}
            about = subject(_room(room_id))
            audit_write(actor=actor, action="room.link_revoked", subject=about, reason=reason, detail=detail)
    return len(links)


def room_open(*, actor: User, room_id: int, reason: str) -> Room:
    """Write down that somebody of the staff wants to read a room she is not in, and why.

    The caller remembers, for this sign-in and for half an hour. Raises NotFound, Forbidden; Invalid for a reason of
    fewer than ten characters.
    """
    reason = checked_reason(reason, least=REASON_MIN)
    with transaction.atomic():
        room = _room(room_id)
        if not policies.can_read_as_staff(actor, room, opened=True):
            raise Forbidden(_("You may not do this."))
        audit_write(actor=actor, action="room.opened", subject=subject(room), reason=reason)
    return room


def room_read(*, actor: User, room: Room, reason: str, before: int | None = None) -> tuple[list[Message], bool]:
    """A page of a room for staff (`chat.selectors.staff.page`), and the entry that says which page was read.

    `reason` is why the room was opened; "" if it was not. Public rooms need none, and no entry. Raises Forbidden.
    """
    if not policies.can_read_as_staff(actor, room, opened=bool(reason)):
        raise Forbidden(_("You may not do this."))
    with transaction.atomic():
        rows, more = page(room.pk, before)
        if room.kind != Room.Kind.PUBLIC:
            detail = {"messages": f"{rows[-1].seq}–{rows[0].seq}" if rows else "0"}
            audit_write(actor=actor, action="room.read", subject=subject(room), reason=reason, detail=detail)
    return rows, more


def room_called(room: Room) -> str:
    """What staff calls a room. Conversations have no name, and their people are not told here."""
    if room.kind == Room.Kind.DIRECT:
        return gettext("Direct message #%d") % room.pk
    return room.name or gettext("Group conversation #%d") % room.pk


def subject(room: Room) -> Subject:
    """A room in the audit trail."""
    return Subject("room", room.pk, room_called(room))


def _room(room_id: int) -> Room:
    room = Room.objects.filter(pk=room_id).first()
    if room is None:
        raise no_such_room()
    return room
