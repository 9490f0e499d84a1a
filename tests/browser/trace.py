"""What the browser's main thread did, from its own trace: the time that passed, and the time it really worked.

On a machine that others use too a task takes longer than it works; only its own work is the product's.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from playwright.sync_api import Page

CATEGORY = "disabled-by-default-devtools.timeline"


class Task(NamedTuple):
    """One task of the page's main thread, in milliseconds."""

    wall: float
    work: float


class Tasks:
    """Every task while it was watched."""

    def __init__(self) -> None:
        self.all: list[Task] = []

    @property
    def longest(self) -> Task:
        """By its own work."""
        return max(self.all, key=lambda task: task.work, default=Task(0, 0))

    @property
    def slowest(self) -> float:
        """The longest time from a task's beginning to its end."""
        return max((task.wall for task in self.all), default=0)

    def __str__(self) -> str:
        over = sum(task.wall > 50 for task in self.all)
        return f"longest task {self.longest.work:.0f} ms of work ({self.slowest:.0f} ms by the clock, {over} over 50)"


@contextmanager
def watching(page: Page) -> Iterator[Tasks]:
    """Watch the tasks of a page; one at a time in a browser."""
    browser = page.context.browser
    assert browser is not None
    tasks = Tasks()
    browser.start_tracing(page=page, categories=["-*", CATEGORY, "__metadata"])
    try:
        yield tasks
    finally:
        events = json.loads(browser.stop_tracing())["traceEvents"]
        main = {
            (event["pid"], event["tid"])
            for event in events
            if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
        }
        tasks.all = [
            Task(event["dur"] / 1000, event.get("tdur", event["dur"]) / 1000)
            for event in events
            if event["name"] == "RunTask" and "dur" in event and (event["pid"], event["tid"]) in main
        ]
