"""What a process counts about itself for Prometheus; docs/operations.md explains each name.

What happens for every delivery is one integer, added to; the rest (a batch, a close, a refusal) may cost a microsecond.
"""

from prometheus_client import Counter, Histogram

# Codes that a peer's close or a lost connection may have here; anything else she says is "other".
PEERS_CODES = frozenset({1000, 1001, 1005, 1006, 1009, 1011})

CLOSES = Counter("parley_closes", "Sockets that ended, by close code.", ["code"])
REFUSALS = Counter("parley_refusals", "Sockets not let in and commands not carried out.", ["what", "reason"])
RESUMES = Counter("parley_resumes", "Rooms for which a hello brought a cursor, by outcome.", ["outcome"])
BATCH_SIZE = Histogram(
    "parley_batch_size",
    "Commands committed together.",
    ["command"],
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500),
)
COMMIT = Histogram(
    "parley_commit_seconds",
    "From a batch's start to its answers, waiting for a thread included.",
    ["command"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
LOOP_LAG = Histogram(
    "parley_loop_lag_seconds",
    "By how much the loop was late, ten times a second.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)


class Tally:
    """The counts of the hot paths."""

    __slots__ = ("bytes", "deliveries")

    def __init__(self) -> None:
        self.deliveries = 0
        self.bytes = 0


TALLY = Tally()


def closed(code: int | None) -> None:
    """A socket has ended without our goodbye."""
    code = code or 1006
    CLOSES.labels(str(code) if code in PEERS_CODES else "other").inc()
