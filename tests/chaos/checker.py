"""The judge: reads what every client sent and saw and what the database holds, and says what must not be.

Nothing here talks to a server, so each rule is tested with stories made by hand (tests/chaos/test_checker.py).
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from tests.chaos.journal import Connection, Frame, Journal, Removal

UNREAD_MAX = 100
# A `ready` that was read before a removal may arrive after it.
UNDER_WAY_S = 2.5


@dataclass(frozen=True)
class StoredMessage:
    """A row. A tombstone has no text."""

    seq: int
    rev: int
    created_rev: int
    author: str
    client_id: str
    text: str
    deleted: bool = False


@dataclass(frozen=True)
class StoredStint:
    """A membership."""

    user: str
    joined_rev: int
    left_rev: int | None
    read_seq: int


@dataclass
class StoredRoom:
    """A room, its head and all its rows."""

    id: str
    rev: int
    last_seq: int
    messages: list[StoredMessage] = field(default_factory=list)
    stints: list[StoredStint] = field(default_factory=list)

    @property
    def members(self) -> dict[str, StoredStint]:
        return {stint.user: stint for stint in self.stints if stint.left_rev is None}


@dataclass(frozen=True)
class Violation:
    """What must not be: the rule, and the case."""

    rule: str
    case: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.case}"


@dataclass
class Story:
    """Everything that is judged. `last`: each person's `ready` at the very end, from a fresh client."""

    journals: Sequence[Journal]
    rooms: Sequence[StoredRoom]
    removals: Sequence[Removal] = ()
    last: dict[str, Frame] = field(default_factory=dict)


def judge(story: Story) -> list[Violation]:
    """Every violation of every rule."""
    return [violation for rule in RULES for violation in rule(story)]


# ---- what is stored


def acked_is_stored(story: Story) -> Iterator[Violation]:
    """Every acknowledged message is stored, once, where its ack says; every acknowledged change holds."""
    rooms = {room.id: room for room in story.rooms}
    for journal in story.journals:
        for said in journal.said:
            found = [row for row in rooms[said.room].messages if row.client_id == said.client_id]
            if said.acked_at is not None and not found:
                yield Violation("acked is stored", f"{said.text!r} was acknowledged as #{said.seq} and is not there")
            for row in found[:1] if said.acked_at is not None else ():
                if (row.seq, row.created_rev) != (said.seq, said.rev):
                    was, is_ = (said.seq, said.rev), (row.seq, row.created_rev)
                    yield Violation("acked is stored", f"{said.text!r} was acknowledged as {was} and is {is_}")
            if said.refused and said.tries == 1 and found:
                yield Violation("acked is stored", f"{said.text!r} was refused ({said.refused}) and is there")
        yield from _changes(journal, rooms)


def _changes(journal: Journal, rooms: dict[str, StoredRoom]) -> Iterator[Violation]:
    told: dict[tuple[str, int], str | None] = {}
    unknown: defaultdict[tuple[str, int], set[str | None]] = defaultdict(set)
    for change in journal.changes:
        at = change.room, change.seq
        if change.acked:
            told[at] = change.text
        else:
            unknown[at].add(change.text)
    for (room, seq), text in told.items():
        # What nobody answered may be carried out late.
        texts = {text} | unknown[room, seq]
        row = next((row for row in rooms[room].messages if row.seq == seq), None)
        if row is None or (None if row.deleted else row.text) not in texts:
            yield Violation("acked is stored", f"room {room} #{seq} was changed to {texts} and is {row}")


def once(story: Story) -> Iterator[Violation]:
    """Nothing is stored twice: no client_id, and no words (each message says its author and number)."""
    for room in story.rooms:
        for what in ("client_id", "text"):
            values = Counter((row.author, getattr(row, what)) for row in room.messages if getattr(row, what))
            for value, times in values.items():
                if times > 1:
                    yield Violation("nothing twice", f"room {room.id} has {value} {times} times")
        known = {said.client_id for journal in story.journals for said in journal.said}
        for row in room.messages:
            if row.client_id not in known:
                yield Violation("nothing twice", f"nobody said {row}")


