"""Tokens for programs: one's own, and (for administrators) those of bots."""

from datetime import timedelta
from typing import Annotated, Literal

from drf_spectacular.utils import extend_schema
from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import payloads, scopes
from accounts.api.bots import bot_for
from accounts.models import User
from accounts.selectors.api_token import api_tokens_live
from accounts.services.api_token import api_token_create, api_token_revoke
from realtime.rest import body, respond


class ApiTokenNew(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`expires_in` null: for ever. Each scope includes those before it: read, write, admin."""

    name: Annotated[str, Meta(max_length=256)]
    scopes: Annotated[list[Literal["read", "write", "admin"]], Meta(min_length=1, max_length=3)]
    expires_in: Annotated[int, Meta(ge=60, le=3660 * 86400, description="seconds")] | None = 90 * 86400


class ApiTokensView(APIView):
    """One's own tokens."""

    token_scope = scopes.SIGNED_IN

    @extend_schema(operation_id="api_tokens_list", responses=payloads.ApiTokens, tags=["tokens"])
    def get(self, request: Request) -> Response:
        """Those in force, the newest first."""
        return respond(_listed(request.user))

    @extend_schema(
        operation_id="api_token_create", request=ApiTokenNew, responses={201: payloads.ApiTokenMade}, tags=["tokens"]
    )
    def post(self, request: Request) -> Response:
        """Make one. Its text is in this answer and nowhere else. Not for somebody who comes with such a token."""
        return respond(_made(request.user, body(request, ApiTokenNew)), status=201)


class ApiTokenView(APIView):
    """One of one's own tokens."""

    token_scope = scopes.SIGNED_IN

    @extend_schema(operation_id="api_token_revoke", responses={204: None}, tags=["tokens"])
    def delete(self, request: Request, token_id: int) -> Response:
        """Revoke it; its sockets close. Again is no error."""
        api_token_revoke(user=request.user, token_id=token_id)
        return respond()


class BotTokensView(APIView):
    """A bot's tokens."""

    token_scope = scopes.SIGNED_IN

    @extend_schema(operation_id="bot_tokens_list", responses=payloads.ApiTokens, tags=["bots"])
    def get(self, request: Request, bot_id: int) -> Response:
        """Those in force, the newest first. Administrators only."""
        return respond(_listed(bot_for(request.user, bot_id)))

    @extend_schema(
        operation_id="bot_token_create", request=ApiTokenNew, responses={201: payloads.ApiTokenMade}, tags=["bots"]
    )
    def post(self, request: Request, bot_id: int) -> Response:
        """Make one. Its text is in this answer and nowhere else. Administrators only."""
        return respond(_made(bot_for(request.user, bot_id), body(request, ApiTokenNew)), status=201)


class BotTokenView(APIView):
    """One of a bot's tokens."""

    token_scope = scopes.SIGNED_IN

    @extend_schema(operation_id="bot_token_revoke", responses={204: None}, tags=["bots"])
    def delete(self, request: Request, bot_id: int, token_id: int) -> Response:
        """Revoke it; its sockets close. Again is no error. Administrators only."""
        api_token_revoke(user=bot_for(request.user, bot_id), token_id=token_id)
        return respond()


def _listed(user: User) -> payloads.ApiTokens:
    return payloads.ApiTokens(tokens=[payloads.api_token_state(token) for token in api_tokens_live(user)])


def _made(user: User, given: ApiTokenNew) -> payloads.ApiTokenMade:
    life = None if given.expires_in is None else timedelta(seconds=given.expires_in)
    token, text = api_token_create(user=user, name=given.name, scope=list(given.scopes), life=life)
    return payloads.ApiTokenMade(token=payloads.api_token_state(token), secret=text)
