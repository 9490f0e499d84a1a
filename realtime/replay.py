"""Writing a replay: the events of a topic in rev order, closed by `room.synced`, or the word that it starts anew."""

from realtime.bell import Encoded
from realtime.product import Replay
from realtime.protocol import codec, frames
from realtime.session import Session


def send_replay(session: Session, topic: str, replay: Replay) -> None:
    """Put a room's replay into the session's outbox."""
    room = topic.partition(":")[2]
    if replay.state == "reset":
        session.send(frames.RoomReset(room=room, rev=replay.head, reason=replay.reason or "too_far_behind"))
    elif replay.state == "ok":
        session.outbox.extend(Encoded(codec.encode_event(event)) for event in replay.events)
        session.send(frames.RoomSynced(room=room, prev=replay.since, rev=replay.head, more=replay.more))
