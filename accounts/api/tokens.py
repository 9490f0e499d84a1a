"""Tokens for programs: get a pair, exchange it for the next, give it back."""

from typing import Annotated, Any

from allauth.account.adapter import get_adapter
from allauth.core import ratelimit
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from msgspec import Meta, Struct
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import scopes
from accounts.adapter import LATER, WRONG, WRONG_CODE
from accounts.auth import BearerAuthentication
from accounts.models import User
from accounts.models.user import handle_key
from accounts.payloads import TokenPair
from accounts.selectors.sign_in import may_sign_in, second_factor_of
from accounts.services.device import device_end
from accounts.services.second_factor import second_factor_use
from accounts.services.token import token_issue, token_refresh, token_revoke
from realtime.protocol.errors import RateLimited, Unauthenticated
from realtime.rest import body, respond
from realtime.throttles import AddressThrottle, Throttle

Token = Annotated[str, Meta(min_length=1, max_length=2048)]


class SignIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`login` is an e-mail address or a handle; `device` is what the person calls this program. `code` is the second
    factor, for who has one: from the authenticator app, or a recovery code."""

    login: Annotated[str, Meta(min_length=1, max_length=254)]
    password: Annotated[str, Meta(min_length=1, max_length=1024)]
    device: Annotated[str, Meta(max_length=200)] = ""
    code: Annotated[str, Meta(max_length=64)] = ""


class RefreshToken(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The refresh token of the last pair."""

    refresh: Token


class Revocation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Any refresh token of the device; without it the access token in the header says which device ends."""

    refresh: Token | None = None


class SignInAddressThrottle(AddressThrottle):
    scope = "sign_in"


class SignInThrottle(Throttle):
    """Attempts at one login, however it is spelt and wherever they come from."""

    scope = "sign_in"

    def who(self, request: Any) -> str | None:
        login = request.data.get("login") if isinstance(request.data, dict) else None
        return f"login:{handle_key(login.strip()[:254])}" if isinstance(login, str) else None


class TokenView(APIView):
    """A pair for a new device."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = (SignInAddressThrottle, SignInThrottle)

    @extend_schema(operation_id="token_create", request=SignIn, responses={201: TokenPair}, auth=[], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Sign a program in. The refresh token can be used once; keep the one that comes back with each use.

        Who has a second factor is refused with the field `mfa_required` until the request has a `code`."""
        given = body(request, SignIn)
        http = request._request
        try:
            user = get_adapter(http).authenticate(http, username=given.login.strip(), password=given.password)
        except ValidationError:
            raise RateLimited(LATER, retry_ms=60_000) from None
        if user is None or not user.is_active:
            raise Unauthenticated(WRONG)
        if not may_sign_in(user):
            raise Unauthenticated(_("Confirm your e-mail address first; the link was sent to it."))
        if second_factor_of(user):
            _ask_second_factor(http, user, given.code)
        return respond(token_issue(user=user, label=given.device), status=201)


def _ask_second_factor(http: HttpRequest, user: User, code: str) -> None:
    if not code:
        raise Unauthenticated(
            _("This account has a second factor."), fields={"mfa_required": [_("Send a code in the field code.")]}
        )
    # Guesses count together with those on the page.
    key = f"mfa-auth-user-{user.pk}"
    if not ratelimit.consume(http, action="login_failed", key=key):
        raise RateLimited(LATER, retry_ms=60_000)
    if not second_factor_use(user=user, code=code):
        raise Unauthenticated(WRONG_CODE, fields={"code": [WRONG_CODE]})
    ratelimit.clear(http, action="login_failed", key=key)


class TokenRefreshView(APIView):
    """The next pair."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="token_refresh", request=RefreshToken, responses=TokenPair, auth=[], tags=["auth"])
    def post(self, request: Request) -> Response:
        """Exchange a refresh token. If the answer was lost, the same request within ten seconds gets it again; a
        token used later than that ends the device."""
        return respond(token_refresh(refresh=body(request, RefreshToken).refresh))


class TokenRevokeView(APIView):
    """The end of a device."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    token_scope = scopes.READ

    @extend_schema(operation_id="token_revoke", request=Revocation, responses={204: None}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """End the device of a refresh token, or of the access token in the header; its sockets close."""
        given = body(request, Revocation)
        if given.refresh is not None:
            token_revoke(refresh=given.refresh)
            return respond()
        found = BearerAuthentication().authenticate(request)
        if found is None:
            raise Unauthenticated(_("You are not signed in, or the credentials are no longer valid."))
        device_end(device_id=found[1].pk, user_id=found[0].pk)
        return respond()
