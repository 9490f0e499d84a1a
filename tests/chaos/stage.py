"""The deployment under fire: two server processes, and a proxy on every line between anybody and anybody.

members ── doors[n] ── process n ── redis_lines[n] ── Redis
                                 └─ database_lines[n] ── PostgreSQL
"""

import asyncio
import os
import re
import signal
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from tests.chaos.proxy import Proxy
from tests.chaos.resp import RedisProxy
from tests.servers import Daphne, Postgres, Redis
from tests.world import World

# Limits that an eager client does not reach, and such that are reached soon enough for a test.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "tests.chaos.server",
    "ALLOWED_HOSTS": "localhost,127.0.0.1",
    "DEBUG": "off",
    "SIGN_IN_LIMITS": "off",
    "API_RATE_ADDRESS": "100000/min",
    "API_RATE_PERSON": "100000/min",
    "LIMIT_SENDS_PER_S": "1000",
    "LIMIT_SENDS_BURST": "1000",
    "LIMIT_COMMANDS_PER_S": "1000",
    "LIMIT_COMMANDS_BURST": "1000",
    "LIMIT_HELLOS_PER_MIN": "1000",
    "LIMIT_HELLO_WITHIN_S": "4",
    "LIMIT_PENDING_S": "4",
}


class Stage:
    """Started once for many scenarios. Embedded: one process on SQLite, without lines behind it."""

    def __init__(self, folder: Path, *, redis: Redis | None, postgres: Postgres | None) -> None:
        self.folder = folder
        self.redis, self.postgres = redis, postgres
        self.doors: list[Proxy] = []
        self.redis_lines: list[RedisProxy] = []
        self.database_lines: list[Proxy] = []
        self.extra: dict[str, str] = {}
        self.world: World

    @property
    def embedded(self) -> bool:
        return self.postgres is None

    @property
    def processes(self) -> list[Daphne]:
        return self.world.processes

    @property
    def lines(self) -> list[Proxy]:
        """Every proxy."""
        return [*self.doors, *self.redis_lines, *self.database_lines]

    async def start(self) -> None:
        """The proxies; the processes start with the first scenario."""
        environment = {**SETTINGS, "SECRET_KEY": os.environ["SECRET_KEY"], "STATIC_ROOT": os.environ["STATIC_ROOT"]}
        environment |= {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": os.environ["REDIS_URL"]}
        count = 1 if self.embedded else 2
        self.world = World("chaos", self.folder / "world", environment=environment, processes=count)
        for process in self.processes:
            self.doors.append(await Proxy(process.port).start())
            process.start_timeout = 60
            if self.redis is not None and self.postgres is not None:
                self.redis_lines.append(await _redis_line(self.redis.port))
                self.database_lines.append(await Proxy(self.postgres.port).start())
                process.environment |= {
                    "REDIS_URL": _through(environment["REDIS_URL"], self.redis_lines[-1]),
                    "DATABASE_URL": _through(environment["DATABASE_URL"], self.database_lines[-1]),
                }

    async def prepare(self, seed: int, settings: Mapping[str, str]) -> None:
        """Everything runs, with these settings, and nothing is wrong. Processes that need not be are not restarted."""
        self.heal()
        for number, line in enumerate(self.lines):
            line.random.seed(f"{seed} {number}")
        if self.extra != dict(settings):
            await self.stop_processes()
        for process in self.processes:
            for name in self.extra:
                process.environment.pop(name, None)
            process.environment |= settings
        self.extra = dict(settings)
        await self.ensure()

    async def ensure(self) -> None:
        """Start what does not run."""
        for server in (self.redis, self.postgres, *self.processes):
            if server is not None and not server.running:
                server.process = None
                server.start(wait=False)
        for server in (self.redis, self.postgres, *self.processes):
            if server is not None:
                await asyncio.to_thread(server.wait_ready)

    def heal(self) -> None:
        """No fault on any line, and nobody is stopped."""
        for line in self.lines:
            line.heal()
        for server in (self.redis, self.postgres, *self.processes):
            if server is not None and server.running:
                server.resume()

    async def stop_processes(self) -> None:
        for process in self.processes:
            await asyncio.to_thread(process.stop)

    async def stop(self) -> None:
        """End everything but Redis and PostgreSQL."""
        self.heal()
        await asyncio.to_thread(self.world.stop)
        for line in self.lines:
            await line.stop()

    # ---- processes

    async def kill(self, number: int) -> None:
        """kill -9."""
        await asyncio.to_thread(self.processes[number].kill)

    async def start_again(self, number: int) -> None:
        process = self.processes[number]
        process.process = None
        await asyncio.to_thread(process.start)

    async def restart(self, number: int, **environment: str) -> None:
        """Stop and start with more settings."""
        process = self.processes[number]
        await asyncio.to_thread(process.stop)
        process.environment |= environment
        await asyncio.to_thread(process.start)

    async def drain(self, number: int) -> int:
        """SIGTERM; the exit status."""
        process = self.processes[number]
        process.signal(signal.SIGTERM)
        assert process.process is not None
        status = await asyncio.to_thread(process.process.wait, 15)
        process.process = None
        return status

    # ---- what they say of themselves

    async def numbers(self, number: int) -> dict[str, float]:
        """The figures of /metrics of a process, and what the system says of it."""
        process = self.processes[number]
        status, text = await asyncio.to_thread(process.get, "/metrics")
        assert status == 200, (status, text)
        found = {name: float(value) for name, value in re.findall(r"^(\w+(?:{[^}]*})?) (\S+)$", text, re.MULTILINE)}
        proc = Path(f"/proc/{process.pid}")
        rss = next(line for line in (proc / "status").read_text().splitlines() if line.startswith("VmRSS:"))
        return found | {"rss_kib": float(rss.split()[1]), "fds": float(len(list((proc / "fd").iterdir())))}


async def _redis_line(port: int) -> RedisProxy:
    line = RedisProxy(port)
    await line.start()
    return line


def _through(url: str, line: Proxy) -> str:
    parts = urlsplit(url)
    user = f"{parts.username}@" if parts.username else ""
    return urlunsplit(parts._replace(netloc=f"{user}127.0.0.1:{line.port}"))
