"""What stands between a right password and being signed in."""

from allauth.account import app_settings
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator

from accounts.models import User


def may_sign_in(user: User) -> bool:
    """Whether her address is confirmed, where that is asked for. At most one query."""
    if app_settings.EMAIL_VERIFICATION != app_settings.EmailVerificationMethod.MANDATORY:
        return True
    return bool(EmailAddress.objects.filter(user=user, verified=True).exists())


def second_factor_of(user: User) -> bool:
    """Whether she has an authenticator app or a passkey. One query."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())
