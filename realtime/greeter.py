"""From `hello` to live: who it is, what they may see, what they missed.

The order is what makes it safe: the socket enters its topics first and holds what comes; then the greeting is read,
so its heads are at or after the entry; then the replay, up to heads of its own; then what was held behind those.
"""

from typing import TYPE_CHECKING, Literal

import msgspec

from realtime.product import Greeting, Replay
from realtime.protocol import frames
from realtime.protocol.errors import Unavailable
from realtime.replay import send_replay
from realtime.session import Greet

if TYPE_CHECKING:
    from realtime.consumer import SocketConsumer

READ_ON_TRIES = 8


async def greet(socket: "SocketConsumer", wish: Greet) -> None:
    """Bring an identified, attached socket to live. Raises ParleyError, Refused."""
    engine, hello = socket.engine, wish.hello
    await engine.hub.admit(socket)
    greeting: Greeting = await engine.pool.run(lambda: engine.product.greeting(socket.identity))
    if any(name not in engine.hub.topics or socket not in engine.hub.topics[name] for name in greeting.heads):
        await engine.hub.admit(socket)

    cursors = {f"room:{room}": rev for room, rev in hello.cursors.items()}
    other_epoch = bool(cursors) and hello.epoch != greeting.epoch
    replays: dict[str, Replay] = {}
    if cursors and not other_epoch:
        rows = engine.limits.replay_rows
        replays = await engine.pool.run(lambda: engine.product.replay(socket.identity, cursors, rows))
    elif other_epoch:
        for name in cursors:
            head = greeting.heads.get(name)
            state: Literal["gone", "reset"] = "gone" if head is None else "reset"
            replays[name] = Replay(since=0, head=head or 0, state=state, reason="other_epoch")

    session = socket.session
    session.heartbeat = socket.heartbeat_for(hello.network)
    _send_ready(socket, wish, greeting, replays)
    heads = dict(greeting.heads)
    for name, replay in replays.items():
        send_replay(session, name, replay)
        if replay.state != "gone":
            heads[name] = replay.head
    await _read_on(socket, heads)
    session.resumed(heads)
    socket.flush()


async def _read_on(socket: "SocketConsumer", heads: dict[str, int]) -> None:
    """More came meanwhile than is held: read those topics on until what comes fits."""
    engine = socket.engine
    for _ in range(READ_ON_TRIES):
        topics = [name for name in socket.session.overflowed() if name in heads]
        if not topics:
            return
        wants = {name: heads[name] for name in topics}
        replays = await engine.pool.run(
            lambda wants=wants: engine.product.replay(None, wants, engine.limits.replay_rows)  # type: ignore[misc]
        )
        for name, replay in replays.items():
            if name.startswith("room:"):
                send_replay(socket.session, name, replay)
            else:
                socket.session.outbox.extend(map(socket.encode, replay.events))
            heads[name] = replay.head
    raise Unavailable("Too much happens to catch up.", retry_ms=1000)


def _send_ready(socket: "SocketConsumer", wish: Greet, greeting: Greeting, replays: dict[str, Replay]) -> None:
    """`ready`, with the rooms on as many frames as their size asks for."""
    pages: list[list[object]] = [[]]
    size = 0
    for room in greeting.rooms:
        length = len(msgspec.json.encode(room))
        if size and size + length > socket.engine.limits.ready_bytes:
            pages.append([])
            size = 0
        pages[-1].append(room)
        size += length
    ready = frames.Ready(
        connection=socket.connection,
        user=greeting.user,
        epoch=greeting.epoch,
        heartbeat=socket.session.heartbeat,
        limits=socket.engine.limits.shown(),
        rooms=pages[0],
        resume={name.partition(":")[2]: replay.state for name, replay in replays.items()},
        more=len(pages) > 1,
    )
    socket.session.send(ready, re=wish.id)
    for index, page in enumerate(pages[1:], start=2):
        socket.session.send(frames.ReadyRooms(rooms=page, more=index < len(pages)))
