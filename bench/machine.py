"""The machine a figure was measured on, what a process uses, and where results are kept."""

import datetime
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "results"


def resident_kib(pid: int) -> int:
    """Resident memory of a process, in KiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError(f"process {pid} has no resident memory")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def describe() -> dict[str, str]:
    """The machine and the versions that matter, and today's date."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.partition(":")[2].strip() for line in lines if "model name" in line), platform.machine())
    packages = ", ".join(f"{name} {version(name)}" for name in ("django", "channels", "daphne", "twisted"))
    return {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} cores, {model}, Linux {platform.release()}",
        "python": f"{sys.version.split()[0]}; {packages}",
    }


def store(name: str, figures: dict[str, object], machine: dict[str, str]) -> None:
    """Print the figures and keep them as text in bench/results/."""
    width = max(len(key) for key in (*figures, *machine))
    lines = [f"{key:<{width}}  {value}" for key, value in (*machine.items(), *figures.items())]
    text = "\n".join(lines) + "\n"
    print(text, end="")
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.txt").write_text(text)
