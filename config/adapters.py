"""Moments and lists between Python and PostgreSQL, by ways shorter than psycopg's.

What psycopg does in C is not touched. Its moments that know their zone and its lists are Python, an element a call, and
stand in the profile of every sign-in and every message; what is gained: `make bench ONLY=tried`. What is not plain goes
psycopg's own way.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from psycopg import Connection
from psycopg.types.array import ListDumper


class MomentLoader(BaseTzLoader):  # type: ignore[misc]
    """A timestamptz as Django wants it, in UTC."""

    timezone = UTC

    def load(self, data: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(str(data, "ascii"))
        except ValueError:  # infinity, years before Christ, another DateStyle
            return super().load(data)  # type: ignore[no-any-return]
        return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


# How an element stands in an array.
_ELEMENTS: dict[type, Callable[[Any], str]] = {
    int: str,
    str: _quoted,
    bytes: lambda data: f'"\\\\x{data.hex()}"',
    UUID: lambda key: key.hex,
    datetime: lambda moment: f'"{moment}"',
    type(None): lambda _: "NULL",
}


class PlainListDumper(ListDumper):
    """A list of numbers, texts, bytes, keys or moments, some of them perhaps None."""

    def dump(self, obj: list[Any]) -> Any:
        kinds = set(map(type, obj))
        if not kinds <= _ELEMENTS.keys():
            return super().dump(obj)
        elements = map(_ELEMENTS[kinds.pop()], obj) if len(kinds) == 1 else (_ELEMENTS[type(one)](one) for one in obj)
        array = f"{{{','.join(elements)}}}"
        # No text of PostgreSQL's has a NUL: psycopg says so.
        return super().dump(obj) if "\0" in array else array.encode()


def adapt(connection: Connection[Any]) -> None:
    """Have this connection use them."""
    connection.adapters.register_loader("timestamptz", MomentLoader)
    connection.adapters.register_dumper(list, PlainListDumper)
