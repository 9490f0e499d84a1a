"""Messages: pages and changes of a room, and one by one."""

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema
from msgspec import Struct
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from chat import payloads
from chat.api.shapes import Changes, History, MessageChange, MessageNew, MessagePage, MessagesQuery, changes
from chat.selectors import access, log, messages
from chat.services.message import Draft, message_delete, message_edit, messages_append
from realtime.openapi import parameters
from realtime.product import Identity
from realtime.protocol.errors import Invalid, ParleyError
from realtime.protocol.frames import Payload, RoomReset, RoomSynced
from realtime.rest import body, query, respond
from realtime.throttles import PersonThrottle, SendThrottle


class SendView(APIView):
    """What writes is counted twice: as any request, and as a send."""

    def get_throttles(self) -> list[BaseThrottle]:
        return [PersonThrottle()] if self.request.method == "GET" else [PersonThrottle(), SendThrottle()]


class MessagesView(SendView):
    """The messages of a room."""

    @extend_schema(
        operation_id="messages_list",
        parameters=parameters(MessagesQuery),
        responses=PolymorphicProxySerializer(
            component_name="MessagesAnswer", serializers=[MessagePage, Changes], resource_type_field_name=None
        ),
        tags=["messages"],
    )
    def get(self, request: Request, room_id: int) -> Response:
        """A page, or with `since_rev` what changed: the chain the socket's replay gives, for who polls."""
        given = query(request, MessagesQuery)
        places = {
            name: place
            for name in ("before", "after", "around", "since_rev")
            if (place := getattr(given, name)) is not None
        }
        if len(places) > 1:
            raise Invalid(_("The request is not valid."), fields={key: [_("Only one of these.")] for key in places})
        membership = access.entered(person=request.user, room_id=room_id)
        if given.since_rev is not None:
            return respond(_changes(str(request.user.pk), room_id, given.since_rev, given.limit))
        head = membership.room.head
        window = _window(given, room_id, head.last_seq)
        page = MessagePage(
            rev=head.rev,
            messages=[payloads.message(row) for row in window.rows],
            more_before=window.more_before,
            more_after=window.more_after,
        )
        return respond(page)

    @extend_schema(
        operation_id="message_send",
        request=MessageNew,
        responses={201: payloads.Message, 200: payloads.Message},
        tags=["messages"],
    )
    def post(self, request: Request, room_id: int) -> Response:
        """Say something; 200 if it had been sent before with this `client_id`."""
        given = body(request, MessageNew)
        draft = Draft(
            author_id=request.user.pk,
            room_id=room_id,
            client_id=given.client_id,
            text=given.text,
            reply_to=given.reply_to,
        )
        answer = messages_append(drafts=[draft])[0]
        if isinstance(answer, ParleyError):
            raise answer
        return respond(payloads.message(messages.one(room_id, answer.seq)), status=200 if answer.duplicate else 201)


class MessageView(SendView):
    """One message."""

    @extend_schema(operation_id="message_read", responses=payloads.Message, tags=["messages"])
    def get(self, request: Request, room_id: int, seq: int) -> Response:
        """The message, or its tombstone."""
        access.entered(person=request.user, room_id=room_id)
        return respond(payloads.message(messages.one(room_id, seq)))

    @extend_schema(operation_id="message_edit", request=MessageChange, responses=payloads.Message, tags=["messages"])
    def patch(self, request: Request, room_id: int, seq: int) -> Response:
        """Replace the text of an own message."""
        given = body(request, MessageChange)
        return respond(message_edit(actor=request.user, room_id=room_id, seq=seq, text=given.text))

    @extend_schema(operation_id="message_delete", responses=payloads.Message, tags=["messages"])
    def delete(self, request: Request, room_id: int, seq: int) -> Response:
        """Leave a tombstone, which is the answer."""
        return respond(message_delete(actor=request.user, room_id=room_id, seq=seq))


class HistoryView(APIView):
    """What a message said before."""

    @extend_schema(operation_id="message_history", responses=History, tags=["messages"])
    def get(self, request: Request, room_id: int, seq: int) -> Response:
        """Earlier wordings, the oldest first."""
        access.entered(person=request.user, room_id=room_id)
        return respond(History(edits=[payloads.edit(row) for row in messages.history(room_id, seq)]))


def _window(given: MessagesQuery, room_id: int, last_seq: int) -> messages.Window:
    if given.before is not None:
        return messages.before(room_id, given.before, given.limit, last_seq=last_seq)
    if given.after is not None:
        return messages.after(room_id, given.after, given.limit, last_seq=last_seq)
    if given.around is not None:
        return messages.around(room_id, given.around, given.limit, last_seq=last_seq)
    return messages.newest(room_id, given.limit)


def _changes(user_id: str, room_id: int, since: int, limit: int) -> Struct:
    topic, room = f"room:{room_id}", str(room_id)
    replay = log.replay(Identity(user=user_id, device=""), {topic: since}, limit)[topic]
    if replay.state == "gone":
        raise access.no_such_room()
    given: list[tuple[str, Payload]] = [(event.frame_id, event) for event in replay.events]
    last: Payload = RoomSynced(room=room, prev=since, rev=replay.head, more=replay.more)
    if replay.reason is not None:
        last = RoomReset(room=room, rev=replay.head, reason=replay.reason)
    return changes([*given, (f"{room}.{replay.head}.{last.type}", last)])
