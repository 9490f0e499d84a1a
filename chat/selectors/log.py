"""The logs of rooms and people as the engine reads them: heads, and what changed after a rev.

The log is the rows themselves, each with the rev of its last change, so a replay is state and not history: the head
h is read first, then only rows with since < rev ≤ h. A row that moves on meanwhile comes later, live.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta

from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import PersonHead, User
from accounts.payloads import me
from chat import policies
from chat.models import Membership, RoomHead
from chat.selectors import room_log, user_log
from chat.selectors.entries import room_entries
from chat.selectors.epoch import epoch_value
from realtime.product import Greeting, Heads, Identity, Replay, Standing
from realtime.protocol.errors import Unauthenticated

LATELY = timedelta(seconds=30)


def topics(identity: Identity) -> dict[str, int]:
    """The person's topic and the rooms of her open stints, each with the head of the read that allowed it.

    Two queries.
    """
    user_id = int(identity.user)
    heads = {f"user:{user_id}": _person_heads([user_id]).get(user_id, 0)}
    rooms = Membership.objects.filter(user_id=user_id, left_rev=None).values_list("room_id", "room__head__rev")
    return heads | {f"room:{room_id}": rev for room_id, rev in rooms}


def greeting(identity: Identity) -> Greeting:
    """Who she is, her rooms and where their logs stand. Five queries. Raises Unauthenticated.

    Her own head is read before her rooms: what changes in between comes again, live.
    """
    user_id = int(identity.user)
    epoch = epoch_value()
    rev = _person_heads([user_id]).get(user_id, 0)
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise Unauthenticated
    rooms = room_entries(user_id=user_id)
    heads = {f"user:{user_id}": rev} | {f"room:{room.id}": room.rev for room in rooms}
    return Greeting(epoch=epoch, user=me(user, rev), rooms=rooms, heads=heads)


def replay(reader: Identity | None, wants: Mapping[str, int], budget: int) -> dict[str, Replay]:
    """What changed in each topic after its rev, as this reader (None: the engine itself) may see it.

    Three queries for rooms, seven for people, however many topics. Rooms come most recently changed first until
    `budget` rows are spent: the rest is `reset`, or, if one topic was asked alone, `more`.
    """
    rooms, users = _split(wants)
    reader_id = None if reader is None else int(reader.user)
    answers = room_log.replay(reader_id, rooms, budget) if rooms else {}
    if users:
        answers |= user_log.replay(reader_id, users)
    return {topic: answers.get(topic, Replay(since=since, head=since, state="gone")) for topic, since in wants.items()}


def heads(wanted: Collection[str] | None) -> Heads:
    """The heads of these topics; None: of those that changed within the last 30 s of the database's clock.

    Three indexed queries.
    """
    epoch = epoch_value()
    if wanted is None:
        since = Now() - LATELY
        room_heads = RoomHead.objects.filter(changed_at__gte=since)
        person_heads = PersonHead.objects.filter(changed_at__gte=since)
    else:
        rooms, users = _split(dict.fromkeys(wanted, 0))
        room_heads = RoomHead.objects.filter(pk__in=rooms)
        person_heads = PersonHead.objects.filter(pk__in=users)
    revs = {f"room:{pk}": rev for pk, rev in room_heads.values_list("pk", "rev")}
    return Heads(epoch, revs | {f"user:{pk}": rev for pk, rev in person_heads.values_list("pk", "rev")})


def standing(topic: str, users: Collection[str]) -> Standing:
    """Who of these people may be in the topic now, read together with its head. One query, two if nobody may."""
    kind, _, key = topic.partition(":")
    ids = {int(user) for user in users}
    if kind == "user":
        rows = PersonHead.objects.filter(pk=int(key), user__is_active=True).values_list("pk", "rev")
        found = dict(rows) if int(key) in ids else {}
    else:
        stints = Membership.objects.filter(room_id=int(key), user_id__in=ids, user__is_active=True, left_rev=None)
        found = dict(stints.values_list("user_id", "room__head__rev"))
    if found:
        return Standing(max(found.values()), frozenset(str(user) for user in found))
    return Standing(heads([topic]).revs.get(topic, 0), frozenset())


def may_watch(identity: Identity, users: Collection[str]) -> set[str]:
    """Whose presence she may follow: people who share a room with her, and herself. One query."""
    user_id = int(identity.user)
    rooms = Membership.objects.filter(user_id=user_id, left_rev=None).values("room_id")
    shared = Membership.objects.filter(
        user_id__in={int(user) for user in users}, room_id__in=rooms, left_rev=None, user__is_active=True
    )
    seen = {str(pk) for pk in shared.values_list("user_id", flat=True).distinct()}
    return seen | ({identity.user} & set(users))


def may_speak(identity: Identity, topic: str) -> bool:
    """Whether she may post in a room now. One query."""
    stints = Membership.objects.select_related("room", "user").filter(
        room_id=int(topic.partition(":")[2]), left_rev=None
    )
    stint = stints.filter(user_id=int(identity.user), user__is_active=True).first()
    return stint is not None and policies.can_post(stint.user, stint, stint.room, now=timezone.now())


def _person_heads(user_ids: Collection[int]) -> dict[int, int]:
    return dict(PersonHead.objects.filter(pk__in=user_ids).values_list("pk", "rev"))


def _split(wants: Mapping[str, int]) -> tuple[dict[int, int], dict[int, int]]:
    """Rooms and people among topics, by number; other topics are nobody's."""
    kinds: dict[str, dict[int, int]] = {"room": {}, "user": {}}
    for topic, since in wants.items():
        kind, _, key = topic.partition(":")
        if kind in kinds:
            kinds[kind][int(key)] = since
    return kinds["room"], kinds["user"]
