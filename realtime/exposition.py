"""Each process's own address for Prometheus: behind one shared port, whichever process answers would be asked."""

import logging
import os
import threading
import time

from prometheus_client import CollectorRegistry, start_http_server

logger = logging.getLogger(__name__)

# The supervisor says which of the processes this is, from 0.
PLACE = "PARLEY_PLACE"
TRY_AGAIN_S = 1.0


def open_at(first_port: int, registry: CollectorRegistry) -> None:
    """Answer at 127.0.0.1, on the port of this process's place, with a thread that also answers when the loop is stuck.

    A process that takes another's place waits until that one has gone and its port is free.
    """
    port = first_port + int(os.environ.get(PLACE, "0"))
    threading.Thread(target=_open, args=(port, registry), name="exposition", daemon=True).start()


def _open(port: int, registry: CollectorRegistry) -> None:
    said = False
    while True:
        try:
            start_http_server(port, "127.0.0.1", registry)
        except OSError as error:
            if not said:
                logger.info("port %s for metrics is taken still: %s", port, error.strerror)
            said = True
            time.sleep(TRY_AGAIN_S)
        else:
            return
