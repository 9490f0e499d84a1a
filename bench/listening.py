"""How connections spread over the processes of `serve`, and who is refused while one is restarted.

    .venv/bin/python -m bench.listening [--sockets 2000] [--processes 4]

Twice: with a listening socket for each process (SO_REUSEPORT), and with one for all. A real server on a fresh SQLite
database and a Redis of its own; 2 000 sockets without identity are opened as fast as they are taken. Then one request
after the other, while a process is killed, and while all are replaced. Prints the figures and stores them.
"""

import argparse
import asyncio
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from realtime.serve.listeners import raise_file_limit
from tests.servers import ROOT, Daphne, Redis
from tests.wire.probe import Probe

RESULTS = Path(__file__).resolve().parent / "results" / "listening.txt"
KNOCK_EVERY_S = 0.01


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def files(pid: int) -> int:
    """Open files of a process: what comes on top is sockets."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def spread(server: Daphne, count: int) -> list[int]:
    """How many of so many sockets each process has."""
    pids = children(server.pid)
    before = [files(pid) for pid in pids]
    probes = [Probe(server.port, "/ws/") for _ in range(count)]
    found = [files(pid) - had for pid, had in zip(pids, before, strict=True)]
    for probe in probes:
        probe.close()
    return sorted(found)


async def knock(port: int, until: asyncio.Event) -> dict[str, int]:
    """One request after the other, each on a connection of its own: how they went."""
    outcomes = {"answered": 0, "refused": 0, "cut_off": 0, "slower_than_1_s": 0}

    async def once() -> None:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(30):
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
                answer = await reader.read()
                writer.close()
            outcomes["answered" if answer.startswith(b"HTTP/1.1 200") else "cut_off"] += 1
        except ConnectionRefusedError:
            outcomes["refused"] += 1
        except (OSError, TimeoutError):
            outcomes["cut_off"] += 1
        outcomes["slower_than_1_s"] += time.monotonic() - begun > 1

    under_way = set()
    while not until.is_set():
        under_way.add(asyncio.create_task(once()))
        await asyncio.sleep(KNOCK_EVERY_S)
    await asyncio.gather(*under_way)
    return outcomes


async def restart(server: Daphne, how: signal.Signals) -> dict[str, int]:
    """Knocking while one process is killed (KILL) or all are replaced (HUP)."""
    before, done = set(children(server.pid)), asyncio.Event()
    knocking = asyncio.create_task(knock(server.port, done))
    await asyncio.sleep(1)
    os.kill(min(before) if how is signal.SIGKILL else server.pid, how)
    gone = 1 if how is signal.SIGKILL else len(before)
    while len(before - set(children(server.pid))) < gone or len(children(server.pid)) != len(before):
        await asyncio.sleep(0.1)
    await asyncio.sleep(6)
    done.set()
    return await knocking


def measure(folder: Path, redis: Redis, sockets: int, processes: int, *, shared: bool) -> list[str]:
    environment = {
        "SECRET_KEY": "bench " * 10,
        "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}",
        "REDIS_URL": redis.url,
        "LIMIT_ANONYMOUS_PER_ADDRESS": "100000",
        "LIMIT_HELLO_WITHIN_S": "600",
    }
    manage = [sys.executable, "manage.py"]
    shell = {**os.environ, "ENV_FILE": os.devnull, **environment}
    subprocess.run([*manage, "migrate", "--verbosity", "0"], cwd=ROOT, env=shell, check=True)
    more = [f"--processes={processes}", *(["--shared"] if shared else [])]
    server = Daphne(folder, environment=environment, more=more)
    server.start_timeout = 120
    server.start()
    name = "one socket for all" if shared else "a socket each"
    try:
        while not all(files(pid) > 10 for pid in children(server.pid)):
            time.sleep(0.1)
        time.sleep(8)  # all of them accept
        found = spread(server, sockets)
        lines = [f"{name}: {found} of {sockets} sockets, max/min {max(found) / max(1, min(found)):.2f}"]
        lines.append(f"{name}: one process killed: {asyncio.run(restart(server, signal.SIGKILL))}")
        lines.append(f"{name}: all replaced:       {asyncio.run(restart(server, signal.SIGHUP))}")
    finally:
        server.stop(timeout=30)
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=4)
    args = parser.parse_args()
    raise_file_limit()
    lines = [
        f"{time.strftime('%Y-%m-%d')}, {os.cpu_count()} cores, Linux {os.uname().release}; {socket.SOMAXCONN} backlog"
    ]
    with tempfile.TemporaryDirectory() as name:
        redis = Redis(Path(name) / "redis")
        redis.start()
        try:
            for shared in (False, True):
                folder = Path(name) / f"shared-{shared}"
                folder.mkdir()
                lines += measure(folder, redis, args.sockets, args.processes, shared=shared)
        finally:
            redis.stop()
    text = "\n".join(lines) + "\n"
    print(text, end="")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(text)


if __name__ == "__main__":
    main()
