"""What sockets ask of the product as they come: who asks while others are being answered is answered with the next of
them, in one go. One person who comes alone waits for nobody; two thousand who come back at once cost a few hundred
queries instead of tens of thousands.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from realtime.batcher import Batcher
from realtime.product import Credentials, Greeting, Identity, Product, Replay

T = TypeVar("T")
Question = TypeVar("Question")
Answer = TypeVar("Answer")

# Beyond this a batch gets slower, not cheaper, and all its people are answered in one turn of the loop.
AT_ONCE = 24
# A replay may be long: what is read at once has to fit into memory.
REPLAYS_AT_ONCE = 32


class Call(Protocol):
    """Runs a plain function where queries are allowed."""

    def __call__(self, call: Callable[[], T], *, language: str | None = None) -> Awaitable[T]: ...


class Arrivals:
    """One per hub. Each raises what its product's callable answers with (Refused, ParleyError)."""

    def __init__(self, product: Product, call: Call, replay_rows: int) -> None:
        def together(
            ask: Callable[[Sequence[Question]], Sequence[Answer | Exception]],
            name: str,
            most: int = AT_ONCE,
        ) -> Batcher[Question, Answer]:
            def flush(questions: Sequence[Question]) -> Awaitable[Sequence[Answer | Exception]]:
                return call(lambda: ask(questions))

            return Batcher(flush, name=name, most=most)

        self._identities: Batcher[Credentials, Identity] = together(product.authenticate, "authenticate")
        self._topics: Batcher[Identity, dict[str, int]] = together(product.topics, "topics")
        self._greetings: Batcher[Identity, Greeting] = together(product.greetings, "greeting")
        self._replays: Batcher[tuple[Identity, Mapping[str, int]], dict[str, Replay]] = together(
            lambda asked: product.replays(asked, replay_rows), "replay", REPLAYS_AT_ONCE
        )

    async def authenticate(self, credentials: Credentials) -> Identity:
        """Who is this?"""
        return await self._identities.submit("", credentials)

    async def topics(self, identity: Identity) -> dict[str, int]:
        """What she may be in now, as of a read that begins after this call."""
        return await self._topics.submit("", identity)

    async def greeting(self, identity: Identity) -> Greeting:
        """Her part of `ready`, as of a read that begins after this call."""
        return await self._greetings.submit("", identity)

    async def replay(self, identity: Identity, wants: Mapping[str, int]) -> dict[str, Replay]:
        """What she missed in these topics."""
        return await self._replays.submit("", (identity, wants))
