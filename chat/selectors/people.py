"""Whom a person may see."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import User
from accounts.models.user import handle_key
from chat.models import Membership


def visible(reader: User) -> QuerySet[User]:
    """Active people she may address: everybody; for a guest only those she shares a room with, and herself."""
    people = User.objects.filter(is_active=True)
    if reader.role != User.Role.GUEST:
        return people
    return people.filter(Q(pk=reader.pk) | Exists(shared_stints(reader.pk)))


def known(reader: User, ids: Collection[int]) -> QuerySet[User]:
    """Of these people those whose names she may read: also the deactivated ones, who still stand above their words.

    A guest reads the names of people she shares a room with, or once did: of everybody with a stint in her rooms.
    """
    people = User.objects.filter(pk__in=ids).order_by("pk")
    if reader.role != User.Role.GUEST:
        return people
    return people.filter(Q(pk=reader.pk) | Exists(_stints_in_rooms_of(reader.pk)))


def search(reader: User, text: str) -> QuerySet[User]:
    """Visible people whose handle or name (or a word of it) begins with the text, by handle."""
    return visible(reader).filter(called(text)).order_by("handle_key")


def called(text: str, prefix: str = "") -> Q:
    """Whose handle or name (or a word of it) begins with the text; `prefix` leads to the person, as in `user__`."""
    text = text.strip().removeprefix("@").removeprefix("＠")
    if not text:
        return Q()
    beginnings = {
        "handle_key__startswith": handle_key(text),
        "display_name__istartswith": text,
        "display_name__icontains": f" {text}",
    }
    return Q(*((f"{prefix}{where}", what) for where, what in beginnings.items()), _connector=Q.OR)


def shared_rooms(reader_id: int, user_id: int) -> list[int]:
    """The ids of the rooms both are in, the latest the other one entered first. One query."""
    mine = Membership.objects.filter(user_id=reader_id, left_rev=None).values("room_id")
    stints = Membership.objects.filter(user_id=user_id, left_rev=None, room_id__in=mine).order_by("-pk")
    return list(stints.values_list("room_id", flat=True))


def shared_stints(reader_id: int) -> QuerySet[Membership]:
    """Open stints of `OuterRef("pk")` in rooms where the reader has one too."""
    return _stints_in_rooms_of(reader_id).filter(left_rev=None)


def _stints_in_rooms_of(reader_id: int) -> QuerySet[Membership]:
    rooms = Membership.objects.filter(user_id=reader_id, left_rev=None).values("room_id")
    return Membership.objects.filter(user_id=OuterRef("pk"), room_id__in=rooms)
