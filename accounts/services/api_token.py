"""Tokens that people give to programs, and those of bots."""

import secrets
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import scopes, validators
from accounts.models import ApiToken, Device, User
from accounts.selectors.api_token import api_token_hash, api_token_of, api_tokens_live
from accounts.services.device import device_end, device_start
from realtime.outage import unless_away
from realtime.protocol.errors import Conflict, Invalid, NotFound

# What every token begins with: programs that look for leaked secrets know it by that.
PREFIX = "parley_"
TOKENS_MAX = 50
LIFE_MAX = timedelta(days=3660)
USED_EVERY = timedelta(minutes=1)
_SHOWN = len(PREFIX) + 6


def api_token_create(*, user: User, name: str, scope: list[str], life: timedelta | None = None) -> tuple[ApiToken, str]:
    """A token for a program of this person (or bot), and its text, which is stored nowhere. `life` None: for ever.

    Raises Invalid; Conflict above 50 tokens. It is a device of hers: locks her head, publishes.
    """
    refused: dict[str, list[Any]] = {}
    try:
        name = validators.token_name(name)
    except ValidationError as error:
        refused["name"] = list(error.messages)
    if not scope or not set(scope) <= set(scopes.SCOPES):
        refused["scopes"] = [_("read, write or admin.")]
    if life is not None and not timedelta(minutes=1) <= life <= LIFE_MAX:
        refused["expires_in"] = [_("From one minute to ten years.")]
    if refused:
        raise Invalid(_("The request is not valid."), fields=refused)
    if len(api_tokens_live(user)) >= TOKENS_MAX:
        raise Conflict(_("There are 50 tokens already; revoke one first."))
    text = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        device = device_start(user=user, kind=Device.Kind.API, label=name, scope=scopes.widest(scope))
        token = ApiToken.objects.create(
            device=device,
            hash=api_token_hash(text),
            prefix=text[:_SHOWN],
            name=name,
            created_at=device.created_at,
            expires_at=None if life is None else device.created_at + life,
        )
    return token, text


def api_token_revoke(*, user: User, token_id: int) -> None:
    """End a token of this person (or bot) and its sockets; again is no change. Raises NotFound."""
    token = api_token_of(user, token_id)
    if token is None:
        raise NotFound(_("There is no such token."))
    device_end(device_id=token.device_id, user_id=user.pk)


def api_token_touch(*, token: ApiToken) -> None:
    """Note that the token was used, at most once a minute. A database that is away or too busy for that is no error."""
    now = timezone.now()
    if token.last_used_at is not None and now - token.last_used_at < USED_EVERY:
        return
    with unless_away(), transaction.atomic():
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        Device.objects.filter(pk=token.device_id).update(last_seen_at=now)
    token.last_used_at = token.device.last_seen_at = now
