"""What somebody has begun to write in a room."""

from django.db import models

from .membership import Membership


class Draft(models.Model):
    """One per stint, gone with it. `seq` was the room's last message when it was stored: the person's own next message
    makes the draft void (`Membership.sent_seq`), so sending writes nothing here.
    """

    membership = models.OneToOneField(Membership, on_delete=models.CASCADE, primary_key=True, related_name="draft")
    text = models.TextField()
    reply_to = models.BigIntegerField(null=True, blank=True)
    seq = models.BigIntegerField()

    def __str__(self) -> str:
        return f"draft of stint {self.pk}"
