"""Whom messages address: found before the transaction, judged and stored in it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from django.db.models import OuterRef
from msgspec import Struct

from chat import mentions, policies
from chat.mentions import HERE, ROOM, WORDS
from chat.models import Membership, Mention, Message, Room
from chat.payloads import EVERYBODY
from chat.selectors.entries import BoundedCount
from chat.services.here import online

KEYS_AT_ONCE = 5000
HERE_MAX = 200
"""Where more people are online, `@here` is `@room`: one row instead of hundreds."""


class Marked(Struct, frozen=True):
    """A message's HTML before it is known who is addressed, and the handles (as keys) that it could mean."""

    html: str
    keys: frozenset[str]

    @classmethod
    def of(cls, html: str) -> "Marked":
        return cls(html, mentions.keys(html) if "data-user" in html else frozenset())


class Addressed(Struct, frozen=True):
    """Whom a message addresses: everybody, or these people; `here`: who of them because they were online."""

    html: str
    people: frozenset[int] = frozenset()
    here: frozenset[int] = frozenset()
    everybody: bool = False

    @property
    def stored(self) -> str:
        """As it stands in the message's own row."""
        return EVERYBODY if self.everybody else ",".join(str(pk) for pk in sorted(self.people | self.here))


class Present(Struct, frozen=True):
    """Who was online in a room when somebody wrote `@here` there."""

    people: frozenset[int]
    many: bool


def present(room_ids: Collection[int]) -> dict[int, Present]:
    """Who is online in these rooms. One query, and a word with the presence store; not for a transaction."""
    if not room_ids:
        return {}
    members: defaultdict[int, set[int]] = defaultdict(set)
    stints = Membership.objects.filter(room_id__in=room_ids, left_rev=None, user__is_active=True)
    for room_id, user_id in stints.values_list("room_id", "user_id"):
        members[room_id].add(user_id)
    there = online(set().union(*members.values()))
    return {
        room_id: Present(frozenset(people & there), len(people & there) > HERE_MAX)
        for room_id, people in members.items()
    }


class Directory:
    """The people of some rooms whom their messages could mean."""

    def __init__(self, wanted: Iterable[tuple[int, Marked]], there: Mapping[int, Present]) -> None:
        """(room, what is written in it). Two queries at most, none if nothing looks like a mention; one more for each
        5000 handles that somebody makes up.
        """
        self._there = there
        self._people: defaultdict[int, dict[str, str]] = defaultdict(dict)
        self._members: dict[int, int] = {}
        keys: set[str] = set()
        rooms: set[int] = set()
        for room_id, marked in wanted:
            if marked.keys:
                rooms.add(room_id)
                keys |= marked.keys
        if not rooms:
            return
        called = keys & WORDS.keys()
        named = sorted(keys - called)
        for at in range(0, len(named), KEYS_AT_ONCE):
            stints = Membership.objects.filter(
                room_id__in=rooms,
                left_rev=None,
                user__is_active=True,
                user__handle_key__in=named[at : at + KEYS_AT_ONCE],
            )
            for room_id, user_id, key in stints.values_list("room_id", "user_id", "user__handle_key"):
                self._people[room_id][key] = str(user_id)
        if called:
            stints = Membership.objects.filter(room_id=OuterRef("pk"), left_rev=None).order_by()
            counts = Room.objects.filter(pk__in=rooms).annotate(
                people=BoundedCount(stints.values("pk")[: policies.LARGE_ROOM + 1])
            )
            self._members = dict(counts.values_list("pk", "people"))

    def addressed(self, marked: Marked, membership: Membership) -> Addressed:
        """Whom this message of this member addresses; herself not."""
        if not marked.keys:
            return Addressed(marked.html)
        room_id, author_id = membership.room_id, membership.user_id
        people = self._people.get(room_id, {})
        members = self._members.get(room_id, 0)
        if marked.keys & WORDS.keys() and policies.can_mention_room(
            membership.user, membership, membership.room, members=members
        ):
            people = {**people, **WORDS}
        html, who = mentions.settle(marked.html, people)
        there = self._there.get(room_id, Present(frozenset(), many=False))
        if ROOM in who or (HERE in who and there.many):
            return Addressed(html, everybody=True)
        named = frozenset(int(one) for one in who - {HERE}) - {author_id}
        here = there.people - named - {author_id} if HERE in who else frozenset()
        return Addressed(html, named, here)


def mentions_store(rows: Sequence[tuple[Message, Addressed]]) -> None:
    """Keep whom these stored messages address. One query, if they address anybody."""
    kinds = Mention.Kind
    Mention.objects.bulk_create(
        [
            Mention(message=row, room_id=row.room_id, seq=row.seq, user_id=user_id, kind=kind)
            for row, whom in rows
            for user_id, kind in (
                [(None, kinds.ROOM)]
                if whom.everybody
                else [(pk, kinds.PERSON) for pk in sorted(whom.people)] + [(pk, kinds.HERE) for pk in sorted(whom.here)]
            )
        ]
    )


def mentions_remove(*, message: Message) -> None:
    """The message addresses nobody any more. One query."""
    Mention.objects.filter(message=message).delete()


def mentions_replace(*, message: Message, whom: Addressed) -> None:
    """After an edit: others are addressed than before. Two queries."""
    mentions_remove(message=message)
    mentions_store([(message, whom)])


def called_before(message: Message) -> dict[int, Present]:
    """For an edit: `@here` means who was there when it was first said. One query, if the message addresses people."""
    if not message.mentioned:
        return {}
    if message.mentioned == EVERYBODY:
        return {message.room_id: Present(frozenset(), many=True)}
    rows = Mention.objects.filter(message=message, kind=Mention.Kind.HERE)
    return {message.room_id: Present(frozenset(rows.values_list("user_id", flat=True)), many=False)}
