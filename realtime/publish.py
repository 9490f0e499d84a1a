"""Telling the world what happened, after COMMIT and never before.

Works from the loop, from a database thread and from a process without a hub. Nobody awaits a publish.
"""

from collections.abc import Callable

from django.db import transaction
from msgspec import Struct

from realtime import courier
from realtime.protocol.frames import Ephemeral, Event


class Whisper(Struct, frozen=True, kw_only=True):
    """Something ephemeral for the sockets in these topics, each once.

    `on_screen`: only for those who have the topic on screen, and silence about a person (`about`) who is hiding.
    `to_others`: not for the sockets of that person.
    Of whispers with the same `key` only the last of each second is heard.
    """

    payload: Ephemeral
    topics: tuple[str, ...]
    about: str = ""
    key: str = ""
    on_screen: bool = False
    to_others: bool = False


Sink = Callable[[list[Event]], None]
Ear = Callable[[list[Whisper]], None]
_sinks: list[Sink] = []
_ears: list[Ear] = []


def register(sink: Sink) -> None:
    """Have committed events handed to `sink`, on the thread that committed, in the order of publishing."""
    _sinks.append(sink)


def unregister(sink: Sink) -> None:
    """Stop handing events to `sink`."""
    _sinks.remove(sink)


def listen(ear: Ear) -> None:
    """Have whispers handed to `ear`, on the thread that committed."""
    _ears.append(ear)


def unlisten(ear: Ear) -> None:
    """Stop handing whispers to `ear`."""
    _ears.remove(ear)


def whisper_on_commit(*whispers: Whisper) -> None:
    """Say these when the current transaction commits. A process without a hub says nothing: they may be dropped."""
    if whispers:
        transaction.on_commit(lambda: _whisper(list(whispers)))


def _whisper(whispers: list[Whisper]) -> None:
    for ear in _ears:
        ear(whispers)


def publish_on_commit(*events: Event) -> None:
    """Publish these events when the current transaction commits; forget them if it rolls back."""
    if events:
        transaction.on_commit(lambda: _publish(list(events)))


def _publish(events: list[Event]) -> None:
    if not _sinks:
        courier.carry(events)
    for sink in _sinks:
        sink(events)
