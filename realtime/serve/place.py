"""Which of several processes this is: the supervisor says so, counted from 0. Plain Python."""

import os

PLACE = "PARLEY_PLACE"


def place() -> int | None:
    """None: it is the only one, or looks after the others."""
    said = os.environ.get(PLACE)
    return None if said is None else int(said)
