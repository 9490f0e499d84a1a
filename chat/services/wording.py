"""What may be said at all: checks of text that need no database."""

import unicodedata

from django.utils.translation import gettext_lazy as _

from accounts.models.user import handle_key
from realtime.protocol.errors import Invalid

TEXT_MAX = 8000
NAME_MAX = 80
TOPIC_MAX = 250
_KEY_MAX = 160


def checked_text(text: str) -> str:
    """A message's text. Raises Invalid if it is empty, longer than 8000 code points or holds what cannot be stored."""
    _storable("text", text)
    if len(text) > TEXT_MAX:
        raise Invalid(_("The message is longer than 8000 characters."), fields={"text": [_("This is too long.")]})
    if not any(unicodedata.category(char)[0] not in "ZC" for char in text):
        raise Invalid(_("The message is empty."), fields={"text": [_("This may not be empty.")]})
    return text


def checked_name(name: str) -> tuple[str, str]:
    """A room's name, tidied, and its key. Raises Invalid."""
    _storable("name", name)
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if not tidy:
        raise Invalid(_("The room needs a name."), fields={"name": [_("This may not be empty.")]})
    if any(unicodedata.category(char)[0] == "C" for char in tidy):
        raise Invalid(_("The name has invisible characters."), fields={"name": [_("Invisible characters.")]})
    key = handle_key(tidy)
    if len(tidy) > NAME_MAX or len(key) > _KEY_MAX:
        raise Invalid(_("The name is longer than 80 characters."), fields={"name": [_("This is too long.")]})
    return tidy, key


def checked_topic(topic: str) -> str:
    """A room's topic, on one line. Raises Invalid."""
    _storable("topic", topic)
    tidy = " ".join(topic.split())
    if len(tidy) > TOPIC_MAX:
        raise Invalid(_("The topic is longer than 250 characters."), fields={"topic": [_("This is too long.")]})
    return tidy


def _storable(field: str, text: str) -> None:
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise Invalid(_("The text has characters that cannot be stored."), fields={field: [_("Invisible characters.")]})
