"""The socket's `urls.py`: verb → payload → service → limit."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from msgspec import Meta

from chat.selectors import access
from chat.services.message import Appended, Draft, message_delete, message_edit, messages_append
from chat.services.read import Mark, reads_mark
from realtime.product import Identity, Verb
from realtime.protocol.errors import ParleyError
from realtime.protocol.frames import Ack, Command, Id

Seq = Annotated[int, Meta(ge=1, le=2**53, description="a message's number in its room")]
Text = Annotated[str, Meta(min_length=1, max_length=8000, description="Markdown, in code points")]


class MessageSend(Command, frozen=True, kw_only=True):
    """Say something. Sent again with the same `client_id` it gets the first ack again."""

    type: ClassVar[str] = "message.send"
    room: Id
    client_id: UUID
    text: Text
    reply_to: Seq | None = None


class MessageEdit(Command, frozen=True, kw_only=True):
    """Replace the text of an own message."""

    type: ClassVar[str] = "message.edit"
    room: Id
    seq: Seq
    text: Text


class MessageDelete(Command, frozen=True, kw_only=True):
    """Leave a tombstone in a message's place."""

    type: ClassVar[str] = "message.delete"
    room: Id
    seq: Seq


class ReadMark(Command, frozen=True, kw_only=True):
    """Everything up to `seq` was read. Never moves back, never past the last message."""

    type: ClassVar[str] = "read.mark"
    room: Id
    seq: Annotated[int, Meta(ge=0, le=2**53)]


def _send(calls: Sequence[tuple[Identity, MessageSend]]) -> list[Ack | ParleyError]:
    drafts = [
        Draft(
            author_id=int(identity.user),
            room_id=int(command.room),
            client_id=command.client_id,
            text=command.text,
            reply_to=command.reply_to,
        )
        for identity, command in calls
    ]
    return _acks(messages_append(drafts=drafts), _appended)


def _appended(at: Appended) -> Ack:
    return Ack(room=str(at.room_id), seq=at.seq, rev=at.rev, duplicate=at.duplicate)


def _edit(identity: Identity, command: MessageEdit) -> Ack:
    person = access.actor(identity.user)
    message = message_edit(actor=person, room_id=int(command.room), seq=command.seq, text=command.text)
    return Ack(room=command.room, seq=message.seq, rev=message.rev)


def _delete(identity: Identity, command: MessageDelete) -> Ack:
    person = access.actor(identity.user)
    message = message_delete(actor=person, room_id=int(command.room), seq=command.seq)
    return Ack(room=command.room, seq=message.seq, rev=message.rev)


def _read(calls: Sequence[tuple[Identity, ReadMark]]) -> list[Ack | ParleyError]:
    marks = [
        Mark(user_id=int(identity.user), room_id=int(command.room), seq=command.seq) for identity, command in calls
    ]
    return _acks(reads_mark(marks=marks), lambda at: Ack(room=str(at.room_id), seq=at.seq))


Done = TypeVar("Done")


def _acks(answers: Sequence[Done | ParleyError], ack: Callable[[Done], Ack]) -> list[Ack | ParleyError]:
    return [answer if isinstance(answer, ParleyError) else ack(answer) for answer in answers]


def _room(command: Any) -> str:
    return str(command.room)


VERBS: dict[str, Verb] = {
    verb.payload.type: verb
    for verb in (
        Verb(payload=MessageSend, limit="send", key=_room, batch=_send),
        Verb(payload=MessageEdit, limit="send", key=_room, run=_edit),
        Verb(payload=MessageDelete, limit="send", key=_room, run=_delete),
        Verb(payload=ReadMark, limit="command", key=_room, batch=_read),
    )
}
