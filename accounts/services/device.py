"""Beginning and ending sign-ins.

Whoever changes a person's devices holds her head's lock, so what is read under it is all there is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import timedelta
from itertools import chain

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
    *, user: User, kind: Device.Kind = Device.Kind.BROWSER, label: str = "", refresh_id: str = "", scope: str = ""
) -> Device:
    """A new sign-in of `user`, whose password was just checked; with `scope`, the device of an API token.

    Raises Unauthenticated if meanwhile the account was deactivated or got another password, and for a bot that would
    sign in. Five queries; locks the person's head.
    """
    with transaction.atomic():
        person_heads_lock(user_ids=[user.pk])
        stored = User.objects.only("is_active", "password", "is_bot").get(pk=user.pk)
        if not stored.is_active or stored.password != user.password or (stored.is_bot and not scope):
            raise Unauthenticated(_("You are not signed in, or the credentials are no longer valid."))
        rev = person_revs_next(user_ids=[user.pk])[user.pk]
        now = timezone.now()
        device = Device.objects.create(
            user=user,
            kind=kind,
            label=_shown(label),
            created_at=now,
            last_seen_at=now,
            user_rev=rev,
            scope=scope,
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
    devices = devices_of_many_end_locked(user_ids=[user_id], only=only, spare=spare).get(user_id, [])
    return devices, range(devices[0].user_rev, devices[-1].user_rev + 1) if devices else range(0)


def devices_of_many_end_locked(
    *, user_ids: Collection[int], only: int | None = None, spare: int | None = None
) -> dict[int, list[Device]]:
    """End devices of these people; the answer has those that ended, by person, in the order of the revs they took.

    Must be called in a transaction, which locks the people's heads. A fixed number of queries.
    """
    person_heads_lock(user_ids=user_ids)
    live = Device.objects.filter(user_id__in=user_ids, ended_at__isnull=True).order_by("pk")
    if only is not None:
        live = live.filter(pk=only)
    if spare is not None:
        live = live.exclude(pk=spare)
    ended: defaultdict[int, list[Device]] = defaultdict(list)
    for device in live:
        ended[device.user_id].append(device)
    revs = person_revs_take(counts={user_id: len(devices) for user_id, devices in ended.items()})
    now = timezone.now()
    for user_id, devices in ended.items():
        for device, rev in zip(devices, revs[user_id], strict=True):
            device.ended_at, device.user_rev = now, rev
    if ended:
        Device.objects.bulk_update(chain.from_iterable(ended.values()), ["ended_at", "user_rev"], batch_size=500)
    return dict(ended)


def device_touch(*, device: Device) -> None:
    """Note that the device was seen. As `devices_touch`."""
    devices_touch(devices=[device])


def devices_touch(*, devices: Iterable[Device]) -> None:
    """Note that devices were seen, each at most every five minutes. A database too busy for that is no error."""
    now = timezone.now()
    stale = {device.pk: device for device in devices if now - device.last_seen_at >= TOUCH_EVERY}
    if not stale:
        return
    rows = Device.objects.filter(pk__in=stale, last_seen_at__lt=now - TOUCH_EVERY)
    with suppress(OperationalError), transaction.atomic():
        rows.update(last_seen_at=now)
    for device in stale.values():
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
