"""The words of an error in the reader's language.

`realtime.protocol` knows no Django, so its sentences are plain English; here they meet the catalogue, and msgspec's
reasons become sentences a person can act on.
"""

import re
from typing import Any

from django.utils.translation import gettext, gettext_noop

from realtime.protocol.errors import ParleyError

_SENTENCES = (
    gettext_noop("The request is not valid."),
    gettext_noop("The text is not UTF-8."),
    gettext_noop("The text is not JSON."),
    gettext_noop("The text has half of a surrogate pair."),
    gettext_noop("An object has the same key twice."),
    gettext_noop("The JSON is nested deeper than 16 levels."),
    gettext_noop("NUL is not allowed."),
    gettext_noop("The bytes are not MessagePack."),
    gettext_noop("The MessagePack is nested deeper than 16 levels."),
    gettext_noop("MessagePack is taken without extensions and binary values."),
    gettext_noop("This subprotocol has text frames only."),
    gettext_noop("This subprotocol has binary frames only."),
    gettext_noop("The command is larger than the limit."),
    gettext_noop("There is no such command."),
    gettext_noop("hello comes first, and once."),
    gettext_noop("Wait for ready."),
    gettext_noop("There is no such room."),
    gettext_noop("This token may only read."),
    gettext_noop("You may not write here."),
    gettext_noop("Too many commands."),
    gettext_noop("Too many commands are under way."),
    gettext_noop("Too much is waiting to be stored."),
    gettext_noop("Too much happens to catch up."),
    gettext_noop("The rooms change too fast to be entered."),
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
        words = text.startswith("Expected `str`")
        return (gettext("At most %d characters.") if words else gettext("At most %d of them.")) % int(found[1])
    if found := _LEAST.search(text):
        return gettext("This is less than %s.") % found[1]
    if found := _MOST.search(text):
        return gettext("This is more than %s.") % found[1]
    if text.startswith(("Expected `", "Invalid ")):
        return gettext("This value is not of the right kind.")
    return gettext(text)
