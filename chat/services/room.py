"""Making rooms and changing their settings."""

from collections.abc import Collection

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.name_key import keys_replace
from chat import payloads, policies
from chat.events import RoomUpdated
from chat.models import Membership, Room, RoomHead, RoomKey
from chat.selectors import access
from chat.selectors.entries import room_entries
from chat.selectors.people import visible
from chat.services.head import head_lock, head_move
from chat.services.stint import stints_open
from chat.services.wording import checked_description, checked_group_name, checked_name, checked_topic
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from realtime.publish import publish_on_commit

GROUP_SIZE = (3, 10)
ADDED_MAX = 50


def room_create(
    *,
    actor: User,
    kind: str,
    name: str,
    topic: str = "",
    description: str = "",
    announcement: bool = False,
    user_ids: Collection[int] = (),
) -> payloads.RoomEntry:
    """Make a public or private room, its maker the owner, with these people in it (at most 50).

    Raises Forbidden, Invalid, NotFound (one of the people), Conflict (the name is taken).
    """
    if not policies.can_create_room(actor):
        raise Forbidden(_("Guests may not create rooms."))
    if kind not in {Room.Kind.PUBLIC, Room.Kind.PRIVATE}:
        raise Invalid(_("A room is public or private."), fields={"kind": [_("public or private.")]})
    name, key = checked_name(name)
    topic, description = checked_topic(topic), checked_description(description)
    if len(user_ids) > ADDED_MAX:
        raise Invalid(_("The request is not valid."), fields={"people": [_("At most 50 people.")]})
    others = _people(actor, set(user_ids) - {actor.pk}, "people")
    try:
        with transaction.atomic():
            room = Room(
                kind=kind,
                name=name,
                name_key=key,
                topic=topic,
                description=description,
                announcement=announcement,
                created_by=actor,
            )
            _make(room, [(actor, Membership.Role.OWNER), *((other, Membership.Role.MEMBER) for other in others)])
            return room_entries(user_id=actor.pk, room_ids=[room.pk])[0]
    except IntegrityError:
        raise _name_taken() from None


def direct_open(*, actor: User, user_id: int) -> payloads.RoomEntry:
    """The direct conversation of two people (or with oneself), made at the first call. Raises NotFound."""
    if not actor.is_active:
        raise Forbidden(_("You may not do this."))
    key = f"{min(actor.pk, user_id)}:{max(actor.pk, user_id)}"
    room_id = _conversation(key)
    if room_id is None:
        other = visible(actor).filter(pk=user_id).first()
        if other is None:
            raise NotFound(_("There is no such person."))
        people = sorted({actor, other}, key=lambda one: one.pk)
        room_id = _converse(Room(kind=Room.Kind.DIRECT, people_key=key, created_by=actor), people)
    return room_entries(user_id=actor.pk, room_ids=[room_id])[0]


def group_open(*, actor: User, user_ids: Collection[int], name: str = "") -> payloads.RoomEntry:
    """The conversation of oneself and these people, three to ten in all, made at the first call.

    There is one for each set of people, as long as nobody has left it. The name is only given to a new one. Raises
    Invalid, NotFound (one of the people).
    """
    if not actor.is_active:
        raise Forbidden(_("You may not do this."))
    name = checked_group_name(name)
    ids = sorted({actor.pk, *user_ids})
    least, most = GROUP_SIZE
    if not least <= len(ids) <= most:
        raise Invalid(_("A group has three to ten people."), fields={"users": [_("Three to ten, with yourself.")]})
    key = ":".join(map(str, ids))
    room_id = _conversation(key)
    if room_id is None:
        people = sorted([actor, *_people(actor, set(ids) - {actor.pk}, "users")], key=lambda one: one.pk)
        room_id = _converse(Room(kind=Room.Kind.GROUP, people_key=key, name=name, created_by=actor), people)
    return room_entries(user_id=actor.pk, room_ids=[room_id])[0]


