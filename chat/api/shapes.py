"""What the chat's endpoints take and answer, beside the payloads that frames carry too."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

from accounts.payloads import Person
from chat import events
from chat.payloads import Ban, Edit, Membership, Message, RoomEntry, RoomLink, RoomSettings
from realtime.protocol import frames
from realtime.protocol.frames import Id, Rev

Seq = Annotated[int, Meta(ge=1, le=2**53)]
Limit = Annotated[int, Meta(ge=1, le=100)]
Text = Annotated[str, Meta(min_length=1, max_length=8000, description="Markdown, in code points")]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Topic = Annotated[str, Meta(max_length=250)]
Description = Annotated[str, Meta(max_length=2000)]
Moment = Annotated[int, Meta(ge=0, le=253_402_300_799_000, description="milliseconds since 1970")]
Token = Annotated[str, Meta(min_length=1, max_length=64, description="the last part of the link")]
Cursor = Annotated[str, Meta(max_length=512, description="`next` of the page before")]
Search = Annotated[str, Meta(max_length=80, description="what names begin with")]


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request's body or query. Unknown fields are refused."""


class RoomNew(Given, frozen=True, kw_only=True):
    """A public or private room; direct conversations are opened at `/direct/`."""

    kind: Literal["public", "private"]
    name: Name
    topic: Topic = ""
    description: Description = ""
    announcement: bool = False
    people: Annotated[list[Id], Meta(max_length=50, description="whom to bring in at once")] = []


class RoomChange(Given, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    name: Name | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    announcement: bool | UnsetType = UNSET
    mention_room: Literal["auto", "members", "leaders"] | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class MemberNew(Given, frozen=True, kw_only=True):
    """Whom to add."""

    user: Id


class MemberChange(Given, frozen=True, kw_only=True):
    """The role to give, or until when to mute (null: not any more); what is left out stays as it is."""

    role: Literal["owner", "moderator", "member"] | UnsetType = UNSET
    muted_until: Moment | UnsetType | None = UNSET


class DirectNew(Given, frozen=True, kw_only=True):
    """Whom to talk to (oneself: notes)."""

    user: Id


class GroupNew(Given, frozen=True, kw_only=True):
    """Whom to talk to: two to nine others. The name is only given to a group that is not there yet."""

    users: Annotated[list[Id], Meta(min_length=1, max_length=10)]
    name: Annotated[str, Meta(max_length=80)] = ""


class BanNew(Given, frozen=True, kw_only=True):
    """Whom to ban, why, and until when (null: for good)."""

    user: Id
    reason: Annotated[str, Meta(max_length=250)] = ""
    until: Moment | None = None


class LinkNew(Given, frozen=True, kw_only=True):
    """How long a link is good and for how many people (null: without bound)."""

    expires_at: Moment | None = None
    uses: Annotated[int, Meta(ge=1, le=1000)] | None = None


class LinkGiven(Given, frozen=True, kw_only=True):
    """A link somebody was given."""

    token: Token


class PreferencesChange(Given, frozen=True, kw_only=True):
    """What is left out stays as it is. An empty folder name takes the room out of its folder."""

    favourite: bool | UnsetType = UNSET
    folder: Annotated[str, Meta(max_length=80)] | UnsetType = UNSET
    notify: Literal["all", "mentions", "none"] | UnsetType = UNSET
    place: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] | UnsetType = UNSET


class DraftNew(Given, frozen=True, kw_only=True):
    """What the composer holds; an empty text throws it away."""

    text: Annotated[str, Meta(max_length=8000)]
    reply_to: Seq | None = None


class MessageNew(Given, frozen=True, kw_only=True):
    """What to say. Sending again with the same `client_id` is harmless."""

    client_id: UUID
    text: Text
    reply_to: Seq | None = None


class MessageChange(Given, frozen=True, kw_only=True):
    """The new text."""

    text: Text


class ReadNew(Given, frozen=True, kw_only=True):
    """Everything up to `seq` was read."""

    seq: Annotated[int, Meta(ge=0, le=2**53)]


class RewindNew(Given, frozen=True, kw_only=True):
    """What follows `seq` is unread again."""

    seq: Annotated[int, Meta(ge=0, le=2**53)]


class PageQuery(Given, frozen=True, kw_only=True):
    """A page of a list."""

    after: Cursor = ""
    limit: Limit = 50


class SearchQuery(PageQuery, frozen=True, kw_only=True):
    """A page of what matches."""

    q: Search = ""


class BrowseQuery(SearchQuery, frozen=True, kw_only=True):
    """A page of what matches, or this room."""

    id: Id | UnsetType = UNSET


