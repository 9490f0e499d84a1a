"""`make test`: everything, in worlds. `python -m tests.run NAME... [-- PYTEST ARGUMENTS]` runs some of it.

Redis and PostgreSQL are private, on free ports, and gone afterwards. A run without tests has failed.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.install import install_missing
from tests.servers import ROOT, Postgres, Redis


@dataclass(frozen=True)
class Run:
    """One process of a test runner. `servers`: it works on PostgreSQL and Redis instead of SQLite and memory."""

    paths: tuple[str, ...]
    servers: bool = False
    world: str = ""
    command: tuple[str, ...] = ()


RUNS = {
    "check": Run((), command=(sys.executable, "-m", "tests.check")),
    "pure": Run(("tests/pure", "tests/check")),
    "db:sqlite": Run(("tests/db",)),
    "js": Run((), command=("npm", "test", "--silent")),
    "wire:embedded": Run(("tests/wire",), world="embedded"),
    "wire:plain": Run(("tests/wire",), world="plain"),
    "permissions:sqlite": Run(("tests/permissions",), world="embedded"),
    "db:postgres": Run(("tests/db",), servers=True),
    "permissions:postgres": Run(("tests/permissions",), servers=True, world="production"),
    "wire:production": Run(("tests/wire",), servers=True, world="production"),
    "browser": Run(("tests/browser",), world="embedded"),
}
# What a developer has set for her own server must not reach the tests.
SETTINGS = {
    line.lstrip("# ").partition("=")[0]
    for line in (ROOT / ".env.example").read_text().splitlines()
    if line.lstrip("# ").partition("=")[0].isupper() and "=" in line
}


RUN_TIMEOUT_S = 1200


@dataclass
class Result:
    name: str
    passed: int
    failed: int
    seconds: float


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return kept | {"PYTHONUNBUFFERED": "1"}


def pytest_run(name: str, run: Run, folder: Path, servers: dict[str, str], arguments: Sequence[str]) -> Result:
    report = folder / f"{name.replace(':', '-')}.xml"
    command = [sys.executable, "-m", "pytest", *run.paths, f"--junitxml={report}", *arguments]
    if run.world:
        command.append(f"--world={run.world}")
    started = time.monotonic()
    status = supervised(command, environment() | (servers if run.servers else {}))
    passed = failed = 0
    if report.exists():
        for suite in ET.parse(report).getroot().iter("testsuite"):
            failed += int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            passed += int(suite.get("tests", 0)) - int(suite.get("skipped", 0))
        passed -= failed
    if status and not failed:
        failed = 1
    return Result(name, max(passed, 0), failed, time.monotonic() - started)


def command_run(name: str, run: Run) -> Result:
    started = time.monotonic()
    good = supervised(run.command, environment()) == 0
    return Result(name, int(good), int(not good), time.monotonic() - started)


def supervised(command: Sequence[str], environment: dict[str, str]) -> int:
    """The exit status of a command; of one that does not end, after a while, that of the signal that ended it."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL)
    try:
        return process.wait(RUN_TIMEOUT_S)
    except subprocess.TimeoutExpired:
        print(f"it has not ended after {RUN_TIMEOUT_S} s", flush=True)
        return 124
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def main(arguments: Sequence[str]) -> int:
    names, _, extra = "\0".join(arguments).partition("--\0")
    wanted = [name for name in names.split("\0") if name] or list(RUNS)
    if unknown := [name for name in wanted if name not in RUNS]:
        print(f"there is no {unknown[0]}; there are {', '.join(RUNS)}", file=sys.stderr)
        return 2
    install_missing()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="parley-run-"))
    folder.chmod(0o755)  # PostgreSQL's user must be able to pass through
    results = []
    redis, postgres = Redis(folder / "redis"), Postgres(folder / "postgres")
    try:
        if any(RUNS[name].servers for name in wanted):
            redis.start()
            postgres.start()
        servers = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
        for name in wanted:
            print(f"\n======== {name}", flush=True)
            run = RUNS[name]
            more = extra.split("\0") if extra else []
            results.append(command_run(name, run) if run.command else pytest_run(name, run, folder, servers, more))
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print()
    for result in results:
        print(f"{result.name:<16} {result.passed:>5} passed {result.failed:>3} failed {result.seconds:>7.1f} s")
    failed = sum(result.failed for result in results)
    print(f"{sum(result.passed for result in results)} passed, {failed} failed", flush=True)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
