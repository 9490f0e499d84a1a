"""The heads of rooms' logs: locking them and moving them on."""

from collections.abc import Collection

from django.db import connection
from django.db.models.functions import Now
from django.db.models.sql import Query

from chat.models import RoomHead
from chat.selectors.access import no_such_room


def heads_lock(*, room_ids: Collection[int]) -> dict[int, RoomHead]:
    """The heads of these rooms that exist, locked in id order until the transaction ends. One query."""
    rows = RoomHead.objects.select_for_update(no_key=True).filter(pk__in=room_ids).order_by("pk")
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
    """Take so many seqs, and as many revs, of locked heads. One query; CASE … WHEN would take longer to write than to
    run.
    """
    if not counts:
        return
    table = connection.ops.quote_name(RoomHead._meta.db_table)
    now, _params = connection.ops.compiler("SQLCompiler")(Query(RoomHead), connection, None).compile(Now())
    values = ", ".join(["(%s, %s)"] * len(counts))
    sql = (
        f"WITH said(room, count) AS (VALUES {values}) "  # noqa: S608
        f"UPDATE {table} SET rev = rev + said.count, last_seq = last_seq + said.count, changed_at = {now} "
        f"FROM said WHERE {table}.room_id = said.room"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [number for pair in counts.items() for number in pair])
