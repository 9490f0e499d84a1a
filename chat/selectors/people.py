"""Whom a person may see."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import NameKey, User
from accounts.models.name_key import beginning
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


def everybody(reader: User) -> QuerySet[User]:
    """Visible people, by handle."""
    return visible(reader).order_by("handle_key")


def search(reader: User, text: str, *, after: tuple[str, int] = ("", 0)) -> QuerySet[NameKey]:
    """Visible people whose handle, name or a word of it begins with the text, also by how 汉字 are read and by first
    letters: of each, with the person, the first key that does, by (key, person). `after`: the last of a page.

    A page is one stretch of an index, whoever else there is.
    """
    key, user_id = after
    begun = NameKey.objects.filter(beginning(text, since=key)).exclude(key=key, user_id__lte=user_id)
    before = NameKey.objects.filter(beginning(text), user_id=OuterRef("user_id"), key__lt=OuterRef("key"))
    seen = visible(reader).filter(pk=OuterRef("user_id"))
    return begun.filter(~Exists(before), Exists(seen)).select_related("user").order_by("key", "user_id")


def wanted(text: str) -> str:
    """What of a text is searched for: "" if nothing is, as with a bare @."""
    return text.strip().removeprefix("@").removeprefix("＠").strip()


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
