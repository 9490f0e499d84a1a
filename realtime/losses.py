"""Which devices lose their sockets without a goodbye, so that those on bad networks are asked less often."""

import time
from collections import OrderedDict, deque
from collections.abc import Callable

UNSTEADY_WINDOW_S = 300.0
STEADY_AGAIN_S = 600.0
DEVICES = 10_000


class Losses:
    """The last losses of each device. Keeps ten minutes, and never more than the 10 000 devices that lost one last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lost: OrderedDict[str, deque[float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._lost)

    def note(self, device: str) -> None:
        """A socket of this device was lost without a goodbye."""
        self._forget()
        self._lost.setdefault(device, deque(maxlen=2)).append(self._clock())
        self._lost.move_to_end(device)
        if len(self._lost) > DEVICES:
            self._lost.popitem(last=False)

    def heartbeat(self, device: str, network: str) -> str:
        """The profile: as declared; `auto` is lossy after two losses in five minutes, until ten quiet ones."""
        if network != "auto":
            return network
        self._forget()
        lost = self._lost.get(device)
        return "lossy" if lost and len(lost) == 2 and lost[-1] - lost[0] <= UNSTEADY_WINDOW_S else "lan"

    def _forget(self) -> None:
        """Drop the devices that have been steady again: they lost longest ago, so they come first."""
        now = self._clock()
        while self._lost:
            device, lost = next(iter(self._lost.items()))
            if now - lost[-1] <= STEADY_AGAIN_S:
                return
            del self._lost[device]
