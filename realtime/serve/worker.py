"""One server process: the application on a listening socket, until it is asked to go."""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys

from channels.routing import get_default_application

from realtime.daphne import Server
from realtime.serve import profile
from realtime.serve.collector import Collector
from realtime.serve.supervisor import BEAT, BEAT_EVERY_S

logger = logging.getLogger(__name__)

# Idle sockets live for ever; a late pong does not kill a healthy one (the timeout has to be below the interval).
IDLE_TIMEOUT_S = -1
HANDSHAKE_S = 10
PING_INTERVAL_S = 30
PING_TIMEOUT_S = 25
APPLICATION_CLOSE_S = 5
# After each of its writes the loop asks for the interpreter again; a database thread that computes lets go this soon.
SWITCH_S = 0.0005


def run(listener: socket.socket, *, lifeline: int | None = None, ready: int | None = None, flames: str = "") -> None:
    """Serve until a signal ends it.

    `lifeline`: a pipe whose other end the supervisor holds; when it closes, the supervisor has died and this process
    drains too. `ready`: a pipe to say into that connections are being accepted, and from then on that the loop turns.
    """
    host, port = listener.getsockname()[:2]

    def begun() -> None:
        loop = asyncio.get_running_loop()
        # Who was started with nohup ignores it already.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            loop.add_signal_handler(signal.SIGHUP, hung_up)
        if ready is not None:
            os.set_blocking(ready, False)
            beat(ready)
        if lifeline is not None:
            loop.add_reader(lifeline, orphaned, lifeline)
        else:
            logger.info("serving at %s, port %s", host, port)

    collector = Collector()
    server = Server(
        application=get_default_application(),
        listener=listener,
        begun=begun,
        left=collector.left,
        websocket_timeout=IDLE_TIMEOUT_S,
        websocket_connect_timeout=HANDSHAKE_S,
        websocket_handshake_timeout=HANDSHAKE_S,
        ping_interval=PING_INTERVAL_S,
        ping_timeout=PING_TIMEOUT_S,
        application_close_timeout=APPLICATION_CLOSE_S,
        verbosity=0,
    )
    # Into the log, in the log's format.
    logging.captureWarnings(True)
    sys.setswitchinterval(SWITCH_S)
    collector.begin()
    with profile.written_to(flames):
        server.run()


def beat(ready: int) -> None:
    """The loop turns."""
    # A full pipe: the supervisor stands still, and will find enough there.
    with contextlib.suppress(BlockingIOError, BrokenPipeError):
        os.write(ready, BEAT)
    asyncio.get_running_loop().call_later(BEAT_EVERY_S, beat, ready)


def hung_up() -> None:
    """The terminal has been closed, or somebody wants another process: a single one has no successor here."""
    logger.warning("SIGHUP; this process drains")
    signal.raise_signal(signal.SIGTERM)


def orphaned(lifeline: int) -> None:
    """The supervisor is gone: nobody would restart this process or end it."""
    asyncio.get_running_loop().remove_reader(lifeline)
    logger.warning("the supervisor is gone; this process drains")
    signal.raise_signal(signal.SIGTERM)
