"""Rooms: one's list, those to join, and one by one."""

from drf_spectacular.utils import extend_schema
from msgspec import UNSET
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import payloads
from chat.api.shapes import (
    BrowseQuery,
    DirectNew,
    DraftNew,
    GroupNew,
    PreferencesChange,
    ReadNew,
    ReceiptList,
    RewindNew,
    RoomChange,
    RoomFound,
    RoomList,
    RoomListed,
    RoomNew,
    RoomPage,
)
from chat.selectors import access
from chat.selectors.entries import position, room_entries
from chat.selectors.receipts import positions
from chat.selectors.rooms import joinable
from chat.services.draft import Jotting, drafts_set
from chat.services.membership import room_join, room_leave
from chat.services.preference import room_prefer
from chat.services.read import Mark, read_rewind, reads_mark
from chat.services.room import direct_open, group_open, room_create, room_update
from realtime.openapi import parameters
from realtime.protocol.errors import ParleyError
from realtime.rest import body, cursor, cursor_key, first, query, respond


class RoomsView(APIView):
    """One's rooms."""

    @extend_schema(operation_id="rooms_list", responses=RoomList, tags=["rooms"])
    def get(self, request: Request) -> Response:
        """The rooms one is in."""
        return respond(RoomList(rooms=room_entries(user_id=request.user.pk)))

    @extend_schema(operation_id="room_create", request=RoomNew, responses={201: payloads.RoomEntry}, tags=["rooms"])
    def post(self, request: Request) -> Response:
        """Make a public or private room, with these people in it; its maker is the owner."""
        given = body(request, RoomNew)
        entry = room_create(
            actor=request.user,
            kind=given.kind,
            name=given.name,
            topic=given.topic,
            description=given.description,
            announcement=given.announcement,
            user_ids=[int(user) for user in given.people],
        )
        return respond(entry, status=201)


class BrowseView(APIView):
    """Public rooms."""

    @extend_schema(operation_id="rooms_browse", parameters=parameters(BrowseQuery), responses=RoomPage, tags=["rooms"])
    def get(self, request: Request) -> Response:
        """Public rooms by name, joined or not, `q` as people are found, `id` that one alone; a guest sees none."""
        given = query(request, BrowseQuery)
        rooms = joinable(request.user, given.q)
        if given.id is not UNSET:
            rooms = rooms.filter(pk=int(given.id))
        if given.after:
            rooms = rooms.filter(name_key__gt=cursor_key(given.after))
        rows, more = first(rooms, given.limit)
        listed = [
            RoomListed(room=payloads.room_settings(row), members=row.members, joined=row.joined)  # type: ignore[attr-defined]
            for row in rows
        ]
        return respond(RoomPage(rooms=listed, next=cursor(rows[-1].name_key or "") if more else None))


class RoomView(APIView):
    """One room."""

    @extend_schema(operation_id="room_read", responses=RoomFound, tags=["rooms"])
    def get(self, request: Request, room_id: int) -> Response:
        """A room one is in, or could join."""
        room, membership = access.found(person=request.user, room_id=room_id)
        listed = room_entries(user_id=request.user.pk, room_ids=[room_id]) if membership else []
        found = RoomFound(
            room=payloads.room_settings(room),
            entry=listed[0] if listed else None,
            created_at=payloads.ms(room.created_at) or 0,
        )
        return respond(found)

    @extend_schema(operation_id="room_change", request=RoomChange, responses=payloads.RoomSettings, tags=["rooms"])
    def patch(self, request: Request, room_id: int) -> Response:
        """Change name, topic, description, who may post and mention everybody, or (owners) whether it is archived."""
        given = body(request, RoomChange)
        settings = room_update(
            actor=request.user,
            room_id=room_id,
            name=None if given.name is UNSET else given.name,
            topic=None if given.topic is UNSET else given.topic,
            description=None if given.description is UNSET else given.description,
            announcement=None if given.announcement is UNSET else given.announcement,
            mention_room=None if given.mention_room is UNSET else given.mention_room,
            archived=None if given.archived is UNSET else given.archived,
        )
        return respond(settings)


class JoinView(APIView):
    """Coming in."""

    @extend_schema(operation_id="room_join", request=None, responses=payloads.RoomEntry, tags=["rooms"])
    def post(self, request: Request, room_id: int) -> Response:
        """Join a public room; again changes nothing."""
        return respond(room_join(actor=request.user, room_id=room_id))


