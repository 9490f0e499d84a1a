"""A room: public, private, the direct conversation of a pair, or that of a group."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Room(models.Model):
    """What a room is called and who may find it. `rev` is the room's rev at the last change of these settings.

    `name_key` (as for handles) makes the names of public and private rooms unique; `people_key` ("3:17", ids in order)
    makes the conversation of a pair, or of a group nobody has left yet, unique. Each is null where it does not apply.
    In an announcement room only those who lead it post. `mention_room` says who may address everybody at once.
    """

    class Kind(models.TextChoices):
        PUBLIC = "public", _("Public")
        PRIVATE = "private", _("Private")
        DIRECT = "direct", _("Direct message")
        GROUP = "group", _("Group conversation")

    class MentionRoom(models.TextChoices):
        AUTO = "auto", _("Everybody in small rooms, otherwise those who lead it")
        MEMBERS = "members", _("Everybody")
        LEADERS = "leaders", _("Those who lead the room")

    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=80, blank=True)
    name_key = models.CharField(max_length=160, unique=True, null=True, editable=False)
    people_key = models.CharField(max_length=200, unique=True, null=True, editable=False)
    topic = models.CharField(_("topic"), max_length=250, blank=True)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    announcement = models.BooleanField(_("announcements only"), default=False)
    mention_room = models.CharField(
        _("who may mention everybody"), max_length=8, choices=MentionRoom.choices, default=MentionRoom.AUTO
    )
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    archived_at = models.DateTimeField(null=True, blank=True)
    rev = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("room")
        verbose_name_plural = _("rooms")

    def __str__(self) -> str:
        return self.name or self.people_key or str(self.pk)
