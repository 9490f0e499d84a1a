"""Log lines: for machines one JSON object a line; nothing about what is no fault."""

import asyncio
import json
import logging
from datetime import UTC, datetime

from django.core.exceptions import RequestAborted

# An ASGI handler's task for a reader who went away ends with this; nobody waits for the task, and nothing is wrong.
_LEFT = (RequestAborted, asyncio.CancelledError)

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def stayed(record: logging.LogRecord) -> bool:
    """A filter of asyncio's log: all but the forgotten tasks of readers who left before their answer."""
    return not (record.exc_info and isinstance(record.exc_info[1], _LEFT))


class JSONFormatter(logging.Formatter):
    """Time, level, logger and message; then whatever was passed as `extra`, then the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _PLAIN and name != "request"}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
