"""Codes of the second factor, each good once.

The counter of the last code used is kept in the authenticator's row, under its lock. allauth remembers used codes in
the cache, for one period: that forgets a code while the tolerance still accepts it, and a cache that is away forgets
all of them.
"""

from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.utils import decrypt
from django.db import transaction

from accounts.models import User


def second_factor_use(*, user: User, code: str) -> Any:
    """The authenticator (app or recovery codes) this code is of, which takes it once; None for a wrong or used code.

    Locks the person's authenticators. Two queries, three for a right code.
    """
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update().filter(user=user).exclude(type=Authenticator.Type.WEBAUTHN)
        for authenticator in rows.order_by("pk"):
            if authenticator.type == Authenticator.Type.TOTP:
                good = _take(authenticator, code)
            else:
                good = authenticator.wrap().validate_code(code)
            if good:
                return authenticator
    return None


def _take(authenticator: Any, code: str) -> bool:
    secret = decrypt(authenticator.data["secret"])
    for counter in yield_hotp_counters_from_time():
        right = compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter)))
        if right and counter > authenticator.data.get("counter", 0):
            authenticator.data["counter"] = counter
            authenticator.save(update_fields=["data"])
            return True
    return False
