"""The one shape of a person and of a device, on every door."""

from msgspec import Struct

from accounts.models import Device, User
from realtime.protocol.frames import Id


class Person(Struct, frozen=True, kw_only=True):
    """A person as others see her."""

    id: Id
    handle: str
    name: str


class Me(Struct, frozen=True, kw_only=True):
    """A person as she sees herself. `rev` is the head of her own log (only in `ready`)."""

    id: Id
    handle: str
    name: str
    email: str
    language: str
    time_zone: str
    role: str
    rev: int = 0


class DeviceState(Struct, frozen=True, kw_only=True):
    """A device of one's own. Times are milliseconds since 1970."""

    id: Id
    kind: str
    label: str
    created_at: int
    last_seen_at: int
    ended: bool


class Devices(Struct, frozen=True, kw_only=True):
    """Where one is signed in; `current` is the device that asks."""

    current: Id
    devices: list[DeviceState]


class TokenPair(Struct, frozen=True, kw_only=True):
    """A program's credentials: `access` for `expires_in` seconds, `refresh` (good once) for the next pair."""

    access: str
    refresh: str
    expires_in: int
    device: Id


class SocketTicket(Struct, frozen=True, kw_only=True):
    """What to send in a socket's `hello`, once, within `expires_in` seconds."""

    ticket: str
    expires_in: int


def person(user: User) -> Person:
    return Person(id=str(user.pk), handle=user.handle, name=user.display_name)


def me(user: User, rev: int = 0) -> Me:
    return Me(
        id=str(user.pk),
        handle=user.handle,
        name=user.display_name,
        email=user.email,
        language=user.language,
        time_zone=user.time_zone,
        role=user.role,
        rev=rev,
    )


def device_state(device: Device) -> DeviceState:
    return DeviceState(
        id=str(device.pk),
        kind=device.kind,
        label=device.label,
        created_at=int(device.created_at.timestamp() * 1000),
        last_seen_at=int(device.last_seen_at.timestamp() * 1000),
        ended=device.ended_at is not None,
    )
