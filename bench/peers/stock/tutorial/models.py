"""What the tutorial leaves to the reader."""

from typing import ClassVar

from django.db import models


class Message(models.Model):
    """What somebody said in a room."""

    room = models.CharField(max_length=80, db_index=True)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager["Message"]] = models.Manager()

    def __str__(self) -> str:
        return self.text
