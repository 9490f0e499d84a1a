"""`make test`: everything, in worlds. `python -m tests.run NAME... [-- PYTEST ARGUMENTS]` runs some of it.

Two lanes run side by side; what measures the front end's times runs alone, so that nothing is slow because of a
neighbour. Redis and PostgreSQL are private, on free ports, and gone afterwards. A run without tests has
failed.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.install import install_missing
from tests.servers import ROOT, Postgres, Redis


@dataclass(frozen=True)
class Run:
    """One process of a test runner. `servers`: it works on PostgreSQL and Redis instead of SQLite and memory.

    `unsteady`: so many of its tests may fail if they then pass by themselves (docs/decisions/0013-a-second-try.md).
    """

    paths: tuple[str, ...]
    servers: bool = False
    world: str = ""
    command: tuple[str, ...] = ()
    unsteady: int = 0


def browser_files() -> dict[str, tuple[str, ...]]:
    """The browser's tests: those that measure times, and two halves of the others."""
    halves: dict[str, list[str]] = {"browser:timed": [], "browser:one": [], "browser:two": []}
    weights = dict.fromkeys(halves, 0)
    for path in sorted(ROOT.glob("tests/browser/test_*.py"), key=lambda path: -path.stat().st_size):
        text = path.read_text()
        timed = any(clock in text for clock in ("performance.now(", "Date.now(", "longtask"))
        name = "browser:timed" if timed else min(("browser:one", "browser:two"), key=weights.__getitem__)
        halves[name].append(str(path.relative_to(ROOT)))
        weights[name] += len(text)
    return {name: tuple(sorted(files)) for name, files in halves.items()}


RUNS = {
    "check": Run((), command=(sys.executable, "-m", "tests.check")),
    "pure": Run(("tests/pure", "tests/check", "tests/chaos")),
    "js": Run((), command=("npm", "test", "--silent")),
    "db:sqlite": Run(("tests/db",)),
    "permissions:sqlite": Run(("tests/permissions",), world="embedded"),
    "db:postgres": Run(("tests/db",), servers=True),
    "permissions:postgres": Run(("tests/permissions",), servers=True, world="production"),
    "wire:embedded": Run(("tests/wire",), world="embedded"),
    "wire:plain": Run(("tests/wire",), world="plain"),
    "wire:production": Run(("tests/wire",), servers=True, world="production"),
    "chaos:fast": Run((), command=(sys.executable, "-m", "tests.chaos", "fast")),
    "chaos": Run((), command=(sys.executable, "-m", "tests.chaos", "all")),
    "browser": Run(("tests/browser",), world="embedded"),
    **{name: Run(files, world="embedded", unsteady=1) for name, files in browser_files().items()},
}
# One stage after the other; the lanes of a stage side by side, each on a core. What is on PostgreSQL shares a lane: two
# runs cannot share its test database. `browser` and `chaos` are for asking by hand: the three parts of the one are the
# same tests, of the other the fast ones are run.
STAGES: tuple[tuple[tuple[str, ...], ...], ...] = (
    (("check", "pure", "db:sqlite", "permissions:sqlite"), ("db:postgres", "permissions:postgres")),
    (("wire:embedded", "wire:plain", "wire:production", "chaos:fast", "chaos"),),
    (("browser:one",), ("browser:two",)),
    (("js", "browser", "browser:timed"),),
)
EVERYTHING = [name for lanes in STAGES for lane in lanes for name in lane if name not in ("browser", "chaos")]
# What a developer has set for her own server must not reach the tests.
SETTINGS = {
    line.lstrip("# ").partition("=")[0]
    for line in (ROOT / ".env.example").read_text().splitlines()
    if line.lstrip("# ").partition("=")[0].isupper() and "=" in line
}


# Three times what the longest run takes on two idle cores.
RUN_TIMEOUT_S = 2400
# So much of what a failure says is said again at the end, where a log that was cut still has it.
LINES = 15