def seq_is_dense(story: Story) -> Iterator[Violation]:
    """Messages are numbered 1, 2, 3… up to the head's last_seq, and no two rows of a room share a rev."""
    for room in story.rooms:
        seqs = sorted(row.seq for row in room.messages)
        if seqs != list(range(1, room.last_seq + 1)):
            yield Violation("seq is dense", f"room {room.id} has {len(seqs)} rows, last_seq {room.last_seq}")
        revs = Counter([row.rev for row in room.messages])
        if twice := [rev for rev, times in revs.items() if times > 1 or rev > room.rev]:
            yield Violation("seq is dense", f"room {room.id} has revs {twice} twice, or above its head {room.rev}")


def senders_keep_order(story: Story) -> Iterator[Violation]:
    """What somebody says in a room stands in the order she said it."""
    for room in story.rooms:
        order: defaultdict[str, list[int]] = defaultdict(list)
        places = {said.client_id: place for journal in story.journals for place, said in enumerate(journal.said)}
        for row in sorted(room.messages, key=lambda row: row.seq):
            if row.client_id in places:
                order[row.author].append(places[row.client_id])
        for author, placed in order.items():
            if placed != sorted(placed):
                yield Violation("senders keep their order", f"{author} in room {room.id}: {placed}")


def stints_stay_closed(story: Story) -> Iterator[Violation]:
    """A membership that was seen to end has ended, and stints of a person do not overlap."""
    for room in story.rooms:
        ended = {(stint.user, stint.joined_rev): stint.left_rev for stint in room.stints}
        for journal in story.journals:
            for frame in _frames(journal, "member.left", room.id):
                left = frame["payload"]["membership"]
                at = left["user"]["id"], left["joined_rev"]
                if ended.get(at) != left["left_rev"]:
                    yield Violation(
                        "stints stay closed", f"room {room.id}: {at} left at {left['left_rev']}, is {ended.get(at)}"
                    )
        for removal in story.removals:
            ends = {stint.left_rev for stint in room.stints if stint.user == removal.user}
            if removal.room == room.id and removal.left_rev not in ends:
                yield Violation("stints stay closed", f"{removal} is not stored")
        people: defaultdict[str, list[StoredStint]] = defaultdict(list)
        for stint in sorted(room.stints, key=lambda stint: stint.joined_rev):
            people[stint.user].append(stint)
        for stints in people.values():
            for one, other in pairwise(stints):
                if one.left_rev is None or one.left_rev >= other.joined_rev:
                    yield Violation("stints stay closed", f"room {room.id}: {one} overlaps {other}")


# ---- what was seen


def chains_are_unbroken(story: Story) -> Iterator[Violation]:
    """Within a connection each room's (prev, rev] follow one another without a gap, and nothing comes twice."""
    for journal in story.journals:
        for number, connection in enumerate(journal.connections):
            for broken, frame in _walk(connection):
                payload = {name: frame["payload"].get(name) for name in ("room", "prev", "rev")}
                rule = "nothing twice" if broken == "again" else "chains are unbroken"
                yield Violation(rule, f"{journal.name}, connection {number}: {broken}: {frame['type']} {payload}")


