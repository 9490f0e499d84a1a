"""What may be said at all: checks of text that need no database."""

import unicodedata

from django.utils.translation import gettext_lazy as _

from accounts.models.user import handle_key
from realtime.protocol.errors import Invalid

TEXT_MAX = 8000
NAME_MAX = 80
TOPIC_MAX = 250
DESCRIPTION_MAX = 2000
REASON_MAX = 250
FOLDER_MAX = 40
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


def checked_group_name(name: str) -> str:
    """What a group calls itself; it may have no name. Raises Invalid."""
    return checked_name(name)[0] if name.strip() else ""


def checked_description(text: str) -> str:
    """What a room is for, on several lines. Raises Invalid."""
    _storable("description", text)
    tidy = "\n".join(line.rstrip() for line in text.strip().splitlines())
    if len(tidy) > DESCRIPTION_MAX:
        raise Invalid(
            _("The description is longer than 2000 characters."), fields={"description": [_("This is too long.")]}
        )
    return tidy


def checked_reason(text: str) -> str:
    """Why somebody is banned, on one line; nothing is fine. Raises Invalid."""
    _storable("reason", text)
    tidy = " ".join(text.split())
    if len(tidy) > REASON_MAX:
        raise Invalid(_("The reason is longer than 250 characters."), fields={"reason": [_("This is too long.")]})
    return tidy


def checked_folder(name: str) -> str:
    """The name of a folder in one's list; "" is none. Raises Invalid."""
    _storable("folder", name)
    tidy = " ".join(unicodedata.normalize("NFC", name).split())
    if any(unicodedata.category(char)[0] == "C" for char in tidy):
        raise Invalid(_("The name has invisible characters."), fields={"folder": [_("Invisible characters.")]})
    if len(tidy) > FOLDER_MAX:
        raise Invalid(_("The name is longer than 40 characters."), fields={"folder": [_("This is too long.")]})
    return tidy


def checked_draft(text: str) -> str:
    """What somebody has begun to write; nothing is fine. Raises Invalid."""
    _storable("text", text)
    if len(text) > TEXT_MAX:
        raise Invalid(_("The message is longer than 8000 characters."), fields={"text": [_("This is too long.")]})
    return text if text.strip() else ""


def _storable(field: str, text: str) -> None:
    if "\0" in text or any("\ud800" <= char <= "\udfff" for char in text):
        raise Invalid(_("The text has characters that cannot be stored."), fields={field: [_("Invisible characters.")]})
