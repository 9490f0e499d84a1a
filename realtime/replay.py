"""Writing a replay: the events of a topic in rev order, closed by `room.synced`, or the word that it starts anew.

A replay may be larger than what a socket may leave undrained, so it goes out as the reader takes it.
"""

import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from realtime.product import Replay
from realtime.protocol import frames
from realtime.transport import room as room_for

if TYPE_CHECKING:
    from realtime.consumer import SocketConsumer


class Written:
    """What is being written of replays in this process, bounded: what slow readers leave must not be its memory."""

    def __init__(self, limit: int) -> None:
        self.bytes = 0
        self._limit = limit
        # By identity: people who come back together get the same replay, which is in memory once.
        self._readers: Counter[int] = Counter()

    @contextlib.contextmanager
    def of(self, replays: dict[str, Replay]) -> Iterator[None]:
        """While these are written to somebody. Where too much is being written already, her rooms begin anew."""
        for name, replay in replays.items():
            if not self._readers[id(replay)] and self.bytes + replay.size > self._limit:
                replays[name] = Replay(since=0, head=replay.head, state="reset", reason="too_far_behind")
            else:
                self._take(replay)
        mine = list(replays.values())
        try:
            yield
        finally:
            for replay in mine:
                self._give_back(replay)

    def _take(self, replay: Replay) -> None:
        if replay.size:
            self.bytes += 0 if self._readers[id(replay)] else replay.size
            self._readers[id(replay)] += 1

    def _give_back(self, replay: Replay) -> None:
        if replay.size:
            self._readers[id(replay)] -= 1
            if not self._readers[id(replay)]:
                del self._readers[id(replay)]
                self.bytes -= replay.size


async def send_replay(socket: "SocketConsumer", topic: str, replay: Replay) -> None:
    """Write a room's replay to a socket whose live frames are held, a window at a time."""
    session, window = socket.session, socket.engine.limits.replay_bytes
    room = topic.partition(":")[2]
    if replay.state == "reset":
        session.send(frames.RoomReset(room=room, rev=replay.head, reason=replay.reason or "too_far_behind"))
    elif replay.state == "ok":
        size = 0
        for frame in replay.frames:
            session.outbox.append(frame)
            size += len(frame.data)
            if size >= window:
                size = 0
                socket.flush()
                if not await room_for(socket.transport, window // 2):
                    return
        session.send(frames.RoomSynced(room=room, prev=replay.since, rev=replay.head, more=replay.more))


def send_page(socket: "SocketConsumer", topic: str, replay: Replay) -> int:
    """Write the beginning of a room's replay to a live socket, a window at most; the rev it covers.

    In one go: a live frame in between would be a gap. The rest is for the client to ask for (`more`).
    """
    session, window = socket.session, socket.engine.limits.replay_bytes
    room = topic.partition(":")[2]
    if replay.state == "reset":
        session.send(frames.RoomReset(room=room, rev=replay.head, reason=replay.reason or "too_far_behind"))
        return replay.head
    size, sent = 0, 0
    for frame in replay.frames:
        if size >= window:
            break
        session.outbox.append(frame)
        size += len(frame.data)
        sent += 1
    cut = sent < len(replay.events)
    head = replay.events[sent - 1].rev if cut else replay.head
    session.send(frames.RoomSynced(room=room, prev=replay.since, rev=head, more=cut or replay.more))
    return head
