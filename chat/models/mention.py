"""A message that addresses somebody."""

from django.conf import settings
from django.db import models

from .message import Message
from .room import Room


class Mention(models.Model):
    """Either one row per person, or one row without a person for everybody in the room: each message counts once.

    Goes when the message is deleted, or edited so that it addresses others.
    """

    class Kind(models.TextChoices):
        PERSON = "person"
        HERE = "here"
        ROOM = "room"

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="mentions")
    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="+", db_index=False)
    seq = models.BigIntegerField()
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mentions", null=True, db_index=False
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)

    class Meta:
        indexes = [
            models.Index(fields=["room", "user", "seq"], name="mention_room_user_seq"),
            models.Index(fields=["user", "message"], name="mention_user_message"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} mention in message {self.message_id}"
