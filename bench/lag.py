"""How late a server's loop was, by its own account: `parley_loop_lag_seconds` of /metrics (realtime/lag.py).

The loop sleeps for 0.1 s again and again, and notes in a histogram by how much each sleep was too long. So a pause is
seen if it covers the end of a sleep, and as far as it goes on after that: of one of 50 ms, half of them are seen, with
25 ms on average. A histogram knows buckets, so what is said here are their upper ends: it was at most that.
"""

from collections.abc import Mapping
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

NAME = "parley_loop_lag_seconds"
Looks = Mapping[float, float]


def looked(port: int) -> Looks:
    """Looks so far that found the loop late by at most so many seconds."""
    with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as answer:
        families = text_string_to_metric_families(answer.read().decode())
    samples = next(family.samples for family in families if family.name == NAME)
    return {float(one.labels["le"]): one.value for one in samples if one.name == f"{NAME}_bucket"}


def late_ms(before: Looks, after: Looks, share: float) -> float:
    """By how many ms at most this share of the looks between the two (1: all) was late."""
    looks = {bound: after[bound] - before[bound] for bound in sorted(after)}
    wanted = share * looks[max(looks)]
    return next(bound for bound, count in looks.items() if count >= wanted) * 1000
