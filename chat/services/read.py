"""How far people have read."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Case, F, Q, Value, When
from msgspec import Struct

from accounts.models import User
from accounts.services.person_head import person_revs_next
from chat.events import Receipt, UserState
from chat.models import Membership
from chat.payloads import ReadPosition
from chat.selectors import access
from chat.selectors.entries import position, read_positions
from chat.selectors.receipts import shown
from realtime.protocol.errors import ParleyError
from realtime.publish import Whisper, publish_on_commit, whisper_on_commit


class Mark(Struct, frozen=True, kw_only=True):
    """A person has read a room up to `seq`."""

    user_id: int
    room_id: int
    seq: int


class Marked(Struct, frozen=True, kw_only=True):
    """How far she has read now: never less than before, never more than there is."""

    room_id: int
    seq: int


Pair = tuple[int, int]


def reads_mark(*, marks: Sequence[Mark]) -> list[Marked | ParleyError]:
    """Move read positions forward, in one transaction; one rev per person, however many of her rooms.

    Eight queries at most. Locks heads of the people who move, then their memberships, each in id order. Who has no
    open stint in the room is told NotFound or Forbidden.
    """
    wanted: dict[Pair, int] = {}
    for mark in marks:
        pair = mark.room_id, mark.user_id
        wanted[pair] = max(mark.seq, wanted.get(pair, 0))
    with transaction.atomic():
        stints = _stints(wanted)
        targets = _targets(stints, wanted)
        if targets:
            revs = person_revs_next(user_ids={user_id for _room, user_id in targets})
            stints |= _moved(targets, wanted, revs)
    refused = access.refusals(wanted.keys() - stints.keys()) if wanted.keys() - stints.keys() else {}
    return [
        refused.get((mark.room_id, mark.user_id))
        or Marked(room_id=mark.room_id, seq=stints[mark.room_id, mark.user_id].read_seq)
        for mark in marks
    ]


def read_rewind(*, actor: User, room_id: int, seq: int) -> ReadPosition:
    """Make what follows `seq` unread again; a position that is there or before it stays. Never moves forward.

    Locks her head, then her membership. Raises NotFound, Forbidden.
    """
    access.entered(person=actor, room_id=room_id)
    with transaction.atomic():
        rev = person_revs_next(user_ids=[actor.pk])[actor.pk]
        stints = Membership.objects.select_for_update(no_key=True).filter(room_id=room_id, user=actor, left_rev=None)
        stint = stints.first()
        if stint is None:
            raise access.no_such_room()
        if stint.read_seq > seq:
            stint.read_seq, stint.rewinds, stint.user_rev = seq, stint.rewinds + 1, rev
            stint.save(update_fields=["read_seq", "rewinds", "user_rev"])
        at = position(user_id=actor.pk, room_id=room_id)
        publish_on_commit(UserState(user=str(actor.pk), prev=rev - 1, rev=rev, read=[at]))
    return at


def _stints(wanted: dict[Pair, int], *, lock: bool = False) -> dict[Pair, Membership]:
    rows = Membership.objects.filter(
        room_id__in={room_id for room_id, _user in wanted},
        user_id__in={user_id for _room, user_id in wanted},
        user__is_active=True,
        left_rev=None,
    ).order_by("pk")
    if lock:
        rows = rows.select_for_update(no_key=True, of=("self",))
    found = {(row.room_id, row.user_id): row for row in rows.annotate(last_seq=F("room__head__last_seq"))}
    return {pair: row for pair, row in found.items() if pair in wanted}


def _targets(stints: dict[Pair, Membership], wanted: dict[Pair, int]) -> dict[Pair, int]:
    targets = {}
    for pair, row in stints.items():
        target = min(wanted[pair], row.last_seq)  # type: ignore[attr-defined]
        if target > row.read_seq:
            targets[pair] = target
    return targets


def _moved(targets: dict[Pair, int], wanted: dict[Pair, int], revs: dict[int, int]) -> dict[Pair, Membership]:
    """The stints once they are locked; somebody may have been quicker, so they are judged again."""
    stints = _stints(targets, lock=True)
    rows = {row.pk: row for row in stints.values()}
    for pair, target in _targets(stints, wanted).items():
        stints[pair].read_seq = target
    if rows:
        Membership.objects.filter(pk__in=rows).update(
            read_seq=Case(*(When(pk=pk, then=Value(row.read_seq)) for pk, row in rows.items())),
            user_rev=Case(*(When(user_id=user_id, then=Value(rev)) for user_id, rev in revs.items())),
        )
    read = defaultdict(list)
    for user_id, at in read_positions(Q(pk__in=rows)):
        read[user_id].append(at)
    publish_on_commit(
        *(
            UserState(user=str(user_id), prev=rev - 1, rev=rev, read=read[user_id])
            for user_id, rev in sorted(revs.items())
        )
    )
    moved = [row for row in stints.values() if row.user_id in revs]
    told = shown(moved)
    whisper_on_commit(*(_receipt(row) for row in moved if row.pk in told))
    return stints


def _receipt(row: Membership) -> Whisper:
    room, user = str(row.room_id), str(row.user_id)
    return Whisper(
        payload=Receipt(room=room, user=user, read_seq=row.read_seq),
        topics=(f"room:{room}",),
        about=user,
        key=f"receipt:{room}:{user}",
        on_screen=True,
    )
