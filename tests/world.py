"""A deployment under test: its servers, and the product's own services on its database.

Three worlds. `embedded`: SQLite, one process, as `make run`. `production`: PostgreSQL and Redis, two processes.
`plain`: `daphne config.asgi:application` by hand, no flags. The test process works on the same database, so a test
makes people and rooms through the services, committed. Nothing is cleaned up between tests: everybody is new.
"""

import asyncio
import functools
import itertools
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from django.contrib.auth.hashers import make_password
from django.db import connections

from accounts.models import User
from accounts.services.user import user_create
from tests.servers import Daphne, free_port

P = ParamSpec("P")
T = TypeVar("T")

NAMES = ("embedded", "production", "plain")
PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Person:
    """Somebody who can sign in."""

    id: str
    handle: str
    name: str
    email: str
    password: str


@functools.cache
def _stored_password() -> str:
    """Everybody's password as the servers store it; the tests' own cheap hash would say nothing to them."""
    return make_password(PASSWORD, hasher="argon2")


class World:
    """Started servers on one database. `a` and `b` are different processes where there are two."""

    def __init__(self, name: str, folder: Path, *, environment: Mapping[str, str], processes: int = 1) -> None:
        ports = [free_port() for _ in range(processes)]
        self.name = name
        self.environment = {
            "ORIGINS": ",".join(f"http://{host}:{port}" for port in ports for host in ("127.0.0.1", "localhost")),
            **environment,
        }
        self.processes = [
            Daphne(folder / f"daphne{number}", environment=self.environment, plain=name == "plain", port=port)
            for number, port in enumerate(ports)
        ]
        self._database = ThreadPoolExecutor(1, thread_name_prefix="test-database")
        self._numbers = itertools.count(1)
        self._nonce = secrets.token_hex(3)

    @property
    def a(self) -> Daphne:
        return self.processes[0]

    @property
    def b(self) -> Daphne:
        return self.processes[-1]

    @property
    def logs(self) -> str:
        return "\n".join(process.log for process in self.processes)

    def start(self) -> "World":
        for process in self.processes:
            process.start(wait=False)
        for process in self.processes:
            process.wait_ready()
        return self

    def stop(self) -> None:
        """Stop every process; raises ServerError if one had to be killed."""
        self._database.submit(connections.close_all).result()
        self._database.shutdown()
        for process in self.processes:
            process.stop()

    def do(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run something that uses the ORM, on a thread of its own and committed; for tests that are not async."""
        return self._database.submit(call, *args, **kwargs).result()

    async def ado(self, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for async tests: the loop goes on meanwhile."""
        return await asyncio.wrap_future(self._database.submit(call, *args, **kwargs))

    def unique(self, name: str) -> str:
        """A name nobody else in this run has."""
        return f"{name}-{self._nonce}{next(self._numbers)}"

    def person(self, name: str, **fields: Any) -> Person:
        """A new member called `name`, with a handle of her own; `fields` are the service's (role, language…)."""
        return self.do(self._create, name, fields)

    async def aperson(self, name: str, **fields: Any) -> Person:
        return await self.ado(self._create, name, fields)

    def _create(self, name: str, fields: dict[str, Any]) -> Person:
        handle = self.unique(name)
        email = fields.pop("email", f"{handle}@example.org")
        fields.setdefault("display_name", name.capitalize())
        user = user_create(handle=handle, email=email, **fields)
        User.objects.filter(pk=user.pk).update(password=_stored_password())
        return Person(str(user.pk), handle, user.display_name, email, PASSWORD)
