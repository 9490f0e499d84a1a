"""An invitation: a link by which people sign up."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .user import User


class Invitation(models.Model):
    """Whoever has the link becomes a person with `role`, until `expires_at`, `revoked_at`, or no `uses_left`.

    Only the hash of the link's token is kept; `prefix` tells one link from another. `uses_left` None: as often as one
    likes. With `email` it is for that address only. `room_ids` are rooms to be in from the start; what is in them is
    chat's to judge, when the invitation is made and again when it is used (see `accounts.signals`).
    """

    hash = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=8, editable=False)
    role = models.CharField(_("role"), max_length=8, choices=User.Role.choices, default=User.Role.MEMBER)
    email = models.EmailField(_("e-mail address"), blank=True)
    room_ids = models.JSONField(default=list, blank=True)
    uses = models.PositiveIntegerField(_("used"), default=0)
    uses_left = models.PositiveIntegerField(_("uses left"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="invitations", verbose_name=_("made by")
    )
    created_at = models.DateTimeField(_("made"), default=timezone.now)
    expires_at = models.DateTimeField(_("good until"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(condition=~Q(role=User.Role.OWNER), name="invitation_makes_no_owner"),
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… ({self.role})"
