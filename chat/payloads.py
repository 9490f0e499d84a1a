"""The one shape of each thing on every door: frames, REST, OpenAPI and the JS types come from these.

A payload is a function of its own row (and the names it points to): nothing in a Message, a Membership or a
RoomSettings depends on who reads it. Times are milliseconds since 1970, ids are strings.
"""

from msgspec import Struct

from accounts.payloads import Person
from chat.models import Membership as MembershipRow
from chat.models import Message as MessageRow
from chat.models import MessageEdit as EditRow
from chat.models import Room as RoomRow
from realtime.protocol.frames import Id, Rev


class Author(Struct, frozen=True, kw_only=True):
    """Who wrote a message."""

    id: Id
    name: str


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message, or its tombstone (`deleted`: without text and html). `reply_to` is a seq of the same room."""

    seq: int
    rev: Rev
    client_id: str
    author: Author
    text: str
    html: str
    created_at: int
    reply_to: int | None = None
    edited_at: int | None = None
    deleted: bool = False


class Membership(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stint: open until it has a `left_rev`."""

    user: Person
    role: str
    joined_rev: Rev
    rev: Rev
    left_rev: Rev | None = None


class RoomSettings(Struct, frozen=True, kw_only=True):
    """What everybody in a room sees of its settings; a direct conversation has no name."""

    id: Id
    kind: str
    name: str
    topic: str
    archived: bool
    rev: Rev


class RoomEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room in one person's list, with her position in it; the only room shape that depends on the reader.

    `rev` is the head to take as a cursor. `unread` (at most 100) counts others' undeleted messages after `read_seq`
    up to `last_seq`. `counterpart` is the other person of a direct conversation (oneself, in notes to oneself).
    """

    id: Id
    kind: str
    name: str
    topic: str
    archived: bool
    role: str
    joined_rev: Rev
    rev: Rev
    last_seq: int
    read_seq: int
    unread: int
    counterpart: Person | None = None


class ReadPosition(Struct, frozen=True, kw_only=True):
    """How far one has read in a room; `unread` was counted up to `last_seq`, when the room's head was `rev`."""

    room: Id
    rev: Rev
    read_seq: int
    last_seq: int
    unread: int


class Edit(Struct, frozen=True, kw_only=True):
    """An earlier wording of a message, which stood until `until`."""

    text: str
    until: int


def _ms(moment) -> int | None:  # type: ignore[no-untyped-def]
    return None if moment is None else int(moment.timestamp() * 1000)


def message(row: MessageRow) -> Message:
    """Needs `row.author` (select_related)."""
    return Message(
        seq=row.seq,
        rev=row.rev,
        client_id=str(row.client_id),
        author=Author(id=str(row.author_id), name=row.author.display_name),
        text=row.text,
        html=row.html,
        created_at=_ms(row.created_at) or 0,
        reply_to=row.reply_to,
        edited_at=_ms(row.edited_at),
        deleted=row.deleted_at is not None,
    )


def membership(row: MembershipRow) -> Membership:
    """Needs `row.user` (select_related)."""
    return Membership(
        user=Person(id=str(row.user_id), handle=row.user.handle, name=row.user.display_name),
        role=row.role,
        joined_rev=row.joined_rev,
        rev=row.rev,
        left_rev=row.left_rev,
    )


def edit(row: EditRow) -> Edit:
    return Edit(text=row.text, until=_ms(row.edited_at) or 0)


def room_settings(row: RoomRow) -> RoomSettings:
    return RoomSettings(
        id=str(row.pk),
        kind=row.kind,
        name=row.name,
        topic=row.topic,
        archived=row.archived_at is not None,
        rev=row.rev,
    )
