"""What happened, in the past tense: the durable changes of a room's log and of a person's own log.

Each is also the frame that tells clients, so it is the same for every reader. At the end: what is in no log.
"""

from typing import ClassVar

import accounts.events
from accounts.payloads import Person
from chat.payloads import DraftState, Membership, Message, Preferences, ReadPosition, RoomEntry, RoomSettings
from realtime.protocol.frames import Ephemeral, Event, Id


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
    """The role of an open stint changed, or until when it is muted."""

    type: ClassVar[str] = "member.updated"
    membership: Membership


class RoomUpdated(RoomEvent, frozen=True, kw_only=True):
    """The room's settings changed."""

    type: ClassVar[str] = "room.updated"
    settings: RoomSettings


class UserState(accounts.events.UserState, frozen=True, kw_only=True):
    """What changed for one person: also rooms joined or changed (`rooms`), rooms left, read positions, preferences
    and drafts.
    """

    rooms: list[RoomEntry] = []
    left: list[Id] = []
    read: list[ReadPosition] = []
    preferences: list[Preferences] = []
    drafts: list[DraftState] = []

    @property
    def opens(self) -> dict[str, int]:
        return {f"room:{room.id}": room.rev for room in self.rooms}


class Receipt(Ephemeral, frozen=True, kw_only=True):
    """Somebody has read up to `read_seq`: in rooms of at most 20 people, for who has the room on screen."""

    type: ClassVar[str] = "receipt"
    room: Id
    user: Id
    read_seq: int


class PersonUpdated(Ephemeral, frozen=True, kw_only=True):
    """A person one shares a room with looks different now: name, picture, status, deactivated.

    After each `ready` a client reads the people it holds again, by ids.
    """

    type: ClassVar[str] = "person.updated"
    person: Person
