"""A person or a bot of the workspace."""

import unicodedata
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import validators


def handle_key(handle: str) -> str:
    """What makes two handles the same: NFKC, then case folding, then NFKC again (folding can undo it)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", handle).casefold())


class UserManager(BaseUserManager["User"]):
    """Creates people; `createsuperuser` makes a workspace owner who is staff."""

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(handle_key=handle_key(username or ""))

    def create_user(self, handle: str, email: str, password: str | None = None, **fields: Any) -> "User":
        """Store a person, with what goes with her, from the shell and in tests (`accounts.services.user_create` checks
        more)."""
        from .name_key import NameKey
        from .person_head import PersonHead

        fields.setdefault("display_name", handle)
        user = self.model(handle=handle, email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        PersonHead.objects.using(self._db).create(user=user)
        NameKey.objects.using(self._db).bulk_create(NameKey.of(user))
        return user

    def create_superuser(self, handle: str, email: str, password: str | None = None, **fields: Any) -> "User":
        fields.setdefault("role", User.Role.OWNER)
        return self.create_user(validators.handle(handle), email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person: a handle in any script, a name to show, an e-mail address to sign in with.

    A bot is a person without address and password: only its tokens speak for it. `picture` is the unguessable name of
    her picture's files ("" without one), another one for each upload. `status` is what she wants others to know, until
    `status_until`.
    """

    class Role(models.TextChoices):
        OWNER = "owner", _("Owner")
        ADMIN = "admin", _("Administrator")
        MEMBER = "member", _("Member")
        GUEST = "guest", _("Guest")

    handle = models.CharField(_("handle"), max_length=32, validators=[validators.handle])
    handle_key = models.CharField(max_length=64, unique=True, editable=False)
    display_name = models.CharField(_("name"), max_length=64, validators=[validators.display_name])
    email = models.EmailField(_("e-mail address"), unique=True, null=True, blank=True)
    language = models.CharField(_("language"), max_length=16, default="en")
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    role = models.CharField(_("role"), max_length=8, choices=Role.choices, default=Role.MEMBER)
    is_staff = models.BooleanField(_("may open the admin"), default=False)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)
    picture = models.CharField(max_length=32, blank=True, editable=False)
    status = models.CharField(_("status"), max_length=80, blank=True)
    status_until = models.DateTimeField(_("status until"), null=True, blank=True)
    is_bot = models.BooleanField(_("bot"), default=False, editable=False)
    bot_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        related_name="bots",
        null=True,
        blank=True,
        editable=False,
        verbose_name=_("answers for the bot"),
    )

    objects = UserManager()

    USERNAME_FIELD = "handle"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [
            models.CheckConstraint(
                condition=Q(is_bot=True, email=None) | Q(is_bot=False, email__isnull=False, bot_owner=None),
                name="people_have_addresses_and_bots_have_none",
            ),
        ]

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.handle_key = handle_key(self.handle)
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return f"{self.display_name} (@{self.handle})"

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name
