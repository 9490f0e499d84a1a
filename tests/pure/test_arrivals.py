"""Who comes while others are being answered is answered with them."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from realtime.arrivals import AT_ONCE, Arrivals
from realtime.product import Credentials, Identity, Product, Refused
from realtime.protocol.closes import Close
from realtime.protocol.errors import Unavailable

NOBODY: Any = None


class Desk:
    """A product that knows people by their session, and the database in front of it."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.away = False

    def authenticate(self, asked: Sequence[Credentials]) -> list[Identity | Refused]:
        names = [str(one.session) for one in asked]
        self.asked.append(names)
        return [Refused(Close.SESSION_REVOKED, "no") if name == "mallory" else Identity(name, "1") for name in names]

    async def call(self, call: Callable[[], Any], *, language: str | None = None) -> Any:
        if self.away:
            raise Unavailable("The database is away.", retry_ms=100)
        answer = call()
        await self.gate.wait()
        return answer

    def arrivals(self) -> Arrivals:
        product = Product(
            authenticate=self.authenticate,
            topics=NOBODY,
            greetings=NOBODY,
            replays=NOBODY,
            heads=NOBODY,
            renew=NOBODY,
            standing=NOBODY,
            may_watch=NOBODY,
            may_speak=NOBODY,
        )
        return Arrivals(product, self.call, 100)


def ask(arrivals: Arrivals, name: str) -> "asyncio.Task[Identity]":
    return asyncio.create_task(arrivals.authenticate(Credentials(session=name)))


async def test_who_comes_alone_waits_for_nobody_and_the_next_ones_are_asked_for_together() -> None:
    desk = Desk()
    desk.gate.clear()
    arrivals = desk.arrivals()
    first = ask(arrivals, "alice")
    await asyncio.sleep(0.01)
    assert desk.asked == [["alice"]]
    rest = [ask(arrivals, name) for name in ("bob", "carol", "dave")]
    await asyncio.sleep(0.01)
    # Not by the read that is under way: it may be older than they are.
    assert desk.asked == [["alice"]]
    desk.gate.set()
    assert [one.user for one in await asyncio.gather(first, *rest)] == ["alice", "bob", "carol", "dave"]
    assert desk.asked == [["alice"], ["bob", "carol", "dave"]]


async def test_who_is_refused_is_refused_alone() -> None:
    arrivals = Desk().arrivals()
    alice, mallory, bob = (ask(arrivals, name) for name in ("alice", "mallory", "bob"))
    assert ((await alice).user, (await bob).user) == ("alice", "bob")
    with pytest.raises(Refused) as refused:
        await mallory
    assert refused.value.close is Close.SESSION_REVOKED


async def test_with_the_database_away_everybody_is_told_and_the_next_one_is_asked_for_again() -> None:
    desk = Desk()
    desk.away = True
    arrivals = desk.arrivals()
    for outcome in await asyncio.gather(ask(arrivals, "alice"), ask(arrivals, "bob"), return_exceptions=True):
        assert isinstance(outcome, Unavailable)
    desk.away = False
    assert (await ask(arrivals, "alice")).user == "alice"


async def test_who_goes_while_she_waits_is_nobody_elses_business() -> None:
    desk = Desk()
    desk.gate.clear()
    arrivals = desk.arrivals()
    first = ask(arrivals, "alice")
    await asyncio.sleep(0)
    gone, stays = ask(arrivals, "bob"), ask(arrivals, "carol")
    await asyncio.sleep(0)
    gone.cancel()
    desk.gate.set()
    assert [(await one).user for one in (first, stays)] == ["alice", "carol"]


async def test_a_crowd_is_asked_for_in_bounded_batches() -> None:
    desk = Desk()
    arrivals = desk.arrivals()
    await asyncio.gather(*(ask(arrivals, str(number)) for number in range(300)))
    assert max(map(len, desk.asked)) <= AT_ONCE
    assert len(desk.asked) <= 300 / AT_ONCE + 2
