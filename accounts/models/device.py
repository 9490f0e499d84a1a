"""A device a person is signed in on: the identity of her sockets, sessions and tokens there."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Device(models.Model):
    """One sign-in. It lives until `ended_at`; sessions, tokens and sockets are judged by this row, never by theirs.

    `user_rev` is the rev of the person's log at which the device ended or began. `refresh_id` is the id of the
    refresh token in force, `refresh_previous_id` that of the one before it (both only for token devices). `scope` says
    how far an API token goes (`accounts.scopes`); it is empty where the person herself signed in.
    """

    class Kind(models.TextChoices):
        BROWSER = "browser"
        TOKEN = "token"  # noqa: S105
        API = "api"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="devices")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.BROWSER)
    label = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    user_rev = models.BigIntegerField(default=0)
    scope = models.CharField(max_length=8, blank=True)
    refresh_id = models.CharField(max_length=64, blank=True)
    refresh_previous_id = models.CharField(max_length=64, blank=True)
    refresh_rotated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["user", "user_rev"], name="device_user_rev")]

    def __str__(self) -> str:
        return f"{self.label or self.kind} #{self.pk}"
