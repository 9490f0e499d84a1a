"""Parley's command line with one thing done otherwise, for `bench/workloads/tried.py`.

python -m bench.variant NAME serve …
"""

import asyncio
import sys
from collections.abc import Callable
from importlib import import_module

import manage


def uvloop() -> None:
    """Another event loop."""
    asyncio.set_event_loop_policy(import_module("uvloop").EventLoopPolicy())


def collector() -> None:
    """The collector of garbage as Python starts it."""
    from realtime.serve.collector import Collector

    Collector.begin = Collector.left = lambda *_: None  # type: ignore[assignment,method-assign]


def doorbells() -> None:
    """A round trip to Redis for each doorbell."""
    from realtime import doorbell

    doorbell.TOGETHER = 1


def driver() -> None:
    """Moments and lists as psycopg reads and writes them."""
    from config import adapters

    adapters.adapt = lambda connection: None


def prepared() -> None:
    """Statements that the server keeps, with their values beside them."""
    from config import settings

    settings.DATABASES["default"]["OPTIONS"] |= {"server_side_binding": True, "prepare_threshold": 5}


VARIANTS: dict[str, Callable[[], None]] = {
    "uvloop": uvloop,
    "collector": collector,
    "doorbells": doorbells,
    "driver": driver,
    "prepared": prepared,
}

if __name__ == "__main__":
    VARIANTS[sys.argv.pop(1)]()
    manage.main()
