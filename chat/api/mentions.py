"""Where one is addressed."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import payloads
from chat.api.shapes import Mentioning, MentionPage, PageQuery
from chat.selectors.mentions import mentions_of
from realtime.openapi import parameters
from realtime.rest import cursor, cursor_number, query, respond


class MentionsView(APIView):
    """One's mentions."""

    @extend_schema(
        operation_id="mentions_list", parameters=parameters(PageQuery), responses=MentionPage, tags=["mentions"]
    )
    def get(self, request: Request) -> Response:
        """Messages that address one or everybody, in the rooms one is in, the newest first."""
        given = query(request, PageQuery)
        before = cursor_number(given.after) if given.after else None
        rows, more = mentions_of(request.user, before=before, limit=given.limit)
        page = MentionPage(
            mentions=[
                Mentioning(room=str(row.room_id), unread=row.unread, message=payloads.message(row)) for row in rows
            ],
            next=cursor(rows[-1].pk) if more else None,
        )
        return respond(page)
