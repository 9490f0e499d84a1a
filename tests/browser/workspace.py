"""The demo workspace on a server of its own: what pictures are taken of. Needs no test database and no pytest."""

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.servers import ROOT, Daphne
from tests.static import collected

# Ten thousand messages as a busy team writes them; the sentences differ, so that no two lines look alike.
BUSY = """
from uuid import uuid4
from accounts.models import User
from chat.models import Room
from chat.services.membership import member_add
from chat.services.message import Draft, messages_append
from chat.services.room import room_create

people = {user.handle: user for user in User.objects.all()}
room = int(room_create(actor=people["alice"], kind=Room.Kind.PUBLIC, name="busy", topic="Ten thousand messages").id)
for handle in ("bob", "carol", "王芳"):
    member_add(actor=people["alice"], room_id=room, user_id=people[handle].pk)
SAID = (
    "Build {n} is green; the run took {m} minutes.",
    "第 {n} 号构建通过了，用了 {m} 分钟。",
    "Could somebody look at **#{n}**? It fails on one of {m} machines, and only there.",
    "我来看看 #{n}，应该是时区的问题。",
    "`release-{n}` is out. Notes:\\n\\n- {m} fixes\\n- one new setting, off by default",
    "```python\\nassert retries(build={n}) <= {m}\\n```",
)
authors = [people[handle].pk for handle in ("bob", "王芳", "carol", "bob", "alice", "王芳")]
count = 10_000
for start in range(0, count, 500):
    drafts = [
        Draft(
            author_id=authors[number // 3 % len(authors)],
            room_id=room,
            client_id=uuid4(),
            text=SAID[number * 7 // 5 % len(SAID)].format(n=4000 + number, m=2 + number % 17),
        )
        for number in range(start, start + 500)
    ]
    for answer in messages_append(drafts=drafts):
        if isinstance(answer, Exception):
            raise answer
"""


class Somebody(NamedTuple):
    """Who can sign in; as much of `tests.world.Person` as signing in needs."""

    handle: str
    password: str


@contextmanager
def workspace(*, debug: bool = False, busy: bool = False) -> Iterator[tuple[Daphne, dict[str, Somebody]]]:
    """A server on a new database with the demo, and its people by handle. `busy`: with a room of 10 000 messages."""
    with tempfile.TemporaryDirectory(prefix="parley-pictures-") as folder:
        server = Daphne(Path(folder) / "server", environment={})
        server.environment = {
            "DATABASE_URL": f"sqlite:///{folder}/parley.sqlite3",
            "SECRET_KEY": os.urandom(32).hex(),
            "STATIC_ROOT": f"{folder}/static" if debug else str(collected()),
            "ORIGINS": server.url,
            "ALLOWED_HOSTS": "127.0.0.1",
            "DEBUG": "on" if debug else "off",
            # Each picture is taken by somebody who has just come.
            "SIGN_IN_LIMITS": "off",
        }

        def manage(*arguments: str) -> str:
            return subprocess.run(
                [sys.executable, "manage.py", *arguments],
                cwd=ROOT,
                env=os.environ | server.environment,
                check=True,
                capture_output=True,
                text=True,
            ).stdout

        manage("migrate", "--verbosity", "0")
        said = re.findall(r"^    (\S+)   (\S+) \(", manage("demo"), re.MULTILINE)
        if busy:
            manage("shell", "-c", BUSY)
        server.start()
        try:
            yield server, {handle: Somebody(handle, password) for password, handle in said}
        finally:
            server.stop()
