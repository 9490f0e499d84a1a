"""A process's own port for Prometheus: what it says while somebody else has it."""

import socket
import urllib.request

import pytest
from prometheus_client import CollectorRegistry

from realtime import exposition
from tests.servers import eventually


def test_a_port_that_stays_taken_is_said_once_and_one_that_is_freed_in_time_is_not(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(exposition, "TRY_AGAIN_S", 0.05)
    monkeypatch.setattr(exposition, "TAKEN_AFTER_S", 1.0)
    caplog.set_level("INFO", "realtime.exposition")
    for holds_for, lines in ((0.3, []), (1.5, ["belongs to another program", "metrics are at port"])):
        caplog.clear()
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            exposition.open_at(port, CollectorRegistry())
            with pytest.raises(AssertionError):
                eventually(lambda: len(caplog.messages) > 1, within=holds_for)
            assert len(caplog.messages) == min(len(lines), 1)
        eventually(lambda port=port: _answers(port))
        eventually(lambda lines=lines: len(caplog.messages) == len(lines))
        assert all(line in message for line, message in zip(lines, caplog.messages, strict=True))


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
