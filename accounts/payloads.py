"""The one shape of a person, of what she is signed in with and of how people come in, on every door.

Times are milliseconds since 1970, ids are strings.
"""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from msgspec import Struct

from accounts import policies, scopes
from accounts.models import ApiToken, Device, Invitation, User
from realtime.protocol.frames import Id

# The sizes a picture is kept in, in pixels; the payload names the first.
PICTURE_SIZES = (96, 512)


class Person(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A person as others see her.

    `picture` is the address of her picture, 96 pixels square ("" without one; `512.webp` instead of `96.webp` is the
    large one), another one for each picture. `status` counts until `status_until`, if that is given. Who is
    `deactivated` stays in her rooms but says nothing any more.
    """

    id: Id
    handle: str
    name: str
    picture: str = ""
    status: str = ""
    status_until: int | None = None
    bot: bool = False
    deactivated: bool = False


class Me(Struct, frozen=True, kw_only=True):
    """A person as she sees herself. `rev` is the head of her own log (only in `ready`)."""

    id: Id
    handle: str
    name: str
    email: str
    language: str
    time_zone: str
    role: str
    picture: str = ""
    status: str = ""
    status_until: int | None = None
    bot: bool = False
    may_invite: bool = False
    rev: int = 0


class DeviceState(Struct, frozen=True, kw_only=True):
    """A device of one's own: a `browser`, a program that signed in (`token`), or an API token (`api`)."""

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


class Ended(Struct, frozen=True, kw_only=True):
    """How many ended."""

    ended: int


class ApiTokenState(Struct, frozen=True, kw_only=True):
    """A token for a program. `prefix` is how its text begins; `last_used_at` is right to a minute."""

    id: Id
    name: str
    prefix: str
    scopes: list[str]
    device: Id
    created_at: int
    expires_at: int | None
    last_used_at: int | None


class ApiTokens(Struct, frozen=True, kw_only=True):
    """The tokens in force."""

    tokens: list[ApiTokenState]


class ApiTokenMade(Struct, frozen=True, kw_only=True):
    """A new token and its text, which is never shown again."""

    token: ApiTokenState
    secret: str


class InvitationState(Struct, frozen=True, kw_only=True):
    """A link by which people sign up. `state` is `open`, `used`, `expired` or `revoked`; `uses_left` null: no limit."""

    id: Id
    prefix: str
    state: str
    role: str
    email: str
    rooms: list[Id]
    uses: int
    uses_left: int | None
    created_by: Person
    created_at: int
    expires_at: int


class InvitationMade(Struct, frozen=True, kw_only=True):
    """A new invitation and its link, which is never shown again."""

    invitation: InvitationState
    link: str


class Bot(Struct, frozen=True, kw_only=True):
    """A bot, and who answers for it."""

    person: Person
    role: str
    active: bool
    owner: Person | None


class Account(Struct, frozen=True, kw_only=True):
    """A person as administrators see her."""

    person: Person
    email: str
    role: str
    active: bool
    staff: bool
    joined_at: int


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
    return Person(
        id=str(user.pk),
        handle=user.handle,
        name=user.display_name,
        picture=picture_address(user.picture),
        status=user.status if _stands(user.status_until) else "",
        status_until=_ms(user.status_until) if user.status and _stands(user.status_until) else None,
        bot=user.is_bot,
        deactivated=not user.is_active,
    )


def me(user: User, rev: int = 0) -> Me:
    seen = person(user)
    return Me(
        id=seen.id,
        handle=seen.handle,
        name=seen.name,
        email=user.email or "",
        language=user.language,
        time_zone=user.time_zone,
        role=user.role,
        picture=seen.picture,
        status=seen.status,
        status_until=seen.status_until,
        bot=seen.bot,
        may_invite=policies.can_invite(user),
        rev=rev,
    )


def picture_address(name: str) -> str:
    """Where a picture is, by the name of its files."""
    return reverse("picture", args=[name, PICTURE_SIZES[0]]) if name else ""


def device_state(device: Device) -> DeviceState:
    return DeviceState(
        id=str(device.pk),
        kind=device.kind,
        label=device.label,
        created_at=int(device.created_at.timestamp() * 1000),
        last_seen_at=int(device.last_seen_at.timestamp() * 1000),
        ended=device.ended_at is not None,
    )


def api_token_state(token: ApiToken) -> ApiTokenState:
    """Needs `token.device` (select_related)."""
    return ApiTokenState(
        id=str(token.pk),
        name=token.name,
        prefix=token.prefix,
        scopes=scopes.included(token.device.scope),
        device=str(token.device_id),
        created_at=_ms(token.created_at) or 0,
        expires_at=_ms(token.expires_at),
        last_used_at=_ms(token.last_used_at),
    )


def invitation_state(row: Invitation) -> InvitationState:
    """Needs `row.created_by` (select_related)."""
    state = "open"
    if row.revoked_at is not None:
        state = "revoked"
    elif row.uses_left == 0:
        state = "used"
    elif row.expires_at <= timezone.now():
        state = "expired"
    return InvitationState(
        id=str(row.pk),
        prefix=row.prefix,
        state=state,
        role=row.role,
        email=row.email,
        rooms=[str(room) for room in row.room_ids],
        uses=row.uses,
        uses_left=row.uses_left,
        created_by=person(row.created_by),
        created_at=_ms(row.created_at) or 0,
        expires_at=_ms(row.expires_at) or 0,
    )


def bot(user: User) -> Bot:
    """Needs `user.bot_owner` (select_related)."""
    owner = user.bot_owner
    return Bot(person=person(user), role=user.role, active=user.is_active, owner=person(owner) if owner else None)


def account(user: User) -> Account:
    return Account(
        person=person(user),
        email=user.email or "",
        role=user.role,
        active=user.is_active,
        staff=user.is_staff,
        joined_at=_ms(user.date_joined) or 0,
    )


def _stands(until: datetime | None) -> bool:
    return until is None or until > timezone.now()


def _ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)
