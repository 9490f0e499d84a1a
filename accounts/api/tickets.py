"""Tickets for browsers that cannot send our cookie or a header with a socket's handshake."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import scopes
from accounts.payloads import SocketTicket
from accounts.services.ticket import TICKET_LIFE, ticket_issue
from realtime.rest import respond
from realtime.throttles import PersonThrottle


class TicketThrottle(PersonThrottle):
    scope = "ticket"


class TicketView(APIView):
    """A ticket."""

    throttle_classes = (PersonThrottle, TicketThrottle)
    token_scope = scopes.READ

    @extend_schema(operation_id="ticket_create", request=None, responses={201: SocketTicket}, tags=["auth"])
    def post(self, request: Request) -> Response:
        """A ticket for one socket, to be sent in its `hello`; good once, for 30 seconds."""
        ticket = ticket_issue(device=request.auth)
        return respond(SocketTicket(ticket=ticket, expires_in=int(TICKET_LIFE.total_seconds())), status=201)
