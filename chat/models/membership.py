"""A stint of a person in a room."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .room import Room


class Membership(models.Model):
    """From `joined_rev` until `left_rev`. A stint never reopens; joining again is a new row.

    `rev` is the room's rev at the last change others see (joined, role, left); `user_rev` the person's rev at the
    last change she sees herself (joined, left, role, read position).
    """

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        MODERATOR = "moderator", _("Moderator")
        MEMBER = "member", _("Member")

    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(_("role"), max_length=10, choices=Role.choices, default=Role.MEMBER)
    joined_rev = models.BigIntegerField()
    left_rev = models.BigIntegerField(null=True, blank=True)
    rev = models.BigIntegerField()
    user_rev = models.BigIntegerField()
    read_seq = models.BigIntegerField(default=0)

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