def _walk(connection: Connection) -> Iterator[tuple[str, Frame]]:
    """The frames that do not follow what was before them."""
    rooms: dict[str, tuple[int, int]] = {}
    person = None
    for frame in connection.frames:
        kind, payload = frame["type"], frame["payload"]
        if kind in ("ready", "ready.rooms"):
            resume = payload.get("resume", {})
            if kind == "ready":
                person = payload["user"]["rev"]
            for entry in payload["rooms"]:
                room = entry["id"]
                followed = room in connection.cursors and resume.get(room) != "gone"
                cursor = connection.cursors[room] if followed else entry["rev"]
                rooms[room] = cursor, entry["joined_rev"]
        elif kind == "room.reset":
            if payload["room"] in rooms:
                rooms[payload["room"]] = payload["rev"], rooms[payload["room"]][1]
        elif kind == "user.state":
            if person is not None and (broken := _follows(frame, person)):
                yield f"{broken} (at {person})" if broken != "again" else broken, frame
            person = max(person or 0, payload["rev"])
            for entry in payload.get("rooms", ()):
                if entry["id"] not in rooms or rooms[entry["id"]][1] != entry["joined_rev"]:
                    rooms[entry["id"]] = entry["rev"], entry["joined_rev"]
            for room in payload.get("left", ()):
                rooms.pop(room, None)
        elif "prev" in payload and payload.get("room") in rooms:
            cursor, joined = rooms[payload["room"]]
            if broken := _follows(frame, cursor):
                yield f"{broken} (at {cursor})" if broken != "again" else broken, frame
            rooms[payload["room"]] = max(cursor, payload["rev"]), joined


def _follows(frame: Frame, cursor: int) -> str:
    if frame["payload"]["prev"] > cursor:
        return "a gap"
    if frame["payload"]["rev"] <= cursor and frame["type"] != "room.synced":
        return "again"
    return ""


def members_agree(story: Story) -> Iterator[Violation]:
    """In the end every member holds exactly what is stored, so every acked message, and all hold the same."""
    for room in story.rooms:
        stored = {row.seq: _shown(row.author, row.rev, None if row.deleted else row.text) for row in room.messages}
        for journal in story.journals:
            held = journal.view.rooms.get(room.id)
            if journal.sent_away is not None:
                continue
            if journal.user not in room.members:
                if held is not None:
                    yield Violation("members agree", f"{journal.name} holds room {room.id}, and is not in it")
                continue
            if held is None:
                yield Violation("members agree", f"{journal.name} does not hold room {room.id}")
                continue
            seen = {
                seq: _shown(
                    message["author"]["id"], message["rev"], None if message.get("deleted") else message["text"]
                )
                for seq, message in held.messages.items()
            }
            if held.cursor != room.rev:
                yield Violation("members agree", f"{journal.name} is at {held.cursor} of {room.rev} in room {room.id}")
            if missing := stored.keys() - seen.keys():
                yield Violation("members agree", f"{journal.name} has not seen {sorted(missing)} of room {room.id}")
            if strange := [seq for seq in seen if stored.get(seq) != seen[seq]]:
                first = strange[0]
                case = f"{journal.name} holds {len(strange)} messages of room {room.id} otherwise"
                yield Violation("members agree", f"{case}, #{first}: {seen[first]}, stored: {stored.get(first)}")
            if held.members.keys() != room.members.keys():
                yield Violation(
                    "members agree",
                    f"{journal.name} holds members {sorted(held.members)} of room {room.id}: {sorted(room.members)}",
                )


def _shown(author: str, rev: int, text: str | None) -> tuple[str, int, str | None]:
    return author, rev, text


def nothing_after_a_removal(story: Story) -> Iterator[Violation]:
    """Somebody who was removed sees nothing of what came after it, until she is let in again."""
    journals = {journal.user: journal for journal in story.journals}
    for removal in story.removals:
        journal = journals.get(removal.user)
        for connection in journal.connections if journal is not None else ():
            for frame, at in zip(connection.frames, connection.arrived, strict=False):
                if at >= removal.back_at:
                    continue
                payload = frame["payload"]
                if (
                    payload.get("room") == removal.room
                    and payload.get("rev", 0) > removal.left_rev
                    and "prev" in payload
                ):
                    case = f"{journal.name} saw {frame['type']} {payload['rev']} of room {removal.room}"
                    yield Violation("nothing after a removal", f"{case}, and was removed at {removal.left_rev}")
                elif at > removal.at + UNDER_WAY_S and removal.room in _listed(frame):
                    yield Violation("nothing after a removal", f"{journal.name} is told of room {removal.room}")


