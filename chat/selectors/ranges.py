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
    sql = (
        f"WITH wanted(place, key, since, head) AS (VALUES {values}) "  # noqa: S608
        f"SELECT {columns} FROM wanted JOIN {quote(model._meta.db_table)} t "
        f"ON t.{quote(key)} = wanted.key AND t.{quote(rev)} > wanted.since AND t.{quote(rev)} <= wanted.head "
        f"ORDER BY wanted.place, t.{quote(rev)}"
    )
    params = [part for place, wanted in enumerate(ranges) for part in (place, *wanted)]
    if limit is not None:
        sql, params = f"{sql} LIMIT %s", [*params, limit]
    return list(model._default_manager.raw(sql, params))
