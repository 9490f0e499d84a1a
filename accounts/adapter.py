"""Where allauth's flows meet ours."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.auth import session_ids
from accounts.models.user import handle_key
from accounts.services.device import device_end
from realtime.protocol.errors import Unauthenticated
from realtime.rest import address

WRONG = _("The name or the password is not right.")
LATER = _("Too many attempts. Try again in a few minutes.")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up without an invitation; the same words whoever is asked for; a sign-in begins a device."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "too_many_login_attempts": LATER,
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

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
        user = context.get("user")
        with translation.override(user.language if user is not None else translation.get_language()):
            super().send_mail(template_prefix, email, {**context, "site_name": settings.SITE_NAME})

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("account_change_password")

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # Spellings of one handle are one login; allauth would count each by itself.
        return handle_key(str(credentials.get("username") or credentials.get("email") or "").strip())
