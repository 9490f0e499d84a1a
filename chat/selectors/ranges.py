"""Rows of many logs at once: one statement joins a table with the list of (key, since, head) that is wanted."""

from collections.abc import Sequence
from typing import TypeVar

from django.db import connection
from django.db.models import Model

Row = TypeVar("Row", bound=Model)
Range = tuple[int, int, int]


def rows_between(
    model: type[Row], *, key: str, rev: str, ranges: Sequence[Range], limit: int | None = None
) -> list[Row]:
    """The rows with since < `rev` ≤ head for each (key, since, head), by key in the order given, then by rev.

    `key` and `rev` are columns of the model. One query: OR-ed ranges would be planned badly and nest too deep.
    """
    if not ranges:
        return []
    quote = connection.ops.quote_name
    columns = ", ".join(f"t.{quote(str(field.column))}" for field in model._meta.concrete_fields)
    values = ", ".join(["(%s, %s, %s, %s)"] * len(ranges))
    table, key, rev = quote(model._meta.db_table), quote(key), quote(rev)
    within = f"t.{key} = wanted.key AND t.{rev} > wanted.since AND t.{rev} <= wanted.head"
    if connection.vendor == "postgresql":
        # Range by range through the index: it cannot know how short they are, and a join by hash reads the whole table.
        most = "OFFSET 0" if limit is None else f"ORDER BY t.{rev} LIMIT {int(limit)}"
        rows = f"CROSS JOIN LATERAL (SELECT * FROM {table} t WHERE {within} {most}) t"  # noqa: S608
    else:
        rows = f"JOIN {table} t ON {within}"
    sql = (
        f"WITH wanted(place, key, since, head) AS (VALUES {values}) "  # noqa: S608
        f"SELECT {columns} FROM wanted {rows} ORDER BY wanted.place, t.{rev}"
    )
    params = [part for place, wanted in enumerate(ranges) for part in (place, *wanted)]
    if limit is not None:
        sql, params = f"{sql} LIMIT %s", [*params, limit]
    return list(model._default_manager.raw(sql, params))
