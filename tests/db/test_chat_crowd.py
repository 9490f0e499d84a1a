"""Many people come back at once: what they are told does not depend on who else asks, and neither does its price."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.services.user import user_create
from chat.models import Room
from chat.selectors import log
from chat.selectors.recent import BYTES_MAX, LIFE_S, Question, Recent
from chat.services.membership import member_add, member_remove
from chat.services.message import message_delete
from realtime.product import Greeting, Identity, Replay
from realtime.protocol.errors import Unauthenticated
from tests.alone import alone
from tests.chat import head, room, say


def _me(person: User) -> Identity:
    return Identity(user=str(person.pk), device="")


@pytest.fixture
def crowd(db: None) -> list[User]:
    return [
        user_create(handle=f"crowd{number}", email=f"crowd{number}@example.org", password=None) for number in range(12)
    ]


def _cursors(person: User, since: int) -> dict[str, int]:
    return {name: since for name in alone(log.topics, _me(person)) if name.startswith("room:")}


def test_everybody_is_told_what_she_would_be_told_alone(crowd: list[User]) -> None:
    first, second = room(crowd[0], *crowd[1:8]), room(crowd[0], *crowd[4:])
    for at in (first, second):
        for word in ("one", "two", "three"):
            say(crowd[5], at, word)
    message_delete(actor=crowd[5], room_id=first, seq=2)
    asked = [(_me(person), _cursors(person, since)) for since, person in enumerate(crowd)]
    together = log.replays(asked, 2000)
    assert together == [log.replay(reader, wants, 2000) for reader, wants in asked]
    assert {replay.state for answer in together for replay in answer.values()} == {"ok"}
    identities = [_me(person) for person in crowd]
    assert log.topics(identities) == [alone(log.topics, one) for one in identities]
    assert log.greetings(identities) == [alone(log.greetings, one) for one in identities]


def test_nobody_is_told_of_a_room_because_somebody_else_in_it_asks(crowd: list[User]) -> None:
    alice, bob, carol = crowd[:3]
    den = room(alice, bob)
    since = head(den)[0]
    say(alice, den, "secret")
    topic = f"room:{den}"
    recent = Recent()
    asked = [(_me(alice), {topic: since}), (_me(carol), {topic: since}), (_me(bob), {topic: since})]
    states = [answer[topic].state for answer in log.replays(asked, 100, recent)]
    assert states == ["ok", "gone", "ok"]
    member_remove(actor=alice, room_id=den, user_id=bob.pk)
    # Also not by an answer that is kept.
    assert log.replays(asked[1:], 100, recent)[1][topic].state == "gone"


def test_whose_account_is_closed_is_refused_alone(crowd: list[User]) -> None:
    User.objects.filter(pk=crowd[1].pk).update(is_active=False)
    answers = log.greetings([_me(person) for person in crowd[:3]])
    assert [type(answer) for answer in answers] == [Greeting, Unauthenticated, Greeting]


def test_a_crowd_costs_as_many_queries_as_one_person(crowd: list[User]) -> None:
    rooms = [room(crowd[0], *crowd[1:]) for _ in range(3)]
    for at in rooms:
        say(crowd[2], at)

    def queries(people: list[User]) -> int:
        identities = [_me(person) for person in people]
        cursors = [_cursors(person, 2) for person in people]
        with CaptureQueriesContext(connection) as caught:
            log.topics(identities)
            log.greetings(identities)
            log.replays(list(zip(identities, cursors, strict=True)), 2000)
        return len(caught)

    assert queries(crowd[:1]) == queries(crowd)


def test_a_change_is_told_whatever_was_just_read(crowd: list[User]) -> None:
    alice, bob = crowd[:2]
    lounge = room(alice, bob)
    topic, since = f"room:{lounge}", head(lounge)[0]
    recent = Recent()
    asked = [(_me(bob), {topic: since})]
    told = []
    for word in ("one", "two"):
        say(alice, lounge, word)
        told.append([event.rev for event in log.replays(asked, 100, recent)[0][topic].events])
    member_add(actor=alice, room_id=lounge, user_id=crowd[2].pk)
    Room.objects.filter(pk=lounge).update(topic="not told by a rev")
    told.append([event.rev for event in log.replays(asked, 100, recent)[0][topic].events])
    assert told == [[since + 1], [since + 1, since + 2], [since + 1, since + 2, since + 3]]


def test_the_same_question_is_read_once_for_a_while(crowd: list[User], monkeypatch: pytest.MonkeyPatch) -> None:
    lounge = room(*crowd[:2])
    topic, since = f"room:{lounge}", head(lounge)[0]
    say(crowd[0], lounge, "once")
    recent = Recent()

    def answer(person: User) -> Replay:
        return log.replays([(_me(person), {topic: since})], 100, recent)[0][topic]

    first = answer(crowd[0])
    assert answer(crowd[1]) is first
    now = recent._kept[Question(lounge, since, since + 1)][0]
    monkeypatch.setattr("chat.selectors.recent.time.monotonic", lambda: now + LIFE_S)
    assert answer(crowd[1]) is not first


def test_what_is_kept_is_bounded() -> None:
    recent = Recent()
    for number in range(30):
        recent.put(Question(number, 0, 1), Replay(since=0, head=1, size=BYTES_MAX // 10))
    assert [recent.get(Question(number, 0, 1)) is not None for number in range(30)] == [False] * 20 + [True] * 10
