"""Making rooms and changing their settings."""

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat import payloads, policies
from chat.events import RoomUpdated
from chat.models import Membership, Room, RoomHead
from chat.selectors import access
from chat.selectors.entries import room_entries
from chat.selectors.people import visible
from chat.services.head import head_lock, head_move
from chat.services.stint import stints_open
from chat.services.wording import checked_name, checked_topic
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from realtime.publish import publish_on_commit


def room_create(*, actor: User, kind: str, name: str, topic: str = "") -> payloads.RoomEntry:
    """Make a public or private room, its maker the owner. Raises Forbidden, Invalid, Conflict (the name is taken)."""
    if not policies.can_create_room(actor):
        raise Forbidden(_("Guests may not create rooms."))
    if kind not in {Room.Kind.PUBLIC, Room.Kind.PRIVATE}:
        raise Invalid(_("A room is public or private."), fields={"kind": [_("public or private.")]})
    name, key = checked_name(name)
    topic = checked_topic(topic)
    try:
        with transaction.atomic():
            room = Room(kind=kind, name=name, name_key=key, topic=topic, created_by=actor)
            _make(room, [(actor, Membership.Role.OWNER)])
            return room_entries(user_id=actor.pk, room_ids=[room.pk])[0]
    except IntegrityError:
        raise _name_taken() from None


def direct_open(*, actor: User, user_id: int) -> payloads.RoomEntry:
    """The direct conversation of two people (or with oneself), made at the first call. Raises NotFound."""
    if not actor.is_active:
        raise Forbidden(_("You may not do this."))
    key = f"{min(actor.pk, user_id)}:{max(actor.pk, user_id)}"
    room_id = Room.objects.filter(pair_key=key).values_list("pk", flat=True).first()
    if room_id is None:
        other = visible(actor).filter(pk=user_id).first()
        if other is None:
            raise NotFound(_("There is no such person."))
        people = [(person, Membership.Role.MEMBER) for person in sorted({actor, other}, key=lambda one: one.pk)]
        try:
            with transaction.atomic():
                room = Room(kind=Room.Kind.DIRECT, pair_key=key, created_by=actor)
                _make(room, people)
                room_id = room.pk
        except IntegrityError:  # the other one was quicker, and is committed: the key is unique
            room_id = Room.objects.values_list("pk", flat=True).get(pair_key=key)
    return room_entries(user_id=actor.pk, room_ids=[room_id])[0]


def _make(room: Room, people: list[tuple[User, Membership.Role]]) -> None:
    room.created_at = timezone.now()
    room.rev = 1
    room.save(force_insert=True)
    head = RoomHead.objects.create(room=room, rev=1)
    publish_on_commit(RoomUpdated(room=str(room.pk), prev=0, rev=1, settings=payloads.room_settings(room)))
    stints_open(room=room, head=head, people=[(person, role.value) for person, role in people])


def room_update(
    *, actor: User, room_id: int, name: str | None = None, topic: str | None = None, archived: bool | None = None
) -> payloads.RoomSettings:
    """Change a room's settings; None leaves one as it is, and what is the same already takes no rev.

    Locks the room's head. Raises NotFound, Forbidden, Invalid; Conflict if the name is taken.
    """
    try:
        with transaction.atomic():
            head = head_lock(room_id=room_id)
            membership = access.entered(person=actor, room_id=room_id)
            room = membership.room
            if not policies.can_update_room(actor, membership, room):
                raise Forbidden(_("Only those who lead the room may change it."))
            before = payloads.room_settings(room)
            if name is not None:
                room.name, room.name_key = checked_name(name)
            if topic is not None:
                room.topic = checked_topic(topic)
            if archived is not None and archived != (room.archived_at is not None):
                if not policies.can_archive(actor, membership, room):
                    raise Forbidden(_("Only the room's owner may archive it."))
                room.archived_at = timezone.now() if archived else None
            if payloads.room_settings(room) == before:
                return before
            room.rev = head.rev + 1
            room.save(update_fields=["name", "name_key", "topic", "archived_at", "rev"])
            head_move(head=head, revs=1)
            after = payloads.room_settings(room)
            publish_on_commit(RoomUpdated(room=after.id, prev=room.rev - 1, rev=room.rev, settings=after))
            return after
    except IntegrityError:
        raise _name_taken() from None


def _name_taken() -> Conflict:
    return Conflict(_("There is a room of this name already."), fields={"name": [_("Already taken.")]})
