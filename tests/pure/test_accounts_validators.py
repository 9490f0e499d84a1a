"""What a person may be called."""

import sys

import pytest
from django.core.exceptions import ValidationError

from accounts import validators
from accounts.models.user import handle_key


@pytest.mark.parametrize(
    "handle",
    [
        "alice",
        "Bob_2",
        "张三",
        "山田.太郎",
        "الليل",
        "अनिता",
        "ёлка",
        "김-민수",
        "a" * 32,
        "ＡＢ",
        "ngọc",
        "กล้วย",
    ],
)
def test_a_handle_may_be_in_any_script(handle: str) -> None:
    assert validators.handle(handle)


@pytest.mark.parametrize(
    ("handle", "code"),
    [
        ("a", "length"),
        ("a" * 33, "length"),
        ("al ice", "characters"),
        ("alice@example", "characters"),
        ("ali\u200bce", "characters"),
        ("ali\u200dce", "characters"),
        ("\u202eecila", "characters"),
        ("ali\u2066ce", "characters"),
        ("ali\x00ce", "characters"),
        ("ali\nce", "characters"),
        ("alice\ufe0f", "characters"),
        ("ali\u034fce", "characters"),
        ("\u3164\u3164", "characters"),
        ("al\U000e0001ice", "characters"),
        ("ali\ud800ce", "characters"),
        ("👩👩", "characters"),
        ("<script>", "characters"),
        ("a" + "\u0301" * 5, "marks"),
        ("\u0301bc", "marks"),
        ("-alice", "edges"),
        ("_bot", "edges"),
        ("alice.", "edges"),
        ("alice_", "edges"),
        ("..", "edges"),
        ("аlice", "scripts"),  # its first letter is Cyrillic
        ("αlice", "scripts"),
        ("ﷺx", "characters"),  # one letter that unfolds into a sentence
        ("Everyone", "reserved"),
        ("ｈｅｒｅ", "reserved"),
        ("所有人", "reserved"),
    ],
)
def test_a_handle_hides_and_imitates_nothing(handle: str, code: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validators.handle(handle)
    assert refused.value.code == code


def test_spellings_of_one_handle_have_one_key() -> None:
    assert handle_key("Straße") == handle_key("STRASSE") == handle_key("ｓtrasse")
    assert handle_key("é") == handle_key("e\u0301")
    assert handle_key("张三") != handle_key("张叁")


def test_no_handle_has_a_key_longer_than_its_column() -> None:
    longest = 0
    for point in range(sys.maxunicode + 1):
        if len(handle_key(chr(point))) == 1:
            continue
        try:
            handle = validators.handle(chr(point) * 32)
        except (ValidationError, UnicodeError):
            continue
        longest = max(longest, len(handle_key(handle)))
    assert 32 < longest <= 64


def test_a_name_is_trimmed_and_joined() -> None:
    assert validators.display_name("  Zoë \t de\u2028 Vries ") == "Zoë de Vries"
    assert validators.display_name("👩\u200d💻 Ada") == "👩\u200d💻 Ada"
    assert validators.display_name("字" * 64) == "字" * 64


@pytest.mark.parametrize(
    "name", ["", "   ", "a" * 65, "Bob\u202egnp", "Bob\x07", "\u3164", "\u200d", "a\x00b", "\ud800"]
)
def test_a_name_shows_something_and_steers_nothing(name: str) -> None:
    with pytest.raises(ValidationError):
        validators.display_name(name)


def test_an_address_is_kept_in_lower_case() -> None:
    assert validators.email(" Bob@Example.ORG ") == "bob@example.org"


@pytest.mark.parametrize(
    "address", ["", "bob", "bob@", "bob@example.org\n x", f"{'a' * 250}@example.org", "b\x00@e.org"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        validators.email(address)


def test_languages_and_time_zones_are_those_that_exist() -> None:
    assert validators.language("zh-hans") == "zh-hans"
    assert validators.time_zone("Asia/Shanghai") == "Asia/Shanghai"
    for check, value in (
        (validators.language, "tlh"),
        (validators.time_zone, "Mars/Olympus"),
        (validators.time_zone, "../x"),
    ):
        with pytest.raises(ValidationError):
            check(value)
