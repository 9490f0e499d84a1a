"""The Redis channel layer, with one round trip for what is done together.

A commit of a hundred rooms rings a hundred doorbells, and when everybody comes back a process enters as many topics at
once. One after the other that is a hundred waits for Redis, and each costs the loop what all of them together do.
"""

from collections.abc import Collection, Sequence
from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer

Message = dict[str, Any]


class PubSubLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """channels_redis 4.3 has no word for this: it reaches into that version's shards (`tests/wire/test_layer.py`)."""

    async def groups_send(self, messages: Sequence[tuple[str, Message]]) -> None:
        """Send each message to its group, in this order; one round trip for each Redis. Raises as `group_send`."""
        layer = self._get_layer()
        shards: dict[Any, list[tuple[str, bytes]]] = {}
        for group, message in messages:
            channel = layer._get_group_channel_name(group)
            shards.setdefault(layer._get_shard(channel), []).append((channel, self.serialize(message)))
        for shard, publishes in shards.items():
            async with shard._lock:
                shard._ensure_redis()
                pipeline = shard._redis.pipeline(transaction=False)
                for channel, data in publishes:
                    pipeline.publish(channel, data)
                await pipeline.execute()

    async def groups_add(self, groups: Collection[str], channel: str) -> None:
        """Add the channel to these groups; one round trip for each Redis. Raises as `group_add`."""
        layer = self._get_layer()
        if channel not in layer.channels:
            raise RuntimeError("only a channel of this process can be added to a group")
        shards: dict[Any, list[str]] = {}
        for group in groups:
            name = layer._get_group_channel_name(group)
            layer.groups.setdefault(name, set()).add(channel)
            shards.setdefault(layer._get_shard(name), []).append(name)
        for shard, names in shards.items():
            async with shard._lock:
                fresh = [name for name in names if name not in shard._subscribed_to]
                if fresh:
                    shard._ensure_redis()
                    shard._ensure_receiver()
                    await shard._pubsub.subscribe(*fresh)
                    shard._subscribed_to.update(fresh)


async def send_together(layer: Any, messages: Sequence[tuple[str, Message]]) -> None:
    """The same through any channel layer."""
    if isinstance(layer, PubSubLayer):
        await layer.groups_send(messages)
    else:
        for group, message in messages:
            await layer.group_send(group, message)


async def add_together(layer: Any, groups: Collection[str], channel: str) -> None:
    """The same of `groups_add`."""
    if isinstance(layer, PubSubLayer):
        await layer.groups_add(groups, channel)
    else:
        for group in groups:
            await layer.group_add(group, channel)
