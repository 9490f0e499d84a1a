"""The head of a room's log."""

from django.db import models
from django.db.models.functions import Now

from .room import Room


class RoomHead(models.Model):
    """The counters of a room, in a side row that only services write.

    `rev` is the last change, `last_seq` the last message. Cursors below `floor_rev` are reset (a purge raises it).
    """

    room = models.OneToOneField(Room, on_delete=models.CASCADE, primary_key=True, related_name="head")
    rev = models.BigIntegerField(default=0)
    last_seq = models.BigIntegerField(default=0)
    floor_rev = models.BigIntegerField(default=0)
    changed_at = models.DateTimeField(db_default=Now(), db_index=True)

    def __str__(self) -> str:
        return f"room {self.pk} at {self.rev}"
