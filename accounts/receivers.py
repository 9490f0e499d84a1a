"""Django says who signs in and out; here it becomes a device that begins or ends."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.auth import DEVICE_KEY, prolong, session_ids
from accounts.models import User
from accounts.services.device import device_end, device_start

_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


@receiver(user_logged_in)
def begin_device(request: HttpRequest, user: User, **kwargs: Any) -> None:
    device = device_start(user=user, label=label(request.META.get("HTTP_USER_AGENT", "")))
    request.session[DEVICE_KEY] = device.pk
    prolong(request.session)
    request.device = device  # type: ignore[attr-defined]


@receiver(user_logged_out)
def end_device(request: HttpRequest, **kwargs: Any) -> None:
    signed_in = session_ids(request.session)
    if signed_in:
        device_end(device_id=signed_in[0], user_id=signed_in[1])


def label(agent: str) -> str:
    """ "Firefox · Linux" from a browser's header; the header's beginning where it names neither."""
    known = [next((name for mark, name in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return " · ".join(filter(None, known)) or agent[:60]
