"""The Redis channel layer, with one round trip for what is sent together.

A commit of a hundred rooms rings a hundred doorbells. One after the other that is a hundred waits for Redis, and each
costs the loop what a whole batch does.
"""

from collections.abc import Sequence
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


async def send_together(layer: Any, messages: Sequence[tuple[str, Message]]) -> None:
    """The same through any channel layer."""
    if isinstance(layer, PubSubLayer):
        await layer.groups_send(messages)
    else:
        for group, message in messages:
            await layer.group_send(group, message)
