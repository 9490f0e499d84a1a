"""`make bench`: everything side by side, one table. `ONLY=burst,rooms` runs some workloads, `RESUME=1` only those that
are not kept yet for this commit or are void, `SMALL=1` a tenth of everything to see whether it works (nothing is kept).
`PROFILE=1` has Parley write flame graphs to var/bench/ (nothing is kept: the profiler's cost is in the figures).

Each workload is kept in bench/results/ as soon as it is measured; the table is made of what is kept.
"""

import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from bench import pages
from bench.block import RESULTS, Block, Row, report
from bench.install import BUILT, install
from bench.machine import describe, said
from bench.stage import Stage

WORKLOADS = (
    *("burst", "trickle", "rooms", "idle", "storm", "pages", "two", "growth", "curves", "scaling", "locust"),
    *("where", "tried"),
)


def versions() -> str:
    """Of what we compare with."""
    node = BUILT / "node" / "node_modules"
    of_modules = [
        said("node", "-p", f"'{name} ' + require('{node / name}/package.json').version")
        for name in ("ws", "socket.io", "pg")
    ]
    go = said("go", "version").removeprefix("go version ")
    gorilla = said("dpkg-query", "-W", "-f=${Version}", "golang-github-gorilla-websocket-dev")
    servers = [said("/usr/bin/env", "redis-server", "--version").split(" sha")[0], said("psql", "--version")]
    return ", ".join([go, f"gorilla/websocket {gorilla}", f"node {said('node', '--version')}", *of_modules, *servers])


def wanted() -> list[str]:
    """The workloads to run. Exits with a sentence if there is no such one."""
    only = [name for name in os.environ.get("ONLY", "").replace(",", " ").split() if name]
    if unknown := [name for name in only if name not in WORKLOADS]:
        sys.exit(f"bench: there is no {unknown[0]}; there are {', '.join(WORKLOADS)}")
    names = only or list(WORKLOADS)
    if not os.environ.get("RESUME"):
        return names
    commit = describe()["commit"]
    kept = {name: Block.stored(name) for name in names}
    return [name for name, block in kept.items() if not (block and block.whole and block.machine["commit"] == commit)]


def measure(stage: Stage, name: str, machine: dict[str, str]) -> Block:
    """One workload, with what it was measured on."""
    run: Callable[[Stage], Block] = import_module(f"bench.workloads.{name}").measure
    began = time.monotonic()
    try:
        block = run(stage)
    except Exception as error:
        traceback.print_exc()
        # One that fails says so in the table; the others are measured all the same.
        block = Block(
            name, "could not be measured", [Row("the whole", {}, void=f"{type(error).__name__}: {error}"[:600])]
        )
    block.machine, block.seconds, block.small = machine, round(time.monotonic() - began, 1), stage.small
    return block


def main() -> int:
    install()
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped then, too
    small = bool(os.environ.get("SMALL"))
    keep = not small and not os.environ.get("PROFILE")
    names = wanted()
    machine = describe() | {"peers": versions()}
    folder = Path(tempfile.mkdtemp(prefix="parley-bench-"))
    folder.chmod(0o755)  # PostgreSQL's user must be able to pass through
    stage = Stage(folder, small=small)
    blocks = {}
    try:
        if names:
            stage.start()
        for name in names:
            print(f"==== {name}", flush=True)
            blocks[name] = measure(stage, name, machine)
            print(blocks[name].text(), flush=True)
            if keep:
                blocks[name].store()
    finally:
        stage.stop()
        shutil.rmtree(folder, ignore_errors=True)
    if not keep:
        return 0
    stored = [block for block in map(Block.stored, WORKLOADS) if block is not None]
    text = report(stored)
    (RESULTS / "bench.txt").write_text(text)
    print(text)
    return pages.main([])


if __name__ == "__main__":
    sys.exit(main())
