"""Many rows, each with a number of its own, in one statement."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import Model


def update_each(model: type[Model], numbers: Mapping[int, int], assignments: str) -> None:
    """Update the rows with these keys; in `assignments` (columns of the model, no text from outside) `given.number` is
    each row's own. One query: CASE … WHEN would take longer to write than to run.
    """
    quote = connection.ops.quote_name
    table, key = quote(model._meta.db_table), quote(str(model._meta.pk.column))
    values = ", ".join(["(%s, %s)"] * len(numbers))
    sql = (
        f"WITH given(pk, number) AS (VALUES {values}) "  # noqa: S608
        f"UPDATE {table} SET {assignments} FROM given WHERE {table}.{key} = given.pk"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [number for pair in numbers.items() for number in pair])
