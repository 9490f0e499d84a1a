"""What strangers can make the server say, as often as they like, is said in one line."""

import logging


def stranger(record: logging.LogRecord) -> bool:
    """A logging filter: the record is a warning, without its traceback."""
    record.exc_info = record.exc_text = None
    record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
    return True
