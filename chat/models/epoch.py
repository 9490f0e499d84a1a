"""Which life of the database this is: after a restore, cursors of the earlier life mean nothing."""

import secrets

from django.db import models


def new_epoch() -> str:
    """Random text."""
    return secrets.token_hex(8)


class Epoch(models.Model):
    """The one row (id 1) that tells this database from a restored copy; `manage.py new_epoch` replaces it."""

    value = models.CharField(max_length=32, default=new_epoch)

    def __str__(self) -> str:
        return self.value
