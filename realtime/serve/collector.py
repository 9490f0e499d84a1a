"""When everything is looked through for garbage: when enough sockets have gone, and not because many have come."""

import gc

# Python's own look at every object whenever a quarter more of them stay: measured, pauses of up to 0.2 s while 2 000
# people come, of half a second and more on the way to 10 000. What dies young is freed by its count or by the first two
# generations, the second small enough for 25 ms. The third is a last resort: 4 million containers more than before.
THRESHOLDS = (10_000, 5, 80)
# A socket that has gone leaves cycles of 85 containers, 28 KiB. So many may wait, or half as many as are here.
LEAST_GONE = 2000


class Collector:
    """Python's collector, told of the sockets that end."""

    def __init__(self) -> None:
        self._gone = 0

    def begin(self) -> None:
        """What is there already stays for ever: nobody looks at it again."""
        gc.collect()
        gc.freeze()
        gc.set_threshold(*THRESHOLDS)

    def left(self, gone: int, here: int) -> None:
        """So many sockets have gone since the last call, so many are here. Collects if it is time; the loop waits."""
        self._gone += gone
        if self._gone >= max(LEAST_GONE, here // 2):
            self._gone = 0
            gc.collect()
