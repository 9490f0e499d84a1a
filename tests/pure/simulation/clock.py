"""A loop that never waits: when nothing is ready, its clock jumps to the next timer."""

import asyncio
import selectors
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
END = 20_000.0


class _Jump(selectors.SelectSelector):
    loop: "VirtualLoop"

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("nothing will ever happen again: a task waits for nobody")
        if timeout > 0:
            self.loop.now += timeout
            if self.loop.now > END:
                raise RuntimeError("this goes on for ever: a task does not end when it is told to")
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Everything happens on one thread, in an order that only the program and its seeds decide."""

    def __init__(self) -> None:
        self.now = 1000.0
        selector = _Jump()
        selector.loop = self
        super().__init__(selector)
        self.faults: list[str] = []
        self.set_exception_handler(self._failed)

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        """For modules that ask `time.monotonic()`."""
        return self.now

    def _write_to_self(self) -> None:
        """Nobody else's thread has to wake us."""

    def _failed(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        self.faults.append(f"{context['message']}: {context.get('exception')!r}")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run to the end. Fails if a task failed unheard."""
    loop = VirtualLoop()
    try:
        asyncio.set_event_loop(loop)
        answer = loop.run_until_complete(main)
        assert not loop.faults, loop.faults
        return answer
    finally:
        for task in asyncio.all_tasks(loop):
            task.cancel()
            task._log_destroy_pending = False  # type: ignore[attr-defined]
        asyncio.set_event_loop(None)
        loop.close()
