"""Who may not come back into a room."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import payloads, policies
from chat.api.shapes import BanList, BanNew, PageQuery, moment
from chat.selectors import access
from chat.selectors.bans import standing
from chat.services.ban import ban_lift, ban_set
from realtime.openapi import parameters
from realtime.protocol.errors import Forbidden
from realtime.rest import body, cursor, cursor_number, first, query, respond


class BansView(APIView):
    """The bans from a room."""

    @extend_schema(operation_id="bans_list", parameters=parameters(PageQuery), responses=BanList, tags=["memberships"])
    def get(self, request: Request, room_id: int) -> Response:
        """Those that hold, the newest first; for those who lead the room."""
        given = query(request, PageQuery)
        room, membership = access.managed(person=request.user, room_id=room_id)
        if not policies.can_see_bans(request.user, membership, room):
            raise Forbidden(_("You may not do this."))
        bans = standing(room_id)
        if given.after:
            bans = bans.filter(pk__lt=cursor_number(given.after))
        rows, more = first(bans, given.limit)
        return respond(BanList(bans=[payloads.ban(row) for row in rows], next=cursor(rows[-1].pk) if more else None))

    @extend_schema(operation_id="ban_set", request=BanNew, responses={201: payloads.Ban}, tags=["memberships"])
    def post(self, request: Request, room_id: int) -> Response:
        """Ban somebody, who leaves if she is in the room; an earlier ban is replaced."""
        given = body(request, BanNew)
        ban = ban_set(
            actor=request.user,
            room_id=room_id,
            user_id=int(given.user),
            reason=given.reason,
            until=moment(given.until),
        )
        return respond(ban, status=201)


class BanView(APIView):
    """One person's ban."""

    @extend_schema(operation_id="ban_lift", responses={204: None}, tags=["memberships"])
    def delete(self, request: Request, room_id: int, user_id: int) -> Response:
        """Let her come back; again is no error."""
        ban_lift(actor=request.user, room_id=room_id, user_id=user_id)
        return respond()
