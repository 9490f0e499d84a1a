"""Rooms that can be joined, and who is in one."""

from collections.abc import Collection

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.models import NameKey, User
from accounts.models.name_key import beginning
from chat import policies
from chat.models import Membership, Room, RoomKey
from chat.selectors.people import wanted


def joinable(reader: User, text: str = "") -> QuerySet[Room]:
    """Public rooms (none for a guest), by name, with `members` and `joined`; with a text those whose name, or a word of
    it, begins so, also as its 汉字 are read."""
    if reader.role == User.Role.GUEST:
        return Room.objects.none()
    stints = Membership.objects.filter(room_id=OuterRef("pk"), user_id=reader.pk, left_rev=None)
    rooms = Room.objects.filter(kind=Room.Kind.PUBLIC, archived_at=None)
    if text.strip():
        rooms = rooms.filter(pk__in=RoomKey.objects.filter(beginning(text)).values("room_id"))
    return rooms.annotate(
        members=Count("memberships", filter=Q(memberships__left_rev=None)), joined=Exists(stints)
    ).order_by("name_key")


def open_to_newcomers(inviter: User, room_ids: Collection[int], role: str) -> set[int]:
    """Of these rooms those into which she may bring somebody new with this role. Two queries."""
    rooms = Room.objects.filter(archived_at=None).in_bulk(room_ids)
    stints = {row.room_id: row for row in Membership.objects.filter(room_id__in=rooms, user=inviter, left_rev=None)}
    newcomer = User(role=role)
    return {pk for pk, room in rooms.items() if policies.can_add_member(inviter, stints.get(pk), room, who=newcomer)}


def members(room_id: int, text: str = "") -> QuerySet[Membership]:
    """Open stints, the oldest first; with a text only of those who are called so (`chat.selectors.people.search`)."""
    stints = Membership.objects.select_related("user").filter(room_id=room_id, left_rev=None)
    if text := wanted(text):
        stints = stints.filter(user_id__in=NameKey.objects.filter(beginning(text)).values("user_id"))
    return stints.order_by("pk")
