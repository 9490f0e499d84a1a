"""A message."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .digest import DigestField
from .room import Room


class Message(models.Model):
    """What somebody said. `seq` numbers a room's messages without holes; `rev` is the room's rev at its last change.

    `text` is the Markdown as typed, `html` its rendering, made once. A deleted message keeps its row as a tombstone:
    both are emptied. `text_hash` is of the text as first sent, so a retry with other words is told apart from an
    honest one even after an edit. `mentioned` says whom the text addresses: ids with commas, or "room"; the rows that
    are counted are `Mention`s.
    """

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="messages", db_index=False)
    seq = models.BigIntegerField()
    rev = models.BigIntegerField()
    created_rev = models.BigIntegerField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="messages")
    client_id = models.UUIDField()
    text = models.TextField()
    html = models.TextField()
    mentioned = models.TextField(blank=True, default="")
    text_hash = DigestField(max_length=32)
    reply_to = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "seq"], name="message_room_seq"),
            models.UniqueConstraint(fields=["room", "author", "client_id"], name="message_client_id"),
        ]
        indexes = [models.Index(fields=["room", "rev"], name="message_room_rev")]

    def __str__(self) -> str:
        return f"room {self.room_id} #{self.seq}"
