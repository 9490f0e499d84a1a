"""Messages by what their senders called them."""

from collections.abc import Collection
from uuid import UUID

from django.db import connection

from chat.models import Message

Key = tuple[int, int, UUID]
_COLUMNS = "t.id, t.room_id, t.author_id, t.client_id, t.seq, t.created_rev, t.text_hash"
_SAME = "t.room_id = given.room_id AND t.author_id = given.author_id AND t.client_id = given.client_id"


def sent(keys: Collection[Key]) -> dict[Key, Message]:
    """Those of these (room, author, client id) that are stored; of each message its seq, created_rev and text_hash.

    One query, which probes the unique index once for each key. Three lists beside each other would be read through the
    author's: everything that all of them ever said.
    """
    if not keys:
        return {}
    rows = Message.objects.raw(*(_arrays(keys) if connection.vendor == "postgresql" else _values(keys)))
    return {(row.room_id, row.author_id, row.client_id): row for row in rows}


def _arrays(keys: Collection[Key]) -> tuple[str, list[object]]:
    # OFFSET keeps the planner from a join by hash, which would read the whole table.
    sql = (
        f"SELECT {_COLUMNS} FROM unnest(%s::bigint[], %s::bigint[], %s::uuid[]) AS given(room_id, author_id, client_id)"  # noqa: S608
        f" CROSS JOIN LATERAL (SELECT * FROM chat_message t WHERE {_SAME} OFFSET 0) t"
    )
    return sql, [list(part) for part in zip(*keys, strict=True)]


def _values(keys: Collection[Key]) -> tuple[str, list[object]]:
    # SQLite takes the tables of a CROSS JOIN in their order.
    stored = Message._meta.get_field("client_id").get_db_prep_value
    values = ", ".join(["(%s, %s, %s)"] * len(keys))
    sql = (
        f"WITH given(room_id, author_id, client_id) AS (VALUES {values}) "  # noqa: S608
        f"SELECT {_COLUMNS} FROM given CROSS JOIN chat_message t ON {_SAME}"
    )
    return sql, [part for room, author, client in keys for part in (room, author, stored(client, connection))]
