"""People: who they are and how they may be reached."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from msgspec import Struct

from accounts import signals, validators
from accounts.events import UserState
from accounts.models import Invitation, PersonHead, User
from accounts.models.user import handle_key
from accounts.payloads import me
from accounts.services.device import devices_end_locked, devices_ended_publish
from accounts.services.name_key import name_keys_store
from accounts.services.person_head import person_revs_next
from accounts.services.picture import picture_remove, picture_store
from realtime.protocol.errors import Conflict, Invalid, NotFound
from realtime.publish import publish_on_commit

# Fields that others see, and how the signal calls them.
_SEEN = {"display_name": "name", "picture": "picture", "status": "status", "status_until": "status"}


class Status(Struct, frozen=True, kw_only=True):
    """What a person wants others to know, and until when (None: until she says otherwise)."""

    text: str
    until: datetime | None = None


def user_create(*, email_verified: bool = True, **fields: Any) -> User:
    """A new person, with her head; without `password` she has to reset it before she can sign in.

    The fields are `user_new`'s. Raises Invalid, or Conflict if the handle or the address is taken. Sends
    `person_created`.
    """
    return user_store(user=user_new(**fields), email_verified=email_verified)


def user_new(
    *,
    handle: str,
    email: str,
    password: str | None = None,
    display_name: str | None = None,
    language: str = "en",
    time_zone: str = "UTC",
    role: User.Role = User.Role.MEMBER,
    is_staff: bool = False,
) -> User:
    """A person as she will be stored, her password hashed: what takes long and may fail, before any lock.

    Raises Invalid.
    """
    refused: dict[str, list[Any]] = {}
    fields = {
        "handle": _checked(refused, "handle", validators.handle, handle),
        "display_name": _checked(refused, "name", validators.display_name, display_name or handle),
        "email": _checked(refused, "email", validators.email, email),
        "language": _checked(refused, "language", validators.language, language),
        "time_zone": _checked(refused, "time_zone", validators.time_zone, time_zone),
    }
    user = User(role=role, is_staff=is_staff, **fields)
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            refused["password"] = list(error.messages)
    _refuse(refused)
    user.set_password(password)
    return user


def user_store(*, user: User, email_verified: bool, invitation: Invitation | None = None) -> User:
    """Store what `user_new` made. Raises Conflict if the handle or the address is taken. Sends `person_created`."""
    with _unique(user), transaction.atomic():
        user.save()
        PersonHead.objects.create(user=user)
        name_keys_store(user=user)
        if user.email:
            EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=email_verified)
        signals.person_created.send(sender=User, user=user, invitation=invitation)
    return user


def user_update(
    *,
    user_id: int,
    display_name: str | None = None,
    language: str | None = None,
    time_zone: str | None = None,
    status: Status | None = None,
) -> User:
    """Change what is given; nothing is published if nothing changes. Locks the person's row, then her head.

    Raises Invalid, or NotFound for who is not active. Sends `person_renamed` if others see the change.
    """
    refused: dict[str, list[Any]] = {}
    wanted: dict[str, Any] = {}
    if display_name is not None:
        wanted["display_name"] = _checked(refused, "name", validators.display_name, display_name)
    if language is not None:
        wanted["language"] = _checked(refused, "language", validators.language, language)
    if time_zone is not None:
        wanted["time_zone"] = _checked(refused, "time_zone", validators.time_zone, time_zone)
    if status is not None:
        wanted["status"] = _checked(refused, "status", validators.status, status.text)
        wanted["status_until"] = status.until if wanted["status"] else None
        if status.until is not None and status.until <= timezone.now():
            refused["status_until"] = [_("This moment has passed.")]
    _refuse(refused)
    with transaction.atomic():
        return _changed(_locked(user_id), wanted)


def user_picture_set(*, user_id: int, picture: bytes | None) -> User:
    """Give a person a picture, as she sent it (None: take hers away). Locks the person's row, then her head.

    Raises Invalid or TooLarge for what is no picture we take, NotFound. Sends `person_renamed`. The files are written
    before the row says so, and those of the picture before are removed once that is committed.
    """
    name = picture_store(upload=picture) if picture is not None else ""
    try:
        with transaction.atomic():
            user = _locked(user_id)
            before = user.picture
            _changed(user, {"picture": name})
            if before and before != name:
                transaction.on_commit(lambda: picture_remove(name=before))
    except BaseException:
        if name:
            picture_remove(name=name)
        raise
    return user


def _changed(user: User, wanted: dict[str, Any]) -> User:
    """Write, tell other apps what others see, and publish; under the person's lock."""
    changed = [name for name, value in wanted.items() if getattr(user, name) != value]
    if not changed:
        return user
    for name in changed:
        setattr(user, name, wanted[name])
    user.save(update_fields=changed)
    if "display_name" in changed:
        name_keys_store(user=user)
    if seen := {_SEEN[name] for name in changed if name in _SEEN}:
        signals.person_renamed.send(sender=User, user=user, changed=seen)
    _publish_me(user)
    return user


