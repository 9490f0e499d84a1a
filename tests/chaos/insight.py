"""What a server process holds, beyond what its own /metrics tells: for finding what is left behind."""

import asyncio
import os
import threading
from collections.abc import Iterator

from django.apps import AppConfig
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from tests.chaos import planted


class Insides(Collector):
    """Counted when /metrics is asked."""

    def describe(self) -> list[Metric]:
        """Nothing: else it would be collected while it is registered, and importing the product registers more."""
        return []

    def collect(self) -> Iterator[Metric]:
        from config.product import engine
        from realtime import hub
        from realtime.doorbell import EVERYWHERE

        here = hub.current()
        if here is None:
            return
        now = engine()
        counts = {
            "tasks": sum(not task.done() for task in asyncio.all_tasks(here.loop)),
            "connections": len(now.connections),
            "anonymous": sum(now.anonymous.values()),
            "greeting": now.greeting,
            "threads": threading.active_count(),
            "waiting": sum(len(topic.waiting) + len(topic.allowed) for topic in list(here.topics.values())),
            "held": sum(len(topic.held) for topic in list(here.topics.values())),
            "present": sum(len(sockets) for sockets in list(now.presence._sockets.values())),
            "watching": len(now.presence._watching) + len(now.presence._watched),
        }
        if here.doorbell is not None:
            bell = here.doorbell
            counts["subscribed"] = len(bell.subscribed)
            counts["strays"] = len(bell.subscribed - set(here.topics) - {EVERYWHERE})
        for name, value in counts.items():
            yield GaugeMetricFamily(f"chaos_{name}", name, value=value)


class Insight(AppConfig):
    """Registers it, and plants a bug if one is asked for."""

    name = "tests.chaos"

    def ready(self) -> None:
        REGISTRY.register(Insides())
        if bug := os.environ.get("PARLEY_PLANTED"):
            planted.BUGS[bug]()
