"""Locust's stages: 50 → 1 000 members of rooms of 100, each says something every few seconds."""

import csv
import os
import subprocess
import sys

from bench import systems
from bench.block import Block, Row
from bench.machine import CLIENT_CORE, cpu_seconds, pinned
from bench.stage import Stage
from bench.systems import started
from tests.servers import ROOT

USERS = (50, 100, 200, 400, 700, 1000)
STAGE_S = 15.0
COLUMNS = {"p50 ms": "50%", "p95 ms": "95%", "p99 ms": "99%", "a second": "Requests/s", "failures/s": "Failures/s"}


def measure(stage: Stage) -> Block:
    """See the module."""
    seconds = stage.seconds(STAGE_S) if not stage.small else 4.0
    people = stage.members("locust", people=USERS[-1], rooms=USERS[-1] // 10, each=10)
    running = systems.parley(stage, "locust")
    prefix = stage.folder / "locust"
    with started(running):
        before = cpu_seconds(running.pids())
        command = [
            *(sys.executable, "-m", "locust", "-f", "bench/locustfile.py", "--headless", "--only-summary"),
            *("--host", f"http://127.0.0.1:{running.ports[0]}", "--csv", str(prefix), "--csv-full-history"),
            *("--exit-code-on-error", "0"),
        ]
        environment = os.environ | {"BENCH_PEOPLE": str(people.path), "BENCH_STAGE_S": str(seconds)}
        done = subprocess.run(
            pinned(CLIENT_CORE, command), cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        cpu = cpu_seconds(running.pids()) - before
    if done.returncode:
        raise RuntimeError(f"locust: {done.stderr[-2000:]}")
    rows = []
    with open(f"{prefix}_stats_history.csv", newline="") as file:
        history = [line for line in csv.DictReader(file) if line["Name"] != "Aggregated"]
    for users in USERS:
        for name in ("connect → ready", "send → ack", "send → another reader"):
            last = next(
                (line for line in reversed(history) if line["Name"] == name and line["User Count"] == str(users)), None
            )
            if last is not None:
                figures = {
                    title: float(last[column]) if last[column] != "N/A" else 0.0 for title, column in COLUMNS.items()
                }
                rows.append(Row(f"{users} users: {name}", {**figures}))
    found = Block(
        "locust", "bench/locustfile.py, 50 → 1 000 users in stages; percentiles of the last 10 s of a stage", rows
    )
    found.notes = [
        f"The server used {cpu:.1f} s of CPU in {seconds * len(USERS):.0f} s. Locust is Python on the client's core:"
        " at the last stages its own delay is part of what it measures; the other workloads' client is not bound so."
    ]
    return found
