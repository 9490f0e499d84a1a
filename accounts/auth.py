"""Who is this? The one judgement for pages, the API and sockets: by the device's row and the person's.

A session says which device it is of (`DEVICE_KEY`), an access token carries the device's id, an API token has one, a
ticket was given to a device. Nothing is good without a live device of an active person. One query each, plus the
session's own. How far an API token goes is enforced here too: for REST in `BearerAuthentication`, for sockets by the
identity, which says whether it may only read.
"""

import re
import time
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase
from django.utils import timezone, translation
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from accounts import scopes, tokens
from accounts.models import ApiToken, Device, User
from accounts.selectors.api_token import api_token_by_text
from accounts.selectors.device import SESSION_PROLONGED_EVERY, device_with_user
from accounts.services.api_token import PREFIX, api_token_touch
from accounts.services.device import device_touch
from accounts.services.ticket import ticket_use
from realtime.product import Credentials, Identity, Refused
from realtime.protocol.closes import Close
from realtime.protocol.errors import Forbidden

DEVICE_KEY = "device"
_DAY_KEY = "day"
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
    _touch(device)
    token = _api_token(device)
    return Identity(
        user=str(device.user_id),
        device=str(device.pk),
        language=device.user.language,
        readonly=not scopes.allows(device.scope, scopes.WRITE),
        until=token.expires_at.timestamp() if token is not None and token.expires_at is not None else None,
    )


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


def prolong(session: SessionBase) -> None:
    """Let a session that is used live on, cookie and all: written once a day, and not with every request."""
    day = int(time.time() / SESSION_PROLONGED_EVERY.total_seconds())
    if session.get(_DAY_KEY) != day:
        session[_DAY_KEY] = day


def session_ids(session: SessionBase) -> tuple[int, int] | None:
    """(device id, user id) that a session claims, unjudged."""
    try:
        return int(session[DEVICE_KEY]), int(session[SESSION_KEY])
    except (KeyError, TypeError, ValueError):
        return None


def bearer_device(token: str) -> Device:
    """The device, with its person, of an access token or an API token. Raises Refused."""
    if token.startswith(PREFIX):
        found = api_token_by_text(token)
        return _judged(found.device if found is not None else None)
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
    token = _api_token(device)
    if token is not None and token.expires_at is not None and token.expires_at <= timezone.now():
        raise Refused(Close.SESSION_EXPIRED, "token expired")
    return device


def _api_token(device: Device) -> ApiToken | None:
    """The API token whose device this is; asks nothing where the row says that it is a sign-in's."""
    return device.api_token if device.scope else None


def _touch(device: Device) -> None:
    token = _api_token(device)
    if token is not None:
        api_token_touch(token=token)
    else:
        device_touch(device=device)


def _session_hashes(user: User) -> list[str]:
    return [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]


class BearerAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token or API token>`. `request.auth` is the Device.

    What an API token's scope does not include is refused here, where no view can forget it. A view may say what it
    needs (`token_scope`, one for all methods or by method); without that it is `read` for what changes nothing and
    `write` for the rest.
    """

    def authenticate(self, request: Request) -> tuple[User, Device] | None:
        scheme, _space, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        try:
            device = bearer_device(token.strip())
        except Refused as refused:
            raise AuthenticationFailed(refused.reason) from None
        translation.activate(device.user.language)
        view = (request.parser_context or {}).get("view")
        if not scopes.allows(device.scope, _needed(view, request.method or "")):
            raise Forbidden(_("This token does not reach that far."))
        _touch(device)
        return device.user, device

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


def _needed(view: Any, method: str) -> str:
    said: str | dict[str, str] = getattr(view, "token_scope", {})
    if isinstance(said, str):
        return said
    return said.get(method, scopes.READ if method in SAFE_METHODS else scopes.WRITE)


class DeviceSessionAuthentication(SessionAuthentication):
    """The session of our own pages, with CSRF enforced. `request.auth` is the Device."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        http = request._request
        device = getattr(http, "device", None)
        if not http.user.is_authenticated or device is None:
            return None
        self.enforce_csrf(request)
        return http.user, device
