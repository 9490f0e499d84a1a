"""Sockets that were accepted and have not yet proved who they are: they cost memory and may be anybody's."""

from collections import Counter

from realtime.limits import Limits


class Lobby:
    """Counts them: in all, by address, and those by address that did not even bring a proof with the handshake."""

    def __init__(self, limits: Limits) -> None:
        self.anonymous: Counter[str] = Counter()
        self._here: Counter[str] = Counter()
        self._total = 0
        self._limits = limits

    def __len__(self) -> int:
        return self._total

    def enter(self, address: str, *, anonymous: bool) -> str | None:
        """Let one in; or why not, and it is not counted."""
        if self._total >= self._limits.unidentified:
            return "too many sockets without a word"
        if self._here[address] >= self._limits.unidentified_per_address:
            return "too many sockets without a word from this address"
        if anonymous and self.anonymous[address] >= self._limits.anonymous_per_address:
            return "too many sockets without identity"
        self._total += 1
        self._here[address] += 1
        if anonymous:
            self.anonymous[address] += 1
        return None

    def leave(self, address: str, *, anonymous: bool) -> None:
        """One that was let in is known now, or gone."""
        self._total -= 1
        for counter in (self._here, self.anonymous) if anonymous else (self._here,):
            counter[address] -= 1
            if not counter[address]:
                del counter[address]