def _publish_me(user: User) -> None:
    rev = person_revs_next(user_ids=[user.pk])[user.pk]
    publish_on_commit(UserState(prev=rev - 1, rev=rev, user=str(user.pk), me=me(user, rev)))


def user_email_ask(*, user_id: int, email: str) -> EmailAddress:
    """Note the address a person wants to change to, in place of another she asked for before; hers stays in force.

    Whether somebody else has it is seen, and told, when it is confirmed. Locks the person's row.
    """
    with transaction.atomic():
        user = _locked(user_id)
        EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
        return EmailAddress.objects.create(user=user, email=email)


def user_email_confirm(*, user_id: int, email: str) -> str | None:
    """Make an address, whose owner has just proved that it is hers, the person's own; answers with the one before.

    None if somebody else has it, or if this person never asked for it. Locks the person's row, then her head.
    """
    with transaction.atomic():
        user = _locked(user_id)
        asked = EmailAddress.objects.filter(user=user, email=email).first()
        taken = User.objects.filter(email=email).exclude(pk=user.pk).exists()
        if asked is None or taken or not asked.set_verified(commit=False):
            return None
        EmailAddress.objects.filter(user=user).exclude(pk=asked.pk).delete()
        asked.primary = True
        asked.save()
        before, user.email = user.email, email
        if before != email:
            user.save(update_fields=["email"])
            _publish_me(user)
    return before


def user_password_set(*, user: User, password: str, spare: int | None = None) -> None:
    """Give a person another password and end her sign-ins, all but the device `spare`. `user` gets the new hash too.

    The password was validated. Raises NotFound. Locks the person's row, then her head.
    """
    with transaction.atomic():
        _locked(user.pk, active=False)
        user.set_password(password)
        user.save(update_fields=["password"])
        if devices := devices_end_locked(user_id=user.pk, spare=spare):
            devices_ended_publish(devices)


def _locked(user_id: int, *, active: bool = True) -> User:
    user = User.objects.select_for_update(no_key=True).filter(pk=user_id).first()
    if user is None or (active and not user.is_active):
        raise NotFound(_("There is no such person."))
    return user


def _checked(refused: dict[str, list[Any]], name: str, check: Callable[[str], str], value: str) -> str:
    try:
        return check(value)
    except ValidationError as error:
        refused[name] = list(error.messages)
        return value


def _refuse(refused: dict[str, list[Any]]) -> None:
    if refused:
        raise Invalid(_("The request is not valid."), fields=refused)


@contextmanager
def _unique(user: User) -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        taken: dict[str, list[Any]] = {}
        if User.objects.filter(handle_key=handle_key(user.handle)).exists():
            taken["handle"] = [_("This handle is taken.")]
        if user.email and User.objects.filter(email=user.email).exists():
            taken["email"] = [_("This e-mail address is taken.")]
        if not taken:
            raise
        raise Conflict(_("Somebody else has this already."), fields=taken) from None
