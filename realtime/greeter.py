"""From `hello` to live: who it is, what they may see, what they missed.

The order is what makes it safe: the socket enters its topics first and holds what comes; then the greeting is read,
so its heads are at or after the entry; then the replay, up to heads of its own; then what was held behind those.
"""

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from realtime.metrics import RESUMES
from realtime.product import Greeting, Replay
from realtime.protocol import frames
from realtime.protocol.errors import Unavailable
from realtime.replay import send_replay
from realtime.session import Greet, State
from realtime.transport import room as room_for

if TYPE_CHECKING:
    from realtime.consumer import SocketConsumer

READ_ON_TRIES = 8


async def look_up(socket: "SocketConsumer", hello: frames.Hello) -> tuple[Greeting, dict[str, Replay]]:
    """Let an identified, attached socket into its topics; read what it is to be told. Raises ParleyError, Refused."""
    greeting = await _enter(socket)
    return greeting, await _replays(socket, hello, greeting)


async def greet(socket: "SocketConsumer", wish: Greet, greeting: Greeting, replays: dict[str, Replay]) -> None:
    """Bring a socket to live with what was looked up for it. Raises ParleyError, Refused."""
    engine, session = socket.engine, socket.session
    with engine.written.of(replays):
        for state, rooms in Counter(replay.state for replay in replays.values()).items():
            RESUMES.labels(state).inc(rooms)
        session.heartbeat = socket.heartbeat_for(wish.hello.network)
        await _send_ready(socket, wish, greeting, replays)
        heads = dict(greeting.heads)
        for name, replay in replays.items():
            await send_replay(socket, name, replay)
            if replay.state != "gone":
                heads[name] = replay.head
    await _read_on(socket, heads)
    for name, head in session.resumed(heads).items():
        if (topic := engine.hub.topics.get(name)) is not None:
            topic.skip(socket, head)
    socket.flush()


async def _enter(socket: "SocketConsumer") -> Greeting:
    """Enter all topics, then read the greeting: a room that came in between must be entered before it is read."""
    engine = socket.engine
    for _ in range(READ_ON_TRIES):
        await engine.hub.admit(socket)
        greeting = await engine.hub.arrivals.greeting(socket.identity)
        if engine.hub.epoch not in (None, greeting.epoch):
            # The hub is about to notice; until then it may still deliver what the restored database never had.
            raise Unavailable("The database was restored.", retry_ms=2000)
        topics = engine.hub.topics
        if socket.session.state is not State.RESUMING or all(
            name in topics and socket in topics[name] for name in greeting.heads
        ):
            return greeting
    raise Unavailable("The rooms change too fast to be entered.", retry_ms=1000)


async def _replays(socket: "SocketConsumer", hello: frames.Hello, greeting: Greeting) -> dict[str, Replay]:
    """What the client missed, in rooms of the greeting only: one that came after it is entered anew."""
    engine = socket.engine
    cursors = {f"room:{room}": rev for room, rev in hello.cursors.items()}
    replays = {name: Replay(since=0, head=0, state="gone") for name in cursors if name not in greeting.heads}
    known = {name: rev for name, rev in cursors.items() if name in greeting.heads}
    if known and hello.epoch != greeting.epoch:
        for name in known:
            replays[name] = Replay(since=0, head=greeting.heads[name], state="reset", reason="other_epoch")
    elif known:
        for name, replay in (await engine.hub.arrivals.replay(socket.identity, known)).items():
            if replay.more:
                # Between what was read and what is held there would be a gap.
                replay = Replay(since=0, head=greeting.heads[name], state="reset", reason="too_far_behind")
            replays[name] = replay
    return replays


async def _read_on(socket: "SocketConsumer", heads: dict[str, int]) -> None:
    """More came meanwhile than is held: read those rooms on until what comes fits."""
    engine = socket.engine
    for _ in range(READ_ON_TRIES):
        # What is pending counts too: nothing may come between this look and going live.
        engine.hub.flush()
        topics = socket.session.overflowed()
        if not topics:
            return
        wants = {name: heads[name] for name in topics if name in heads}
        replays = await engine.hub.arrivals.replay(socket.identity, wants)
        if len(wants) < len(topics) or any(replay.state == "gone" or replay.more for replay in replays.values()):
            break
        for name, replay in replays.items():
            await send_replay(socket, name, replay)
            heads[name] = replay.head
    raise Unavailable("Too much happens to catch up.", retry_ms=1000)


async def _send_ready(socket: "SocketConsumer", wish: Greet, greeting: Greeting, replays: dict[str, Replay]) -> None:
    """`ready`, with the rooms on as many frames as their size asks for, each as the reader has taken the one before."""
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
        socket.flush()
        if not await room_for(socket.transport, socket.engine.limits.ready_bytes):
            return
        socket.session.send(frames.ReadyRooms(rooms=page, more=index < len(pages)))
