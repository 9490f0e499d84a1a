"""Beginning and ending sign-ins.

Whoever changes a person's devices holds her head's lock, so what is read under it is all there is.
"""

from contextlib import suppress
from datetime import timedelta

from django.db import OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.events import UserState
from accounts.models import Device, User
from accounts.payloads import device_state
from accounts.services.person_head import person_heads_lock, person_revs_next, person_revs_take
from realtime.protocol.errors import Unauthenticated
from realtime.publish import publish_on_commit

TOUCH_EVERY = timedelta(minutes=5)


def device_start(
    *, user: User, kind: Device.Kind = Device.Kind.BROWSER, label: str = "", refresh_id: str = ""
) -> Device:
    """A new sign-in of `user`, whose password was just checked.

    Raises Unauthenticated if meanwhile the account was deactivated or got another password. Five queries; locks the
    person's head.
    """
    with transaction.atomic():
        person_heads_lock(user_ids=[user.pk])
        stored = User.objects.only("is_active", "password").get(pk=user.pk)
        if not stored.is_active or stored.password != user.password:
            raise Unauthenticated(_("You are not signed in, or the credentials are no longer good."))
        rev = person_revs_next(user_ids=[user.pk])[user.pk]
        now = timezone.now()
        device = Device.objects.create(
            user=user,
            kind=kind,
            label=_shown(label),
            created_at=now,
            last_seen_at=now,
            user_rev=rev,
            refresh_id=refresh_id,
            refresh_rotated_at=now if refresh_id else None,
        )
        publish_on_commit(UserState(prev=rev - 1, rev=rev, user=str(user.pk), devices=[device_state(device)]))
    return device


def device_end(*, device_id: int, user_id: int) -> bool:
    """End a sign-in; False if this person has no such live device. Closes its sockets. Locks the person's head."""
    return bool(_end(user_id, only=device_id))


def devices_end_all(*, user_id: int, spare: int | None = None) -> int:
    """End every sign-in of a person but the device `spare`; how many ended. Closes their sockets."""
    return len(_end(user_id, spare=spare))


def devices_end_locked(
    *, user_id: int, only: int | None = None, spare: int | None = None
) -> tuple[list[Device], range]:
    """End devices and answer with them and the revs taken, for a service that publishes more than that.

    Must be called in a transaction, which locks the person's head.
    """
    person_heads_lock(user_ids=[user_id])
    live = Device.objects.filter(user_id=user_id, ended_at__isnull=True).order_by("pk")
    if only is not None:
        live = live.filter(pk=only)
    if spare is not None:
        live = live.exclude(pk=spare)
    devices = list(live)
    if not devices:
        return [], range(0)
    revs = person_revs_take(counts={user_id: len(devices)})[user_id]
    now = timezone.now()
    for device, rev in zip(devices, revs, strict=True):
        device.ended_at, device.user_rev = now, rev
    Device.objects.bulk_update(devices, ["ended_at", "user_rev"])
    return devices, revs


def device_touch(*, device: Device) -> None:
    """Note that the device was seen, at most every five minutes. A database too busy for that is no error."""
    now = timezone.now()
    if now - device.last_seen_at < TOUCH_EVERY:
        return
    stale = Device.objects.filter(pk=device.pk, last_seen_at__lt=now - TOUCH_EVERY)
    with suppress(OperationalError), transaction.atomic():
        stale.update(last_seen_at=now)
    device.last_seen_at = now


def _end(user_id: int, *, only: int | None = None, spare: int | None = None) -> list[Device]:
    with transaction.atomic():
        devices, revs = devices_end_locked(user_id=user_id, only=only, spare=spare)
        if devices:
            ended = [device_state(device) for device in devices]
            publish_on_commit(UserState(prev=revs[0] - 1, rev=revs[-1], user=str(user_id), devices=ended))
    return devices


def _shown(label: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in label).split())[:200]
