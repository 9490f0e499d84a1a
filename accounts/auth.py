"""Who is this? The one judgement for pages, the API and sockets: by the device's row and the person's.

A session says which device it is of (`DEVICE_KEY`), an access token carries the device's id, a ticket was given to a
device. Nothing is good without a live device of an active person. One query each, plus the session's own.
"""

import re
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils import translation
from django.utils.crypto import constant_time_compare
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import tokens
from accounts.models import Device, User
from accounts.selectors.device import device_with_user
from accounts.services.device import device_touch
from accounts.services.ticket import ticket_use
from realtime.product import Credentials, Identity, Refused
from realtime.protocol.closes import Close

DEVICE_KEY = "device"
_SESSION_NAME = re.compile(r"[a-z0-9]{32}")


def authenticate(credentials: Credentials) -> Identity:
    """Who opens this socket: by ticket, else by access token, else by session. Raises Refused."""
    if credentials.ticket is not None:
        device_id = ticket_use(ticket=credentials.ticket)
        device = _judged(device_with_user(device_id) if device_id is not None else None)
    elif credentials.bearer is not None:
        device = bearer_device(credentials.bearer)
    elif credentials.session is not None:
        device = session_device(stored_session(credentials.session))
    else:
        raise Refused(Close.SESSION_EXPIRED, "not signed in")
    device_touch(device=device)
    return Identity(user=str(device.user_id), device=str(device.pk), language=device.user.language)


def confirm(identity: Identity) -> None:
    """That the device is still good: between the handshake and the first topic it may have ended. Raises Refused."""
    _judged(device_with_user(int(identity.device)))


def stored_session(name: str | None) -> SessionBase:
    """The session of a cookie's text; an empty one for what cannot be a name of ours (NUL would reach the database)."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    session: SessionBase = store(name if name and _SESSION_NAME.fullmatch(name) else None)
    return session


def session_device(session: SessionBase) -> Device:
    """The device, with its person, of a signed-in session. Raises Refused."""
    signed_in = session_ids(session)
    device = device_with_user(signed_in[0]) if signed_in else None
    if device is None or signed_in is None or device.user_id != signed_in[1]:
        raise Refused(Close.SESSION_EXPIRED, "session expired")
    _judged(device)
    # A password set behind the services' back (a shell, an import) ends sessions too, as everywhere in Django.
    seen = session.get(HASH_SESSION_KEY, "")
    user: User = device.user
    if not any(constant_time_compare(seen, good) for good in _session_hashes(user)):
        raise Refused(Close.SESSION_REVOKED, "password changed")
    return device


def session_ids(session: SessionBase) -> tuple[int, int] | None:
    """(device id, user id) that a session claims, unjudged."""
    try:
        return int(session[DEVICE_KEY]), int(session[SESSION_KEY])
    except (KeyError, TypeError, ValueError):
        return None


def bearer_device(token: str) -> Device:
    """The device, with its person, of an access token. Raises Refused."""
    try:
        claims = tokens.read("access", token)
    except (tokens.Bad, tokens.Expired):
        raise Refused(Close.SESSION_EXPIRED, "token expired") from None
    device = device_with_user(claims.device_id)
    return _judged(device if device is not None and device.user_id == claims.user_id else None)


def _judged(device: Device | None) -> Device:
    if device is None:
        raise Refused(Close.SESSION_EXPIRED, "session expired")
    if not device.user.is_active:
        raise Refused(Close.ACCOUNT_DISABLED, "account disabled")
    if device.ended_at is not None:
        raise Refused(Close.SESSION_REVOKED, "session revoked")
    return device


def _session_hashes(user: User) -> list[str]:
    return [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`. `request.auth` is the Device."""

    def authenticate(self, request: Request) -> tuple[User, Device] | None:
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            device = bearer_device(token.strip())
        except Refused as refused:
            raise AuthenticationFailed(refused.reason) from None
        device_touch(device=device)
        translation.activate(device.user.language)
        return device.user, device

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class DeviceSessionAuthentication(SessionAuthentication):
    """The session of our own pages, with CSRF enforced. `request.auth` is the Device."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        http = request._request
        device = getattr(http, "device", None)
        if not http.user.is_authenticated or device is None:
            return None
        self.enforce_csrf(request)
        return http.user, device