def _listed(frame: Frame) -> set[str]:
    rooms = frame["payload"]["rooms"] if frame["type"] in ("ready", "ready.rooms") else ()
    return {entry["id"] for entry in rooms}


def read_positions_grow(story: Story) -> Iterator[Violation]:
    """Within a stint a read position never goes back, and what was acknowledged as read is."""
    for journal in story.journals:
        at: dict[tuple[str, int], int] = {}
        stints: dict[str, int] = {}
        for frame in (frame for connection in journal.connections for frame in connection.frames):
            payload = frame["payload"]
            listed = payload.get("rooms", ()) if frame["type"] in ("ready", "ready.rooms", "user.state") else ()
            for entry in listed:
                stints[entry["id"]] = entry["joined_rev"]
            reads = payload.get("read", ()) if frame["type"] == "user.state" else ()
            for room, position in [(e["id"], e["read_seq"]) for e in listed] + [
                (r["room"], r["read_seq"]) for r in reads
            ]:
                key = room, stints.get(room, 0)
                if position < at.get(key, 0):
                    yield Violation("read positions grow", f"{journal.name} in room {room}: {at[key]}, then {position}")
                at[key] = max(position, at.get(key, 0))
        for room in story.rooms:
            stint = room.members.get(journal.user)
            alone = not any(removal.user == journal.user for removal in story.removals)
            marked = max([seq for where, seq in journal.marks if where == room.id], default=0)
            if stint is not None and alone and stint.read_seq < marked:
                yield Violation("read positions grow", f"{journal.name} read up to {marked}, stored {stint.read_seq}")


def unread_is_a_recount(story: Story) -> Iterator[Violation]:
    """What the server counts as unread is what there is to count."""
    rooms = {room.id: room for room in story.rooms}
    for journal in story.journals:
        ready = story.last.get(journal.user)
        for entry in ready["payload"]["rooms"] if ready is not None else ():
            if (room := rooms.get(entry["id"])) is None:
                continue
            there = [row for row in room.messages if row.seq > entry["read_seq"] and not row.deleted]
            count = min(UNREAD_MAX, sum(row.author != journal.user for row in there))
            if entry["unread"] != count:
                case = f"{journal.name} in room {room.id}: {entry['unread']}, counted {count}"
                yield Violation("unread is a recount", case)


def _frames(journal: Journal, kind: str, room: str) -> Iterable[Frame]:
    for connection in journal.connections:
        for frame in connection.frames:
            if frame["type"] == kind and frame["payload"]["room"] == room:
                yield frame


_NUMBER = re.compile(r"#(\d+)")


def heard_in_order(story: Story) -> Iterator[Violation]:
    """What somebody said comes in the order she said it, at every client."""
    for journal in story.journals:
        for connection in journal.connections:
            last: dict[tuple[str, str], int] = {}
            for frame in connection.frames:
                if frame["type"] != "message.created":
                    continue
                message = frame["payload"]["message"]
                number = _NUMBER.search(message.get("text", ""))
                key = frame["payload"]["room"], message["author"]["id"]
                if number is None or message.get("edited_at"):
                    continue
                if int(number[1]) <= last.get(key, 0):
                    yield Violation(
                        "senders keep their order", f"{journal.name} heard {message['text']!r} after #{last[key]}"
                    )
                last[key] = max(int(number[1]), last.get(key, 0))


RULES = (
    acked_is_stored,
    once,
    seq_is_dense,
    senders_keep_order,
    stints_stay_closed,
    chains_are_unbroken,
    heard_in_order,
    members_agree,
    nothing_after_a_removal,
    read_positions_grow,
    unread_is_a_recount,
)
