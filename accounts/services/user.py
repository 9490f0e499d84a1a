"""People: who they are and how they may be reached."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts import signals, validators
from accounts.events import UserState
from accounts.models import PersonHead, User
from accounts.models.user import handle_key
from accounts.payloads import device_state, me
from accounts.services.device import devices_end_locked
from accounts.services.person_head import person_revs_next
from realtime.protocol.errors import Conflict, Invalid, NotFound
from realtime.publish import publish_on_commit


def user_create(
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
    """A new person, with her head; without `password` she has to reset it before she can sign in.

    Raises Invalid, or Conflict if the handle or the address is taken. Sends `person_created`.
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
    with _unique(user), transaction.atomic():
        user.save()
        PersonHead.objects.create(user=user)
        signals.person_created.send(sender=User, user=user)
    return user


def user_update(
    *, user_id: int, display_name: str | None = None, language: str | None = None, time_zone: str | None = None
) -> User:
    """Change what is given; nothing is published if nothing changes. Locks the person's row, then her head.

    Raises Invalid, or NotFound for who is not active. Sends `person_renamed` if the name changed.
    """
    refused: dict[str, list[Any]] = {}
    wanted: dict[str, str] = {}
    if display_name is not None:
        wanted["display_name"] = _checked(refused, "name", validators.display_name, display_name)
    if language is not None:
        wanted["language"] = _checked(refused, "language", validators.language, language)
    if time_zone is not None:
        wanted["time_zone"] = _checked(refused, "time_zone", validators.time_zone, time_zone)
    _refuse(refused)
    with transaction.atomic():
        user = _locked(user_id)
        changed = [name for name, value in wanted.items() if getattr(user, name) != value]
        if not changed:
            return user
        for name in changed:
            setattr(user, name, wanted[name])
        user.save(update_fields=changed)
        if "display_name" in changed:
            signals.person_renamed.send(sender=User, user=user)
        rev = person_revs_next(user_ids=[user.pk])[user.pk]
        publish_on_commit(UserState(prev=rev - 1, rev=rev, user=str(user.pk), me=me(user, rev)))
    return user


def user_deactivate(*, user_id: int) -> User:
    """Close an account and every socket of it; again is no change. Sends `person_deactivated`.

    Raises NotFound. Locks the person's row, then her head.
    """
    with transaction.atomic():
        user = _locked(user_id, active=False)
        if not user.is_active:
            return user
        user.is_active = False
        user.save(update_fields=["is_active"])
        signals.person_deactivated.send(sender=User, user=user)
        devices, revs = devices_end_locked(user_id=user.pk)
        rev = person_revs_next(user_ids=[user.pk])[user.pk]
        prev = revs[0] - 1 if devices else rev - 1
        ended = [device_state(device) for device in devices]
        publish_on_commit(UserState(prev=prev, rev=rev, user=str(user.pk), devices=ended, disabled=True))
    return user


def user_password_set(*, user: User, password: str, spare: int | None = None) -> None:
    """Give a person another password and end her sign-ins, all but the device `spare`. `user` gets the new hash too.

    The password was validated. Raises NotFound. Locks the person's row, then her head.
    """
    with transaction.atomic():
        _locked(user.pk, active=False)
        user.set_password(password)
        user.save(update_fields=["password"])
        devices, revs = devices_end_locked(user_id=user.pk, spare=spare)
        if devices:
            ended = [device_state(device) for device in devices]
            publish_on_commit(UserState(prev=revs[0] - 1, rev=revs[-1], user=str(user.pk), devices=ended))


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
        if User.objects.filter(email=user.email).exists():
            taken["email"] = [_("This e-mail address is taken.")]
        if not taken:
            raise
        raise Conflict(_("Somebody else has this already."), fields=taken) from None
