"""Limits, all configurable, and the token buckets that keep them.

Buckets live in the process (see docs/decisions/0002): a send never waits for Redis to be allowed.
"""

import time
from collections.abc import Callable

from msgspec import Struct


class Limits(Struct, frozen=True, kw_only=True):
    """The engine's limits; every one is a setting. Sizes are bytes, times seconds unless the name says otherwise."""

    command_bytes: int = 128 * 1024
    text_code_points: int = 8000
    commands_per_s: float = 10
    commands_burst: int = 30
    sends_per_s: float = 5
    sends_burst: int = 20
    typing_every_s: float = 3
    hellos_per_min: float = 20
    sockets_per_person: int = 10
    anonymous_per_address: int = 50
    unidentified_per_address: int = 2500
    unidentified: int = 10_000
    loop_lag_s: float = 0.5
    hellos_in_flight: int = 5000
    commands_in_flight: int = 64
    hello_within_s: float = 10
    violations: int = 3
    refusals_per_10_s: int = 100
    replay_rows: int = 2000
    held_frames: int = 1000
    held_bytes: int = 1024 * 1024
    pending_bytes: int = 1024 * 1024
    pending_s: float = 15
    whisper_bytes: int = 256 * 1024
    replay_bytes: int = 64 * 1024
    replays_bytes: int = 128 * 1024 * 1024
    ready_bytes: int = 256 * 1024

    def rates(self) -> dict[str, tuple[float, int]]:
        """(tokens a second, burst) by the name a verb's `limit` gives."""
        return {
            "command": (self.commands_per_s, self.commands_burst),
            "send": (self.sends_per_s, self.sends_burst),
            "typing": (1 / self.typing_every_s, 2),
            "hello": (self.hellos_per_min / 60, max(1, int(self.hellos_per_min))),
        }

    def shown(self) -> dict[str, int]:
        """What `ready` tells the client."""
        return {
            "command_bytes": self.command_bytes,
            "text_code_points": self.text_code_points,
            "sends_burst": self.sends_burst,
            "sockets_per_person": self.sockets_per_person,
        }


class Buckets:
    """Token buckets by (who, what)."""

    def __init__(self, rates: dict[str, tuple[float, int]], clock: Callable[[], float] = time.monotonic) -> None:
        self._rates = rates
        self._clock = clock
        self._levels: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, who: str, what: str) -> int:
        """Take a token. 0 if there was one, else the milliseconds until there is."""
        rate, burst = self._rates[what]
        now = self._clock()
        level, at = self._levels.get((who, what), (float(burst), now))
        level = min(float(burst), level + (now - at) * rate)
        if level >= 1:
            self._levels[who, what] = (level - 1, now)
            return 0
        self._levels[who, what] = (level, now)
        return max(1, int((1 - level) / rate * 1000))

    def forget(self) -> None:
        """Drop the buckets that are full again."""
        now = self._clock()
        for (who, what), (level, at) in list(self._levels.items()):
            rate, burst = self._rates[what]
            if level + (now - at) * rate >= burst:
                del self._levels[who, what]
