"""Finding what a person may see; what she may not know of does not exist."""

from collections.abc import Collection

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat import policies
from chat.models import Membership, Room
from realtime.protocol.errors import Forbidden, NotFound, ParleyError, Unauthenticated


def no_such_room() -> NotFound:
    """The one answer for a room that is not there and one that is not hers."""
    return NotFound(_("There is no such room."))


def join_first() -> Forbidden:
    """The answer for a room that a person may find but is not in."""
    return Forbidden(_("Join the room first."))


def actor(user_id: str | int) -> User:
    """The person a command comes from. One query. Raises Unauthenticated."""
    person = User.objects.filter(pk=int(user_id), is_active=True).first()
    if person is None:
        raise Unauthenticated(_("You are not signed in, or the credentials are no longer valid."))
    return person


def stint(*, room_id: int, user_id: int) -> Membership | None:
    """The open stint of a person in a room, with its room and that one's head. One query."""
    stints = Membership.objects.select_related("room__head").filter(room_id=room_id, user_id=user_id, left_rev=None)
    return stints.first()


def found(*, person: User, room_id: int) -> tuple[Room, Membership | None]:
    """The room as she may find it, and her open stint. At most two queries. Raises NotFound."""
    membership = stint(room_id=room_id, user_id=person.pk)
    room = membership.room if membership else Room.objects.filter(pk=room_id).first()
    if room is None or not policies.can_find(person, membership, room):
        raise no_such_room()
    return room, membership


def managed(*, person: User, room_id: int) -> tuple[Room, Membership | None]:
    """A room she is in (with her open stint) or runs as one of the workspace's. As `entered`."""
    room, membership = found(person=person, room_id=room_id)
    if membership is None and not policies.can_manage(person, room):
        raise join_first()
    return room, membership


def refusals(strangers: Collection[tuple[int, int]]) -> dict[tuple[int, int], ParleyError]:
    """What (room, person) without a stint are told: join first, if they could. Two queries."""
    rooms = Room.objects.in_bulk({room_id for room_id, _user in strangers})
    people = User.objects.in_bulk({user_id for _room, user_id in strangers})
    told: dict[tuple[int, int], ParleyError] = {}
    for room_id, user_id in strangers:
        room, person = rooms.get(room_id), people.get(user_id)
        may_join = room is not None and person is not None and policies.can_join(person, None, room)
        told[room_id, user_id] = join_first() if may_join else no_such_room()
    return told


def entered(*, person: User, room_id: int) -> Membership:
    """Her open stint, with its room. At most two queries. Raises NotFound; Forbidden where she could join."""
    room, membership = found(person=person, room_id=room_id)
    if membership is None or not policies.can_read(person, membership, room):
        raise join_first()
    return membership
