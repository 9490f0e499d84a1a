"""The logs of rooms and people as the engine reads them: heads, and what changed after a rev.

The log is the rows themselves, each with the rev of its last change, so a replay is state and not history: the head
h is read first, then only rows with since < rev ≤ h. A row that moves on meanwhile comes later, live.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta

from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from accounts.models import PersonHead, User
from accounts.payloads import me
from chat import policies
from chat.models import Membership, RoomHead
from chat.payloads import RoomEntry
from chat.selectors import room_log, user_log
from chat.selectors.entries import entries
from chat.selectors.epoch import epoch_value
from chat.selectors.recent import Recent
from realtime.product import Greeting, Heads, Identity, Replay, Standing
from realtime.protocol.errors import ParleyError, Unauthenticated

LATELY = timedelta(seconds=30)


def topics(identities: Collection[Identity]) -> list[dict[str, int]]:
    """Each person's topic and the rooms of her open stints, each with the head of the read that allowed it.

    Two queries, however many people.
    """
    user_ids = {int(identity.user) for identity in identities}
    revs = _person_heads(user_ids)
    rooms: defaultdict[int, dict[str, int]] = defaultdict(dict)
    stints = Membership.objects.filter(user_id__in=user_ids, left_rev=None)
    for user_id, room_id, rev in stints.values_list("user_id", "room_id", "room__head__rev"):
        rooms[user_id][f"room:{room_id}"] = rev
    return [
        {f"user:{identity.user}": revs.get(int(identity.user), 0)} | rooms[int(identity.user)]
        for identity in identities
    ]


def greetings(identities: Collection[Identity]) -> list[Greeting | ParleyError]:
    """Who each of them is, her rooms and where their logs stand; Unauthenticated for whose account is closed.

    Six queries at most, however many people. A person's own head is read before her rooms: what changes in between
    comes again, live.
    """
    user_ids = {int(identity.user) for identity in identities}
    epoch = epoch_value()
    revs = _person_heads(user_ids)
    users = User.objects.filter(is_active=True).in_bulk(user_ids)
    rooms: defaultdict[int, list[RoomEntry]] = defaultdict(list)
    for user_id, entry in entries(Q(user_id__in=user_ids)):
        rooms[user_id].append(entry)
    answers: list[Greeting | ParleyError] = []
    for user_id in (int(identity.user) for identity in identities):
        if user_id not in users:
            answers.append(Unauthenticated())
            continue
        rev = revs.get(user_id, 0)
        heads = {f"user:{user_id}": rev} | {f"room:{room.id}": room.rev for room in rooms[user_id]}
        answers.append(Greeting(epoch=epoch, user=me(users[user_id], rev), rooms=rooms[user_id], heads=heads))
    return answers


def replays(
    asked: Sequence[tuple[Identity | None, Mapping[str, int]]], budget: int, recent: Recent | None = None
) -> list[dict[str, Replay]]:
    """What changed in each topic after its rev, as each reader (None: the engine itself) may see it.

    Five queries for rooms at most, however many people and topics (a long room asked alone: four of its own), and seven
    for each person whose own topic is asked. Rooms come most recently changed first until `budget` rows are spent: the
    rest is `reset`, or, if one topic was asked alone, `more`. Who asks for the same of a room gets the same answer,
    which is read and put together once; `recent` has those of calls before.
    """
    wants = [(None if reader is None else int(reader.user), *_split(topics)) for reader, topics in asked]
    found = room_log.replays([(reader_id, rooms) for reader_id, rooms, _users in wants], budget, recent or Recent())
    for answers, (reader_id, _rooms, users) in zip(found, wants, strict=True):
        if users:
            answers |= user_log.replay(reader_id, users)
    return [
        {topic: answers.get(topic, Replay(since=since, head=since, state="gone")) for topic, since in topics.items()}
        for answers, (_reader, topics) in zip(found, asked, strict=True)
    ]


def replay(reader: Identity | None, wants: Mapping[str, int], budget: int) -> dict[str, Replay]:
    """For one reader. As `replays`."""
    return replays([(reader, wants)], budget)[0]


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
