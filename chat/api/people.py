"""Whom one may address, and the names above messages."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from accounts.payloads import person
from chat.api.shapes import PeoplePage, PeopleQuery, RoomsShared
from chat.selectors.people import everybody, known, search, shared_rooms, wanted
from realtime.openapi import parameters
from realtime.protocol.errors import Invalid
from realtime.rest import cursor, cursor_key, cursor_number, first, query, respond

IDS_MAX = 200


class PeopleView(APIView):
    """People."""

    @extend_schema(
        operation_id="people_list", parameters=parameters(PeopleQuery), responses=PeoplePage, tags=["people"]
    )
    def get(self, request: Request) -> Response:
        """With `ids` these people, deactivated ones too; with `q` those whose handle or name (or a word of it) begins
        so, also as its 汉字 are read (wangfang) and by first letters (wf); otherwise everybody, by handle."""
        given = query(request, PeopleQuery)
        if given.ids:
            return _page(list(known(request.user, _ids(given.ids))), None)
        if text := wanted(given.q):
            return _found(request, text, given)
        people = everybody(request.user)
        if given.after:
            people = people.filter(handle_key__gt=cursor_key(given.after))
        rows, more = first(people, given.limit)
        return _page(rows, cursor(rows[-1].handle_key) if more else None)


def _found(request: Request, text: str, given: PeopleQuery) -> Response:
    user_id, _space, key = cursor_key(given.after).partition(" ")
    after = (key, cursor_number(cursor(user_id))) if given.after else ("", 0)
    rows, more = first(search(request.user, text, after=after), given.limit)
    return _page([row.user for row in rows], cursor(f"{rows[-1].user_id} {rows[-1].key}") if more else None)


def _page(people: list[User], following: str | None) -> Response:
    return respond(PeoplePage(people=[person(user) for user in people], next=following))


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