class PeopleQuery(SearchQuery, frozen=True, kw_only=True):
    """A page of who matches, or these people."""

    ids: Annotated[str, Meta(max_length=4000, description="up to 200 ids, with commas")] = ""


class MessagesQuery(Given, frozen=True, kw_only=True):
    """At most one of `before`, `after`, `around` (seqs) and `since_rev`; none: the newest page."""

    before: Seq | None = None
    after: Annotated[int, Meta(ge=0, le=2**53)] | None = None
    around: Seq | None = None
    since_rev: Rev | None = None
    limit: Limit = 50


class RoomList(Struct, frozen=True, kw_only=True):
    """The rooms one is in, the most recently changed first."""

    rooms: list[RoomEntry]


class RoomFound(Struct, frozen=True, kw_only=True):
    """A room one may find, and since when there is one; `entry` is set if one is in it."""

    room: RoomSettings
    entry: RoomEntry | None
    created_at: int


class RoomListed(Struct, frozen=True, kw_only=True):
    """A public room in the list of those that can be joined."""

    room: RoomSettings
    members: int
    joined: bool


class LinkSeen(Struct, frozen=True, kw_only=True):
    """Where a link leads: the room as it is named to who may come in, and whether one is in it already."""

    room: RoomSettings
    members: int
    joined: bool
    by: Person


class LinkList(Struct, frozen=True, kw_only=True):
    """Links into a room that are good, the newest first."""

    links: list[RoomLink]


class BanList(Struct, frozen=True, kw_only=True):
    """Bans from a room that hold, the newest first."""

    bans: list[Ban]
    next: str | None


class ReceiptList(Struct, frozen=True, kw_only=True):
    """{person: read up to} of a room of at most 20 people; of a larger one nothing.

    Who has read nothing said since she joined is not in it.
    """

    read: dict[Id, int]


class Mentioning(Struct, frozen=True, kw_only=True):
    """A message that addresses one, and where."""

    room: Id
    unread: bool
    message: Message


class MentionPage(Struct, frozen=True, kw_only=True):
    """Messages that address one, in rooms one is in, the newest first."""

    mentions: list[Mentioning]
    next: str | None


class RoomPage(Struct, frozen=True, kw_only=True):
    """Public rooms by name."""

    rooms: list[RoomListed]
    next: str | None


class MemberPage(Struct, frozen=True, kw_only=True):
    """Open stints, the oldest first. `rev` is the room's head, read before the rows."""

    rev: Rev
    members: list[Membership]
    next: str | None


class MessagePage(Struct, frozen=True, kw_only=True):
    """Messages in seq order. `rev` is the room's head, read before the rows."""

    rev: Rev
    messages: list[Message]
    more_before: bool
    more_after: bool


class History(Struct, frozen=True, kw_only=True):
    """Earlier wordings of a message, the oldest first; nothing of a deleted one."""

    edits: list[Edit]


class PeoplePage(Struct, frozen=True, kw_only=True):
    """People; `next` is the cursor of the next page."""

    people: list[Person]
    next: str | None


class RoomsShared(Struct, frozen=True, kw_only=True):
    """Rooms of one's own that somebody else is in too, the latest she entered first."""

    rooms: list[Id]


def _frame(payload: type[frames.Payload]) -> Any:
    """A frame as the socket sends it, but for the time."""
    return defstruct(
        f"{payload.__name__}Frame",
        [("id", str), ("payload", payload)],
        tag_field="type",
        tag=payload.type,
        frozen=True,
        namespace={"__doc__": payload.__doc__},
    )


ROOM_FRAMES: dict[str, Any] = {
    payload.type: _frame(payload)
    for payload in (
        events.MessageCreated,
        events.MessageUpdated,
        events.MessageDeleted,
        events.MemberJoined,
        events.MemberUpdated,
        events.MemberLeft,
        events.RoomUpdated,
        frames.RoomSynced,
        frames.RoomReset,
    )
}
_AnyFrame: Any = None
for _shape in ROOM_FRAMES.values():
    _AnyFrame = _shape if _AnyFrame is None else _AnyFrame | _shape

Changes: Any = defstruct(
    "Changes",
    [("frames", list[_AnyFrame])],
    frozen=True,
    namespace={
        "__doc__": "What changed after `since_rev`, as the socket's replay: events in rev order and `room.synced` "
        "(with `more`: ask again from its rev), or `room.reset` alone."
    },
)


def changes(given: list[tuple[str, frames.Payload]]) -> Struct:
    """(frame id, payload) in order."""
    answer: Struct = Changes([ROOM_FRAMES[payload.type](frame_id, payload) for frame_id, payload in given])
    return answer


def moment(given: int | None) -> datetime | None:
    """Milliseconds since 1970 as a time."""
    return None if given is None else datetime.fromtimestamp(given / 1000, UTC)
