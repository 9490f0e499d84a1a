"""Who asks, for every request, and in which language she reads."""

from collections.abc import Callable
from functools import partial
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.functional import SimpleLazyObject

from accounts.auth import prolong, session_device, session_ids, stored_session
from accounts.models import User
from accounts.services.device import device_touch
from realtime.product import Refused


class DeviceMiddleware(AuthenticationMiddleware):
    """`request.user`, judged by the session's device: one query, when it is first asked for. Sets `request.device`.

    The session of an ended device is emptied, so that what it held serves nobody any more.
    """

    def process_request(self, request: HttpRequest) -> None:
        if request.session.session_key and stored_session(request.session.session_key).session_key is None:
            request.session = stored_session(None)
        request.device = None  # type: ignore[attr-defined]
        request.user = SimpleLazyObject(lambda: _person(request))  # type: ignore[assignment]

        request.auser = partial(_auser, request)


async def _auser(request: HttpRequest) -> Any:
    def resolved() -> Any:
        bool(request.user.is_authenticated)
        return request.user

    return await sync_to_async(resolved)()


def _person(request: HttpRequest) -> User | AnonymousUser:
    try:
        device = session_device(request.session)
    except Refused:
        if session_ids(request.session):
            request.session.flush()
        return AnonymousUser()
    device_touch(device=device)
    prolong(request.session)
    request.device = device  # type: ignore[attr-defined]
    return device.user


class PersonLanguageMiddleware:
    """A signed-in person reads in her own language, whatever the browser prefers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Without the cookie nobody is signed in, and health checks must not touch the database.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)
