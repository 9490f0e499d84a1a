"""What every workload stands on: private PostgreSQL and Redis on the client's core, and people to sign in."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.machine import CLIENT_CORE, pinned
from tests.servers import ROOT, Postgres, Redis

OURS = {"SECRET_KEY": "bench " * 10, "ENV_FILE": os.devnull}
# Only what bounds rates is raised: what a message, a sign-in or a permission costs stays. These are ordinary settings
# (docs/protocol.md, .env.example).
RAISED = {
    "LIMIT_COMMANDS_PER_S": "100000",
    "LIMIT_COMMANDS_BURST": "100000",
    "LIMIT_SENDS_PER_S": "100000",
    "LIMIT_SENDS_BURST": "100000",
    "LIMIT_ANONYMOUS_PER_ADDRESS": "100000",
    "API_RATE_ADDRESS": "100000/s",
    "API_RATE_PERSON": "100000/s",
    "API_RATE_TICKET": "100000/s",
    "SIGN_IN_LIMITS": "off",
    # Said once a process while static files are not collected: not what is measured here.
    "PYTHONWARNINGS": "ignore:No directory at",
}


class DurablePostgres(Postgres):
    """PostgreSQL as in production: what is committed is on the disk."""

    def command(self) -> list[str]:
        options = {"fsync": "on", "full_page_writes": "on", "shared_buffers": "256MB", "max_wal_size": "4GB"}
        more = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
        return pinned(CLIENT_CORE, [*super().command(), *more])


class PinnedRedis(Redis):
    """Redis, beside the load client."""

    def command(self) -> list[str]:
        return pinned(CLIENT_CORE, super().command())


@dataclass(frozen=True)
class People:
    """Who signs in: a file for the load client, and the epoch their cursors are of."""

    path: Path
    epoch: str = ""
    mention: str = ""


class Stage:
    """A folder, a PostgreSQL and a Redis. `small`: a tenth of everything, to see whether it works at all."""

    def __init__(self, folder: Path, *, small: bool = False) -> None:
        self.folder = folder
        self.small = small
        self.postgres = DurablePostgres(folder / "postgres")
        self.redis = PinnedRedis(folder / "redis")
        self._made: set[str] = set()

    def start(self) -> None:
        """Start both."""
        self.postgres.start()
        self.redis.start()

    def stop(self) -> None:
        """Stop both."""
        self.redis.stop()
        self.postgres.stop()

    def size(self, full: int, least: int = 2) -> int:
        """This many; on a small stage a tenth."""
        return max(least, full // 10) if self.small else full

    def seconds(self, full: float) -> float:
        """This long; on a small stage half a second."""
        return 0.5 if self.small else full

    # ---- databases

    def database(self, name: str, *, template: str = "template0") -> str:
        """The address of an empty database of this name; asked again, that of the same one."""
        if name not in self._made:
            self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
            self._made.add(name)
        return f"{self.postgres.url.rpartition('/')[0]}/{name}"

    def parley_database(self, name: str) -> str:
        """The address of a database with Parley's tables."""
        if "parley" not in self._made:
            self.python(["manage.py", "migrate", "--verbosity", "0"], {"DATABASE_URL": self.database("parley")})
        return self.database(name, template="parley")

    def settle(self, name: str) -> None:
        """Have what was just filled in bulk vacuumed and analysed, as it would be by the next day."""
        self._execute("VACUUM ANALYZE", name)
        self._execute("CHECKPOINT", name)

    def _execute(self, statement: str, name: str = "postgres") -> None:
        with psycopg.connect(f"{self.postgres.url.rpartition('/')[0]}/{name}", autocommit=True) as connection:
            connection.execute(statement)

    # ---- Parley's own

    def environment(self, database: str) -> dict[str, str]:
        """The settings of a production process, with rate limits raised; nobody's .env is read."""
        return {**OURS, "DATABASE_URL": database, "REDIS_URL": self.redis.url, **RAISED}

    def python(self, arguments: list[str], environment: dict[str, str], *, core: int = CLIENT_CORE) -> str:
        """What a Python command of ours prints."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        done = subprocess.run(
            pinned(core, [sys.executable, *arguments]),
            cwd=ROOT,
            env={**kept, **OURS, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def members(
        self,
        name: str,
        *,
        people: int,
        rooms: int,
        each: int = 1,
        together: int = 0,
        messages: int = 0,
        behind: int = 0,
        door: str = "bearer",
        targets: int = 1,
    ) -> People:
        """Signed-in people of the database `name`, each in `each` of `rooms` rooms; see `bench.people`."""
        database = self.parley_database(name)
        path = self.folder / f"{name}.{door}.tsv"
        numbers = (f"--{key}={value}" for key, value in locals().items() if key in NUMBERS)
        arguments = ["-m", "bench.people", *numbers, f"--door={door}", str(path)]
        epoch = self.python(arguments, self.environment(database)).strip()
        self.settle(name)
        return People(path, epoch, "p1")


NUMBERS = ("people", "rooms", "each", "together", "messages", "behind", "targets")
