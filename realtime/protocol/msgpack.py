"""Strict MessagePack: bytes → the plain values that JSON has too. What follows (`json.decode`) is the same for both.

msgspec's own decoder takes the last of duplicate keys and makes times of extensions, so the one of the msgpack package
is used here, which can be asked to refuse.
"""

import math
from typing import Any, NoReturn

import msgpack

from .errors import Invalid
from .json import MAX_DEPTH

NOT_THIS = "The bytes are not MessagePack."


def _refuse_duplicates(pairs: list[tuple[Any, Any]]) -> dict[Any, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Invalid("An object has the same key twice.")
    return value


def _refuse_extension(code: int, data: bytes) -> NoReturn:
    raise Invalid("MessagePack is taken without extensions and binary values.")


def loads(data: bytes) -> Any:
    """Plain values from MessagePack. Raises Invalid (without fields) for what JSON could not say either."""
    try:
        value = msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=True,
            unicode_errors="strict",
            object_pairs_hook=_refuse_duplicates,
            ext_hook=_refuse_extension,
        )
    except UnicodeDecodeError:
        raise Invalid("The text is not UTF-8.") from None
    except msgpack.StackError:
        raise Invalid("The MessagePack is nested deeper than 16 levels.") from None
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException):
        raise Invalid(NOT_THIS) from None
    _refuse_strange(value, 0)
    return value


def _refuse_strange(value: Any, depth: int) -> None:
    """Nothing deep, no bytes and no times, no number without an end, and keys that are texts."""
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return
    if kind is float:
        if not math.isfinite(value):
            raise Invalid(NOT_THIS)
    elif depth == MAX_DEPTH:
        raise Invalid("The MessagePack is nested deeper than 16 levels.")
    elif kind is dict:
        for key, item in value.items():
            if type(key) is not str:
                raise Invalid(NOT_THIS)
            _refuse_strange(item, depth + 1)
    elif kind is list:
        for item in value:
            _refuse_strange(item, depth + 1)
    else:
        raise Invalid("MessagePack is taken without extensions and binary values.")