@dataclass
class Result:
    """How a run went. `cpu`: the seconds that cores were busy with it, the private database and Redis left out.

    `failures`: for each failed test its name and the first lines of what it said; of a command the last lines.
    `unsteady`: the same of those that passed when they were tried again.
    """

    name: str
    passed: int
    failures: list[str]
    seconds: float
    cpu: float
    unsteady: list[str] = field(default_factory=list)

    @property
    def failed(self) -> int:
        return len(self.failures)


def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    return kept | {"PYTHONUNBUFFERED": "1", "ENV_FILE": os.devnull}


class Runner:
    """Runs what was asked for; `stop` ends what is under way."""

    def __init__(self, folder: Path, servers: dict[str, str], arguments: Sequence[str]) -> None:
        self.folder, self.servers, self.arguments = folder, servers, arguments
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._lock = threading.Lock()
        self._stopped = False

    def stage(self, lanes: Sequence[Sequence[str]]) -> list[Result]:
        """The results of these lanes, side by side; of more than one, each run is shown when it has ended."""
        with ThreadPoolExecutor(len(lanes)) as pool:
            try:
                going = [pool.submit(self._lane, lane, aside=len(lanes) > 1) for lane in lanes]
                return [result for lane in going for result in lane.result()]
            finally:
                self.stop()

    def stop(self) -> None:
        """Start nothing more in this stage, and end what runs."""
        with self._lock:
            self._stopped = True
            for process in self._processes:
                process.terminate()

    def _lane(self, names: Sequence[str], *, aside: bool) -> list[Result]:
        return [self._run(name, aside=aside) for name in names if not self._stopped]

    def _run(self, name: str, *, aside: bool) -> Result:
        heading = f"\n======== {name}"
        said = self._file(name, "txt")
        with said.open("wb") as output:
            if aside:
                result = self._outcome(name, output)
            else:
                print(heading, flush=True)
                with shown(said):
                    return self._outcome(name, output)
        with self._lock:
            print(f"{heading}\n{said.read_text(errors='replace')}", end="", flush=True)
        return result

    def _outcome(self, name: str, output: IO[bytes]) -> Result:
        run = RUNS[name]
        started = time.monotonic()
        if run.command:
            status, cpu = self._supervised(run.command, environment(), output)
            failures = [self._last(name, status)] if status else []
            return Result(name, int(not status), failures, time.monotonic() - started, cpu)
        passed, failures, cpu = self._tests(name, output)
        unsteady: list[str] = []
        if 0 < len(failures) <= run.unsteady and not self._stopped:
            again, still, more = self._tests(name, output, "--last-failed")
            cpu += more
            if again == len(failures) and not still:
                passed, failures, unsteady = passed + again, [], failures
        return Result(name, passed, failures, time.monotonic() - started, cpu, unsteady)

    def _tests(self, name: str, output: IO[bytes], *arguments: str) -> tuple[int, list[str], float]:
        """How many tests of a run passed, the failures, and the seconds of CPU."""
        run, report = RUNS[name], self._file(name, "xml")
        report.unlink(missing_ok=True)
        # The cache is where pytest keeps what failed; two lanes must not share it.
        kept = (f"--junitxml={report}", "-o", f"cache_dir={self._file(name, 'cache')}")
        command = [sys.executable, "-m", "pytest", *run.paths, *kept, *self.arguments, *arguments]
        if run.world:
            command.append(f"--world={run.world}")
        status, cpu = self._supervised(command, environment() | (self.servers if run.servers else {}), output)
        passed, failures = reported(report) if report.exists() else (0, [])
        if status and not failures:
            failures = [self._last(name, status)]
        return passed, failures, cpu

    def _file(self, name: str, kind: str) -> Path:
        return self.folder / f"{name.replace(':', '-')}.{kind}"

    def _last(self, name: str, status: int) -> str:
        lines = self._file(name, "txt").read_text(errors="replace").splitlines()[-LINES:]
        return "\n".join([f"{name} ended with {status}", *lines])

    def _end(self, process: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
        print(f"it has not ended after {RUN_TIMEOUT_S} s: {process.args!r}", flush=True)
        with self._lock:
            if process in self._processes:
                process.send_signal(number)

    def _supervised(self, command: Sequence[str], environment: dict[str, str], output: IO[bytes]) -> tuple[int, float]:
        """The exit status of a command and its seconds of CPU; what does not end is ended after a while."""
        with self._lock:
            if self._stopped:
                return 130, 0.0
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
            self._processes.add(process)
        late = [
            threading.Timer(after, self._end, (process, number))
            for after, number in ((RUN_TIMEOUT_S, signal.SIGTERM), (RUN_TIMEOUT_S + 20, signal.SIGKILL))
        ]
        for timer in late:
            timer.daemon = True
            timer.start()
        try:
            _pid, status, usage = os.wait4(process.pid, 0)
        finally:
            for timer in late:
                timer.cancel()
        with self._lock:
            process.returncode = os.waitstatus_to_exitcode(status)
            self._processes.discard(process)
        return process.returncode, usage.ru_utime + usage.ru_stime


def reported(report: Path) -> tuple[int, list[str]]:
    """How many tests passed by pytest's report, and the failures: a test that fails and whose end fails too is one."""
    passed, failures = 0, dict[str, str]()
    for case in ET.parse(report).getroot().iter("testcase"):
        name = f"{case.get('classname')}::{case.get('name')}"
        wrong = [part for part in case if part.tag in ("failure", "error")]
        for part in wrong:
            where = (part.text or "").splitlines()[-1:]
            failures.setdefault(name, "\n".join([name, *part.get("message", "").splitlines()[:LINES], *where]))
        passed += not wrong and case.find("skipped") is None
    return passed, list(failures.values())


@contextmanager
def shown(path: Path) -> Iterator[None]:
    """What is written to this file, on standard output while it grows."""
    ended = threading.Event()

    def follow() -> None:
        with path.open("rb") as said:
            while True:
                last = ended.wait(0.2)
                sys.stdout.buffer.write(said.read())
                sys.stdout.flush()
                if last:
                    return

    follower = threading.Thread(target=follow)
    follower.start()
    try:
        yield
    finally:
        ended.set()
        follower.join()


def planned(wanted: Sequence[str]) -> list[list[list[str]]]:
    """The stages, with what is wanted of them."""
    stages = ([[name for name in lane if name in wanted] for lane in lanes] for lanes in STAGES)
    return [lanes for lanes in ([lane for lane in lanes if lane] for lanes in stages) if lanes]


def main(arguments: Sequence[str]) -> int:
    names, _, extra = "\0".join(arguments).partition("--\0")
    wanted = [name for name in names.split("\0") if name] or EVERYTHING
    if unknown := [name for name in wanted if name not in RUNS]:
        print(f"there is no {unknown[0]}; there are {', '.join(RUNS)}", file=sys.stderr)
        return 2
    install_missing()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    folder = Path(tempfile.mkdtemp(prefix="parley-run-"))
    folder.chmod(0o755)  # PostgreSQL's user must be able to pass through
    results: list[Result] = []
    redis, postgres = Redis(folder / "redis"), Postgres(folder / "postgres")
    started = time.monotonic()
    try:
        if any(RUNS[name].servers for name in wanted):
            redis.start()
            postgres.start()
        servers = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
        for lanes in planned(wanted):
            results += Runner(folder, servers, extra.split("\0") if extra else []).stage(lanes)
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
    print()
    for result in results:
        print(
            f"{result.name:<20} {result.passed:>5} passed {result.failed:>3} failed"
            f" {result.seconds:>7.1f} s {result.cpu:>7.1f} s of CPU"
        )
    for result in results:
        for failure in result.unsteady:
            print(f"\nUNSTEADY, passed at its second try: {failure}")
        for failure in result.failures:
            print(f"\nFAILED {failure}")
    passed, failed = sum(result.passed for result in results), sum(result.failed for result in results)
    unsteady = sum(len(result.unsteady) for result in results)
    second = f" ({unsteady} at the second try)" if unsteady else ""
    print(f"\n{passed} passed{second}, {failed} failed in {time.monotonic() - started:.0f} s", flush=True)
    return int(failed > 0 or not passed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
