"""What is written down is what somebody has to look at."""

import json
import logging
import os

import psycopg
import pytest
from django.core.exceptions import RequestAborted

from config.logging import Cause
from realtime.serve import lines


def test_a_reader_who_left_is_no_fault_and_every_other_forgotten_task_is() -> None:
    heard: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            heard.append(record.getMessage())

    log, ear = logging.getLogger("asyncio"), Ear()
    log.addHandler(ear)
    try:
        log.error("left", exc_info=RequestAborted())
        log.error("wrong", exc_info=RuntimeError())
        log.error("plain")
    finally:
        log.removeHandler(ear)
    assert heard == ["wrong", "plain"]


def test_the_pool_says_why_it_cannot_connect_once_a_minute_and_every_error() -> None:
    cause, now = Cause(), 1000.0

    def said(level: int, text: str, *args: object) -> str | None:
        record = logging.LogRecord("psycopg.pool", level, "", 0, text, args, None)
        record.created = now
        return record.getMessage() if cause.filter(record) else None

    connecting, refused = "error connecting in %r: %s", psycopg.OperationalError("refused\n\tIs it running?")
    assert said(logging.WARNING, connecting, "pool", refused) == "OperationalError: refused Is it running?"
    now += 1
    assert said(logging.WARNING, connecting, "pool", refused) is None
    assert said(logging.WARNING, "discarding closed connection: %s", "a connection") is None
    assert said(logging.WARNING, connecting, "pool", psycopg.OperationalError("password")) is not None
    assert said(logging.ERROR, "worse") == "worse"
    now += 61
    assert said(logging.WARNING, connecting, "pool", refused) is not None


def test_a_line_names_the_process_that_wrote_it(monkeypatch: pytest.MonkeyPatch) -> None:
    record = logging.LogRecord("realtime.x", logging.INFO, "", 0, "it is %s", ("so",), None)
    pid = os.getpid()
    assert lines.formatter("text").format(record).endswith(f" INFO {pid} realtime.x: it is so")
    alone = json.loads(lines.formatter("json").format(record))
    assert (alone["process"], alone["pid"], alone["message"]) == (None, pid, "it is so")
    monkeypatch.setenv("PARLEY_PLACE", "1")
    assert lines.formatter("text").format(record).endswith(f" INFO 2/{pid} realtime.x: it is so")
    assert json.loads(lines.formatter("json").format(record))["process"] == 2
