"""Who owns a room once its owner can no longer."""

from collections.abc import Collection

from django.db.models import Case, Exists, F, OuterRef, Value, When

from accounts.models import User
from accounts.services.person_head import person_heads_lock
from chat.models import Membership, Room
from chat.selectors.stints import able
from chat.services.head import heads_lock
from chat.services.stint import stint_update

# Public rooms are managed by those who run the workspace, and nobody leads a pair.
_KINDS = (Room.Kind.PRIVATE, Room.Kind.GROUP)


def rooms_inherit(*, users: Collection[User]) -> None:
    """Give every private room whose last owner is among these people, who lead nothing any more, to somebody else.

    It falls to the moderator who has been there longest, else to the member who has: never to a guest, a bot or a
    closed account. Where there is nobody it stays as it is. Who owned it keeps her stint, so she is an owner beside
    the new one if her account is opened again.

    Called in the transaction of the change. One query, and a fixed number more for each such room. Locks the rooms'
    heads, then those of `users` and of the new owners, each in id order. Publishes as `stint_update`.
    """
    orphans = _orphans(users)
    if not orphans:
        return
    heads = heads_lock(room_ids=orphans)
    # Now nobody comes, goes or is given another role.
    left = [room_id for room_id in _orphans(users) if room_id in heads]
    heirs = {room_id: heir for room_id in left if (heir := _heir(room_id)) is not None}
    person_heads_lock(user_ids={*(user.pk for user in users), *(heir.user_id for heir in heirs.values())})
    for room_id, heir in heirs.items():
        stint_update(
            room=heir.room,
            head=heads[room_id],
            membership=heir,
            role=Membership.Role.OWNER,
            muted_until=heir.muted_until,
        )


def _orphans(users: Collection[User]) -> list[int]:
    theirs = Membership.objects.filter(user__in=users, left_rev=None, role=Membership.Role.OWNER, room__kind__in=_KINDS)
    owners = able(Membership.objects.filter(room_id=OuterRef("room_id"), role=Membership.Role.OWNER))
    return list(theirs.exclude(Exists(owners)).order_by("room_id").values_list("room_id", flat=True).distinct())


def _heir(room_id: int) -> Membership | None:
    moderators_first = Case(When(role=Membership.Role.MODERATOR, then=Value(0)), default=Value(1))
    stints = able(Membership.objects.filter(room_id=room_id)).select_related("room", "user")
    return stints.order_by(moderators_first, F("joined_rev")).first()
