"""The socket's `urls.py`: verb → payload → service → limit."""

from collections.abc import Callable, Sequence
from typing import Annotated, Any, ClassVar, Literal, TypeVar
from uuid import UUID

from msgspec import Meta

from chat.payloads import DraftState
from chat.selectors import access
from chat.services.draft import Jotting, drafts_set
from chat.services.message import Appended, Draft, message_delete, message_edit, messages_append
from chat.services.preference import room_prefer
from chat.services.read import Mark, Marked, read_rewind, reads_mark
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


class ReadRewind(Command, frozen=True, kw_only=True):
    """What follows `seq` is unread again. Never moves forward."""

    type: ClassVar[str] = "read.rewind"
    room: Id
    seq: Annotated[int, Meta(ge=0, le=2**53)]


class RoomPrefer(Command, frozen=True, kw_only=True):
    """Change how one keeps a room in one's list; what is left out stays as it is."""

    type: ClassVar[str] = "room.prefer"
    room: Id
    favourite: bool | None = None
    folder: Annotated[str, Meta(max_length=80)] | None = None
    notify: Literal["all", "mentions", "none"] | None = None
    place: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] | None = None


class DraftSet(Command, frozen=True, kw_only=True):
    """Keep what the composer holds, for one's other devices; an empty text throws it away. Sending needs no call."""

    type: ClassVar[str] = "draft.set"
    room: Id
    text: Annotated[str, Meta(max_length=8000)]
    reply_to: Seq | None = None


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
    return _acks(reads_mark(marks=marks), _marked)


def _marked(at: Marked) -> Ack:
    return Ack(room=str(at.room_id), seq=at.seq)


def _rewind(identity: Identity, command: ReadRewind) -> Ack:
    at = read_rewind(actor=access.actor(identity.user), room_id=int(command.room), seq=command.seq)
    return Ack(room=command.room, seq=at.read_seq)


def _prefer(identity: Identity, command: RoomPrefer) -> Ack:
    room_prefer(
        actor=access.actor(identity.user),
        room_id=int(command.room),
        favourite=command.favourite,
        folder=command.folder,
        notify=command.notify,
        place=command.place,
    )
    return Ack(room=command.room)


def _jot(calls: Sequence[tuple[Identity, DraftSet]]) -> list[Ack | ParleyError]:
    jottings = [
        Jotting(user_id=int(identity.user), room_id=int(command.room), text=command.text, reply_to=command.reply_to)
        for identity, command in calls
    ]
    return _acks(drafts_set(jottings=jottings), _jotted)


def _jotted(draft: DraftState) -> Ack:
    return Ack(room=draft.room)


Done = TypeVar("Done")


def _acks(answers: Sequence[Done | ParleyError], ack: Callable[[Done], Ack]) -> list[Ack | ParleyError]:
    return [answer if isinstance(answer, ParleyError) else ack(answer) for answer in answers]


def _room(command: Any) -> str:
    return str(command.room)


def _text_bytes(command: MessageSend | DraftSet) -> int:
    return len(command.text.encode("utf-8", "surrogatepass"))


VERBS: dict[str, Verb] = {
    verb.payload.type: verb
    for verb in (
        Verb(payload=MessageSend, limit="send", key=_room, weigh=_text_bytes, batch=_send),
        Verb(payload=MessageEdit, limit="send", key=_room, run=_edit),
        Verb(payload=MessageDelete, limit="send", key=_room, run=_delete),
        Verb(payload=ReadMark, limit="command", key=_room, batch=_read),
        Verb(payload=ReadRewind, limit="command", key=_room, run=_rewind),
        Verb(payload=RoomPrefer, limit="command", key=_room, run=_prefer),
        Verb(payload=DraftSet, limit="command", key=_room, weigh=_text_bytes, batch=_jot),
    )
}
