"""`serve --profile FILE`: where the loop's time goes, as a flame graph. Needs pyinstrument, which is no requirement."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

INTERVAL_S = 0.002
KINDS = (".html", ".json")


def missing() -> str:
    """What has to be installed first, as a sentence; empty if nothing."""
    return "" if find_spec("pyinstrument") else "--profile needs pyinstrument: .venv/bin/pip install pyinstrument"


@contextmanager
def written_to(path: str) -> Iterator[None]:
    """Sample this thread, and write the picture at the end: .html to look at, .json for speedscope.

    Samples are taken in the process itself, so no right to trace others is needed; it costs some speed.
    """
    if not path:
        yield
        return
    profiler = import_module("pyinstrument").Profiler(interval=INTERVAL_S, async_mode="disabled")
    profiler.start()
    try:
        yield
    finally:
        profiler.stop()
        renderers = import_module("pyinstrument.renderers")
        renderer = renderers.SpeedscopeRenderer if path.endswith(".json") else renderers.HTMLRenderer
        Path(path).write_text(profiler.output(renderer()))
