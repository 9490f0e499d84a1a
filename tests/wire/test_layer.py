"""What is sent together over the channel layer, on a Redis of the test's own."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from realtime.layer import PubSubLayer
from tests.servers import Redis

SILENCE_S = 0.2
MESSAGES = [(f"room.{n % 3}", {"n": n}) for n in range(300)]

Story = Callable[[PubSubLayer, PubSubLayer], Awaitable[Any]]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Redis]:
    server = Redis(tmp_path)
    server.start()
    yield server
    server.stop()


def told(server: Redis, story: Story) -> Any:
    """A story of two processes' layers."""
    sender, ear = (PubSubLayer(hosts=[{"address": server.url, "socket_timeout": 1}], prefix="parley") for _ in range(2))

    async def tell() -> Any:
        try:
            return await story(sender, ear)
        finally:
            await sender.flush()
            await ear.flush()

    return asyncio.run(tell())


def reads(server: Redis) -> int:
    """How often Redis has read something from a client."""
    with redis.Redis.from_url(server.url) as client:
        return int(client.info("stats")["total_reads_processed"])


def test_each_channel_hears_what_its_groups_are_told_in_order(server: Redis) -> None:
    async def story(sender: PubSubLayer, ear: PubSubLayer) -> list[list[int]]:
        first, second = await ear.new_channel(), await ear.new_channel()
        await ear.groups_add(["room.0", "room.1"], first)
        await ear.groups_add(["room.1"], second)
        await sender.groups_send(MESSAGES)
        heard: list[list[int]] = []
        for channel, count in ((first, 200), (second, 100)):
            heard.append([(await asyncio.wait_for(ear.receive(channel), 5))["n"] for _ in range(count)])
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(ear.receive(channel), SILENCE_S)
        return heard

    first, second = told(server, story)
    assert first == [n for n in range(300) if n % 3 < 2]
    assert second == [n for n in range(300) if n % 3 == 1]


def test_three_hundred_take_no_three_hundred_round_trips(server: Redis) -> None:
    async def story(sender: PubSubLayer, ear: PubSubLayer) -> int:
        before = reads(server)
        await sender.groups_send(MESSAGES)
        return reads(server) - before

    assert told(server, story) < 30


def test_three_hundred_groups_are_entered_at_once(server: Redis) -> None:
    async def story(sender: PubSubLayer, ear: PubSubLayer) -> int:
        channel = await ear.new_channel()
        before = reads(server)
        await ear.groups_add([f"room.{n}" for n in range(300)], channel)
        taken = reads(server) - before
        await sender.group_send("room.299", {"n": 299})
        assert (await asyncio.wait_for(ear.receive(channel), 5))["n"] == 299
        await ear.group_discard("room.299", channel)
        await sender.groups_send([("room.299", {"n": 1}), ("room.298", {"n": 2})])
        assert (await asyncio.wait_for(ear.receive(channel), 5))["n"] == 2
        return taken

    assert told(server, story) < 30


def test_a_redis_that_is_gone_is_an_error_as_for_one_message(server: Redis) -> None:
    async def story(sender: PubSubLayer, ear: PubSubLayer) -> None:
        await sender.groups_send(MESSAGES)
        server.stop()
        with pytest.raises(redis.ConnectionError):
            await sender.groups_send(MESSAGES)
        with pytest.raises(redis.ConnectionError):
            await sender.group_send(*MESSAGES[0])
        server.start()
        await sender.groups_send(MESSAGES)

    told(server, story)
