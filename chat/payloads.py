"""The one shape of each thing on every door: frames, REST, OpenAPI and the JS types come from these.

A payload is a function of its own row (and the names it points to): nothing in a Message, a Membership or a
RoomSettings depends on who reads it. Times are milliseconds since 1970, ids are strings.
"""

from datetime import datetime
from sys import intern
from typing import Literal

from msgspec import Struct

from accounts.payloads import Person, person
from chat.models import Ban as BanRow
from chat.models import Draft as DraftRow
from chat.models import Membership as MembershipRow
from chat.models import Message as MessageRow
from chat.models import MessageEdit as EditRow
from chat.models import Room as RoomRow
from chat.models import RoomLink as LinkRow
from realtime.protocol.frames import Id, Rev

EVERYBODY = "room"


class Author(Struct, frozen=True, kw_only=True):
    """Who wrote a message."""

    id: Id
    name: str


class Message(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A message, or its tombstone (`deleted`: without text and html). `reply_to` is a seq of the same room.

    `mentions` are the people it addresses, `mentions_room` that it addresses everybody in the room; in `html` they are
    `<span class="mention" data-user="…">` with an id, `room` or `here`.
    """

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
    mentions: list[Id] = []
    mentions_room: bool = False


class Membership(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A stint: open until it has a `left_rev`, which comes with the `reason`.

    Who is muted may not post before `muted_until` has passed; nothing is sent when it has.
    """

    user: Person
    role: str
    joined_rev: Rev
    rev: Rev
    left_rev: Rev | None = None
    reason: Literal["left", "removed", "banned"] | None = None
    muted_until: int | None = None


class RoomSettings(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What everybody in a room sees of its settings; a direct conversation has no name, a group may have one.

    `kind`: public, private, direct or group. In an `announcement` room only those who lead it post. `mention_room`:
    who may address everybody (`auto`: everybody while there are at most 50 people, otherwise those who lead it).
    """

    id: Id
    kind: str
    name: str
    topic: str
    archived: bool
    rev: Rev
    description: str = ""
    announcement: bool = False
    mention_room: Literal["auto", "members", "leaders"] = "auto"


class DraftState(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one has begun to write in a room; without text it was thrown away.

    `seq` was the room's last message when it was stored: an own message after that makes the draft void.
    """

    room: Id
    seq: int
    text: str = ""
    reply_to: int | None = None


class Preferences(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How one keeps a room in one's list. `place` orders the rooms of a folder, smaller first.

    Notifications of `all` messages, of `mentions` only, or of nothing (`none`: the room is muted).
    """

    room: Id
    favourite: bool = False
    folder: str = ""
    notify: Literal["all", "mentions", "none"] = "all"
    place: int = 0


class RoomEntry(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A room in one person's list, with her position in it; the only room shape that depends on the reader.

    `rev` is the head to take as a cursor. `unread` (at most 100) counts others' undeleted messages after `read_seq`
    up to `last_seq`, `mentions` (at most 100) those of them that address her or the room. `rewinds` says how often she
    set the position back: a greater one replaces a held position, an equal one only moves it forward.
    `counterpart` is the other person of a direct conversation (oneself, in notes to oneself), `people` are the others
    of a group. The description is in RoomSettings only.
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
    people: list[Person] = []
    announcement: bool = False
    mention_room: Literal["auto", "members", "leaders"] = "auto"
    muted_until: int | None = None
    mentions: int = 0
    rewinds: int = 0
    favourite: bool = False
    folder: str = ""
    notify: Literal["all", "mentions", "none"] = "all"
    place: int = 0
    draft: DraftState | None = None


class ReadPosition(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How far one has read in a room; `unread` and `mentions` were counted up to `last_seq`, when the room's head was
    `rev`. `rewinds`: see RoomEntry.
    """

    room: Id
    rev: Rev
    read_seq: int
    last_seq: int
    unread: int
    mentions: int = 0
    rewinds: int = 0


class Edit(Struct, frozen=True, kw_only=True):
    """An earlier wording of a message, which stood until `until`."""

    text: str
    until: int


class Ban(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Somebody who may not come back, until `until` or for good."""

    user: Person
    by: Person
    created_at: int
    reason: str = ""
    until: int | None = None


class RoomLink(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A link into a room. `token` is only in the answer that makes it; it belongs behind the # of `/rooms/join/`,
    so that no server and no log is told it."""

    id: Id
    by: Person
    created_at: int
    uses: int
    uses_left: int | None = None
    expires_at: int | None = None
    token: str | None = None


# msgspec leaves a text out as its default only if it is the very same object: hence `intern`.


def ms(moment: datetime | None) -> int | None:
    return None if moment is None else int(moment.timestamp() * 1000)


def message(row: MessageRow) -> Message:
    """Needs `row.author` (select_related)."""
    everybody = row.mentioned == EVERYBODY
    return Message(
        seq=row.seq,
        rev=row.rev,
        client_id=str(row.client_id),
        author=Author(id=str(row.author_id), name=row.author.display_name),
        text=row.text,
        html=row.html,
        created_at=ms(row.created_at) or 0,
        reply_to=row.reply_to,
        edited_at=ms(row.edited_at),
        deleted=row.deleted_at is not None,
        mentions=row.mentioned.split(",") if row.mentioned and not everybody else [],
        mentions_room=everybody,
    )


def membership(row: MembershipRow) -> Membership:
    """Needs `row.user` (select_related)."""
    return Membership(
        user=person(row.user),
        role=row.role,
        joined_rev=row.joined_rev,
        rev=row.rev,
        left_rev=row.left_rev,
        reason=row.left_reason or None,  # type: ignore[arg-type]
        muted_until=ms(row.muted_until),
    )


def edit(row: EditRow) -> Edit:
    return Edit(text=row.text, until=ms(row.edited_at) or 0)


def room_settings(row: RoomRow) -> RoomSettings:
    return RoomSettings(
        id=str(row.pk),
        kind=row.kind,
        name=row.name,
        topic=row.topic,
        archived=row.archived_at is not None,
        rev=row.rev,
        description=row.description,
        announcement=row.announcement,
        mention_room=intern(str(row.mention_room)),  # type: ignore[arg-type]
    )


def preferences(row: MembershipRow) -> Preferences:
    return Preferences(
        room=str(row.room_id),
        favourite=row.favourite,
        folder=row.folder,
        notify=intern(str(row.notify)),  # type: ignore[arg-type]
        place=row.place,
    )


def draft(row: DraftRow, room_id: int) -> DraftState:
    return DraftState(room=str(room_id), seq=row.seq, text=row.text, reply_to=row.reply_to)


def ban(row: BanRow) -> Ban:
    """Needs `row.user` and `row.created_by` (select_related)."""
    return Ban(
        user=person(row.user),
        by=person(row.created_by),
        created_at=ms(row.created_at) or 0,
        reason=row.reason,
        until=ms(row.until),
    )


def room_link(row: LinkRow, token: str | None = None) -> RoomLink:
    """Needs `row.created_by` (select_related)."""
    return RoomLink(
        id=str(row.pk),
        by=person(row.created_by),
        created_at=ms(row.created_at) or 0,
        uses=row.uses,
        uses_left=row.uses_left,
        expires_at=ms(row.expires_at),
        token=token,
    )
