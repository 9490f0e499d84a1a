"""Replay of rooms."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from accounts.models import User
from chat import payloads
from chat.events import (
    MemberJoined,
    MemberLeft,
    MemberUpdated,
    MessageCreated,
    MessageDeleted,
    MessageUpdated,
    RoomEvent,
    RoomUpdated,
)
from chat.models import Membership, Message, Room, RoomHead
from chat.selectors.ranges import rows_between
from chat.selectors.recent import Question, Recent
from realtime.product import Replay

BYTES_MAX = 4 * 1024 * 1024
"""So much (about) one reader is told of her rooms, as of rows `budget`: a replay lies in memory while it is written."""
SHAPE_BYTES = 300
"""What an event takes besides its texts."""

Change = tuple[int, type[RoomEvent], dict[str, Any]]
Since = tuple[int, int]
"""A room, and the rev after which its changes are wanted."""


class Head(NamedTuple):
    """Where a room's log stands."""

    room: int
    rev: int
    floor: int
    changed_at: datetime
    settings_rev: int


HEAD = ("rev", "floor_rev", "changed_at", "room__rev")


def replays(
    asked: Sequence[tuple[int | None, Mapping[int, int]]], budget: int, recent: Recent
) -> list[dict[str, Replay]]:
    """For each (reader, {room: since}) what changed. Five queries, and four more for each who asks for one long room.
    See `chat.selectors.log.replays`.

    A room's revs since then are the most rows it can have, so what fits the budget is known before any row is read.
    """
    heads, inside = _heads(asked)
    answers: list[dict[str, Replay]] = []
    chosen: list[list[Since]] = []
    for reader_id, wants in asked:
        mine = [heads[pk] for pk in wants if pk in heads and (reader_id is None or (reader_id, pk) in inside)]
        resets, reads = _within(mine, wants, budget)
        answers.append(resets)
        chosen.append(reads)
    found = _answered(dict.fromkeys(chain.from_iterable(chosen)), heads, budget, recent)
    for answer, reads in zip(answers, chosen, strict=True):
        left = BYTES_MAX
        for pk, since in reads:
            replay = found[pk, since]
            if len(reads) > 1 and replay.size > left:
                replay = Replay(since=since, head=heads[pk].rev, state="reset", reason="too_far_behind")
            left -= replay.size
            answer[f"room:{pk}"] = replay
    return answers


def _answered(wanted: Collection[Since], heads: Mapping[int, Head], budget: int, recent: Recent) -> dict[Since, Replay]:
    """From what was just read, else from the database: what is short together, what is long by itself."""
    found: dict[Since, Replay] = {}
    short: list[Since] = []
    for pk, since in wanted:
        if heads[pk].rev - since > budget:
            found |= _read([(pk, since)], heads, budget, limit=budget + 1)
        elif (known := recent.get(Question(pk, since, heads[pk].rev))) is not None:
            found[pk, since] = known
        else:
            short.append((pk, since))
    for (pk, since), replay in _read(short, heads, budget).items():
        recent.put(Question(pk, since, heads[pk].rev), replay)
        found[pk, since] = replay
    return found


def _heads(asked: Sequence[tuple[int | None, Mapping[int, int]]]) -> tuple[dict[int, Head], set[tuple[int, int]]]:
    """The heads of the rooms, and who is in which, in one statement: read one after the other somebody would see what
    was said after she was removed."""
    rooms = {pk for _reader, wants in asked for pk in wants}
    readers = {reader_id for reader_id, _wants in asked if reader_id is not None}
    heads: dict[int, Head] = {}
    inside: set[tuple[int, int]] = set()
    if readers and rooms:
        stints = Membership.objects.filter(user_id__in=readers, room_id__in=rooms, left_rev=None)
        columns = [f"room__head__{name}" for name in HEAD]
        for user_id, room_id, *head in stints.values_list("user_id", "room_id", *columns):
            heads[room_id] = Head(room_id, *head)
            inside.add((user_id, room_id))
    if own := {pk for reader_id, wants in asked if reader_id is None for pk in wants}:
        for row in RoomHead.objects.filter(pk__in=own).values_list("pk", *HEAD):
            heads[row[0]] = Head(*row)
    return heads, inside


