"""What people have begun to write, on all their devices."""

from collections import defaultdict
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Case, F, Value, When
from msgspec import Struct

from accounts.services.person_head import person_revs_next
from chat.events import UserState
from chat.models import Draft, Membership
from chat.payloads import DraftState
from chat.selectors import access
from chat.services.wording import checked_draft
from realtime.protocol.errors import ParleyError
from realtime.publish import publish_on_commit


class Jotting(Struct, frozen=True, kw_only=True):
    """What a person's composer holds in a room now; without text she threw it away."""

    user_id: int
    room_id: int
    text: str
    reply_to: int | None = None


Pair = tuple[int, int]


def drafts_set(*, jottings: Sequence[Jotting]) -> list[DraftState | ParleyError]:
    """Keep what people have begun to write, in one transaction: the last of a batch wins, one rev per person.

    Seven queries at most. Locks heads of the people, then their memberships, each in id order. Sending needs no call:
    an own message makes an older draft void.
    """
    refused: dict[int, ParleyError] = {}
    wanted: dict[Pair, Jotting] = {}
    for place, jotting in enumerate(jottings):
        try:
            text = checked_draft(jotting.text)
        except ParleyError as error:
            refused[place] = error
            continue
        wanted[jotting.room_id, jotting.user_id] = Jotting(
            user_id=jotting.user_id, room_id=jotting.room_id, text=text, reply_to=jotting.reply_to if text else None
        )
    kept = _kept(wanted) if wanted else {}
    strangers = wanted.keys() - kept.keys()
    told = access.refusals(strangers) if strangers else {}
    return [
        refused.get(place) or told.get((jotting.room_id, jotting.user_id)) or kept[jotting.room_id, jotting.user_id]
        for place, jotting in enumerate(jottings)
    ]


def _kept(wanted: dict[Pair, Jotting]) -> dict[Pair, DraftState]:
    with transaction.atomic():
        insiders = _insiders(wanted)
        if not insiders:
            return {}
        revs = person_revs_next(user_ids=insiders)
        rows = (
            Membership.objects.select_for_update(no_key=True, of=("self",))
            .filter(
                room_id__in={room_id for room_id, _user in wanted},
                user_id__in=revs,
                user__is_active=True,
                left_rev=None,
            )
            .order_by("pk")
            .annotate(last_seq=F("room__head__last_seq"))
        )
        stints = {pair: row for row in rows if (pair := (row.room_id, row.user_id)) in wanted}
        for row in stints.values():
            # The room's head is not locked: it may have been read before her own last message.
            row.last_seq = max(row.last_seq, row.sent_seq)
        drafts = [
            Draft(membership=row, text=wanted[pair].text, reply_to=wanted[pair].reply_to, seq=row.last_seq)
            for pair, row in stints.items()
            if wanted[pair].text
        ]
        if thrown := [row.pk for pair, row in stints.items() if not wanted[pair].text]:
            Draft.objects.filter(pk__in=thrown).delete()
        if drafts:
            Draft.objects.bulk_create(
                drafts,
                update_conflicts=True,
                unique_fields=["membership"],
                update_fields=["text", "reply_to", "seq"],
            )
        steps = Case(*(When(user_id=user_id, then=Value(rev)) for user_id, rev in revs.items()))
        Membership.objects.filter(pk__in=[row.pk for row in stints.values()]).update(user_rev=steps)
        kept = {
            pair: DraftState(
                room=str(row.room_id), seq=row.last_seq, text=wanted[pair].text, reply_to=wanted[pair].reply_to
            )
            for pair, row in stints.items()
        }
        told: defaultdict[int, list[DraftState]] = defaultdict(list)
        for (_room, user_id), state in kept.items():
            told[user_id].append(state)
        publish_on_commit(
            *(
                UserState(user=str(user_id), prev=rev - 1, rev=rev, drafts=told[user_id])
                for user_id, rev in sorted(revs.items())
            )
        )
    return kept


def _insiders(wanted: dict[Pair, Jotting]) -> set[int]:
    """Who of these people is in a room she writes for: a stranger's log tells of nothing that did not happen."""
    stints = Membership.objects.filter(
        room_id__in={room_id for room_id, _user in wanted},
        user_id__in={user_id for _room, user_id in wanted},
        user__is_active=True,
        left_rev=None,
    )
    return {user_id for room_id, user_id in stints.values_list("room_id", "user_id") if (room_id, user_id) in wanted}
