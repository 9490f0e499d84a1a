"""Numbers for the test's output."""

from collections.abc import Sequence


def percentile(values: Sequence[float], percent: float) -> float:
    """The value that `percent` of these do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def ms(values: Sequence[float]) -> str:
    """p50 / p95 / max of seconds, in milliseconds."""
    return " / ".join(f"{1000 * percentile(values, percent):.0f}" for percent in (50, 95, 100)) + " ms"
