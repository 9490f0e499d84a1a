"""Closing gaps: what no doorbell brought is read from the database, once for the whole process.

A repair delivers the changed rows in rev order behind what was delivered already, and ends with `room.synced`. A
person's log tells of rooms too: before her sockets hear of one they are in it, and nothing said there is missed.
"""

import asyncio
from typing import TYPE_CHECKING

from realtime.bell import Burst, Encoded, Step
from realtime.product import Replay
from realtime.protocol import codec, frames
from realtime.protocol.errors import ParleyError, Unavailable
from realtime.topic import Record, Topic

if TYPE_CHECKING:
    from realtime.hub import Hub

GAP_WAIT_S = 0.03
ROWS = 2000
# What was missed comes to all sockets of a topic: so many bytes, then a moment for them to read.
AT_ONCE_BYTES = 256 * 1024
PAUSE_S = 0.02
TRIES = 10
RETRY_S = (0.2, 0.5, 1.0)


class Repairs:
    """At most one repair a topic at a time."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._running: dict[str, asyncio.Task[None]] = {}

    def close_gap(self, topic: Topic, wait_s: float) -> None:
        """See to a gap, after a moment for the doorbells that may be on their way."""
        running = self._running.get(topic.name)
        if running is None or running.done():
            task = self._running[topic.name] = self._hub.spawn(self._repair(topic, wait_s))
            task.add_done_callback(lambda done: self._ended(topic.name, done))

    def _ended(self, name: str, task: "asyncio.Task[None]") -> None:
        if self._running.get(name) is task:
            del self._running[name]

    async def _repair(self, topic: Topic, wait_s: float) -> None:
        """Bring a topic up to the head that the database has, in rev order."""
        if wait_s:
            await asyncio.sleep(wait_s)
            if not topic.held:
                return
        failures = 0
        while self._hub.topics.get(topic.name) is topic:
            since = topic.position_now
            try:
                more = await self._read_on(topic, since)
            except ParleyError:
                await asyncio.sleep(RETRY_S[min(failures, len(RETRY_S) - 1)])
                failures += 1
                continue
            topic.drain()
            if topic.position_now == since and not more:
                topic.held.clear()
            if not topic.held and not more:
                return
            if not more and all(bell.prev > topic.position_now for bell in topic.held):
                await asyncio.sleep(GAP_WAIT_S)
                if not topic.held:
                    return

    async def _read_on(self, topic: Topic, since: int) -> bool:
        """Read and deliver what follows `since`. Whether there is more to read."""
        self._hub.stats["repairs"] += 1
        records: dict[str, Record] = {}
        try:
            replay = await self._replay(topic, since)
            for _ in range(TRIES):
                if not await self._prepare(topic, replay, records):
                    break
                replay = await self._replay(topic, since)
            else:
                raise Unavailable("The rooms change too fast to be entered.", retry_ms=1000)
            if self._hub.topics.get(topic.name) is not topic:
                return False
            if replay.state != "ok":
                await self._give_up(topic, since)
                return False
            written = 0
            for event in replay.events:
                if event.opens and event.rev > topic.position_now:
                    self._introduce(topic, event, records)
                    continue
                step = Step.of(event)
                topic.apply(step)
                written += len(step.frame.data)
                if written > AT_ONCE_BYTES and not records:
                    # Nobody reads this in one turn; whoever enters meanwhile enters at the position.
                    written = 0
                    topic.flush()
                    await asyncio.sleep(PAUSE_S)
                    if self._hub.topics.get(topic.name) is not topic:
                        return False
        finally:
            for record in records.values():
                record.end()
        if replay.head > since:
            self._synced(topic, since, replay.head)
        return replay.more

    async def _replay(self, topic: Topic, since: int) -> Replay:
        [replays] = await self._hub.call(lambda: self._hub.product.replays([(None, {topic.name: since})], ROWS))
        return replays[topic.name]

    async def _prepare(self, topic: Topic, replay: Replay, records: dict[str, Record]) -> bool:
        """Before a person learns of a room, this process serves it and records what is said there.

        Whether the replay must be read again: its heads must be younger than the records and than all removals.
        """
        user = topic.name.partition(":")[2]
        opens = [opened for event in replay.events if event.rev > topic.position_now for opened in event.opens.items()]
        if not opens or user not in self._hub.people:
            return False
        while await self._hub.serve(name for name, _ in opens):
            pass
        again = False
        for name, head in opens:
            opened = self._hub.topics[name]
            if name not in records or records[name].topic is not opened:
                records[name] = Record(opened)
                again = True
            again = again or not opened.admits(user, head)
        return again

    def _introduce(self, topic: Topic, event: frames.Event, records: dict[str, Record]) -> None:
        """Tell a person of rooms: her sockets get the event, and then all that followed the heads it names."""
        rooms = [(records[name], head) for name, head in event.opens.items() if name in records]
        for record, _ in rooms:
            record.topic.flush()
        topic.apply(Step.of(event))
        sockets = list(topic.live)
        for record, head in rooms:
            for socket in sockets:
                record.topic.begin(socket, head)
        topic.flush()
        for record, head in rooms:
            since = Burst((rev, frame) for rev, frame in record.frames if rev > head)
            for socket in sockets:
                if since and socket in record.topic.live:
                    socket.feed(record.topic.name, since)

    def _synced(self, topic: Topic, since: int, head: int) -> None:
        """Say that nothing else changed in a room up to head (a person's events say so themselves)."""
        kind, _, room = topic.name.partition(":")
        if kind != "room":
            topic.position = max(topic.position_now, head)
            return
        frame = Encoded(codec.encode(frames.RoomSynced(room=room, prev=since, rev=head), frame_id=f"{room}.{head}"))
        if head > topic.position_now:
            topic.apply(Step(head, frame))
        elif head == topic.position_now:
            # Behind the position it would come to sockets that entered after what it speaks of.
            topic.pending.append((head, frame))
            self._hub.mark_dirty(topic)

    async def _give_up(self, topic: Topic, since: int) -> None:
        """The log cannot be followed from here: find out who may still be in it, and start anew from the head."""
        asked: set[str] | None = None
        while asked is None or not topic.users() <= asked:
            asked = topic.users()
            standing = await self._hub.call(lambda asked=asked: self._hub.product.standing(topic.name, asked))  # type: ignore[misc]
        kind, _, room = topic.name.partition(":")
        if topic.position_now != since or kind != "room":
            return
        self._hub.stats["resets"] += 1
        for user in topic.users() - standing.users:
            topic.remove(user, standing.head)
        topic.jump(standing.head)
        head = topic.position_now
        reset = frames.RoomReset(room=room, rev=head, reason="too_far_behind")
        topic.pending.append((head, Encoded(codec.encode(reset, frame_id=f"{room}.{head}"))))
        self._hub.mark_dirty(topic)
