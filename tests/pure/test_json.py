"""Strict JSON."""

import msgspec
import pytest

from realtime.protocol import json
from realtime.protocol.errors import Invalid


class Inner(msgspec.Struct, forbid_unknown_fields=True):
    name: str


class Outer(msgspec.Struct, forbid_unknown_fields=True):
    count: int
    inner: Inner | None = None
    names: list[str] = []
    by_name: dict[str, str] = {}


@pytest.mark.parametrize(
    "text",
    [
        '{"a": [1, 2.5, true, null, "\\u4e2d\\ud83d\\ude00"]}',
        '"x"',
        "[" * 16 + "]" * 16,
        '["[[[[[[[[[[[[[[[[[[[[", "\\"["]',
    ],
)
def test_strict_json_is_taken(text: str) -> None:
    assert json.loads(text) == msgspec.json.decode(text)
    assert json.loads(text.encode()) == msgspec.json.decode(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "{", "{'a': 1}", '{"a": 1,}', "[1] 2", "NaN", "[Infinity]", '{"a": -Infinity}', "\x00", "nul"),
        *('{"a": 1, "a": 2}', '{"a": {"b": 1, "b": 1}}', '["\\ud800"]', '{"\\udfff": 1}', '"\\ude00\\ud83d"'),
        *("[" * 17 + "]" * 17, '{"a":' * 17 + "1" + "}" * 17, "[" * 100_000, '"a\nb"', "01", "+1", "1."),
        *(b"\xff\xfe", b'"\xed\xa0\x80"'),
    ],
)
def test_what_is_not_strict_json_is_invalid_without_fields(text: str | bytes) -> None:
    with pytest.raises(Invalid) as refused:
        json.loads(text)
    assert refused.value.fields is None


@pytest.mark.parametrize(
    ("value", "field"),
    [
        ({}, "count"),
        ({"count": "1"}, "count"),
        ({"count": True}, "count"),
        ({"count": 1.5}, "count"),
        ({"count": 1, "more": 2}, "more"),
        ({"count": 1, "inner": {}}, "inner.name"),
        ({"count": 1, "inner": {"name": 5}}, "inner.name"),
        ({"count": 1, "inner": {"name": "a", "x": 1}}, "inner.x"),
        ({"count": 1, "names": ["a", 5]}, "names[1]"),
        ({"count": 1, "inner": {"name": "a\0b"}}, "inner.name"),
        ({"count": 1, "names": ["a", "\0"]}, "names[1]"),
        ({"count": 1, "by_name": {"\0": "a"}}, "by_name"),
    ],
)
def test_the_field_that_is_wrong_is_named(value: object, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        json.decode(Outer, value)
    assert refused.value.fields is not None
    [named] = refused.value.fields
    assert named.startswith(field)


def test_numbers_may_be_text_where_a_query_string_is_read() -> None:
    assert json.decode(Outer, {"count": "12"}, strict=False).count == 12
