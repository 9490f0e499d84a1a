"""The words of an error in the reader's language.

`realtime.protocol` knows no Django, so its sentences are plain English; here they meet the catalogue, and msgspec's
reasons become sentences a person can act on.
"""

import re
from typing import Any

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_noop as _noop

from realtime.protocol.errors import ParleyError

_SENTENCES = (
    _noop("The request is not valid."),
    _noop("The text is not UTF-8."),
    _noop("The text is not JSON."),
    _noop("The text has half of a surrogate pair."),
    _noop("An object has the same key twice."),
    _noop("NaN is not JSON."),
    _noop("Infinity is not JSON."),
    _noop("-Infinity is not JSON."),
    _noop("The JSON is nested deeper than 16 levels."),
    _noop("NUL is not allowed."),
)
_SHORTEST = re.compile(r"of length >= (\d+)")
_LONGEST = re.compile(r"of length <= (\d+)")
_LEAST = re.compile(r"(?:int|float)` >= (\S+)")
_MOST = re.compile(r"(?:int|float)` <= (\S+)")


def error_shape(error: ParleyError) -> dict[str, Any]:
    """`error.as_dict()` with every text in the active language."""
    shape = error.as_dict()
    shape["message"] = gettext(shape["message"]) if shape["message"] else ""
    if "fields" in shape:
        shape["fields"] = {name: [_reason(text) for text in texts] for name, texts in shape["fields"].items()}
    return shape


def _reason(text: str) -> str:
    if text.startswith("Object missing required field"):
        return gettext("This field is required.")
    if text.startswith("Object contains unknown field"):
        return gettext("There is no such field.")
    if found := _SHORTEST.search(text):
        least = int(found[1])
        return gettext("This may not be empty.") if least == 1 else gettext("This is shorter than %d.") % least
    if found := _LONGEST.search(text):
        most = int(found[1])
        return ngettext("This is longer than %d.", "This is longer than %d.", most) % most
    if found := _LEAST.search(text):
        return gettext("This is less than %s.") % found[1]
    if found := _MOST.search(text):
        return gettext("This is more than %s.") % found[1]
    if text.startswith(("Expected `", "Invalid ")):
        return gettext("This value is not of the right kind.")
    return gettext(text)
