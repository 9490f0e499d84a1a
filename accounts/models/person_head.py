"""The head of a person's own log: rooms joined and left, read positions, preferences, devices."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class PersonHead(models.Model):
    """A side row that only services write, so no form or `save()` of the person can set the counter back."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="head"
    )
    rev = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return f"person {self.pk} at {self.rev}"
