"""Links that let people into a room."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.payloads import person
from chat import payloads, policies
from chat.api.shapes import LinkGiven, LinkList, LinkNew, LinkSeen, moment
from chat.selectors import access
from chat.selectors.links import live
from chat.selectors.rooms import members
from chat.services.link import link_create, link_join, link_revoke, link_seen
from realtime.protocol.errors import Forbidden
from realtime.rest import body, respond

LINKS_MAX = 100


class LinksView(APIView):
    """The links into a room."""

    @extend_schema(operation_id="links_list", responses=LinkList, tags=["links"])
    def get(self, request: Request, room_id: int) -> Response:
        """Those that are good, the newest first (at most 100); for those who lead the room."""
        room, membership = access.managed(person=request.user, room_id=room_id)
        if not policies.can_link(request.user, membership, room):
            raise Forbidden(_("You may not do this."))
        return respond(LinkList(links=[payloads.room_link(row) for row in live(room_id)[:LINKS_MAX]]))

    @extend_schema(operation_id="link_create", request=LinkNew, responses={201: payloads.RoomLink}, tags=["links"])
    def post(self, request: Request, room_id: int) -> Response:
        """Make a link; only this answer has its token."""
        given = body(request, LinkNew)
        link = link_create(actor=request.user, room_id=room_id, expires_at=moment(given.expires_at), uses=given.uses)
        return respond(link, status=201)


class LinkView(APIView):
    """One link."""

    @extend_schema(operation_id="link_revoke", responses={204: None}, tags=["links"])
    def delete(self, request: Request, room_id: int, link_id: int) -> Response:
        """Make it good for nothing; again is no error."""
        link_revoke(actor=request.user, room_id=room_id, link_id=link_id)
        return respond()


class JoinByLinkView(APIView):
    """Coming in by a link."""

    @extend_schema(operation_id="link_join", request=LinkGiven, responses=payloads.RoomEntry, tags=["links"])
    def post(self, request: Request) -> Response:
        """Enter the room; who is in it already just gets her entry."""
        return respond(link_join(actor=request.user, token=body(request, LinkGiven).token))


class LinkSeenView(APIView):
    """Where a link leads."""

    @extend_schema(operation_id="link_preview", request=LinkGiven, responses=LinkSeen, tags=["links"])
    def post(self, request: Request) -> Response:
        """The room, before one enters it."""
        link = link_seen(token=body(request, LinkGiven).token)
        stints = members(link.room_id)
        seen = LinkSeen(
            room=payloads.room_settings(link.room),
            members=stints.count(),
            joined=stints.filter(user_id=request.user.pk or 0).exists(),
            by=person(link.created_by),
        )
        return respond(seen)
