"""Messages that address somebody."""

from typing import Any

from django.db.models import BooleanField, Case, F, OuterRef, QuerySet, Subquery, Value, When

from accounts.models import User
from chat.models import Membership, Mention, Message


def mentions_of(reader: User, *, before: int | None, limit: int) -> tuple[list[Any], bool]:
    """Messages (with author, and `unread`) that address her, older than the message `before`, and whether there are
    more. Three queries.

    Those for everybody count from when she came into the room.
    """
    own = Mention.objects.filter(user=reader)
    everybodys = (
        Mention.objects.filter(user__isnull=True)
        .exclude(message__author=reader)
        .filter(message__created_rev__gt=_stints(reader).values("joined_rev"))
    )
    keys: set[int] = set()
    for mentions in (own, everybodys):
        mine = mentions.filter(room_id__in=Membership.objects.filter(user=reader, left_rev=None).values("room_id"))
        if before is not None:
            mine = mine.filter(message_id__lt=before)
        keys.update(mine.order_by("-message_id").values_list("message_id", flat=True)[: limit + 1])
    newest = sorted(keys, reverse=True)
    rows = _messages(reader).filter(pk__in=newest[:limit]).order_by("-pk")
    return list(rows), len(newest) > limit


def _stints(reader: User) -> QuerySet[Membership]:
    return Membership.objects.filter(room_id=OuterRef("room_id"), user=reader, left_rev=None)


def _messages(reader: User) -> QuerySet[Message]:
    read = Subquery(_stints(reader).values("read_seq"))
    unread = Case(When(seq__gt=F("read"), then=Value(True)), default=Value(False), output_field=BooleanField())
    return Message.objects.select_related("author").annotate(read=read).annotate(unread=unread)
