"""Taking revs of people's own logs."""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Now

from accounts.models import PersonHead


def person_revs_next(*, user_ids: Collection[int]) -> dict[int, int]:
    """Take the next rev of each person's log. Two queries; the heads stay locked, in id order, until COMMIT.

    Must be called in a transaction, after room heads were locked and before memberships are.
    """
    return {user_id: revs[0] for user_id, revs in person_revs_take(counts=dict.fromkeys(user_ids, 1)).items()}


def person_revs_take(*, counts: Mapping[int, int]) -> dict[int, range]:
    """Take so many revs of each person's log; the answer holds those taken, oldest first. As `person_revs_next`."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Revs are taken in the transaction of the rows that carry them.")
    wanted = {user_id: count for user_id, count in counts.items() if count > 0}
    if not wanted:
        return {}
    heads = _heads(wanted)
    if missing := wanted.keys() - heads.keys():
        # People loaded from a fixture or made by a bare save() have no head yet.
        PersonHead.objects.bulk_create([PersonHead(user_id=pk) for pk in sorted(missing)], ignore_conflicts=True)
        heads = _heads(wanted)
    people: defaultdict[int, list[int]] = defaultdict(list)
    for user_id, count in wanted.items():
        people[count].append(user_id)
    step = (
        Value(next(iter(people)))
        if len(people) == 1
        else Case(*(When(user_id__in=ids, then=Value(count)) for count, ids in people.items()))
    )
    PersonHead.objects.filter(user_id__in=wanted).update(rev=F("rev") + step, changed_at=Now())
    return {user_id: range(rev + 1, rev + 1 + wanted[user_id]) for user_id, rev in heads.items()}


def person_heads_lock(*, user_ids: Collection[int]) -> None:
    """Lock the heads, in id order, before reading what must not change until revs are taken. One query."""
    _heads(user_ids)


def _heads(user_ids: Collection[int]) -> dict[int, int]:
    heads = PersonHead.objects.select_for_update(no_key=True).filter(user_id__in=user_ids).order_by("user_id")
    return dict(heads.values_list("user_id", "rev"))
