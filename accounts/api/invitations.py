"""Invitations."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from msgspec import Meta, Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import payloads, policies, scopes
from accounts.selectors.invitation import in_force, invitations
from accounts.services.invitation import ROOMS_MAX, invitation_create, invitation_revoke
from accounts.services.mail import mail_send
from realtime.openapi import parameters
from realtime.protocol.errors import Forbidden
from realtime.protocol.frames import Id
from realtime.rest import body, cursor, cursor_number, first, query, respond
from realtime.throttles import PersonThrottle


class InvitationNew(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`uses` null: as often as one likes. With `email` it is for that address only, and the link is sent there, in
    `language`. Who comes by it is in `rooms` from the start, as far as one may bring people into them."""

    role: Literal["admin", "member", "guest"] = "member"
    email: Annotated[str, Meta(max_length=254)] = ""
    language: Literal["", "en", "zh-hans"] = ""
    rooms: Annotated[list[Id], Meta(max_length=ROOMS_MAX)] = []
    expires_in: Annotated[int, Meta(ge=60, le=90 * 86400, description="seconds")] = 7 * 86400
    uses: Annotated[int, Meta(ge=1, le=10_000)] | None = 1


class InvitationsQuery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`open`: only those in force."""

    open: bool = False
    after: Annotated[str, Meta(max_length=512, description="`next` of the page before")] = ""
    limit: Annotated[int, Meta(ge=1, le=100)] = 50


class InvitationPage(Struct, frozen=True, kw_only=True):
    """The newest first; `next` is the cursor of the next page."""

    invitations: list[payloads.InvitationState]
    next: str | None


class InvitationThrottle(PersonThrottle):
    scope = "invitation"


class InvitationsView(APIView):
    """Invitations."""

    token_scope = scopes.ADMIN

    def get_throttles(self) -> list[Any]:
        also = [InvitationThrottle()] if self.request.method == "POST" else []
        return [*super().get_throttles(), *also]

    @extend_schema(
        operation_id="invitations_list",
        parameters=parameters(InvitationsQuery),
        responses=InvitationPage,
        tags=["invitations"],
    )
    def get(self, request: Request) -> Response:
        """Administrators see all, others their own."""
        given = query(request, InvitationsQuery)
        if not policies.can_invite(request.user):
            raise Forbidden(_("You may not invite people."))
        rows = invitations(request.user)
        if given.open:
            rows = rows.filter(in_force())
        if given.after:
            rows = rows.filter(pk__lt=cursor_number(given.after))
        found, more = first(rows, given.limit)
        states = [payloads.invitation_state(row) for row in found]
        return respond(InvitationPage(invitations=states, next=cursor(found[-1].pk) if more else None))

    @extend_schema(
        operation_id="invitation_create",
        request=InvitationNew,
        responses={201: payloads.InvitationMade},
        tags=["invitations"],
    )
    def post(self, request: Request) -> Response:
        """Invite. The link is in this answer (and in the mail) and nowhere else."""
        given = body(request, InvitationNew)
        invitation, token = invitation_create(
            actor=request.user,
            role=given.role,
            email=given.email,
            room_ids=[int(room) for room in given.rooms],
            life=timedelta(seconds=given.expires_in),
            uses=given.uses,
        )
        link = request.build_absolute_uri(reverse("join", args=[token]))
        if invitation.email:
            inviter = invitation.created_by
            mail_send(
                template="account/email/invitation",
                to=invitation.email,
                language=given.language or inviter.language,
                context={"inviter": inviter, "link": link, "expires_at": invitation.expires_at},
            )
        state = payloads.invitation_state(invitation)
        return respond(payloads.InvitationMade(invitation=state, link=link), status=201)


class InvitationView(APIView):
    """One invitation."""

    token_scope = scopes.ADMIN

    @extend_schema(operation_id="invitation_revoke", responses={204: None}, tags=["invitations"])
    def delete(self, request: Request, invitation_id: int) -> Response:
        """Revoke it: nobody comes in by it any more. Again is no error."""
        invitation_revoke(actor=request.user, invitation_id=invitation_id)
        return respond()
