"""Calling the load client (bench/load/), and what it says."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from bench.install import program
from bench.machine import CLIENT_CORE, SERVER_CORE, pinned
from bench.stage import People
from bench.systems import Running

T = TypeVar("T")
Event = dict[str, Any]
# Below this the client may be what is measured.
LEAST_IDLE = 0.10
# What others may use of the server's core before a figure says more about them.
MOST_FOREIGN = 0.10


class LoadError(Exception):
    """The clients could not do what was asked of them."""


def run(system: Running, people: People, **flags: object) -> list[Event]:
    """What the client reports, in order. Raises LoadError if it could not connect everybody."""
    done = subprocess.run(
        command(system, people, **flags), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    events = [json.loads(line) for line in done.stdout.splitlines()]
    if done.returncode:
        raise LoadError(f"{system.name}: {done.stderr.strip()} {events[-1:]} {system.said()}")
    return events


@contextmanager
def held(system: Running, people: People, **flags: object) -> Iterator[Event]:
    """Sockets that stay while the block runs; what was reported of connecting them. Gets `left` at the end."""
    process = subprocess.Popen(
        command(system, people, hold=True, **flags), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        connected = json.loads(process.stdout.readline() or "{}")
        if connected.get("alive", 0) < connected.get("of", 1):
            raise LoadError(f"{system.name}: {connected} {system.said()}")
        yield connected
        process.stdin.close()
        connected["left"] = json.loads(process.stdout.readline() or "{}").get("alive", 0)
    finally:
        process.kill()
        process.wait()


def beside(system: Running, people: People, work: Callable[[], T], **flags: object) -> tuple[list[Event], T]:
    """What the client reports, with two measurements: one before `work()` is called, and one that lasts as long as that
    takes; and what it answers. Raises LoadError as `run` does.
    """
    process = subprocess.Popen(
        command(system, people, times=2, until_told=True, **flags),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        lines = [process.stdout.readline(), process.stdout.readline()]
        if not all(lines):
            raise LoadError(f"{system.name}: {lines} {system.said()}")
        answer = work()
        process.stdin.close()
        lines += process.stdout.read().splitlines()
        return [json.loads(line) for line in lines], answer
    finally:
        process.kill()
        process.wait()


def command(system: Running, people: People, **flags: object) -> list[str]:
    """The client's command line: `window=8` becomes `-window=8`, `hold=True` becomes `-hold`."""
    given: dict[str, object] = {
        "dialect": system.dialect,
        "to": ",".join(f"127.0.0.1:{port}" for port in system.ports),
        "clients": people.path,
        "epoch": people.epoch,
        "mention": people.mention,
        "path": system.path,
        "pids": ",".join(map(str, system.pids())),
        "server-core": SERVER_CORE,
        "client-core": CLIENT_CORE,
        **{name.replace("_", "-"): value for name, value in flags.items()},
    }
    flat = [f"-{name}={str(value).lower() if value is True else value}" for name, value in given.items()]
    return pinned(CLIENT_CORE, [program("load"), *flat])


def void(measured: Event) -> str:
    """Why a measurement says nothing; empty if it counts."""
    if measured["client_core_idle"] < LEAST_IDLE:
        own = measured["client_cpu_s"] / measured["seconds"]
        return f"client's core {measured['client_core_idle']:.0%} idle (the client itself took {own:.0%})"
    foreign = 1 - measured["server_core_idle"] - measured["cpu_s"] / measured["seconds"]
    if foreign > MOST_FOREIGN:
        return f"others used {foreign:.0%} of the server's core"
    return ""


def faults(finished: Event) -> str:
    """What went wrong besides being slow; empty if nothing did."""
    found = []
    if missing := finished["expected"] - finished["delivered"]:
        found.append(f"{missing} of {finished['expected']} not delivered")
    if finished["lost"]:
        found.append(f"sockets lost: {finished['lost']}")
    if finished["refusals"]:
        found.append(f"refused: {finished['refusals']}")
    return "; ".join(found)


def remarks(finished: Event) -> str:
    """What is no fault of a system that promises less."""
    return f"{finished['disordered']} out of order" if finished["disordered"] else ""


def write_plain(path: Path, rooms: list[str], credentials: list[str] | None = None, targets: int = 1) -> People:
    """Clients of a server without sign-in: one line for each room named."""
    shown = credentials or [""] * len(rooms)
    lines = (f"{n % targets}\t{room}\t{shown[n]}\t\n" for n, room in enumerate(rooms))
    path.write_text("".join(lines))
    return People(path, mention="p1")
