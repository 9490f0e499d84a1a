"""Where allauth's flows meet ours."""

import base64
from functools import lru_cache
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.account.signals import email_confirmed
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import validators
from accounts.auth import session_ids
from accounts.models import User
from accounts.models.user import handle_key
from accounts.services.device import device_end
from accounts.services.mail import mail_send
from accounts.services.user import user_email_confirm
from realtime.protocol.errors import Unauthenticated
from realtime.rest import address

WRONG = _("The e-mail address, handle or password is wrong.")
WRONG_CODE = _("This code is not right, or it was used already.")
LATER = _("Too many attempts. Try again in a few minutes.")
TAKEN = _("This e-mail address is taken.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Who may sign up; the same words whoever is asked for; a sign-in begins a device; mails of ours."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "too_many_login_attempts": LATER,
        "enter_current_password": _("This is not your current password."),
        "incorrect_password": _("This is not your current password."),
        "incorrect_code": WRONG_CODE,
        "email_taken": TAKEN,
        "duplicate_email": _("This is your address already."),
        "rate_limited": LATER,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP != "invitation" or getattr(request, "invitation", None) is not None

    def clean_username(self, username: str, shallow: bool = False) -> str:
        username = validators.handle(username)
        if not shallow and User.objects.filter(handle_key=handle_key(username)).exists():
            raise ValidationError(_("This handle is taken."))
        return username

    def clean_email(self, email: str) -> str:
        return validators.email(email)

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        return bool(email_address.email != email_address.user.email)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        user, email = email_address.user, email_address.email
        before = user_email_confirm(user_id=user.pk, email=email)
        if before is None:
            self.add_message(request, messages.ERROR, message=TAKEN)
            return False
        email_address.verified = True
        email_confirmed.send(sender=EmailAddress, request=request, email_address=email_address)
        if before != email:
            self.send_notification_mail(
                "account/email/email_changed", user, {"from_email": before, "to_email": email}, email=before
            )
        self.add_message(request, messages.SUCCESS, "account/messages/email_confirmed.txt", {"email": email})
        return True

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        before = session_ids(request.session)
        try:
            super().login(request, user)
        except Unauthenticated:
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user)) from None
        if before:
            device_end(device_id=before[0], user_id=before[1])

    def get_client_ip(self, request: HttpRequest) -> str:
        return address(request) or "unknown"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        # Whoever has the address reads in her own language; of whom nobody knows, in that of the request.
        user = User.objects.filter(email=email.lower()).first() or context.get("user")
        mail_send(
            template=template_prefix,
            to=email,
            language=user.language if user is not None else translation.get_language(),
            context=context,
        )

    def send_notification_mail(
        self,
        template_prefix: str,
        user: AbstractBaseUser,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """What changed about an account, to its own address (`email`: to that of before the change)."""
        to = email or getattr(user, "email", None)
        if to:
            self.send_mail(template_prefix, to, {**(context or {}), "user": user})

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_change_password")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Spellings of one handle are one login; allauth would count each by itself.
        return handle_key(str(credentials.get("username") or credentials.get("email") or "").strip())


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """The secrets of authenticator apps and recovery codes are useless without SECRET_KEY: to a stolen backup, say."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
        "cannot_generate_recovery_codes": _("Recovery codes belong to a second factor; add one first."),
    }

    def get_totp_issuer(self) -> str:
        return str(settings.SITE_NAME)

    def _get_site_name(self) -> str:
        return str(settings.SITE_NAME)

    def _get_user_identifier(self, user: AbstractBaseUser) -> str:
        return str(user.get_username())

    def encrypt(self, text: str) -> str:
        return _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        cipher = _cipher(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        return cipher.decrypt(encrypted_text.encode()).decode()

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Any) -> str:
        return gettext("Passkey")


@lru_cache(maxsize=4)
def _cipher(*secrets: str) -> MultiFernet:
    """Writes with the first secret, reads with any."""
    keys = [salted_hmac("accounts.second-factor", "", secret=secret, algorithm="sha256").digest() for secret in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])
