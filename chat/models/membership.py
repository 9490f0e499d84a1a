"""A stint of a person in a room."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .room import Room


class Membership(models.Model):
    """From `joined_rev` until `left_rev`. A stint never reopens; joining again is a new row.

    `rev` is the room's rev at the last change others see (joined, role, left); `user_rev` the person's rev at the
    last change she sees herself (joined, left, role, read position, preferences, draft). `sent_seq` is her last
    message: a draft from before it is done. `rewinds` counts how often she set her read position back, so that of two
    positions the later one can be told. `favourite`, `folder`, `notify` and `place` (in the folder) are her own affair.
    """

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        MODERATOR = "moderator", _("Moderator")
        MEMBER = "member", _("Member")

    class Left(models.TextChoices):
        LEFT = "left", _("Left")
        REMOVED = "removed", _("Removed")
        BANNED = "banned", _("Banned")

    class Notify(models.TextChoices):
        ALL = "all", _("All messages")
        MENTIONS = "mentions", _("Mentions only")
        NONE = "none", _("Nothing")

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_rev = models.BigIntegerField()
    left_rev = models.BigIntegerField(null=True, blank=True)
    rev = models.BigIntegerField()
    user_rev = models.BigIntegerField()
    read_seq = models.BigIntegerField(default=0)
    sent_seq = models.BigIntegerField(default=0)
    rewinds = models.IntegerField(default=0)
    left_reason = models.CharField(_("reason"), max_length=8, choices=Left.choices, blank=True)
    muted_until = models.DateTimeField(_("muted until"), null=True, blank=True)
    favourite = models.BooleanField(_("favourite"), default=False)
    folder = models.CharField(_("folder"), max_length=40, blank=True)
    notify = models.CharField(_("notifications"), max_length=8, choices=Notify.choices, default=Notify.ALL)
    place = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["room", "user"], condition=Q(left_rev__isnull=True), name="membership_one_open_stint"
            ),
        ]
        indexes = [
            models.Index(fields=["room", "rev"], name="membership_room_rev"),
            models.Index(fields=["user", "user_rev"], name="membership_user_rev"),
            models.Index(fields=["user"], condition=Q(left_rev__isnull=True), name="membership_user_open"),
        ]

    def __str__(self) -> str:
        return f"person {self.user_id} in room {self.room_id} from {self.joined_rev}"
