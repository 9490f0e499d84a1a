"""Beginning and ending sign-ins.

Whoever changes a person's devices holds her head's lock, so what is read under it is all there is.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from itertools import chain

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.events import UserState
from accounts.models import Device, User
from accounts.payloads import device_state
from accounts.selectors.device import run_out
from accounts.services.person_head import person_heads_lock, person_revs_next, person_revs_take
from realtime.outage import unless_away
from realtime.protocol.errors import Unauthenticated
from realtime.publish import publish_on_commit

TOUCH_EVERY = timedelta(minutes=5)
EXPIRED_AT_ONCE = 500


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


def devices_end_locked(*, user_id: int, only: int | None = None, spare: int | None = None) -> list[Device]:
    """End devices of a person and answer with those that ended, in the order of the revs they took.

    Must be called in a transaction, which locks her head.
    """
    which = Q() if only is None else Q(pk=only)
    if spare is not None:
        which &= ~Q(pk=spare)
    return devices_of_many_end_locked(user_ids=[user_id], which=which).get(user_id, [])


def devices_of_many_end_locked(*, user_ids: Collection[int], which: Q | None = None) -> dict[int, list[Device]]:
    """End devices of these people, all or those to which it applies; the answer has those that ended, by person, in
    the order of the revs they took.

    Must be called in a transaction, which locks the people's heads. A fixed number of queries.
    """
    person_heads_lock(user_ids=user_ids)
    live = Device.objects.filter(which or Q(), user_id__in=user_ids, ended_at__isnull=True).order_by("pk")
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


def devices_expire(*, now: datetime | None = None) -> int:
    """End sign-ins that can be used no more, though nobody ended them; how many. At most 500 at a time.

    Those are browsers not seen for as long as a session lives (and a day: it is prolonged daily), programs that let
    their refresh token run out, and API tokens past their end. Closes their sockets, if they have any left. Three
    queries, and two for each person concerned. Locks their heads.
    """
    which = run_out(now or timezone.now())
    found = Device.objects.filter(which, ended_at=None).order_by("pk").values_list("user_id", flat=True)
    user_ids = set(found[:EXPIRED_AT_ONCE])
    if not user_ids:
        return 0
    with transaction.atomic():
        ended = devices_of_many_end_locked(user_ids=user_ids, which=which)
        for devices in ended.values():
            devices_ended_publish(devices)
    return sum(map(len, ended.values()))


def devices_ended_publish(ended: list[Device]) -> None:
    """Tell a person which of her sign-ins have ended, in the order of the revs they took, in the same transaction."""
    first, last = ended[0], ended[-1]
    states = [device_state(device) for device in ended]
    publish_on_commit(UserState(prev=first.user_rev - 1, rev=last.user_rev, user=str(first.user_id), devices=states))


def device_touch(*, device: Device) -> None:
    """Note that the device was seen. As `devices_touch`."""
    devices_touch(devices=[device])


def devices_touch(*, devices: Iterable[Device]) -> None:
    """Note that devices were seen, each at most every five minutes. A database that is away or too busy for that is no
    error.
    """
    now = timezone.now()
    stale = {device.pk: device for device in devices if now - device.last_seen_at >= TOUCH_EVERY}
    if not stale:
        return
    rows = Device.objects.filter(pk__in=stale, last_seen_at__lt=now - TOUCH_EVERY)
    with unless_away(), transaction.atomic():
        rows.update(last_seen_at=now)
    for device in stale.values():
        device.last_seen_at = now


def _end(user_id: int, *, only: int | None = None, spare: int | None = None) -> list[Device]:
    with transaction.atomic():
        if devices := devices_end_locked(user_id=user_id, only=only, spare=spare):
            devices_ended_publish(devices)
    return devices


def _shown(label: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in label).split())[:200]
