"""Somebody who may not come back into a room."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .room import Room


class Ban(models.Model):
    """Holds until `until` (null: for good) or until it is lifted; the row stays, so it can be seen who did what.

    `reason` is for those who lead the room and for the banned person.
    """

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="bans", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="bans")
    reason = models.CharField(_("reason"), max_length=250, blank=True)
    until = models.DateTimeField(_("until"), null=True, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("ban")
        verbose_name_plural = _("bans")
        constraints = [
            models.UniqueConstraint(
                fields=["room", "user"], condition=Q(lifted_at__isnull=True), name="ban_one_standing"
            ),
        ]

    def __str__(self) -> str:
        return f"ban of person {self.user_id} from room {self.room_id}"
