"""What a person may be called, and which values of hers are allowed. Pure; each answers with the value to store."""

import unicodedata
from functools import cache
from itertools import chain
from typing import Any
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

HANDLE_LENGTH = (2, 32)
NAME_LENGTH = 64
LINE_LENGTH = 80
MARKS_IN_A_ROW = 3

_PUNCTUATION = frozenset("_-.")
# Words that address a whole room in a message.
_RESERVED = frozenset({"all", "channel", "everyone", "here", "room", "所有人"})
# Letters and marks that show nothing: Hangul fillers, the grapheme joiner, Khmer and Mongolian helpers, variation
# selectors. Their category alone does not give them away.
_FILLERS = (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0)
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))
_INVISIBLE = frozenset(map(chr, chain(_FILLERS, *_SELECTORS)))
# Scripts whose letters look alike; a handle takes letters of one of them only.
_LOOK_ALIKE = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")
_JOINERS = frozenset("\u200c\u200d")
_CHARACTERS = _("A handle consists of letters, digits and the signs _ - . only.")


def handle(text: str) -> str:
    """2 to 32 letters, digits and `_-.` of any script, in NFC. Raises ValidationError.

    Also its NFKC form, which decides about uniqueness, must be such a handle: no letter may unfold into a space or
    a sentence.
    """
    text = unicodedata.normalize("NFC", text)
    for form in (text, unicodedata.normalize("NFKC", text)):
        _check_handle(form)
    if unicodedata.normalize("NFKC", text).casefold() in _RESERVED:
        raise ValidationError(_("This handle is reserved."), code="reserved")
    return text


def _check_handle(text: str) -> None:
    least, most = HANDLE_LENGTH
    if not least <= len(text) <= most:
        raise ValidationError(_("A handle has 2 to 32 characters."), code="length")
    marks, scripts = MARKS_IN_A_ROW, set()
    for char in text:
        category = unicodedata.category(char)
        if char in _INVISIBLE or not (category[0] in "LM" or category == "Nd" or char in _PUNCTUATION):
            raise ValidationError(_CHARACTERS, code="characters")
        marks = marks + 1 if category[0] == "M" else 0 if category[0] == "L" else MARKS_IN_A_ROW
        if category[0] == "M" and marks > MARKS_IN_A_ROW:
            raise ValidationError(_CHARACTERS, code="marks")
        if category[0] == "L":
            scripts.add(unicodedata.name(char, "").partition(" ")[0])
    if text[0] in _PUNCTUATION or text[-1] in _PUNCTUATION:
        raise ValidationError(_("A handle begins and ends with a letter or a digit."), code="edges")
    if len(scripts.intersection(_LOOK_ALIKE)) > 1:
        raise ValidationError(_("A handle may not mix letters of scripts that look alike."), code="scripts")


def display_name(text: str) -> str:
    """1 to 64 characters with something to see, in NFC, white space trimmed and joined. Raises ValidationError."""
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if any(_steers(char) for char in text):
        raise ValidationError(_("A name may not contain invisible or control characters."), code="characters")
    if not any(unicodedata.category(char)[0] in "LNPS" and char not in _INVISIBLE for char in text):
        raise ValidationError(_("A name may not be empty."), code="empty")
    if len(text) > NAME_LENGTH:
        raise ValidationError(_("A name has at most 64 characters."), code="length")
    return text


def status(text: str) -> str:
    """At most 80 characters, in NFC, white space trimmed and joined; may be empty. Raises ValidationError."""
    return _line(text, _("A status has at most 80 characters."))


def token_name(text: str) -> str:
    """1 to 80 characters, as a status. Raises ValidationError."""
    text = _line(text, _("A name has at most 80 characters."))
    if not text:
        raise ValidationError(_("A name may not be empty."), code="empty")
    return text


def _line(text: str, too_long: Any) -> str:
    text = unicodedata.normalize("NFC", " ".join(text.split()))
    if any(_steers(char) for char in text):
        raise ValidationError(_("This may not contain invisible or control characters."), code="characters")
    if len(text) > LINE_LENGTH:
        raise ValidationError(too_long, code="length")
    return text


def _steers(char: str) -> bool:
    """Control, bidi and other format characters, surrogates, line separators; joiners belong to words and emoji."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} and char not in _JOINERS


def email(text: str) -> str:
    """An e-mail address in lower case. Raises ValidationError."""
    text = unicodedata.normalize("NFC", text.strip()).lower()
    if len(text) > 254 or any(_steers(char) for char in text):
        raise ValidationError(_("This is not an e-mail address."), code="invalid")
    validate_email(text)
    return text


def language(code: str) -> str:
    """A language that the interface speaks. Raises ValidationError."""
    if code not in dict(settings.LANGUAGES):
        raise ValidationError(_("The interface does not speak this language."), code="invalid")
    return code


def time_zone(name: str) -> str:
    """A time zone of the IANA database. Raises ValidationError."""
    if name not in _time_zones():
        raise ValidationError(_("There is no such time zone."), code="invalid")
    return name


@cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones() - {"localtime", "Factory"}) | {"UTC"}
