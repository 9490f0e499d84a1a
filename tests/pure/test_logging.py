"""What is written down is what somebody has to look at."""

import logging

from django.core.exceptions import RequestAborted


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
