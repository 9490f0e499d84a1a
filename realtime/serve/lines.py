"""How a log line looks, in the processes and in what looks after them. Plain Python: the supervisor uses it too."""

import json
import logging
from datetime import UTC, datetime

from realtime.serve import place

FORMATS = ("text", "json")

_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class TextFormatter(logging.Formatter):
    """Time, level, process (its number among several, and its pid), logger and message."""

    def __init__(self) -> None:
        here = place.place()
        number = "" if here is None else f"{here + 1}/"
        super().__init__(f"{{asctime}} {{levelname}} {number}{{process}} {{name}}: {{message}}", style="{")


class JSONFormatter(logging.Formatter):
    """Time, level, process, pid, logger and message; then whatever was passed as `extra`, then the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        here = place.place()
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "process": None if here is None else here + 1,
            "pid": record.process,
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in vars(record).items() if name not in _PLAIN and name != "request"}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def formatter(name: str) -> logging.Formatter:
    """The formatter of this name."""
    return JSONFormatter() if name == "json" else TextFormatter()
