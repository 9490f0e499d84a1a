"""The servers that are compared: each on the server's core, on a free port, ended with the block it was started for."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.install import BENCH, BUILT, program
from bench.machine import SERVER_CORE, family, pinned
from bench.stage import Stage
from tests.servers import ROOT, Server

PYTHON = (sys.executable, "-m")
# How Parley is started, with {port} for the port.
SERVE = (sys.executable, "manage.py", "serve", "--host=127.0.0.1", "--port={port}")
# Daphne for the others, with room for everybody who connects at once: by default it is 50, the rest tries again later.
DAPHNE = (*PYTHON, "daphne", "-e", "tcp:port={port}:interface=127.0.0.1:backlog=4096")


class Pinned(Server):
    """A server on its core. It answers when it takes a connection, or when `path` is answered with 200."""

    start_timeout = 60.0

    def __init__(self, name: str, folder: Path, command: Sequence[str], environment: dict[str, str], path: str) -> None:
        self.name = name.replace(" ", "-")
        super().__init__(folder)
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        self.environment = {**kept, "PYTHONUNBUFFERED": "1", **environment}
        self.environment.setdefault("ORIGINS", f"http://127.0.0.1:{self.port}")
        self.path = path
        self.line = [part.replace("{port}", str(self.port)) for part in command]

    def command(self) -> list[str]:
        return pinned(SERVER_CORE, self.line)

    def spawn(self, log: object) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(  # type: ignore[call-overload]
            self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, env=self.environment
        )

    def ready(self) -> bool:
        ask = f"GET {self.path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", self.port), 5) as connection:
            if not self.path:
                return True
            connection.sendall(ask)
            return b" 200 " in connection.recv(64)


class Running:
    """A server that runs: how the load client talks to it, and its processes."""

    def __init__(self, name: str, servers: list[Pinned], dialect: str, path: str = "/ws/%s") -> None:
        self.name = name
        self.servers = servers
        self.dialect = dialect
        self.path = path

    @property
    def ports(self) -> list[int]:
        return [server.port for server in self.servers]

    def pids(self) -> list[int]:
        """All its processes."""
        return [pid for server in self.servers for pid in family(server.pid)]

    def said(self) -> str:
        """The end of its logs."""
        return "\n".join(server.log[-2000:] for server in self.servers)


@contextmanager
def started(running: Running) -> Iterator[Running]:
    """Its servers run while the block does."""
    with ExitStack() as stack:
        for server in running.servers:
            server.start()
            # A profile is written by a server that is asked to go.
            stack.callback(server.stop if any("--profile" in part for part in server.line) else server.kill)
        yield running


def parley(stage: Stage, database: str, *, processes: int = 1, variant: str = "", **environment: str) -> Running:
    """Parley on one of the stage's databases; `variant`: with one thing done otherwise (`bench/variant.py`)."""
    settings = stage.environment(stage.parley_database(database)) | environment
    folder = stage.folder / "parley"
    command = [*PYTHON, "bench.variant", variant, *SERVE[2:]] if variant else [*SERVE]
    if os.environ.get("PROFILE") and processes == 1:
        command.append(f"--profile={BUILT / database}.html")
    servers = [Pinned("parley", folder, command, settings, "/readyz") for _ in range(processes)]
    origins = ",".join(server.environment["ORIGINS"] for server in servers)
    for server in servers:
        server.environment["ORIGINS"] = origins
    return Running("Parley", servers, "parley")


def go_hub(stage: Stage, *, join: bool = False) -> Running:
    """The gorilla hub; with `join` it writes the frames that wait for a socket at once."""
    name = "Go hub, joining frames" if join else "Go hub"
    command = [program("hub"), "-listen", "127.0.0.1:{port}", *(["-join"] if join else [])]
    return Running(name, [Pinned("go hub", stage.folder / "hub", command, {}, "")], "plain")


def node_ws(stage: Stage) -> Running:
    """A loop over Node's `ws`."""
    return Running("Node ws", [_node(stage, "ws.js")], "plain")


def socket_io(stage: Stage) -> Running:
    """Socket.IO rooms with one insert a message."""
    return Running("Socket.IO + insert", [_node(stage, "socketio.js", stage.database("socketio"))], "socketio")


def _node(stage: Stage, script: str, *arguments: str) -> Pinned:
    command = ["node", str(BENCH / "peers" / "node" / script), "{port}", *arguments]
    return Pinned(script, stage.folder / "node", command, {"NODE_PATH": str(BUILT / "node" / "node_modules")}, "")


def stock_environment(stage: Stage) -> dict[str, str]:
    """Where the tutorial's project keeps things."""
    stage.database("stock")
    return {"POSTGRES_PORT": str(stage.postgres.port), "POSTGRES_NAME": "stock", "REDIS_URL": stage.redis.url}


def stock_people(stage: Stage, count: int) -> list[str]:
    """Sign people in to the tutorial's project: the keys of their sessions. Makes its tables, too."""
    said = stage.python(["-m", "bench.peers.stock.people", str(count)], stock_environment(stage))
    return [f"session:{key}" for key in said.split()]


def stock(stage: Stage) -> Running:
    """The Channels tutorial on Daphne. Needs `stock_people` once before."""
    command = [*DAPHNE, "bench.peers.stock.asgi:application"]
    server = Pinned("stock", stage.folder / "stock", command, stock_environment(stage), "")
    return Running("stock Channels", [server], "stock", "/ws/chat/%s/")


def bare(stage: Stage) -> Running:
    """Daphne with an application that only accepts."""
    command = [*DAPHNE, "bench.peers.bare:application"]
    return Running("bare Daphne", [Pinned("bare", stage.folder / "bare", command, {}, "")], "plain")
