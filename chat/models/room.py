"""A room: public, private, or the direct conversation of a pair."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Room(models.Model):
    """What a room is called and who may find it. `rev` is the room's rev at the last change of these settings.

    `name_key` (as for handles) makes the names of public and private rooms unique; `pair_key` ("3:17", ids in order)
    makes the direct conversation of a pair unique. Each is null where it does not apply.
    """

    class Kind(models.TextChoices):
        PUBLIC = "public", _("Public")
        PRIVATE = "private", _("Private")
        DIRECT = "direct", _("Direct message")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=80, blank=True)
    name_key = models.CharField(max_length=160, unique=True, null=True, editable=False)
    pair_key = models.CharField(max_length=48, unique=True, null=True, editable=False)
    topic = models.CharField(_("topic"), max_length=250, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    rev = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")

    def __str__(self) -> str:
        return self.name or self.pair_key or str(self.pk)
