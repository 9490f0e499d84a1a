"""The scenarios, a file for each kind of fault."""

from tests.chaos.scenarios import (
    database,
    everything,
    members,
    networks,
    planted,
    processes,
    readers,
    redis,
    sqlite,
    storms,
)

__all__ = [
    "database",
    "everything",
    "members",
    "networks",
    "planted",
    "processes",
    "readers",
    "redis",
    "sqlite",
    "storms",
]
