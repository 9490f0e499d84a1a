"""Frames: the declarations from which the encoder, the decoder, the docs, the OpenAPI components and the JS types come.

A frame on the wire is `{"id", "ts", "type", "payload"}`, plus `"re"` on answers. Each payload is a struct here or,
for the product's own commands and events, a subclass declared by the product. The engine knows the product's rooms
and people only as opaque ids.
"""

from typing import Annotated, Any, ClassVar, Literal

from msgspec import Meta, Struct

SUBPROTOCOL = "parley.v1.json"
# The same frames as MessagePack, in binary frames.
PACKED_SUBPROTOCOL = "parley.v1.msgpack"

# Without the look-ahead Python's `$` would let a line break pass at the end.
Id = Annotated[str, Meta(pattern=r"^[0-9]{1,18}(?!\n)$", description="an opaque id")]
Rev = Annotated[int, Meta(ge=0, le=2**53, description="a position in a topic's log")]
Network = Literal["lan", "mobile", "lossy", "auto"]
PresenceState = Literal["online", "away", "invisible"]


class Payload(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The `payload` of a frame; `type` is the frame's type."""

    type: ClassVar[str]


class Command(Payload, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client may send. Unknown fields are refused."""


class Event(Payload, frozen=True, kw_only=True):
    """A durable change: covers (prev, rev] of its topic's log.

    The properties are what the engine must know of an event; the product's events override them.
    """

    prev: Rev
    rev: Rev

    @property
    def topic(self) -> str:
        """The log this event belongs to."""
        raise NotImplementedError

    @property
    def frame_id(self) -> str:
        """The same change has the same id from every process: `<topic id>.<rev>`."""
        return f"{self.topic.partition(':')[2]}.{self.rev}"

    @property
    def leaves(self) -> str | None:
        """The person whose sockets leave the topic at `rev` (this event is the last they get)."""
        return None

    @property
    def opens(self) -> dict[str, int]:
        """Topics that the event tells this person of, each with the head of the read that found her stint open.

        Her sockets are in them before they get the event, and get all that follows these heads after it.
        """
        return {}

    @property
    def closes(self) -> dict[str, int]:
        """Devices whose sockets close, with the close code; the key "*" stands for all of the person's."""
        return {}


class Ephemeral(Payload, frozen=True, kw_only=True):
    """Something that is in no log: it may be dropped, and nobody asks for it again."""


# ---- client → server: the engine's own commands -------------------------------------------------------------------


class Hello(Command, frozen=True, kw_only=True):
    """First, once, within ten seconds. `presence`: as `presence.set`, so who hides is never seen for a moment."""

    type: ClassVar[str] = "hello"
    ticket: Annotated[str, Meta(max_length=128)] | None = None
    client: Annotated[str, Meta(max_length=64)] = ""
    network: Network = "auto"
    presence: PresenceState = "online"
    epoch: Annotated[str, Meta(max_length=64)] | None = None
    cursors: Annotated[dict[Id, Rev], Meta(max_length=500)] = {}


class Sync(Command, frozen=True, kw_only=True):
    """Ask for what changed in a room after `since`: events in rev order, closed by `room.synced`."""

    type: ClassVar[str] = "sync"
    room: Id
    since: Rev
    limit: Annotated[int, Meta(ge=1, le=500)] = 500


class RoomFocus(Command, frozen=True, kw_only=True):
    """The room on screen, or null: typing and presence only flow for what is on screen."""

    type: ClassVar[str] = "room.focus"
    room: Id | None


class TypingStart(Command, frozen=True, kw_only=True):
    """The person is writing; repeat at most every three seconds."""

    type: ClassVar[str] = "typing.start"
    room: Id


class TypingStop(Command, frozen=True, kw_only=True):
    """The person stopped writing."""

    type: ClassVar[str] = "typing.stop"
    room: Id


class PresenceSet(Command, frozen=True, kw_only=True):
    """How this socket's person wants to be seen; `away` counts for this socket only."""

    type: ClassVar[str] = "presence.set"
    state: PresenceState


class PresenceWatch(Command, frozen=True, kw_only=True):
    """The people whose presence this socket wants to follow; replaces the earlier list."""

    type: ClassVar[str] = "presence.watch"
    users: Annotated[list[Id], Meta(max_length=200)]


class ClientPing(Command, frozen=True, kw_only=True):
    """A sign of life; answered by `pong`."""

    type: ClassVar[str] = "ping"


class ClientPong(Command, frozen=True, kw_only=True):
    """The answer to the server's `ping`."""

    type: ClassVar[str] = "pong"


ENGINE_COMMANDS: dict[str, type[Command]] = {
    command.type: command
    for command in (
        Hello,
        Sync,
        RoomFocus,
        TypingStart,
        TypingStop,
        PresenceSet,
        PresenceWatch,
        ClientPing,
        ClientPong,
    )
}


# ---- server → client: the engine's own frames ---------------------------------------------------------------------


class Heartbeat(Struct, frozen=True):
    """A socket silent for `interval_s` is pinged; silent for `interval_s × misses` + 5 s it is closed (4001)."""

    interval_s: int
    misses: int


class Ready(Payload, frozen=True, kw_only=True):
    """The answer to `hello`. `rooms` is paged: with `more` set, `ready.rooms` frames follow."""

    type: ClassVar[str] = "ready"
    connection: str
    user: Any
    epoch: str
    heartbeat: Heartbeat
    limits: dict[str, int]
    rooms: list[Any]
    resume: dict[Id, Literal["ok", "reset", "gone"]]
    more: bool = False


class ReadyRooms(Payload, frozen=True, kw_only=True):
    """More rooms of a `ready` that was too large for one frame."""

    type: ClassVar[str] = "ready.rooms"
    rooms: list[Any]
    more: bool = False


class RoomSynced(Payload, frozen=True, kw_only=True):
    """Covers (prev, rev]: nothing else changed up to rev. Ends every replay and repair. `more`: ask again from rev."""

    type: ClassVar[str] = "room.synced"
    room: Id
    prev: Rev
    rev: Rev
    more: bool = False


ResetReason = Literal["too_far_behind", "below_floor", "cursor_above_head", "other_epoch"]


class RoomReset(Payload, frozen=True, kw_only=True):
    """Drop all held of the room, take rev as the cursor, read the newest page and the members."""

    type: ClassVar[str] = "room.reset"
    room: Id
    rev: Rev
    reason: ResetReason


class Typing(Ephemeral, frozen=True, kw_only=True):
    """Somebody is writing (`active`) or stopped. Forget it after `ttl_ms`."""

    type: ClassVar[str] = "typing"
    room: Id
    user: Id
    active: bool
    ttl_ms: int


class Presence(Payload, frozen=True, kw_only=True):
    """How a watched person is. `unknown`: the presence store is away. Ask again after `ttl_ms`."""

    type: ClassVar[str] = "presence"
    user: Id
    state: Literal["online", "away", "offline", "unknown"]
    ttl_ms: int


class Ack(Payload, frozen=True, kw_only=True):
    """The command was carried out and is durable where it promises to be."""

    type: ClassVar[str] = "ack"
    room: Id | None = None
    seq: int | None = None
    rev: Rev | None = None
    duplicate: bool = False


class ErrorFrame(Payload, frozen=True, kw_only=True):
    """The command was refused. The same shape as REST's errors."""

    type: ClassVar[str] = "error"
    code: str
    message: str
    retry: bool
    retry_ms: int | None = None
    fields: dict[str, list[str]] | None = None


class ServerPing(Payload, frozen=True, kw_only=True):
    """Are you there? `heads` carries the head of the room on screen."""

    type: ClassVar[str] = "ping"
    now: int
    heads: dict[Id, Rev]


class ServerPong(Payload, frozen=True, kw_only=True):
    """The answer to the client's `ping`."""

    type: ClassVar[str] = "pong"
    now: int
    heads: dict[Id, Rev]


class Bye(Payload, frozen=True, kw_only=True):
    """Always before a close. `retry_ms` is a floor for the client's next attempt; `resume`: cursors stay good."""

    type: ClassVar[str] = "bye"
    code: int
    reason: str
    retry_ms: int
    resume: bool


ENGINE_FRAMES: tuple[type[Payload], ...] = (
    Ready,
    ReadyRooms,
    RoomSynced,
    RoomReset,
    Typing,
    Presence,
    Ack,
    ErrorFrame,
    ServerPing,
    ServerPong,
    Bye,
)
