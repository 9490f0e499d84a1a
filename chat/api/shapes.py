"""What the chat's endpoints take and answer, beside the payloads that frames carry too."""

from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import UNSET, Meta, Struct, UnsetType, defstruct

from accounts.payloads import Person
from chat import events
from chat.payloads import Edit, Membership, Message, RoomEntry, RoomSettings
from realtime.protocol import frames
from realtime.protocol.frames import Id, Rev

Seq = Annotated[int, Meta(ge=1, le=2**53)]
Limit = Annotated[int, Meta(ge=1, le=100)]
Text = Annotated[str, Meta(min_length=1, max_length=8000, description="Markdown, in code points")]
Name = Annotated[str, Meta(min_length=1, max_length=80)]
Topic = Annotated[str, Meta(max_length=250)]
Cursor = Annotated[str, Meta(max_length=512, description="`next` of the page before")]
Search = Annotated[str, Meta(max_length=80, description="what names begin with")]


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request's body or query. Unknown fields are refused."""


class RoomNew(Given, frozen=True, kw_only=True):
    """A public or private room; direct conversations are opened at `/direct/`."""

    kind: Literal["public", "private"]
    name: Name
    topic: Topic = ""


class RoomChange(Given, frozen=True, kw_only=True):
    """What is left out stays as it is."""

    name: Name | UnsetType = UNSET
    topic: Topic | UnsetType = UNSET
    archived: bool | UnsetType = UNSET


class MemberNew(Given, frozen=True, kw_only=True):
    """Whom to add."""

    user: Id


class MemberChange(Given, frozen=True, kw_only=True):
    """The role to give."""

    role: Literal["owner", "moderator", "member"]


class DirectNew(Given, frozen=True, kw_only=True):
    """Whom to talk to (oneself: notes)."""

    user: Id


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


class PageQuery(Given, frozen=True, kw_only=True):
    """A page of a list."""

    after: Cursor = ""
    limit: Limit = 50


class SearchQuery(PageQuery, frozen=True, kw_only=True):
    """A page of what matches."""

    q: Search = ""


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
    """A room one may find; `entry` is set if one is in it."""

    room: RoomSettings
    entry: RoomEntry | None


class RoomListed(Struct, frozen=True, kw_only=True):
    """A public room in the list of those that can be joined."""

    room: RoomSettings
    members: int
    joined: bool


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
    """People, by handle."""

    people: list[Person]
    next: str | None


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
