"""Who is in a room."""

from drf_spectacular.utils import extend_schema
from msgspec import UNSET
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import payloads
from chat.api.shapes import MemberChange, MemberNew, MemberPage, SearchQuery, moment
from chat.selectors import access
from chat.selectors.rooms import members
from chat.services.membership import KEEP, member_add, member_remove, member_update
from realtime.openapi import parameters
from realtime.rest import body, cursor, cursor_number, first, query, respond


class MembershipsView(APIView):
    """The members of a room."""

    @extend_schema(
        operation_id="memberships_list", parameters=parameters(SearchQuery), responses=MemberPage, tags=["memberships"]
    )
    def get(self, request: Request, room_id: int) -> Response:
        """Open stints, the oldest first; with `q` of those who are found by it in `people/`."""
        given = query(request, SearchQuery)
        room, _membership = access.managed(person=request.user, room_id=room_id)
        rev = room.head.rev
        stints = members(room_id, given.q)
        if given.after:
            stints = stints.filter(pk__gt=cursor_number(given.after))
        rows, more = first(stints, given.limit)
        page = MemberPage(
            rev=rev,
            members=[payloads.membership(row) for row in rows],
            next=cursor(rows[-1].pk) if more else None,
        )
        return respond(page)

    @extend_schema(
        operation_id="membership_add", request=MemberNew, responses={201: payloads.Membership}, tags=["memberships"]
    )
    def post(self, request: Request, room_id: int) -> Response:
        """Bring somebody in; who is in already stays as she is."""
        given = body(request, MemberNew)
        return respond(member_add(actor=request.user, room_id=room_id, user_id=int(given.user)), status=201)


class MembershipView(APIView):
    """One member."""

    @extend_schema(
        operation_id="membership_change", request=MemberChange, responses=payloads.Membership, tags=["memberships"]
    )
    def patch(self, request: Request, room_id: int, user_id: int) -> Response:
        """Give another role (owners), or mute for a time."""
        given = body(request, MemberChange)
        changed = member_update(
            actor=request.user,
            room_id=room_id,
            user_id=user_id,
            role=None if given.role is UNSET else given.role,
            muted_until=KEEP if given.muted_until is UNSET else moment(given.muted_until),
        )
        return respond(changed)

    @extend_schema(operation_id="membership_remove", responses={204: None}, tags=["memberships"])
    def delete(self, request: Request, room_id: int, user_id: int) -> Response:
        """Take somebody out."""
        member_remove(actor=request.user, room_id=room_id, user_id=user_id)
        return respond()
