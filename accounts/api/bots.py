"""Bots, for administrators."""

from typing import Annotated, Literal

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, Meta, Struct, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import payloads, policies, scopes
from accounts.models import User
from accounts.selectors.people import bot_by_id, bots
from accounts.services.bot import bot_create
from accounts.services.standing import user_deactivate, user_reactivate, user_role_set
from accounts.services.user import user_update
from realtime.openapi import parameters
from realtime.protocol.errors import Forbidden, NotFound
from realtime.rest import body, cursor, cursor_key, first, query, respond


class BotNew(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Without `name` it is called by its handle."""

    handle: Annotated[str, Meta(max_length=128)]
    name: Annotated[str, Meta(max_length=256)] = ""
    role: Literal["member", "guest"] = "member"


class BotChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. `active` false ends all its tokens and sockets."""

    name: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    role: Literal["member", "guest"] | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class BotsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page of bots."""

    after: Annotated[str, Meta(max_length=512, description="`next` of the page before")] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class BotPage(Struct, frozen=True, kw_only=True):
    """By handle; `next` is the cursor of the next page."""

    bots: list[payloads.Bot]
    next: str | None


class BotsView(APIView):
    """Bots."""

    token_scope = scopes.ADMIN

    @extend_schema(operation_id="bots_list", parameters=parameters(BotsQuery), responses=BotPage, tags=["bots"])
    def get(self, request: Request) -> Response:
        """All of them, closed ones too. Administrators only."""
        given = query(request, BotsQuery)
        _ask(request.user)
        rows = bots()
        if given.after:
            rows = rows.filter(handle_key__gt=cursor_key(given.after))
        found, more = first(rows, given.limit)
        return respond(
            BotPage(bots=[payloads.bot(row) for row in found], next=cursor(found[-1].handle_key) if more else None)
        )

    @extend_schema(operation_id="bot_create", request=BotNew, responses={201: payloads.Bot}, tags=["bots"])
    def post(self, request: Request) -> Response:
        """Make a bot; one answers for it oneself. Administrators only."""
        given = body(request, BotNew)
        bot = bot_create(actor=request.user, handle=given.handle, name=given.name, role=given.role)
        return respond(payloads.bot(bot), status=201)


class BotView(APIView):
    """One bot."""

    token_scope = scopes.ADMIN

    @extend_schema(operation_id="bot_change", request=BotChange, responses=payloads.Bot, tags=["bots"])
    def patch(self, request: Request, bot_id: int) -> Response:
        """Change its name or role, close or open it. Administrators only."""
        given = body(request, BotChange)
        bot = bot_for(request.user, bot_id)
        # All or nothing: what is refused must not have opened a bot.
        with transaction.atomic():
            if given.active is True:
                user_reactivate(user_id=bot.pk, actor=request.user)
            if given.name is not UNSET:
                user_update(user_id=bot.pk, display_name=given.name)
            if given.role is not UNSET:
                user_role_set(user_id=bot.pk, role=given.role, actor=request.user)
            if given.active is False:
                user_deactivate(user_id=bot.pk, actor=request.user)
        return respond(payloads.bot(bot_for(request.user, bot_id)))


def bot_for(person: User, bot_id: int) -> User:
    """A bot this person may manage. Raises Forbidden, NotFound."""
    _ask(person)
    bot = bot_by_id(bot_id)
    if bot is None:
        raise NotFound(_("There is no such bot."))
    return bot


def _ask(person: User) -> None:
    if not policies.can_administer(person):
        raise Forbidden(_("Only administrators see and change bots."))