def _conversation(key: str) -> int | None:
    return Room.objects.filter(people_key=key).values_list("pk", flat=True).first()


def _converse(room: Room, people: list[User]) -> int:
    key = room.people_key
    try:
        with transaction.atomic():
            _make(room, [(person, Membership.Role.MEMBER) for person in people])
            return room.pk
    except IntegrityError:  # another one was quicker, and is committed: the key is unique
        return Room.objects.values_list("pk", flat=True).get(people_key=key)


def _people(actor: User, ids: Collection[int], field: str) -> list[User]:
    """These people, by id. One query. Raises NotFound if she may not see one of them."""
    if not ids:
        return []
    found = list(visible(actor).filter(pk__in=ids).order_by("pk"))
    if len(found) < len(ids):
        raise NotFound(_("There is no such person."), fields={field: [_("There is no such person.")]})
    return found


def _make(room: Room, people: list[tuple[User, Membership.Role]]) -> None:
    room.created_at = timezone.now()
    room.rev = 1
    room.save(force_insert=True)
    keys_replace(held=RoomKey.objects.filter(room=room), wanted=RoomKey.of(room))
    head = RoomHead.objects.create(room=room, rev=1)
    publish_on_commit(RoomUpdated(room=str(room.pk), prev=0, rev=1, settings=payloads.room_settings(room)))
    stints_open(room=room, head=head, people=[(person, role.value) for person, role in people])


def room_update(
    *,
    actor: User,
    room_id: int,
    name: str | None = None,
    topic: str | None = None,
    description: str | None = None,
    announcement: bool | None = None,
    mention_room: str | None = None,
    archived: bool | None = None,
) -> payloads.RoomSettings:
    """Change a room's settings; None leaves one as it is, and what is the same already takes no rev.

    Locks the room's head. Raises NotFound, Forbidden, Invalid; Conflict if the name is taken.
    """
    if mention_room is not None and mention_room not in Room.MentionRoom.values:
        raise Invalid(_("The request is not valid."), fields={"mention_room": [_("auto, members or leaders.")]})
    try:
        with transaction.atomic():
            head = head_lock(room_id=room_id)
            room, membership = access.managed(person=actor, room_id=room_id)
            rules = announcement is not None or mention_room is not None
            may = policies.can_set_rules if rules else policies.can_update_room
            if not may(actor, membership, room):
                raise Forbidden(_("Only those who lead the room may change it."))
            before = payloads.room_settings(room)
            if name is not None and room.kind == Room.Kind.GROUP:
                room.name = checked_group_name(name)
            elif name is not None:
                room.name, room.name_key = checked_name(name)
            if topic is not None:
                room.topic = checked_topic(topic)
            if description is not None:
                room.description = checked_description(description)
            if announcement is not None:
                room.announcement = announcement
            if mention_room is not None:
                room.mention_room = mention_room
            if archived is not None and archived != (room.archived_at is not None):
                if not policies.can_archive(actor, membership, room):
                    raise Forbidden(_("Only the room's owner may archive it."))
                room.archived_at = timezone.now() if archived else None
            if payloads.room_settings(room) == before:
                return before
            room.rev = head.rev + 1
            room.save(
                update_fields=[
                    *("name", "name_key", "topic", "description", "announcement", "mention_room"),
                    *("archived_at", "rev"),
                ]
            )
            if room.name != before.name:
                keys_replace(held=RoomKey.objects.filter(room=room), wanted=RoomKey.of(room))
            head_move(head=head, revs=1)
            after = payloads.room_settings(room)
            publish_on_commit(RoomUpdated(room=after.id, prev=room.rev - 1, rev=room.rev, settings=after))
            return after
    except IntegrityError:
        raise _name_taken() from None


def _name_taken() -> Conflict:
    return Conflict(_("There is a room of this name already."), fields={"name": [_("Already taken.")]})
