"""Strict JSON in two steps: text → plain values (`loads`), plain values → typed struct (`decode`).

The first step finds what msgspec's own decoder lets through or cannot name (measured: duplicate keys win silently,
lone surrogates and NaN name no field); the second names the field that is wrong.
"""

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from .errors import Invalid

MAX_DEPTH = 16
T = TypeVar("T")

_SURROGATE = re.compile("[\ud800-\udfff]")
_AT = re.compile(r" - at `(?:key` in `)?\$(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<field>[^`]*)`")
_MISSING = re.compile(r"^Object missing required field `(?P<field>[^`]*)`")


def _refuse_constant(name: str) -> NoReturn:
    raise Invalid("The text is not JSON.")


def _refuse_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Invalid("An object has the same key twice.")
    return value


_DECODER = json.JSONDecoder(object_pairs_hook=_refuse_duplicates, parse_constant=_refuse_constant)


def loads(text: str | bytes) -> Any:
    """Plain values from JSON text. Raises Invalid (without fields) for what is not strict JSON."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError:
            raise Invalid("The text is not UTF-8.") from None
    if _deep(text):
        raise Invalid("The JSON is nested deeper than 16 levels.")
    try:
        value = _DECODER.decode(text)
    except (ValueError, RecursionError):
        raise Invalid("The text is not JSON.") from None
    if "\\u" in text and _has_surrogate(value):
        raise Invalid("The text has half of a surrogate pair.")
    return value


def _deep(text: str) -> bool:
    """Whether brackets outside strings nest too deep; only looks when there are enough brackets to matter."""
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    depth, quoted, skip = 0, False, False
    for char in text:
        if skip:
            skip = False
        elif quoted:
            if char == "\\":
                skip = True
            elif char == '"':
                quoted = False
        elif char == '"':
            quoted = True
        elif char in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif char in "]}":
            depth -= 1
    return False


def _has_surrogate(value: Any) -> bool:
    if isinstance(value, str):
        return _SURROGATE.search(value) is not None
    if isinstance(value, dict):
        return any(_has_surrogate(key) or _has_surrogate(item) for key, item in value.items())
    if isinstance(value, list):
        return any(_has_surrogate(item) for item in value)
    return False


def decode(shape: type[T], value: Any, *, strict: bool = True, later: str | None = None) -> T:
    """A typed value from plain ones. Raises Invalid with the field that is wrong; NUL is refused everywhere.

    Not `strict`: numbers may be written as text, as in a query string. `later`: a field that is decoded by itself
    afterwards, so it is not searched for NUL here.
    """
    try:
        typed = msgspec.convert(value, shape, strict=strict)
    except msgspec.ValidationError as error:
        raise Invalid("The request is not valid.", fields=_fields(str(error))) from None
    _refuse_nul(value, "", later)
    return typed


def _refuse_nul(value: Any, path: str, later: str | None = None) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise Invalid("The request is not valid.", fields={path or "text": ["NUL is not allowed."]})
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == later:
                continue
            _refuse_nul(key, path)
            _refuse_nul(item, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_nul(item, f"{path}[{index}]")


def _fields(reason: str) -> dict[str, list[str]]:
    """`{field: [reason]}` from msgspec's sentence, whose tail names the path."""
    path = ""
    if at := _AT.search(reason):
        path = at["path"].lstrip(".")
        reason = reason[: at.start()]
    for pattern in (_UNKNOWN, _MISSING):
        if found := pattern.match(reason):
            path = f"{path}.{found['field']}" if path else found["field"]
    return {path or "payload": [reason]}
