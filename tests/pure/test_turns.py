"""Requests take turns; nobody who waits for something else keeps others out, and nobody's place is lost."""

import asyncio
from typing import Any

import pytest

from config import turns
from config.turns import Turns


class Application:
    """Requests stay in it until they are let go."""

    def __init__(self) -> None:
        self.inside: list[str] = []
        self.go = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.inside.append(scope["path"])
        if scope["path"] == "/fails":
            raise RuntimeError("failed")
        await self.go.wait()


def ask(requests: Turns, path: str) -> asyncio.Task[None]:
    return asyncio.ensure_future(requests({"type": "http", "path": path}, None, None))  # type: ignore[arg-type]


async def turn_a_few_times() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_so_many_are_inside_and_the_others_follow_in_order() -> None:
    application = Application()
    requests = Turns(application, 2)
    tasks = [ask(requests, f"/{n}") for n in range(5)]
    await turn_a_few_times()
    assert application.inside == ["/0", "/1"]
    application.go.set()
    await asyncio.gather(*tasks)
    assert application.inside == [f"/{n}" for n in range(5)]


async def test_who_asks_how_the_process_is_does_not_wait() -> None:
    application = Application()
    requests = Turns(application, 1)
    tasks = [ask(requests, path) for path in ("/", "/", "/healthz", "/readyz", "/metrics")]
    await turn_a_few_times()
    assert application.inside == ["/", "/healthz", "/readyz", "/metrics"]
    application.go.set()
    await asyncio.gather(*tasks)


async def test_a_request_that_waits_keeps_nobody_out_and_its_place_comes_back_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(turns, "HELD_S", 0.02)
    application = Application()
    requests = Turns(application, 1)
    slow = ask(requests, "/slow")
    next_one = ask(requests, "/next")
    await turn_a_few_times()
    assert application.inside == ["/slow"]
    await asyncio.sleep(0.04)
    assert application.inside == ["/slow", "/next"]
    monkeypatch.setattr(turns, "HELD_S", 60)
    application.go.set()
    await asyncio.gather(slow, next_one)
    application.go.clear()
    after = [ask(requests, f"/after{n}") for n in range(2)]
    await turn_a_few_times()
    assert application.inside[2:] == ["/after0"], "one place, as before"
    application.go.set()
    await asyncio.gather(*after)


async def test_a_request_that_fails_or_is_given_up_leaves_its_place() -> None:
    application = Application()
    requests = Turns(application, 1)
    with pytest.raises(RuntimeError):
        await ask(requests, "/fails")
    given_up = ask(requests, "/given-up")
    waiting = ask(requests, "/waiting")
    await turn_a_few_times()
    waiting.cancel()
    given_up.cancel()
    await asyncio.gather(given_up, waiting, return_exceptions=True)
    last = ask(requests, "/last")
    await turn_a_few_times()
    assert application.inside == ["/fails", "/given-up", "/last"]
    application.go.set()
    await last
