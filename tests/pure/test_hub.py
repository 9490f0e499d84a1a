"""The hub's waiting parts: opening, admitting, giving up, comparing. In virtual time."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any
from unittest.mock import patch

from realtime.bell import Bell, Encoded, Step
from realtime.doorbell import SEND_TIMEOUT_S
from realtime.hub import Hub
from realtime.product import Heads, Identity, Product, Replay, Standing
from realtime.protocol.errors import Unavailable
from realtime.topic import Topic
from tests.pure.simulation.clock import run

ALICE, BOB = Identity("1", "a1"), Identity("2", "b1")


class Ear:
    """A socket that remembers."""

    focus = None

    def __init__(self, identity: Identity) -> None:
        self.identity = identity
        self.topics: list[Topic] = []
        self.heard: list[int] = []
        self.closed: int | None = None

    @property
    def user(self) -> str:
        return self.identity.user

    def feed(self, topic: str, frames: list[tuple[int, Encoded]]) -> None:
        self.heard += [rev for rev, _ in frames]

    def whisper(self, frame: Encoded) -> None: ...

    def bye(self, code: int, reason: str = "", retry_ms: int = 0) -> None:
        self.closed = code


class Books:
    """A database as the hub sees it; every answer can be made to wait or to fail."""

    def __init__(self) -> None:
        self.epoch = "one"
        self.revs = {"user:1": 3, "user:2": 5, "room:7": 10}
        self.away = False
        self.asked: list[Any] = []
        self.meanwhile: Callable[[], Any] = lambda: None
        self.stand = frozenset({"1", "2"})
        self.replays: dict[str, Replay] = {}

    async def call(self, call: Callable[[], Any], *, language: str | None = None) -> Any:
        await asyncio.sleep(0.01)
        if self.away:
            raise Unavailable("away", retry_ms=100)
        answer = call()
        self.meanwhile()
        await asyncio.sleep(0.01)
        return answer

    def heads(self, names: Collection[str] | None) -> Heads:
        self.asked.append(names)
        return Heads(self.epoch, dict(self.revs) if names is None else {name: self.revs[name] for name in names})

    def renew(self, epoch: str) -> str:
        self.epoch = f"after {epoch}"
        return self.epoch

    def topics(self, identities: Sequence[Identity]) -> list[dict[str, int]]:
        return [{name: self.revs[name] for name in (f"user:{one.user}", "room:7")} for one in identities]

    def standing(self, topic: str, users: Collection[str]) -> Standing:
        self.asked.append(frozenset(users))
        return Standing(self.revs[topic], self.stand & frozenset(users))

    def replay(self, asked: Sequence[tuple[Identity | None, dict[str, int]]], budget: int) -> list[dict[str, Replay]]:
        return [
            {name: self.replays.get(name, Replay(since=rev, head=self.revs[name])) for name, rev in wants.items()}
            for _reader, wants in asked
        ]

    def product(self) -> Product:
        itself: Any = self
        return Product(
            authenticate=itself.topics,
            topics=itself.topics,
            greetings=itself.topics,
            replays=itself.replay,
            heads=itself.heads,
            renew=itself.renew,
            standing=itself.standing,
            may_watch=itself.topics,
            may_speak=itself.topics,
        )


class Layer:
    """A channel layer that may hang or refuse."""

    def __init__(self) -> None:
        self.groups: set[str] = set()
        self.hangs = False
        self.heard: asyncio.Queue[Any] = asyncio.Queue()

    async def receive(self, channel: str) -> Any:
        return await self.heard.get()

    async def _reach(self) -> None:
        if self.hangs:
            await asyncio.get_running_loop().create_future()

    async def send(self, channel: str, message: Any) -> None:
        await self._reach()
        await self.heard.put(message)

    async def group_add(self, group: str, channel: str) -> None:
        await self._reach()
        self.groups.add(group)

    async def group_discard(self, group: str, channel: str) -> None:
        await self._reach()
        self.groups.discard(group)

    async def group_send(self, group: str, message: Any) -> None:
        await self._reach()


Story = Callable[[Hub, Books], Awaitable[None]]


def told(story: Story) -> Callable[[], None]:
    """A story of a hub that was not started, in virtual time."""

    def test() -> None:
        async def tell() -> None:
            books = Books()
            await story(Hub(books.product(), books.call), books)

        run(tell())

    test.__name__ = story.__name__  # type: ignore[attr-defined]
    return test


def step(rev: int, leaves: str | None = None) -> Step:
    return Step(rev, Encoded(b"%d" % rev), leaves)


def bell(rev: int, leaves: str | None = None) -> Bell:
    return Bell("room:7", rev - 1, rev, [step(rev, leaves)])


async def entered(hub: Hub, identity: Identity) -> Ear:
    ear = Ear(identity)
    hub.attach(ear)
    await hub.admit(ear)
    return ear


@told
async def test_an_admitted_socket_gets_what_comes(hub: Hub, books: Books) -> None:
    alice, bob = await entered(hub, ALICE), await entered(hub, BOB)
    hub.accept(bell(11))
    hub.detach(bob)
    hub.accept(bell(12))
    hub.flush()
    assert (alice.heard, bob.heard) == ([11, 12], []), "pending frames are written once a turn"
    await asyncio.sleep(0)


@told
async def test_a_socket_that_went_away_meanwhile_is_let_in_nowhere(hub: Hub, books: Books) -> None:
    await entered(hub, ALICE)
    bob = Ear(BOB)
    hub.attach(bob)
    books.meanwhile = lambda: hub.detach(bob)
    await hub.admit(bob)
    assert not any(bob in topic for topic in hub.topics.values())


@told
async def test_who_goes_costs_what_she_was_in_and_not_what_is_served(hub: Hub, books: Books) -> None:
    alice, bob = await entered(hub, ALICE), await entered(hub, BOB)
    books.revs |= {f"room:{number}": 1 for number in range(100, 200)}
    await hub.serve(books.revs)
    looked: list[str] = []
    with patch.object(Topic, "discard", lambda topic, socket: looked.append(topic.name)):
        hub.detach(alice)
    assert sorted(looked) == ["room:7", "user:1"]
    assert alice.topics == []
    hub.detach(bob)
    assert bob not in hub.topics["room:7"]


@told
async def test_a_topic_that_could_not_be_opened_is_neither_kept_nor_wanted(hub: Hub, books: Books) -> None:
    layer = Layer()
    hub = Hub(books.product(), books.call, layer=layer)
    assert hub.doorbell is not None
    hub.doorbell.start()
    await hub.serve(["user:1"])
    assert hub.doorbell.wanted >= {"user:1"}
    books.away = True
    try:
        await hub.serve(["room:7"])
    except Unavailable:
        books.away = False
    assert not books.away
    assert "room:7" not in hub.topics
    assert "room:7" not in hub.doorbell.wanted
    await asyncio.sleep(3)
    assert layer.groups == {"everywhere", "user.1"}
    await hub.doorbell.stop()


@told
async def test_leaving_topics_waits_for_nobody_and_is_made_up_for(hub: Hub, books: Books) -> None:
    layer = Layer()
    hub = Hub(books.product(), books.call, layer=layer)
    assert hub.doorbell is not None
    hub.doorbell.start()
    await hub.serve(books.revs)
    assert layer.groups >= {"room.7", "user.1", "user.2"}
    layer.hangs = True
    before = asyncio.get_running_loop().time()
    hub.positions._begin_again("two")
    assert asyncio.get_running_loop().time() == before
    await asyncio.sleep(SEND_TIMEOUT_S * 3)
    assert layer.groups >= {"room.7"}
    layer.hangs = False
    await asyncio.sleep(SEND_TIMEOUT_S * 4)
    assert layer.groups == {"everywhere"}
    await hub.doorbell.stop()


@told
async def test_a_room_given_up_keeps_who_stands_and_asks_for_those_who_came_meanwhile(hub: Hub, books: Books) -> None:
    alice, bob = await entered(hub, ALICE), await entered(hub, BOB)
    books.revs["room:7"] = 20
    books.stand = frozenset({"1"})
    books.replays["room:7"] = Replay(since=10, head=20, state="reset", reason="below_floor")
    carol = Ear(Identity("3", "c1"))

    def comes() -> None:
        if frozenset({"1", "2"}) in books.asked and carol not in hub.topics["room:7"]:
            hub.attach(carol)
            hub.topics["room:7"].enter(carol, 10)

    books.meanwhile = comes
    hub.accept(bell(15))
    await asyncio.sleep(1)
    assert books.asked[-1] == frozenset({"1", "2", "3"})
    hub.accept(bell(21))
    hub.flush()
    assert alice.heard == [20, 21], "the reset, and what follows it"
    assert bob.heard == carol.heard == []


@told
async def test_what_came_after_all_is_not_given_up(hub: Hub, books: Books) -> None:
    alice = await entered(hub, ALICE)
    books.replays["room:7"] = Replay(since=10, head=12, state="reset", reason="below_floor")
    books.revs["room:7"] = 12
    books.meanwhile = lambda: hub.accept(bell(11))
    hub.accept(bell(12))
    await asyncio.sleep(1)
    hub.flush()
    assert alice.heard == [11, 12]
    assert hub.stats["resets"] == 0


@told
async def test_after_a_silence_of_the_database_everything_is_compared(hub: Hub, books: Books) -> None:
    await hub.serve(["room:7"])
    hub.start()
    await asyncio.sleep(5)
    assert len(books.asked) > 4
    assert set(books.asked[1:]) == {None}, "usually what changed lately is enough"
    books.away = True
    await asyncio.sleep(20)
    books.away = False
    books.asked.clear()
    await asyncio.sleep(2)
    assert books.asked[0] == ["room:7"]
    assert books.asked[1:]
    assert set(books.asked[1:]) == {None}
    await hub.stop()


@told
async def test_another_epoch_is_noticed_by_who_only_opened_a_topic(hub: Hub, books: Books) -> None:
    alice = await entered(hub, ALICE)
    books.epoch = "two"
    await hub.positions.check()
    assert alice.closed == 4012
    assert not hub.topics


@told
async def test_a_database_that_has_lost_commits_begins_anew(hub: Hub, books: Books) -> None:
    alice = await entered(hub, ALICE)
    hub.accept(bell(11))
    hub.accept(bell(12))
    books.revs["room:7"] = 12
    await hub.positions.check()
    assert (alice.closed, alice.heard) == (None, [11, 12])
    books.revs["room:7"] = 11
    await hub.positions.check()
    assert (alice.closed, hub.epoch, books.epoch) == (4012, "after one", "after one")
    assert not hub.topics


@told
async def test_a_head_that_was_read_before_what_is_delivered_now_is_no_loss(hub: Hub, books: Books) -> None:
    """The read is on its way while a doorbell comes."""
    alice = await entered(hub, ALICE)
    books.revs["room:7"] = 11

    def meanwhile() -> None:
        hub.accept(bell(12))
        books.meanwhile = lambda: None

    hub.accept(bell(11))
    books.meanwhile = meanwhile
    await hub.positions.check()
    assert (alice.closed, hub.epoch, alice.heard) == (None, "one", [11, 12])


@told
async def test_a_lost_doorbell_is_found_within_a_second_and_a_half(hub: Hub, books: Books) -> None:
    alice = await entered(hub, ALICE)
    hub.start()
    await asyncio.sleep(3.3)
    books.revs["room:7"] = 11
    await asyncio.sleep(1.5)
    assert alice.heard == [11]
    await hub.stop()


@told
async def test_two_processes_writing_one_room_need_no_read(hub: Hub, books: Books) -> None:
    alice = await entered(hub, ALICE)
    hub.accept(bell(12))
    await asyncio.sleep(0.02)
    hub.accept(bell(11))
    await asyncio.sleep(0.1)
    assert alice.heard == [11, 12]
    assert hub.stats["repairs"] == 0


@told
async def test_a_fault_in_the_check_does_not_end_checking(hub: Hub, books: Books) -> None:
    hub.start()
    with (
        patch.object(hub.positions, "_behind", side_effect=ValueError),
        patch("realtime.positions.logger.exception") as logged,
    ):
        await asyncio.sleep(3.5)
        assert logged.call_count >= 2
    books.asked.clear()
    await asyncio.sleep(2.5)
    assert len(books.asked) >= 2
    await hub.stop()
