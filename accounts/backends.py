"""Checking a password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import Q
from django.http import HttpRequest

from accounts.models import User
from accounts.models.user import handle_key


class HandleOrEmailBackend(AuthenticationBackend):  # type: ignore[misc]
    """By handle in any spelling, or by e-mail address: one look-up and one hash, whoever is asked for.

    Bots have no way in here.

    (allauth's own look-up knows neither NFKC nor folding outside ASCII, and hashes twice for an address it knows.)
    """

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        login = str(credentials.get("username") or credentials.get("email") or "").strip()
        if not login or "\0" in login:
            return None
        known = Q(email=login.lower()) if "@" in login else Q(handle_key=handle_key(login))
        found = User.objects.filter(known, is_bot=False).first()
        user: User | None = self._check_password(found, credentials.get("password") or "")
        return user
