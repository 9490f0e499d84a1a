"""A token that a person (or a bot) gives to a program."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .device import Device


class ApiToken(models.Model):
    """Good until `expires_at` (None: for ever) or until its device ends. Only the hash is kept; `prefix` is shown.

    The device is its identity: sockets are closed and requests judged by that row, which also carries the scope.
    """

    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="api_token")
    hash = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(_("begins with"), max_length=16, editable=False)
    name = models.CharField(_("name"), max_length=80)
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("good until"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
