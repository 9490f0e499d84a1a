"""Garbage is looked for when sockets have gone, and what they left is freed then."""

import gc
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from weakref import ref

import pytest
from daphne import server as daphne
from daphne.http_protocol import WebRequest

from realtime.daphne import Server, SocketProtocol
from realtime.serve.collector import LEAST_GONE, Collector


class Cycle:
    """Only the collector frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def garbage() -> Iterator[Any]:
    gc.collect()
    gc.disable()
    yield ref(Cycle())
    gc.enable()


def test_it_is_collected_once_enough_have_gone(garbage: Any) -> None:
    collector = Collector()
    collector.left(LEAST_GONE - 1, here=10)
    assert garbage() is not None
    collector.left(1, here=10)
    assert garbage() is None


def test_where_many_are_more_may_go(garbage: Any) -> None:
    collector = Collector()
    collector.left(LEAST_GONE, here=10_000)
    assert garbage() is not None
    collector.left(5000 - LEAST_GONE, here=10_000)
    assert garbage() is None


def test_they_are_counted_anew_afterwards(garbage: Any) -> None:
    collector = Collector()
    collector.left(LEAST_GONE, here=0)
    later = ref(Cycle())
    collector.left(LEAST_GONE - 1, here=0)
    assert garbage() is None
    assert later() is not None


def test_the_server_tells_of_the_sockets_that_went_and_not_of_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daphne, "reactor", SimpleNamespace(callLater=lambda *_: None))
    told: list[tuple[int, int]] = []
    server = Server(lambda: None, endpoints=["tcp:0"], left=lambda gone, here: told.append((gone, here)))
    server.connections = {}
    here: list[Any] = [SocketProtocol.__new__(SocketProtocol) for _ in range(3)] + [WebRequest.__new__(WebRequest)]
    for protocol in here:
        server.protocol_connected(protocol)
    server.application_checker()
    assert told == []
    for protocol in [here[0], here[1], here[3]]:
        server.protocol_disconnected(protocol)
    server.application_checker()
    server.application_checker()
    assert told == [(2, 1)]
