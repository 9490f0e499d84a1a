"""Many at once, on real commits: the heads' locks keep every log without holes, and nobody waits for ever."""

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar
from uuid import uuid4

import pytest
from django.db import connections

from accounts.models import User
from chat.models import Membership, Message, Room
from chat.services.membership import member_add, member_remove, member_update, room_leave
from chat.services.message import message_delete, message_edit, messages_append
from chat.services.read import Mark, reads_mark
from chat.services.room import direct_open, room_create
from realtime.protocol.errors import Conflict, ParleyError
from realtime.protocol.frames import Event
from realtime.publish import register, unregister
from tests.chat import draft, head, room, say

pytestmark = pytest.mark.django_db(transaction=True)
T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """The answers of all calls, each on a thread and a connection of its own, started together."""
    together = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        together.wait(10)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls, timeout=60))


@pytest.fixture
def events() -> Iterator[list[Event]]:
    heard: list[Event] = []
    sink = heard.extend
    register(sink)
    yield heard
    unregister(sink)


def test_many_writers_of_one_room_leave_no_hole(alice: User, bob: User, events: list[Event]) -> None:
    lounge = room(alice, bob)
    events.clear()
    before = head(lounge)[0]
    calls = [
        lambda author=author: [messages_append(drafts=[draft(author, lounge) for _ in range(5)]) for _ in range(3)]
        for author in (alice, bob) * 3
    ]
    at_once(calls)
    assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 91))
    assert sorted(event.rev for event in events) == list(range(before + 1, before + 91))
    assert head(lounge) == (before + 90, 90)


def test_a_message_sent_from_everywhere_at_once_is_stored_once(alice: User) -> None:
    lounge, client_id = room(alice), uuid4()
    answers = at_once([lambda: say(alice, lounge, "once", client_id=client_id)] * 6)
    assert {(answer.seq, answer.rev) for answer in answers} == {(1, 3)}
    assert sorted(answer.duplicate for answer in answers) == [False] + [True] * 5
    assert Message.objects.count() == 1


def test_batches_over_the_same_rooms_in_any_order_do_not_block_each_other(alice: User, bob: User) -> None:
    rooms = [room(alice, bob) for _ in range(6)]

    def send(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(5):
            chance.shuffle(rooms)
            answers = messages_append(drafts=[draft(chance.choice([alice, bob]), at) for at in list(rooms)])
            assert not [answer for answer in answers if isinstance(answer, ParleyError)]

    at_once([lambda seed=seed: send(seed) for seed in range(5)])
    assert {head(at)[1] for at in rooms} == {25}


def test_both_opening_the_conversation_open_the_same_one(alice: User, bob: User) -> None:
    answers = at_once(
        [lambda: direct_open(actor=alice, user_id=bob.pk), lambda: direct_open(actor=bob, user_id=alice.pk)] * 3
    )
    assert len({entry.id for entry in answers}) == 1
    assert Room.objects.count() == 1
    assert Membership.objects.count() == 2


def test_a_name_is_given_once(alice: User) -> None:
    def make() -> str:
        try:
            return room_create(actor=alice, kind="public", name="lounge").id
        except Conflict:
            return ""

    assert sorted(map(bool, at_once([make] * 4))) == [False] * 3 + [True]
    assert Room.objects.count() == 1


def test_two_last_owners_cannot_both_leave(alice: User, bob: User, mallory: User) -> None:
    lounge = room(alice, bob, mallory)
    member_update(actor=alice, room_id=lounge, user_id=bob.pk, role="owner")

    def leave(person: User) -> bool:
        try:
            room_leave(actor=person, room_id=lounge)
        except Conflict:
            return False
        return True

    assert sorted(at_once([lambda: leave(alice), lambda: leave(bob)])) == [False, True]
    assert Membership.objects.filter(room_id=lounge, left_rev=None, role="owner").count() == 1


def test_adding_somebody_twice_at_once_is_one_stint(alice: User, bob: User) -> None:
    lounge = room(alice)
    at_once([lambda: member_add(actor=alice, room_id=lounge, user_id=bob.pk)] * 5)
    assert Membership.objects.filter(room_id=lounge, user=bob).count() == 1
    assert head(lounge)[0] == 3


def test_everything_at_once_keeps_every_log_without_holes(
    alice: User, bob: User, carol: User, events: list[Event]
) -> None:
    rooms = [room(alice, bob, carol) for _ in range(3)]
    for at in rooms:
        say(alice, at)

    def writes() -> None:
        for _ in range(6):
            messages_append(drafts=[draft(author, at) for author in (carol, alice) for at in rooms])

    def reads(person: User) -> None:
        for seq in range(1, 13):
            reads_mark(marks=[Mark(user_id=person.pk, room_id=at, seq=seq) for at in reversed(rooms)])

    def changes(at: int) -> None:
        for number in range(4):
            message_edit(actor=alice, room_id=at, seq=1, text=f"edit {number}")
            member_remove(actor=alice, room_id=at, user_id=bob.pk)
            member_add(actor=alice, room_id=at, user_id=bob.pk)
            member_update(actor=alice, room_id=at, user_id=bob.pk, role=("moderator", "member")[number % 2])
        message_delete(actor=alice, room_id=at, seq=1)

    at_once([writes, writes, lambda: reads(carol), lambda: reads(bob), *(lambda at=at: changes(at) for at in rooms)])
    chains: dict[str, list[Event]] = {}
    for event in events:
        chains.setdefault(event.topic, []).append(event)
    assert {topic.partition(":")[0] for topic in chains} == {"room", "user"}
    for topic, chain in chains.items():
        chain.sort(key=lambda event: event.rev)
        assert [event.rev for event in chain] == list(range(1, len(chain) + 1)), topic
        assert [event.prev for event in chain] == list(range(len(chain))), topic
    for at in rooms:
        assert head(at) == (len(chains[f"room:{at}"]), 25)
