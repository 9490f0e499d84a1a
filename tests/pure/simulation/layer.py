"""The layer between processes, with weather: it loses, doubles, delays and reorders, goes away and comes back."""

import asyncio
import random
from dataclasses import dataclass
from typing import Any

import msgspec

STEP_S = 0.001


@dataclass
class Weather:
    """How things are now. Delays are whole milliseconds, so that things coincide as they do on a busy loop."""

    lost: float = 0.0
    doubled: float = 0.0
    late_ms: int = 2
    away: str = ""
    database_ms: int = 2
    database_away: bool = False


class Exchange:
    """What all processes' layers share."""

    def __init__(self, weather: Weather, chance: random.Random) -> None:
        self.weather = weather
        self.chance = chance
        self.groups: dict[str, dict[str, asyncio.Queue[bytes]]] = {}

    async def reach(self) -> None:
        """Get there, or not."""
        if self.weather.away == "hangs":
            await asyncio.get_running_loop().create_future()
        if self.weather.away:
            raise ConnectionError("the layer is away")
        await asyncio.sleep(self.chance.randint(0, 1) * STEP_S)

    def deliver(self, queue: "asyncio.Queue[bytes]", data: bytes) -> None:
        weather, chance = self.weather, self.chance
        if chance.random() < weather.lost:
            return
        for _ in range(2 if chance.random() < weather.doubled else 1):
            delay = chance.randint(0, weather.late_ms) * STEP_S
            asyncio.get_running_loop().call_later(delay, queue.put_nowait, data)


class Layer:
    """One process's end of the exchange, as channels_redis has it."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.queues: dict[str, asyncio.Queue[bytes]] = {}

    def _queue(self, channel: str) -> "asyncio.Queue[bytes]":
        return self.queues.setdefault(channel, asyncio.Queue())

    async def new_channel(self, prefix: str = "") -> str:
        return f"{prefix}.{len(self.queues)}"

    async def receive(self, channel: str) -> dict[str, Any]:
        message: dict[str, Any] = msgspec.msgpack.decode(await self._queue(channel).get())
        return message

    async def send(self, channel: str, message: dict[str, Any]) -> None:
        await self.exchange.reach()
        if channel in self.queues:
            self.exchange.deliver(self.queues[channel], msgspec.msgpack.encode(message))

    async def flush(self) -> None:
        for members in self.exchange.groups.values():
            for channel in self.queues:
                members.pop(channel, None)
        self.queues.clear()

    async def group_add(self, group: str, channel: str) -> None:
        await self.exchange.reach()
        self.exchange.groups.setdefault(group, {})[channel] = self._queue(channel)

    async def group_discard(self, group: str, channel: str) -> None:
        await self.exchange.reach()
        members = self.exchange.groups.get(group, {})
        members.pop(channel, None)
        if not members:
            self.exchange.groups.pop(group, None)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        await self.exchange.reach()
        data = msgspec.msgpack.encode(message)
        for queue in self.exchange.groups.get(group, {}).values():
            self.exchange.deliver(queue, data)
