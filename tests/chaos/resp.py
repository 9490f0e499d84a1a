"""A proxy before Redis that knows which bytes are a pub/sub message: it may drop, double or reorder them."""

from collections.abc import Callable, Iterable, Iterator

from tests.chaos.proxy import Link, Proxy, Way


class RespError(ValueError):
    """These bytes are no RESP."""


def value_end(data: bytes, at: int = 0) -> int:
    """Where the value that begins at `at` ends; -1 if it is not all there. Knows RESP 2 and 3. Raises RespError."""
    eol = data.find(b"\r\n", at)
    if eol < 0:
        return -1
    kind, end = data[at : at + 1], eol + 2
    if kind in b"+-:_#,(":
        return end
    if kind in b"$=!":
        size = int(data[at + 1 : eol])
        if size < 0:
            return end
        return end + size + 2 if len(data) >= end + size + 2 else -1
    if kind in b"*>~%|":
        count = max(0, int(data[at + 1 : eol])) * (2 if kind in b"%|" else 1)
        for _ in range(count):
            end = value_end(data, end)
            if end < 0:
                return -1
        return end
    raise RespError(data[at : at + 40])


def values(data: bytes) -> Iterator[bytes]:
    """The whole values at the beginning of these bytes."""
    at = 0
    while at < len(data) and (end := value_end(data, at)) > 0:
        yield data[at:end]
        at = end


def is_message(value: bytes) -> bool:
    """Whether this is what a subscriber gets of a PUBLISH."""
    return value[:1] in (b"*", b">") and value.partition(b"\r\n")[2].startswith(b"$7\r\nmessage\r\n")


class RedisProxy(Proxy):
    """As Proxy; and of the messages to subscribers a share gets lost, comes twice, or comes after the next one."""

    def _calm(self) -> None:
        super()._calm()
        self.lost = self.doubled = self.late = 0.0

    def __init__(self, target: int, *, seed: int = 0) -> None:
        self.subscribed: set[Link] = set()
        self.counts = {"passed": 0, "lost": 0, "doubled": 0, "late": 0}
        super().__init__(target, seed=seed)

    def sieve(self, link: Link, way: Way) -> Callable[[bytes], Iterable[bytes]]:
        if way is Way.UP:
            return lambda data: self._up(link, data)
        buffered = bytearray()
        held: list[bytes] = []

        def down(data: bytes) -> Iterator[bytes]:
            if link not in self.subscribed:
                yield data
                return
            buffered.extend(data)
            for value in values(bytes(buffered)):
                del buffered[: len(value)]
                yield from self._judged(value, held)

        return down

    def _up(self, link: Link, data: bytes) -> Iterable[bytes]:
        if b"SUBSCRIBE\r\n" in data:
            self.subscribed.add(link)
        return (data,)

    def _judged(self, value: bytes, held: list[bytes]) -> Iterator[bytes]:
        if is_message(value):
            chance = self.random.random()
            if chance < self.lost:
                self.counts["lost"] += 1
                return
            if chance < self.lost + self.late and not held:
                self.counts["late"] += 1
                held.append(value)
                return
            if self.lost + self.late <= chance < self.lost + self.late + self.doubled:
                self.counts["doubled"] += 1
                yield value
            self.counts["passed"] += 1
        yield value
        while held:
            yield held.pop()

    @property
    def listening(self) -> bool:
        """Whether somebody is subscribed on a connection that works."""
        return any(link in self.subscribed and not link.stalled for link in self.links)

    def stall_subscriptions(self) -> int:
        """The connections that listen now hear nothing more, and are not told. How many."""
        return self.stall_open(lambda link: link in self.subscribed)
