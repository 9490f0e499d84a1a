"""What happened, in the past tense: the durable changes of a room's log and of a person's own log.

Each is also the frame that tells clients, so it is the same for every reader.
"""

from typing import ClassVar

import accounts.events
from chat.payloads import Membership, Message, ReadPosition, RoomEntry, RoomSettings
from realtime.protocol.frames import Event, Id


class RoomEvent(Event, frozen=True, kw_only=True):
    """A change in a room."""

    room: Id

    @property
    def topic(self) -> str:
        return f"room:{self.room}"


class MessageCreated(RoomEvent, frozen=True, kw_only=True):
    """Somebody said something."""

    type: ClassVar[str] = "message.created"
    message: Message


class MessageUpdated(RoomEvent, frozen=True, kw_only=True):
    """A message was edited."""

    type: ClassVar[str] = "message.updated"
    message: Message


class MessageDeleted(RoomEvent, frozen=True, kw_only=True):
    """A message became a tombstone."""

    type: ClassVar[str] = "message.deleted"
    message: Message


class MemberJoined(RoomEvent, frozen=True, kw_only=True):
    """A stint began."""

    type: ClassVar[str] = "member.joined"
    membership: Membership


class MemberLeft(RoomEvent, frozen=True, kw_only=True):
    """A stint ended."""

    type: ClassVar[str] = "member.left"
    membership: Membership

    @property
    def leaves(self) -> str | None:
        return self.membership.user.id


class MemberUpdated(RoomEvent, frozen=True, kw_only=True):
    """The role of an open stint changed."""

    type: ClassVar[str] = "member.updated"
    membership: Membership


class RoomUpdated(RoomEvent, frozen=True, kw_only=True):
    """The room's settings changed."""

    type: ClassVar[str] = "room.updated"
    settings: RoomSettings


class UserState(accounts.events.UserState, frozen=True, kw_only=True):
    """What changed for one person: also rooms joined or changed (`rooms`), rooms left, and read positions."""

    rooms: list[RoomEntry] = []
    left: list[Id] = []
    read: list[ReadPosition] = []

    @property
    def opens(self) -> dict[str, int]:
        return {f"room:{room.id}": room.rev for room in self.rooms}
