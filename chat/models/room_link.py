"""A link that lets people into a room."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .room import Room


class RoomLink(models.Model):
    """Good until `expires_at`, for `uses_left` more people (null: no bound), while whoever made it leads the room.

    Only the hash of the token is kept.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="links")
    hash = models.CharField(max_length=64, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    uses = models.IntegerField(_("uses"), default=0)
    uses_left = models.IntegerField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("room link")
        verbose_name_plural = _("room links")

    def __str__(self) -> str:
        return f"link {self.pk} into room {self.room_id}"
