"""A faulty proxy in a thread of its own, for tests whose loop is busy, or asleep while servers start."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from tests.chaos.proxy import Proxy

T = TypeVar("T")


class Proxied:
    """`proxy`, to be touched with `do` only."""

    def __init__(self, target: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._thread.start()
        self.proxy = self._run(Proxy(target).start())

    @property
    def port(self) -> int:
        return self.proxy.port

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    def do(self, act: Callable[[Proxy], T]) -> T:
        """Do something to the proxy, on its loop."""

        async def acted() -> T:
            return act(self.proxy)

        return self._run(acted())

    def stop(self) -> None:
        self._run(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        await self.proxy.stop()
        carrying = asyncio.all_tasks() - {asyncio.current_task()}
        for task in carrying:
            task.cancel()
        await asyncio.gather(*carrying, return_exceptions=True)
