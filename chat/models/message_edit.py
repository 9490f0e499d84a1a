"""What a message said before an edit."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from .message import Message


class MessageEdit(models.Model):
    """One earlier wording: `text` stood until `edited_at`, when `editor` replaced it. Emptied when it is deleted."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="edits")
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    edited_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"edit of message {self.message_id}"
