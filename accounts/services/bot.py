"""Bots: people without address and password, for whom only their tokens speak."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts import policies, validators
from accounts.models import User
from accounts.services.user import user_store
from realtime.protocol.errors import Forbidden, Invalid


def bot_create(*, actor: User, handle: str, name: str = "", role: str = User.Role.MEMBER) -> User:
    """A new bot, for which `actor` answers. Raises Invalid, Forbidden, Conflict. Sends `person_created`."""
    refused: dict[str, list[Any]] = {}
    fields = {"handle": handle, "display_name": name or handle}
    for field, shown, check in (
        ("handle", "handle", validators.handle),
        ("display_name", "name", validators.display_name),
    ):
        try:
            fields[field] = check(fields[field])
        except ValidationError as error:
            refused[shown] = list(error.messages)
    if role not in {User.Role.MEMBER, User.Role.GUEST}:
        refused["role"] = [_("A bot is a member or a guest.")]
    if refused:
        raise Invalid(_("The request is not valid."), fields=refused)
    if not policies.can_administer(actor):
        raise Forbidden(_("Only administrators make bots."))
    bot = User(role=role, is_bot=True, bot_owner=actor, email=None, language=actor.language, **fields)
    bot.set_unusable_password()
    return user_store(user=bot, email_verified=False)
