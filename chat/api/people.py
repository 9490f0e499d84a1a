"""Whom one may address, and the names above messages."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.payloads import person
from chat.api.shapes import PeoplePage, PeopleQuery, RoomsShared
from chat.selectors.people import known, search, shared_rooms
from realtime.openapi import parameters
from realtime.protocol.errors import Invalid
from realtime.rest import cursor, cursor_key, first, query, respond

IDS_MAX = 200


class PeopleView(APIView):
    """People."""

    @extend_schema(
        operation_id="people_list", parameters=parameters(PeopleQuery), responses=PeoplePage, tags=["people"]
    )
    def get(self, request: Request) -> Response:
        """With `ids` these people, deactivated ones too; otherwise those whose handle or name begins with `q`."""
        given = query(request, PeopleQuery)
        if given.ids:
            return respond(
                PeoplePage(people=[person(user) for user in known(request.user, _ids(given.ids))], next=None)
            )
        people = search(request.user, given.q)
        if given.after:
            people = people.filter(handle_key__gt=cursor_key(given.after))
        rows, more = first(people, given.limit)
        return respond(
            PeoplePage(people=[person(user) for user in rows], next=cursor(rows[-1].handle_key) if more else None)
        )


class SharedRoomsView(APIView):
    """Where one meets somebody."""

    @extend_schema(operation_id="people_rooms", responses=RoomsShared, tags=["people"])
    def get(self, request: Request, user_id: int) -> Response:
        """The rooms both are in; of who does not exist, or is not to be seen, none."""
        rooms = shared_rooms(request.user.pk, user_id)
        return respond(RoomsShared(rooms=[str(room_id) for room_id in rooms]))


def _ids(text: str) -> set[int]:
    parts = text.split(",")
    if len(parts) > IDS_MAX or not all(part.isascii() and part.isdigit() and len(part) <= 18 for part in parts):
        raise Invalid(_("The request is not valid."), fields={"ids": [_("Up to 200 ids, with commas.")]})
    return {int(part) for part in parts}
