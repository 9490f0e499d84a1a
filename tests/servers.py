"""Private servers on free ports for tests that cross a process boundary: Redis, PostgreSQL, Daphne, and worlds of them.

Everything listens on 127.0.0.1 only, keeps its files in the folder it is given and ends with `stop()`.
"""

import contextlib
import glob
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class ServerError(Exception):
    """A server did not start, did not stop, or is not installed. The message carries the end of its log."""


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A child process with a port and a log. The port stays the same over restarts."""

    name = "server"
    stop_signal = signal.SIGTERM
    start_timeout = 30.0

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = port or free_port()
        self.log_path = folder / f"{self.name}-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """All it has said, over restarts."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    @property
    def pid(self) -> int:
        if self.process is None:
            raise ServerError(f"{self.name} is not running")
        return self.process.pid

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def command(self) -> list[str]:
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether it answers; raises OSError while it does not listen."""
        raise NotImplementedError

    def start(self, *, wait: bool = True) -> "Server":
        """Start it and return when it answers (`wait`). Raises ServerError after `start_timeout` seconds."""
        if self.running:
            raise ServerError(f"{self.name} runs already")
        with self.log_path.open("ab") as log:
            self.process = self.spawn(log)
        if wait:
            self.wait_ready()
        return self

    def spawn(self, log: object) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            self.command(),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=ROOT,  # type: ignore[call-overload]
        )

    def wait_ready(self) -> None:
        deadline = time.monotonic() + self.start_timeout
        while time.monotonic() < deadline:
            if not self.running:
                raise ServerError(f"{self.name} ended while starting:\n{self.log[-4000:]}")
            with contextlib.suppress(OSError):
                if self.ready():
                    return
            time.sleep(0.05)
        self.kill()
        raise ServerError(f"{self.name} did not answer within {self.start_timeout:.0f} s:\n{self.log[-4000:]}")

    def stop(self, *, timeout: float = 15) -> int:
        """Ask it to end and wait; the exit status. Raises ServerError if it has to be killed."""
        if self.process is None:
            return 0
        if self.running:
            self.signal(signal.SIGCONT)
            self.signal(self.stop_signal)
        try:
            status = self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerError(f"{self.name} did not stop within {timeout:.0f} s:\n{self.log[-4000:]}") from None
        self.process = None
        return status

    def kill(self) -> None:
        """SIGKILL, as the kernel would."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        """SIGSTOP: connections stay open and nothing answers."""
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """SIGCONT."""
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)


class Redis(Server):
    """A Redis that keeps nothing."""

    name = "redis"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        settings = f"--port {self.port} --bind 127.0.0.1 --dir {self.folder} --appendonly no --daemonize no"
        return [program("redis-server"), *settings.split(), "--save", ""]

    def ready(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")


class Postgres(Server):
    """A PostgreSQL 15 or newer. It refuses to run as root, so root runs it as `postgres`."""

    name = "postgres"
    stop_signal = signal.SIGINT  # the "fast" shutdown: does not wait for clients

    def __init__(self, folder: Path, *, port: int | None = None) -> None:
        super().__init__(folder, port=port)
        self.data = folder / "data"
        self.user = "postgres" if os.geteuid() == 0 else None

    @property
    def url(self) -> str:
        return f"postgres://parley@127.0.0.1:{self.port}/postgres"

    def command(self) -> list[str]:
        # Nothing here survives the test run, so nothing waits for a disk.
        options = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "full_page_writes": "off",
            "max_connections": 200,
            "log_lock_waits": "on",
        }
        return [
            str(postgres_programs() / "postgres"),
            *("-D", str(self.data)),
            *(part for name, value in options.items() for part in ("-c", f"{name}={value}")),
        ]

    def spawn(self, log: object) -> "subprocess.Popen[bytes]":
        if not self.data.exists():
            if self.user:
                shutil.chown(self.folder, self.user)
            self.run("initdb", "-D", str(self.data), "-U", "parley", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8")
        return subprocess.Popen(  # type: ignore[call-overload]
            self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, user=self.user, cwd="/"
        )

    def ready(self) -> bool:
        with socket.create_connection(("127.0.0.1", self.port), 1):
            pass
        ask = [str(postgres_programs() / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ask, check=False).returncode == 0

    def run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(postgres_programs() / name), *arguments],
            user=self.user,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise ServerError(f"{name}: {done.stdout}{done.stderr}")


class Daphne(Server):
    """The product, as `make run` starts it (`more`: options of serve), or `plain`: under Daphne by hand, no flags."""

    name = "daphne"

    def __init__(
        self,
        folder: Path,
        *,
        environment: Mapping[str, str],
        plain: bool = False,
        more: Sequence[str] = (),
        port: int | None = None,
    ) -> None:
        super().__init__(folder, port=port)
        self.environment = dict(environment)
        self.plain = plain
        self.more = more

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def ws_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/"

    def command(self) -> list[str]:
        if self.plain:
            where = ("-b", "127.0.0.1", "-p", str(self.port))
            return [sys.executable, "-m", "daphne", *where, "config.asgi:application"]
        return [sys.executable, "manage.py", "serve", "--host=127.0.0.1", f"--port={self.port}", *self.more]

    @property
    def surroundings(self) -> dict[str, str]:
        """Its whole environment: nothing of a developer's own server, nor of her .env."""
        keep = ("PATH", "HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START")
        environment = {name: os.environ[name] for name in keep if name in os.environ}
        return environment | {"PYTHONUNBUFFERED": "1", "ENV_FILE": os.devnull, "ORIGINS": self.url} | self.environment

    def spawn(self, log: object) -> "subprocess.Popen[bytes]":
        environment = self.surroundings
        return subprocess.Popen(  # type: ignore[call-overload]
            self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, cwd=ROOT, env=environment
        )

    def ready(self) -> bool:
        status, _ = self.get("/readyz")
        return status == 200

    def get(self, path: str, *, timeout: float = 5) -> tuple[int, str]:
        """Status and body of a plain GET, without cookies."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()


def program(name: str) -> str:
    """The path of an installed program. Raises ServerError if there is none."""
    path = shutil.which(name)
    if path is None:
        raise ServerError(f"{name} is not installed; `make test` says what is missing")
    return path


def postgres_programs() -> Path:
    """The folder of the newest PostgreSQL's programs (15 or newer). Raises ServerError if there is none."""
    found: dict[int, Path] = {}
    for path in glob.glob("/usr/lib/postgresql/*/bin/initdb"):
        found[int(Path(path).parts[4])] = Path(path).parent
    elsewhere = shutil.which("initdb")
    if elsewhere:
        version = subprocess.run([elsewhere, "--version"], capture_output=True, text=True, check=True).stdout
        number = re.search(r"(\d+)", version)
        if number:
            found.setdefault(int(number[1]), Path(elsewhere).resolve().parent)
    if not found or max(found) < 15:
        raise ServerError("PostgreSQL 15 or newer is not installed; `make test` says what is missing")
    return found[max(found)]


# How long a test waits for what should be at once: a machine that others use too stands still for seconds.
PATIENCE_S = 10.0


def eventually(check: Callable[[], object], *, within: float = PATIENCE_S, every: float = 0.05) -> None:
    """Return once `check()` is true. Raises AssertionError after `within` seconds."""
    deadline = time.monotonic() + within
    while not check():
        assert time.monotonic() < deadline, f"not true within {within} s: {check}"
        time.sleep(every)
