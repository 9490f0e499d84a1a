"""Places where a test may have the process die, as a power cut would."""

import os
import signal

_NAME = os.environ.get("PARLEY_FAILPOINT", "")


def reach(name: str) -> None:
    """SIGKILL this process if the environment's PARLEY_FAILPOINT names this place."""
    if name == _NAME:
        os.kill(os.getpid(), signal.SIGKILL)
