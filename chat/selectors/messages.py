"""Messages by the page. Callers have made sure that the reader is in the room."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from msgspec import Struct

from chat.models import Message, MessageEdit
from realtime.protocol.errors import NotFound


class Window(Struct, frozen=True):
    """Messages in seq order, and whether there are more on either side."""

    rows: list[Message]
    more_before: bool
    more_after: bool


def newest(room_id: int, limit: int) -> Window:
    """The last messages. One query."""
    return before(room_id, 2**53 + 1, limit, last_seq=0)


def before(room_id: int, seq: int, limit: int, *, last_seq: int) -> Window:
    """The last messages with a smaller seq, in a room whose last message was `last_seq`. One query."""
    rows = list(_rows(room_id).filter(seq__lt=seq).order_by("-seq")[: limit + 1])
    return Window(rows[:limit][::-1], len(rows) > limit, seq <= last_seq)


def after(room_id: int, seq: int, limit: int, *, last_seq: int) -> Window:
    """The first messages with a greater seq. As `before`."""
    rows = list(_rows(room_id).filter(seq__gt=seq).order_by("seq")[: limit + 1])
    return Window(rows[:limit], min(seq, last_seq) > 0, len(rows) > limit)


def around(room_id: int, seq: int, limit: int, *, last_seq: int) -> Window:
    """A window with this message in the middle. Two queries."""
    older = before(room_id, seq, limit // 2, last_seq=last_seq)
    newer = after(room_id, seq - 1, limit - len(older.rows), last_seq=last_seq)
    return Window(older.rows + newer.rows, older.more_before, newer.more_after)


def one(room_id: int, seq: int) -> Message:
    """One query. Raises NotFound."""
    if row := _rows(room_id).filter(seq=seq).first():
        return row
    raise NotFound(_("There is no such message."))


def history(room_id: int, seq: int) -> list[MessageEdit]:
    """The earlier wordings of a message, the oldest first; none of a tombstone. Two queries. Raises NotFound."""
    row = one(room_id, seq)
    return [] if row.deleted_at else list(MessageEdit.objects.filter(message=row).order_by("pk"))


def _rows(room_id: int) -> QuerySet[Message]:
    return Message.objects.select_related("author").filter(room_id=room_id)
