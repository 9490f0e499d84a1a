"""Replay of rooms."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

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
from realtime.product import Replay

Change = tuple[int, type[RoomEvent], dict[str, Any]]


def replay(reader_id: int | None, wants: Mapping[int, int], budget: int) -> dict[str, Replay]:
    """{room: since} → what changed. Four queries. See `chat.selectors.log.replay`.

    A room's revs since then are the most rows it can have, so what fits the budget is known before any row is read.
    """
    answers: dict[str, Replay] = {}
    rooms: dict[int, RoomHead] = {}
    left = budget
    for head in _heads(reader_id, wants):
        since = wants[head.pk]
        reason = _unfollowable(head, since)
        if reason is None and len(wants) > 1 and head.rev - since > left:
            reason = "too_far_behind"
        if reason is not None:
            answers[f"room:{head.pk}"] = Replay(since=since, head=head.rev, state="reset", reason=reason)
            continue
        left -= head.rev - since
        rooms[head.pk] = head
    limit = budget + 1 if len(wants) == 1 else None
    changes = _changes(rooms, wants, limit)
    for room_id, head in rooms.items():
        answers[f"room:{room_id}"] = _replay(room_id, wants[room_id], head.rev, changes[room_id], budget)
    return answers


def _heads(reader_id: int | None, wants: Mapping[int, int]) -> QuerySet[RoomHead]:
    """The heads of the rooms she is in, in one statement with her open stints; the most recently changed first."""
    heads = RoomHead.objects.filter(pk__in=wants)
    if reader_id is not None:
        heads = heads.filter(room__memberships__user_id=reader_id, room__memberships__left_rev=None)
    return heads.select_related("room").order_by("-changed_at", "-pk")


def _unfollowable(head: RoomHead, since: int) -> Any:
    if since > head.rev:
        return "cursor_above_head"
    return "below_floor" if since < head.floor_rev else None


def _changes(
    rooms: Mapping[int, RoomHead], wants: Mapping[int, int], limit: int | None
) -> defaultdict[int, list[Change]]:
    """Each room's changes. With a limit, as many rows of a kind; so many changes at least are the very first ones."""
    ranges = [(pk, wants[pk], head.rev) for pk, head in rooms.items() if wants[pk] < head.rev]
    messages = rows_between(Message, key="room_id", rev="rev", ranges=ranges, limit=limit)
    stints = rows_between(Membership, key="room_id", rev="rev", ranges=ranges, limit=limit)
    people = User.objects.in_bulk({row.author_id for row in messages} | {row.user_id for row in stints})
    changes: defaultdict[int, list[Change]] = defaultdict(list)
    for row in messages:
        row.author = people[row.author_id]
        changes[row.room_id].append(_message(row, wants[row.room_id]))
    for stint in stints:
        stint.user = people[stint.user_id]
        changes[stint.room_id] += _stint(stint, wants[stint.room_id])
    for pk, head in rooms.items():
        room: Room = head.room
        if wants[pk] < room.rev <= head.rev:
            changes[pk].append((room.rev, RoomUpdated, {"settings": payloads.room_settings(room)}))
    return changes


def _message(row: Message, since: int) -> Change:
    kind: type[RoomEvent] = MessageCreated if row.created_rev > since else MessageUpdated
    if row.deleted_at is not None:
        kind = MessageDeleted
    return row.rev, kind, {"message": payloads.message(row)}


def _stint(row: Membership, since: int) -> list[Change]:
    shape = {"membership": payloads.membership(row)}
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
    events, at = [], since
    for rev, kind, shape in sorted(changes, key=lambda change: change[0])[:budget]:
        events.append(kind(room=str(room_id), prev=at, rev=rev, **shape))
        at = rev
    more = len(changes) > budget
    return Replay(since=since, head=at if more else head, events=list(events), more=more)
