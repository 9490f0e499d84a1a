"""Reading devices."""

from collections.abc import Collection, Mapping
from functools import reduce
from operator import or_

from django.db.models import Q

from accounts.models import Device, User


def devices_with_user(device_ids: Collection[int]) -> dict[int, Device]:
    """Devices, also ended ones, each with its person and, if it has one, its API token. One query."""
    return Device.objects.select_related("user", "api_token").in_bulk(device_ids)


def devices_live(user: User) -> list[Device]:
    """Where a person is signed in, the most recently seen first. One query."""
    return list(Device.objects.filter(user=user, ended_at__isnull=True).order_by("-last_seen_at", "-pk"))


def devices_changed(since: Mapping[int, int]) -> list[Device]:
    """Devices that began or ended after these revs of their persons' logs ({user id: rev}), in rev order. One query."""
    if not since:
        return []
    wanted = reduce(or_, (Q(user_id=user_id, user_rev__gt=rev) for user_id, rev in since.items()))
    return list(Device.objects.filter(wanted).order_by("user_id", "user_rev"))


def device_of(user: User, device_id: int) -> Device | None:
    """A device of this person's own, also an ended one. One query."""
    return Device.objects.filter(pk=device_id, user=user).first()
