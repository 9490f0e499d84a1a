"""The machine a figure was measured on, what processes use, and which core belongs to whom."""

import contextlib
import datetime
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Collection
from importlib.metadata import version
from pathlib import Path

# The server has a core of its own; whoever talks to it, and what it stores in, share the other one.
SERVER_CORE = 0
CLIENT_CORE = 1


def pinned(core: int, command: list[str]) -> list[str]:
    """The command, kept on one core. The process that runs is the command itself."""
    return ["taskset", "--cpu-list", str(core), *command]


def family(pid: int) -> list[int]:
    """A process and what it started, and what those started."""
    pids = [pid]
    for parent in pids:
        for task in Path(f"/proc/{parent}/task").glob("*/children"):
            with contextlib.suppress(OSError):  # that thread has just ended
                pids += [int(child) for child in task.read_text().split()]
    return pids


def resident_kib(pids: Collection[int]) -> int:
    """Resident memory of processes, in KiB. What they share is counted in each."""
    total = 0
    for pid in pids:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        total += next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
    return total


def cpu_seconds(pids: Collection[int]) -> float:
    """User and system time of processes, in seconds."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class Watch:
    """What others used of a core while a block ran and child processes of ours did their work there.

    with Watch(core) as watch: …
    watch.foreign is that share of the time, between 0 and 1.
    """

    def __init__(self, core: int) -> None:
        self._core = core
        self.foreign = 0.0

    def __enter__(self) -> "Watch":
        self._before = self._now()
        return self

    def __exit__(self, *error: object) -> None:
        busy, own, at = (after - before for after, before in zip(self._now(), self._before, strict=True))
        self.foreign = max(0.0, (busy - own) / at)

    def _now(self) -> tuple[float, float, float]:
        """(seconds the core was busy, CPU seconds of children that have ended, the time)."""
        line = next(
            line for line in Path("/proc/stat").read_text().splitlines() if line.startswith(f"cpu{self._core} ")
        )
        ticks = [int(field) for field in line.split()[1:9]]
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy = (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
        return busy, children.ru_utime + children.ru_stime, time.monotonic()


def describe() -> dict[str, str]:
    """The machine, the versions that matter, the commit and today's date."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.machine())
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 2**20
    packages = ", ".join(f"{name} {version(name)}" for name in ("django", "channels", "daphne", "twisted"))
    return {
        "date": datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "machine": f"{os.cpu_count()} cores, {model}, {memory} GiB, Linux {platform.release()}",
        "python": f"{sys.version.split()[0]}; {packages}",
        "commit": commit(),
    }


def commit() -> str:
    """The last commit of what is measured; new results and pages do not ask for measuring again."""
    ours = ("--", ":/", ":!/bench/results", ":!/docs")
    changed = said("git", "status", "--porcelain", "--untracked-files=no", *ours)
    return said("git", "log", "-1", "--format=%h", *ours) + ("-dirty" if changed else "")


def said(*command: str) -> str:
    """The first line of what a command prints; empty if it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parent)
    return (done.stdout.splitlines() or [""])[0].strip() if done.returncode == 0 else ""
