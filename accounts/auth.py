"""Who is this? The one judgement for pages, the API and sockets: by the device's row and the person's.

A session says which device it is of (`DEVICE_KEY`), an access token carries the device's id, an API token has one, a
ticket was given to a device. Nothing is good without a live device of an active person. One query each, plus the
session's own. How far an API token goes is enforced here too: for REST in `BearerAuthentication`, for sockets by the
identity, which says whether it may only read.
"""

import re
import time
from collections.abc import Collection, Mapping, Sequence
from importlib import import_module
from typing import Any, NamedTuple

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
from accounts.selectors.device import SESSION_PROLONGED_EVERY, devices_with_user
from accounts.services.api_token import PREFIX, api_token_touch
from accounts.services.device import device_touch, devices_touch
from accounts.services.ticket import ticket_use
from realtime.product import Credentials, Identity, Refused
from realtime.protocol.closes import Close
from realtime.protocol.errors import Forbidden

DEVICE_KEY = "device"
_DAY_KEY = "day"
# A quarter of it at least.
INVALID_RETRY_MS = 4000
_SESSION_NAME = re.compile(r"[a-z0-9]{32}")


def authenticate(credentials: Sequence[Credentials]) -> list[Identity | Refused]:
    """Who opens these sockets: by ticket, else by access token, else by session; or why not.

    One query for all their devices, one that notes that they were seen; and what is each one's own: two for a ticket,
    one for an API token, the session.
    """
    claims = [_claimed(one) for one in credentials]
    devices = devices_with_user({one.device_id for one in claims if isinstance(one, _Claim) and one.device is None})
    answers: list[Identity | Refused] = []
    seen = []
    for claim in claims:
        try:
            device = _granted(claim, devices)
        except Refused as refused:
            answers.append(refused)
            continue
        seen.append(device)
        answers.append(_identity(device))
    for device in seen:
        if _api_token(device) is not None:
            _touch(device)
    devices_touch(devices=[device for device in seen if _api_token(device) is None])
    return answers


class _Claim(NamedTuple):
    """The device that somebody says is hers; with `user_id` only if it is that person's, and as `session` says.
    `device`: it was read already.
    """

    device_id: int
    user_id: int | None = None
    session: SessionBase | None = None
    device: Device | None = None


def _claimed(credentials: Credentials) -> "_Claim | Refused":
    """Which device, before it is read."""
    if credentials.ticket is not None:
        device_id = ticket_use(ticket=credentials.ticket)
        return _invalid("ticket") if device_id is None else _Claim(device_id)
    if credentials.bearer is not None:
        try:
            return _bearer(credentials.bearer)
        except Refused as refused:
            return refused
    if credentials.session is not None:
        session = stored_session(credentials.session)
        signed_in = session_ids(session)
        if signed_in is None:
            return Refused(Close.SESSION_EXPIRED, "session expired")
        return _Claim(*signed_in, session)
    return Refused(Close.SESSION_EXPIRED, "not signed in")


def _granted(claim: "_Claim | Refused", devices: Mapping[int, Device]) -> Device:
    """The device of a claim that holds. Raises Refused."""
    if isinstance(claim, Refused):
        raise claim
    device = claim.device or devices.get(claim.device_id)
    if device is not None and claim.user_id not in (None, device.user_id):
        device = None
    device = _judged(device)
    if claim.session is not None:
        _unchanged(claim.session, device.user)
    return device


def _identity(device: Device) -> Identity:
    token = _api_token(device)
    return Identity(
        user=str(device.user_id),
        device=str(device.pk),
        language=device.user.language,
        readonly=not scopes.allows(device.scope, scopes.WRITE),
        until=token.expires_at.timestamp() if token is not None and token.expires_at is not None else None,
    )


def refusals(identities: Collection[Identity]) -> dict[str, Refused]:
    """{device: why} of those that are good no more: between the handshake and the first topic they may have ended.

    One query.
    """
    devices = devices_with_user({int(identity.device) for identity in identities})
    refused: dict[str, Refused] = {}
    for identity in identities:
        try:
            _judged(devices.get(int(identity.device)))
        except Refused as reason:
            refused[identity.device] = reason
    return refused


def stored_session(name: str | None) -> SessionBase:
    """The session of a cookie's text; an empty one for what cannot be a name of ours (NUL would reach the database)."""
    store = import_module(settings.SESSION_ENGINE).SessionStore
    session: SessionBase = store(name if name and _SESSION_NAME.fullmatch(name) else None)
    return session


def session_device(session: SessionBase) -> Device:
    """The device, with its person, of a signed-in session. Raises Refused."""
    signed_in = session_ids(session)
    if signed_in is None:
        raise Refused(Close.SESSION_EXPIRED, "session expired")
    return _granted(_Claim(*signed_in, session), devices_with_user({signed_in[0]}))


def _unchanged(session: SessionBase, user: User) -> None:
    """A password set behind the services' back (a shell, an import) ends sessions too, as everywhere in Django.
    Raises Refused.
    """
    seen = session.get(HASH_SESSION_KEY, "")
    if not any(constant_time_compare(seen, good) for good in _session_hashes(user)):
        raise Refused(Close.SESSION_REVOKED, "password changed")


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
    claim = _bearer(token)
    return _granted(claim, {} if claim.device else devices_with_user({claim.device_id}))


def _bearer(token: str) -> _Claim:
    if token.startswith(PREFIX):
        found = api_token_by_text(token)
        if found is None:
            raise _invalid("token")
        return _Claim(found.device_id, device=found.device)
    try:
        claims = tokens.read("access", token)
    except tokens.Bad:
        raise _invalid("token") from None
    except tokens.Expired:
        raise Refused(Close.SESSION_EXPIRED, "token expired") from None
    return _Claim(claims.device_id, claims.user_id)


def _invalid(what: str) -> Refused:
    """It never was good, or is used up: a program that only tries again is a mistake, and shall make it slowly."""
    return Refused(Close.SESSION_EXPIRED, f"invalid {what}", retry_ms=INVALID_RETRY_MS)


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
