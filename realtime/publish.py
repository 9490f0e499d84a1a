"""Telling the world what happened, after COMMIT and never before.

Works from the loop, from a database thread and from a process without a hub. Nobody awaits a publish.
"""

from collections.abc import Callable

from django.db import transaction

from realtime import courier
from realtime.protocol.frames import Event

Sink = Callable[[list[Event]], None]
_sinks: list[Sink] = []


def register(sink: Sink) -> None:
    """Have committed events handed to `sink`, on the thread that committed, in the order of publishing."""
    _sinks.append(sink)


def unregister(sink: Sink) -> None:
    """Stop handing events to `sink`."""
    _sinks.remove(sink)


def publish_on_commit(*events: Event) -> None:
    """Publish these events when the current transaction commits; forget them if it rolls back."""
    if events:
        transaction.on_commit(lambda: _publish(list(events)))


def _publish(events: list[Event]) -> None:
    if not _sinks:
        courier.carry(events)
    for sink in _sinks:
        sink(events)