class LeaveView(APIView):
    """Going."""

    @extend_schema(operation_id="room_leave", request=None, responses={204: None}, tags=["rooms"])
    def post(self, request: Request, room_id: int) -> Response:
        """Leave a room; its past is no longer seen."""
        room_leave(actor=request.user, room_id=room_id)
        return respond()


class ReadView(APIView):
    """How far one has read."""

    @extend_schema(operation_id="read_position", responses=payloads.ReadPosition, tags=["rooms"])
    def get(self, request: Request, room_id: int) -> Response:
        """One's position and what is unread."""
        access.entered(person=request.user, room_id=room_id)
        return respond(position(user_id=request.user.pk, room_id=room_id))

    @extend_schema(operation_id="read_mark", request=ReadNew, responses=payloads.ReadPosition, tags=["rooms"])
    def put(self, request: Request, room_id: int) -> Response:
        """Everything up to `seq` was read; never moves back, never past the last message."""
        given = body(request, ReadNew)
        answer = reads_mark(marks=[Mark(user_id=request.user.pk, room_id=room_id, seq=given.seq)])[0]
        if isinstance(answer, ParleyError):
            raise answer
        return respond(position(user_id=request.user.pk, room_id=room_id))


class RewindView(APIView):
    """Unread again."""

    @extend_schema(operation_id="read_rewind", request=RewindNew, responses=payloads.ReadPosition, tags=["rooms"])
    def post(self, request: Request, room_id: int) -> Response:
        """What follows `seq` is unread again; never moves forward."""
        given = body(request, RewindNew)
        return respond(read_rewind(actor=request.user, room_id=room_id, seq=given.seq))


class ReceiptsView(APIView):
    """Who has read how far."""

    @extend_schema(operation_id="receipts_list", responses=ReceiptList, tags=["rooms"])
    def get(self, request: Request, room_id: int) -> Response:
        """Everybody's position in a small room; changes come as `receipt` frames."""
        access.entered(person=request.user, room_id=room_id)
        return respond(ReceiptList(read={str(user): seq for user, seq in positions(room_id).items()}))


class PreferencesView(APIView):
    """How one keeps a room in one's list."""

    @extend_schema(
        operation_id="room_prefer", request=PreferencesChange, responses=payloads.Preferences, tags=["rooms"]
    )
    def patch(self, request: Request, room_id: int) -> Response:
        """Favourite, folder, notifications, place."""
        given = body(request, PreferencesChange)
        shape = room_prefer(
            actor=request.user,
            room_id=room_id,
            favourite=None if given.favourite is UNSET else given.favourite,
            folder=None if given.folder is UNSET else given.folder,
            notify=None if given.notify is UNSET else given.notify,
            place=None if given.place is UNSET else given.place,
        )
        return respond(shape)


class DraftView(APIView):
    """What one has begun to write."""

    @extend_schema(operation_id="draft_set", request=DraftNew, responses=payloads.DraftState, tags=["rooms"])
    def put(self, request: Request, room_id: int) -> Response:
        """Keep it for one's other devices; an empty text throws it away."""
        given = body(request, DraftNew)
        jotting = Jotting(user_id=request.user.pk, room_id=room_id, text=given.text, reply_to=given.reply_to)
        answer = drafts_set(jottings=[jotting])[0]
        if isinstance(answer, ParleyError):
            raise answer
        return respond(answer)


class GroupsView(APIView):
    """Conversations of a few."""

    @extend_schema(operation_id="group_open", request=GroupNew, responses=payloads.RoomEntry, tags=["rooms"])
    def post(self, request: Request) -> Response:
        """The conversation with exactly these people, made at the first call."""
        given = body(request, GroupNew)
        return respond(group_open(actor=request.user, user_ids=[int(user) for user in given.users], name=given.name))


class DirectView(APIView):
    """Direct conversations."""

    @extend_schema(operation_id="direct_open", request=DirectNew, responses=payloads.RoomEntry, tags=["rooms"])
    def post(self, request: Request) -> Response:
        """The direct conversation with a person, made at the first call."""
        return respond(direct_open(actor=request.user, user_id=int(body(request, DirectNew).user)))
