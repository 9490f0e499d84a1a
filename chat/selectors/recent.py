"""Replays that were just read. After a restart everybody comes back with much the same cursors: a room is read once for
all of them.

A room's head is in the question, and with the same head its log is the same. What a log does not tell, a person's name
or picture, may be as old as an answer is kept.
"""

import threading
import time
from collections import OrderedDict
from typing import NamedTuple

from realtime.product import Replay

LIFE_S = 2.0
BYTES_MAX = 32 * 1024 * 1024


class Question(NamedTuple):
    """What changed in a room after `since`, up to `head`."""

    room: int
    since: int
    head: int


class Recent:
    """For the threads of one process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Question, tuple[float, Replay]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, question: Question) -> Replay | None:
        """The answer, if it is young enough."""
        with self._lock:
            at, replay = self._kept.get(question, (0.0, None))
            return replay if time.monotonic() - at < LIFE_S else None

    def put(self, question: Question, replay: Replay) -> None:
        """Keep an answer for a while; the oldest make room."""
        now = time.monotonic()
        with self._lock:
            self._forget(question)
            self._kept[question] = (now, replay)
            self._bytes += replay.size
            while self._kept:
                oldest, (at, _replay) = next(iter(self._kept.items()))
                if now - at < LIFE_S and self._bytes <= BYTES_MAX:
                    return
                self._forget(oldest)

    def _forget(self, question: Question) -> None:
        if question in self._kept:
            self._bytes -= self._kept.pop(question)[1].size
