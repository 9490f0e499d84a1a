"""Each process's own address for Prometheus: behind one shared port, whichever process answers would be asked."""

import logging
import threading
import time

from prometheus_client import CollectorRegistry, start_http_server

from realtime.serve.place import place

logger = logging.getLogger(__name__)

TRY_AGAIN_S = 1.0
# A process that is replaced has gone before (realtime/serve/supervisor.py); whoever has the port now, keeps it.
TAKEN_AFTER_S = 25.0


def open_at(first_port: int, registry: CollectorRegistry) -> None:
    """Answer at 127.0.0.1, on the port of this process's place, with a thread that also answers when the loop is stuck.

    A process that takes another's place waits until that one has gone and its port is free.
    """
    port = first_port + (place() or 0)
    threading.Thread(target=_open, args=(port, registry), name="exposition", daemon=True).start()


def _open(port: int, registry: CollectorRegistry) -> None:
    began, said = time.monotonic(), False
    while True:
        try:
            start_http_server(port, "127.0.0.1", registry)
        except OSError as error:
            if not said and time.monotonic() - began >= TAKEN_AFTER_S:
                said = True
                logger.warning("port %s for metrics belongs to another program: %s", port, error.strerror)
            time.sleep(TRY_AGAIN_S)
        else:
            if said:
                logger.info("metrics are at port %s now", port)
            return
