"""The heads of rooms' logs: locking them and moving them on."""

from collections.abc import Collection

from django.db import connection
from django.db.models.functions import Now
from django.db.models.sql import Query

from chat.models import RoomHead
from chat.selectors.access import no_such_room
from chat.services.each import update_each


def heads_lock(*, room_ids: Collection[int]) -> dict[int, RoomHead]:
    """The heads of these rooms that exist, locked in id order until the transaction ends. One query."""
    rows = RoomHead.objects.select_for_update(no_key=True).filter(pk__among=room_ids).order_by("pk")
    return {row.pk: row for row in rows}


def head_lock(*, room_id: int) -> RoomHead:
    """The head of this room, locked. One query. Raises NotFound."""
    if head := heads_lock(room_ids=[room_id]).get(room_id):
        return head
    raise no_such_room()


def head_move(*, head: RoomHead, revs: int) -> None:
    """Take so many revs of a locked head. One query."""
    head.rev += revs
    RoomHead.objects.filter(pk=head.pk).update(rev=head.rev, changed_at=Now())


def heads_append(*, counts: dict[int, int]) -> None:
    """Take so many seqs, and as many revs, of locked heads. One query."""
    if not counts:
        return
    now, _params = connection.ops.compiler("SQLCompiler")(Query(RoomHead), connection, None).compile(Now())
    taken = "rev = rev + given.number, last_seq = last_seq + given.number"
    update_each(RoomHead, counts, f"{taken}, changed_at = {now}")
