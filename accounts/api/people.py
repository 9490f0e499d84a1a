"""People of the workspace, for administrators: search them, change roles, close and open accounts."""

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
from accounts.selectors.people import account_by_id, accounts
from accounts.services.audit import REASON_MAX
from accounts.services.standing import user_deactivate, user_reactivate, user_role_set, users_deactivate
from realtime.openapi import parameters
from realtime.protocol.errors import Forbidden, NotFound
from realtime.protocol.frames import Id
from realtime.rest import body, cursor, cursor_key, first, query, respond

Reason = Annotated[str, Meta(max_length=REASON_MAX)]
Role = Literal["owner", "admin", "member", "guest"]


class AccountsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`q` begins a handle or is part of a name or an address."""

    q: Annotated[str, Meta(max_length=80)] = ""
    role: Role | Literal[""] = ""
    active: bool | None = None
    after: Annotated[str, Meta(max_length=512, description="`next` of the page before")] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class AccountPage(Struct, frozen=True, kw_only=True):
    """By handle; `next` is the cursor of the next page."""

    people: list[payloads.Account]
    next: str | None


class AccountChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. `active` false closes the account, its tokens and its sockets.

    `reason` stands in the audit trail.
    """

    role: Role | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    reason: Reason = ""


class Closing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose accounts to close: all of them or, if one may not be, none. `reason` stands in the audit trail."""

    people: Annotated[list[Id], Meta(min_length=1, max_length=200)]
    reason: Reason = ""


class AccountsView(APIView):
    """People."""

    token_scope = scopes.ADMIN

    @extend_schema(
        operation_id="accounts_list", parameters=parameters(AccountsQuery), responses=AccountPage, tags=["admin"]
    )
    def get(self, request: Request) -> Response:
        """Everybody, closed accounts too, without bots. Administrators only."""
        given = query(request, AccountsQuery)
        _ask(request.user)
        rows = accounts(q=given.q, role=given.role, active=given.active)
        if given.after:
            rows = rows.filter(handle_key__gt=cursor_key(given.after))
        found, more = first(rows, given.limit)
        people = [payloads.account(row) for row in found]
        return respond(AccountPage(people=people, next=cursor(found[-1].handle_key) if more else None))


class AccountView(APIView):
    """One person."""

    token_scope = scopes.ADMIN

    @extend_schema(operation_id="account_change", request=AccountChange, responses=payloads.Account, tags=["admin"])
    def patch(self, request: Request, user_id: int) -> Response:
        """Give another role, close or open the account. Administrators, for people below them; owners for all."""
        given = body(request, AccountChange)
        _found(request.user, user_id)
        # All or nothing: what is refused must not have opened an account. What locks rooms comes first.
        with transaction.atomic():
            if given.active is False:
                user_deactivate(user_id=user_id, actor=request.user, reason=given.reason)
            if given.role is not UNSET:
                user_role_set(user_id=user_id, role=given.role, actor=request.user, reason=given.reason)
            if given.active is True:
                user_reactivate(user_id=user_id, actor=request.user, reason=given.reason)
        return respond(payloads.account(_found(request.user, user_id)))


class ClosingView(APIView):
    """Closing many accounts."""

    token_scope = scopes.ADMIN

    @extend_schema(operation_id="accounts_close", request=Closing, responses={204: None}, tags=["admin"])
    def post(self, request: Request) -> Response:
        """Close these accounts; who is closed already stays so. Administrators, for people below them."""
        given = body(request, Closing)
        _ask(request.user)
        people = {int(person) for person in given.people}
        users_deactivate(user_ids=people, actor=request.user, reason=given.reason)
        return respond()


def _found(person: User, user_id: int) -> User:
    _ask(person)
    found = account_by_id(user_id)
    if found is None:
        raise NotFound(_("There is no such person."))
    return found


def _ask(person: User) -> None:
    if not policies.can_administer(person):
        raise Forbidden(_("Only administrators see and change accounts."))
