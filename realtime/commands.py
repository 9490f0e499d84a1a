"""The engine's own commands: what a socket may do that is not the product's business."""

from typing import TYPE_CHECKING

from realtime.protocol import frames
from realtime.protocol.errors import Forbidden, NotFound, RateLimited
from realtime.publish import Whisper
from realtime.replay import send_page

if TYPE_CHECKING:
    from realtime.consumer import SocketConsumer

TYPING_TTL_MS = 6000
# What somebody may send who may only read; every command of the product's writes.
READING = frozenset({frames.Sync.type, frames.RoomFocus.type, frames.PresenceWatch.type})


async def carry_out(socket: "SocketConsumer", command: frames.Command) -> frames.Ack:
    """Do it and answer. Raises ParleyError."""
    match command:
        case frames.Sync():
            return await _sync(socket, command)
        case frames.RoomFocus():
            return _focus(socket, command)
        case frames.TypingStart():
            return await _start_typing(socket, command.room)
        case frames.TypingStop():
            return _typing(socket, _entered(socket, command.room), command.room, active=False)
        case frames.PresenceSet():
            socket.engine.presence.set(socket, command.state)
        case frames.PresenceWatch():
            presence = socket.engine.presence
            presence.watch(socket, await presence.allowed(socket, set(command.users)))
    return frames.Ack()


async def _sync(socket: "SocketConsumer", command: frames.Sync) -> frames.Ack:
    topic = f"room:{command.room}"
    asked = [(socket.identity, {topic: command.since})]
    [replays] = await socket.engine.pool.run(lambda: socket.engine.product.replays(asked, command.limit))
    replay = replays[topic]
    if replay.state == "gone":
        raise _no_such_room()
    return frames.Ack(room=command.room, rev=send_page(socket, topic, replay))


def _focus(socket: "SocketConsumer", command: frames.RoomFocus) -> frames.Ack:
    if command.room is None:
        socket.focus = None
        return frames.Ack()
    socket.focus = _entered(socket, command.room)
    return frames.Ack(room=command.room)


async def _start_typing(socket: "SocketConsumer", room: str) -> frames.Ack:
    topic = _entered(socket, room)
    if retry_ms := socket.engine.buckets.take(socket.user, "typing"):
        raise RateLimited("Too many commands.", retry_ms=retry_ms)
    if not await socket.engine.pool.run(lambda: socket.engine.product.may_speak(socket.identity, topic)):
        raise Forbidden("You may not write here.")
    # She may have left meanwhile.
    return _typing(socket, _entered(socket, room), room, active=True)


def _typing(socket: "SocketConsumer", topic: str, room: str, *, active: bool) -> frames.Ack:
    typing = frames.Typing(room=room, user=socket.user, active=active, ttl_ms=TYPING_TTL_MS)
    socket.engine.hub.whispers.say(
        Whisper(payload=typing, topics=(topic,), about=socket.user, on_screen=True, to_others=True)
    )
    return frames.Ack(room=room)


def _entered(socket: "SocketConsumer", room: str) -> str:
    """The topic of a room this socket is in. Raises NotFound: which rooms there are is nobody else's business."""
    topic = f"room:{room}"
    served = socket.engine.hub.topics.get(topic)
    if served is None or socket not in served:
        raise _no_such_room()
    return topic


def _no_such_room() -> NotFound:
    return NotFound("There is no such room.")
