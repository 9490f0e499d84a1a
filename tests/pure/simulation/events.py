"""The events and commands of the simulated product: the smallest that a chat is made of."""

from typing import Annotated, Any, ClassVar

from msgspec import Meta

from realtime.protocol.closes import Close
from realtime.protocol.frames import Command, Event, Id


class RoomEvent(Event, frozen=True, kw_only=True):
    room: Id

    @property
    def topic(self) -> str:
        return f"room:{self.room}"


class MessageEvent(RoomEvent, frozen=True, kw_only=True):
    message: dict[str, Any]


class MessageCreated(MessageEvent, frozen=True, kw_only=True):
    type: ClassVar[str] = "message.created"


class MessageUpdated(MessageEvent, frozen=True, kw_only=True):
    type: ClassVar[str] = "message.updated"


class MessageDeleted(MessageEvent, frozen=True, kw_only=True):
    type: ClassVar[str] = "message.deleted"


class MemberEvent(RoomEvent, frozen=True, kw_only=True):
    membership: dict[str, Any]


class MemberJoined(MemberEvent, frozen=True, kw_only=True):
    type: ClassVar[str] = "member.joined"


class MemberLeft(MemberEvent, frozen=True, kw_only=True):
    type: ClassVar[str] = "member.left"

    @property
    def leaves(self) -> str | None:
        return str(self.membership["user"])


class MemberUpdated(MemberEvent, frozen=True, kw_only=True):
    type: ClassVar[str] = "member.updated"


class RoomUpdated(RoomEvent, frozen=True, kw_only=True):
    type: ClassVar[str] = "room.updated"
    settings: dict[str, Any]


class UserState(Event, frozen=True, kw_only=True):
    type: ClassVar[str] = "user.state"
    user: Id
    rooms: list[dict[str, Any]] = []
    left: list[Id] = []
    read: list[dict[str, Any]] = []
    ended: list[str] = []
    disabled: bool = False

    @property
    def topic(self) -> str:
        return f"user:{self.user}"

    @property
    def opens(self) -> dict[str, int]:
        return {f"room:{entry['id']}": entry["rev"] for entry in self.rooms}

    @property
    def closes(self) -> dict[str, int]:
        if self.disabled:
            return {"*": Close.ACCOUNT_DISABLED}
        return dict.fromkeys(self.ended, Close.SESSION_REVOKED)


class MessageSend(Command, frozen=True, kw_only=True):
    type: ClassVar[str] = "message.send"
    room: Id
    client_id: str
    text: Annotated[str, Meta(max_length=8000)]


class MessageEdit(Command, frozen=True, kw_only=True):
    type: ClassVar[str] = "message.edit"
    room: Id
    seq: int
    text: str


class MessageDelete(Command, frozen=True, kw_only=True):
    type: ClassVar[str] = "message.delete"
    room: Id
    seq: int


class ReadMark(Command, frozen=True, kw_only=True):
    type: ClassVar[str] = "read.mark"
    room: Id
    seq: int
