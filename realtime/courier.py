"""Ringing from a process without a hub (a command, a job, the shell): one thread with a loop of its own.

Without it nothing would be lost either: the position check of the serving processes finds what was committed.
"""

import asyncio
import atexit
import logging
import queue
import threading
from typing import Any

from channels.layers import get_channel_layer
from django.conf import settings

from realtime.bell import Bell
from realtime.doorbell import SEND_TIMEOUT_S, group_name
from realtime.layer import send_together
from realtime.protocol.frames import Event

logger = logging.getLogger(__name__)

QUEUE = 1000
LINGER_S = 2.0

_queue: "queue.Queue[list[Bell] | None]" = queue.Queue(QUEUE)
_thread: threading.Thread | None = None
_lock = threading.Lock()


def carry(events: list[Event]) -> None:
    """Ring the doorbells of other processes for these events. Never waits, never raises."""
    global _thread
    if not settings.CHANNEL_LAYERS:
        return
    with _lock:
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_work, name="courier", daemon=True)
            _thread.start()
            atexit.register(_finish)
    try:
        _queue.put_nowait(Bell.ring(events))
    except queue.Full:
        logger.warning("too many bells are waiting; the position check will find what they announce")


def _work() -> None:
    # Waits on the queue outside the loop: a thread of the loop's executor would wait there for ever at exit, since
    # those are joined before atexit runs `_finish`.
    with asyncio.Runner() as runner:
        layer = get_channel_layer()
        while (bells := _queue.get()) is not None:
            runner.run(_ring(layer, bells))


async def _ring(layer: Any, bells: list[Bell]) -> None:
    messages = [(group_name(bell.topic), {"type": "bell", "o": "", **bell.pack()}) for bell in bells]
    try:
        async with asyncio.timeout(SEND_TIMEOUT_S):
            await send_together(layer, messages)
    except Exception as error:
        logger.warning("%d bells were not rung: %s: %s", len(bells), type(error).__name__, error)


def _finish() -> None:
    """Let a short-lived process ring what it committed before it ends."""
    _queue.put(None)
    if _thread is not None:
        _thread.join(LINGER_S)
