"""Reading devices."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.conf import settings
from django.db.models import Q

from accounts.models import Device, User
from accounts.tokens import LIFE

SESSION_PROLONGED_EVERY = timedelta(days=1)


def devices_with_user(device_ids: Collection[int]) -> dict[int, Device]:
    """Devices, also ended ones, each with its person and, if it has one, its API token. One query."""
    return Device.objects.select_related("user", "api_token").in_bulk(device_ids)


def devices_live(user: User) -> list[Device]:
    """Where a person is signed in, the most recently seen first. One query."""
    return list(Device.objects.filter(user=user, ended_at__isnull=True).order_by("-last_seen_at", "-pk"))


def run_out(now: datetime) -> Q:
    """Devices with which nothing can be done any more at this moment: see `accounts.services.device.devices_expire`."""
    unseen = now - timedelta(seconds=settings.SESSION_COOKIE_AGE) - SESSION_PROLONGED_EVERY
    stale = now - LIFE["refresh"] - LIFE["access"]
    return (
        Q(kind=Device.Kind.BROWSER, last_seen_at__lt=unseen)
        | Q(kind=Device.Kind.TOKEN, refresh_rotated_at__lt=stale)
        | Q(kind=Device.Kind.API, api_token__expires_at__lte=now)
    )


def devices_changed(since: Mapping[int, int]) -> list[Device]:
    """Devices that began or ended after these revs of their persons' logs ({user id: rev}), in rev order. One query."""
    if not since:
        return []
    wanted = reduce(or_, (Q(user_id=user_id, user_rev__gt=rev) for user_id, rev in since.items()))
    return list(Device.objects.filter(wanted).order_by("user_id", "user_rev"))


def device_of(user: User, device_id: int) -> Device | None:
    """A device of this person's own, also an ended one. One query."""
    return Device.objects.filter(pk=device_id, user=user).first()