def _within(heads: Sequence[Head], wants: Mapping[int, int], budget: int) -> tuple[dict[str, Replay], list[Since]]:
    """What cannot be followed, and what is to be read; the most recently changed rooms first."""
    resets: dict[str, Replay] = {}
    reads: list[Since] = []
    left = budget
    for head in sorted(heads, key=lambda head: (head.changed_at, head.room), reverse=True):
        since = wants[head.room]
        reason = _unfollowable(head, since)
        if reason is None and len(wants) > 1 and head.rev - since > left:
            reason = "too_far_behind"
        if reason is not None:
            resets[f"room:{head.room}"] = Replay(since=since, head=head.rev, state="reset", reason=reason)
            continue
        left -= head.rev - since
        reads.append((head.room, since))
    return resets, reads


def _unfollowable(head: Head, since: int) -> Any:
    if since > head.rev:
        return "cursor_above_head"
    return "below_floor" if since < head.floor else None


def _read(
    wanted: Sequence[Since], heads: Mapping[int, Head], budget: int, *, limit: int | None = None
) -> dict[Since, Replay]:
    """Each room's changes, of every room at once. With a limit, as many rows of a kind: so many changes at least are
    the very first ones."""
    least: dict[int, int] = {}
    for pk, since in wanted:
        least[pk] = min(since, least.get(pk, since))
    if not wanted:
        return {}
    ranges = [(pk, since, heads[pk].rev) for pk, since in least.items() if since < heads[pk].rev]
    messages = rows_between(Message, key="room_id", rev="rev", ranges=ranges, limit=limit)
    stints = rows_between(Membership, key="room_id", rev="rev", ranges=ranges, limit=limit)
    people = User.objects.in_bulk({row.author_id for row in messages} | {row.user_id for row in stints})
    settings = Room.objects.in_bulk([pk for pk, since, _rev in ranges if since < heads[pk].settings_rev])
    rows: defaultdict[int, list[tuple[Message | Membership, dict[str, Any]]]] = defaultdict(list)
    for row in messages:
        row.author = people[row.author_id]
        rows[row.room_id].append((row, {"message": payloads.message(row)}))
    for stint in stints:
        stint.user = people[stint.user_id]
        rows[stint.room_id].append((stint, {"membership": payloads.membership(stint)}))
    found = {}
    for pk, since in wanted:
        changes = [change for row, shape in rows[pk] if row.rev > since for change in _changes(row, shape, since)]
        if (room := settings.get(pk)) is not None and since < room.rev <= heads[pk].rev:
            changes.append((room.rev, RoomUpdated, {"settings": payloads.room_settings(room)}))
        found[pk, since] = _replay(pk, since, heads[pk].rev, changes, budget)
    return found


def _changes(row: Message | Membership, shape: dict[str, Any], since: int) -> list[Change]:
    return [_message(row, shape, since)] if isinstance(row, Message) else _stint(row, shape, since)


def _message(row: Message, shape: dict[str, Any], since: int) -> Change:
    kind: type[RoomEvent] = MessageCreated if row.created_rev > since else MessageUpdated
    if row.deleted_at is not None:
        kind = MessageDeleted
    return row.rev, kind, shape


def _stint(row: Membership, shape: dict[str, Any], since: int) -> list[Change]:
    changes: list[Change] = []
    if row.joined_rev > since:
        changes.append((row.joined_rev, MemberJoined, shape))
    if row.left_rev is not None:
        changes.append((row.left_rev, MemberLeft, shape))
    elif row.rev > row.joined_rev:
        changes.append((row.rev, MemberUpdated, shape))
    return changes


def _replay(room_id: int, since: int, head: int, changes: list[Change], budget: int) -> Replay:
    """The first changes within the budget, as a chain."""
    events: list[RoomEvent] = []
    at, size = since, 0
    for rev, kind, shape in sorted(changes, key=lambda change: change[0])[:budget]:
        if size > BYTES_MAX:
            break
        events.append(kind(room=str(room_id), prev=at, rev=rev, **shape))
        at = rev
        size += SHAPE_BYTES
        if (message := shape.get("message")) is not None:
            size += len(message.text.encode()) + len(message.html.encode())
    more = len(changes) > len(events)
    return Replay(since=since, head=at if more else head, events=list(events), more=more, size=size)
