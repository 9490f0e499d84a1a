"""Token pairs of programs.

A device has one chain of refresh tokens: the id in force and the one before it stand in its row. An answer can be
lost, so for ten seconds the one before is answered with the very pair that replaced it; a chain cannot fork. Any other
id was used before: somebody holds a copy, and the device ends.
"""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import tokens
from accounts.models import Device, User
from accounts.payloads import TokenPair
from accounts.services.device import device_end, device_start
from realtime.protocol.errors import Unauthenticated

GRACE = timedelta(seconds=10)


def token_issue(*, user: User, label: str) -> TokenPair:
    """A new device of `user`, whose password was just checked, and its first pair. Raises Unauthenticated."""
    return _pair(device_start(user=user, kind=Device.Kind.TOKEN, label=label, refresh_id=_new_id()))


def token_refresh(*, refresh: str) -> TokenPair:
    """The next pair of a device. Raises Unauthenticated; a token that was used before ends its device.

    One query to read, which locks the device's row, and one to write.
    """
    try:
        claims = tokens.read("refresh", refresh)
    except (tokens.Bad, tokens.Expired):
        raise _refused() from None
    now = timezone.now()
    with transaction.atomic():
        device = (
            Device.objects.select_for_update(no_key=True, of=("self",))
            .select_related("user")
            .filter(pk=claims.device_id, user_id=claims.user_id, kind=Device.Kind.TOKEN)
            .first()
        )
        if device is None or device.ended_at is not None or not device.user.is_active:
            raise _refused()
        stolen = False
        if claims.id == device.refresh_id:
            device.refresh_previous_id, device.refresh_id = device.refresh_id, _new_id()
            device.refresh_rotated_at = device.last_seen_at = now
            device.save(
                update_fields=["refresh_id", "refresh_previous_id", "refresh_rotated_at", "last_seen_at"],
            )
        else:
            rotated = device.refresh_rotated_at
            just_before = claims.id == device.refresh_previous_id and rotated is not None and now - rotated <= GRACE
            stolen = not just_before
    if stolen:
        # After the transaction: ending locks the person's head, which comes before a device in the lock order.
        device_end(device_id=device.pk, user_id=device.user_id)
        raise _refused()
    return _pair(device)


def token_revoke(*, refresh: str) -> None:
    """End the device of a refresh token, also of a used one. What is no token of ours changes nothing."""
    try:
        claims = tokens.read("refresh", refresh)
    except (tokens.Bad, tokens.Expired):
        return
    device_end(device_id=claims.device_id, user_id=claims.user_id)


def _pair(device: Device) -> TokenPair:
    claims = tokens.Claims(user_id=device.user_id, device_id=device.pk, id=device.refresh_id)
    return TokenPair(
        access=tokens.write("access", tokens.Claims(claims.user_id, claims.device_id, _new_id())),
        refresh=tokens.write("refresh", claims, at=device.refresh_rotated_at),
        expires_in=int(tokens.LIFE["access"].total_seconds()),
        device=str(device.pk),
    )


def _refused() -> Unauthenticated:
    return Unauthenticated(_("You are not signed in, or the credentials are no longer valid."))


def _new_id() -> str:
    return secrets.token_urlsafe(16)
