"""Replay of people's own logs."""

from collections import defaultdict
from collections.abc import Mapping

from django.db.models import Q

from accounts.models import Device, PersonHead, User
from accounts.payloads import DeviceState, device_state, me
from chat.events import UserState
from chat.models import Membership
from chat.payloads import RoomEntry
from chat.selectors.entries import entries
from chat.selectors.ranges import rows_between
from realtime.product import Replay

EVER = 2**62


def replay(reader_id: int | None, wants: Mapping[int, int]) -> dict[str, Replay]:
    """{person: since} → one event with everything that changed for her. At most six queries.

    See `chat.selectors.log.replay`.
    """
    seen = wants if reader_id is None else {pk: since for pk, since in wants.items() if pk == reader_id}
    heads = dict(PersonHead.objects.filter(pk__in=seen).values_list("pk", "rev"))
    # Also rows that move on beyond the head meanwhile: a read position that comes live does not carry the whole row.
    ranges = [(pk, seen[pk], EVER) for pk, rev in heads.items() if seen[pk] < rev]
    people = User.objects.in_bulk([pk for pk, _since, _rev in ranges])
    stints = rows_between(Membership, key="user_id", rev="user_rev", ranges=ranges)
    devices: defaultdict[int, list[DeviceState]] = defaultdict(list)
    for device in rows_between(Device, key="user_id", rev="user_rev", ranges=ranges):
        devices[device.user_id].append(device_state(device))
    rooms: defaultdict[int, list[RoomEntry]] = defaultdict(list)
    for user_id, entry in entries(Q(pk__in=[row.pk for row in stints if row.left_rev is None])):
        rooms[user_id].append(entry)
    left = _left(stints)

    answers: dict[str, Replay] = {}
    for pk, rev in heads.items():
        since = seen[pk]
        answer = Replay(since=since, head=rev)
        if since > rev:
            answer = Replay(since=since, head=rev, state="reset", reason="cursor_above_head")
        elif pk in people:
            state = UserState(
                user=str(pk),
                prev=since,
                rev=rev,
                me=me(people[pk]),
                disabled=not people[pk].is_active,
                devices=devices[pk],
                rooms=rooms[pk],
                left=left[pk],
            )
            answer = Replay(since=since, head=rev, events=[state])
        answers[f"user:{pk}"] = answer
    return answers


def _left(stints: list[Membership]) -> defaultdict[int, list[str]]:
    """The rooms each person left and did not come back to (as far as the rows go: later ones come live)."""
    latest = {(row.user_id, row.room_id): row for row in sorted(stints, key=lambda row: row.user_rev)}
    left: defaultdict[int, list[str]] = defaultdict(list)
    for (user_id, room_id), row in latest.items():
        if row.left_rev is not None:
            left[user_id].append(str(room_id))
    return left
