"""Keeping the files of people's pictures."""

import secrets

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts import pictures
from accounts.payloads import PICTURE_SIZES


def picture_store(*, upload: bytes) -> str:
    """Keep a picture in its sizes; its new, unguessable name. Raises Invalid (`picture`) or TooLarge."""
    name = secrets.token_urlsafe(16)
    for size, data in pictures.squares(upload).items():
        default_storage.save(pictures.path(name, size), ContentFile(data))
    return name


def picture_remove(*, name: str) -> None:
    """Forget a picture; one that is gone already is no error."""
    for size in PICTURE_SIZES:
        default_storage.delete(pictures.path(name, size))
