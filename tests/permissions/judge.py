"""What the product really answers, in the words of the table: in this process, each cell in a savepoint of its own."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from django.apps import apps
from django.core.cache import cache as counters
from django.db import connection, transaction
from django.test import Client

from accounts import auth
from accounts.models import ApiToken, Device
from accounts.services.api_token import api_token_create
from chat.commands import VERBS
from chat.selectors import log
from realtime.commands import READING
from realtime.product import Credentials, Identity, Refused
from realtime.protocol import frames
from realtime.protocol.errors import Forbidden, NotFound, ParleyError
from realtime.protocol.json import decode
from tests.alone import alone
from tests.permissions.cells import ROOMS, WORKSPACE, Cell, Row
from tests.permissions.people import Cast
from tests.permissions.stage import Request, Stage
from tests.permissions.workspace import Workspace

CODES = {401: "unauthenticated", 403: "forbidden", 404: "not_found", 409: "conflict"}
STATUS = {code: str(status) for status, code in CODES.items()}
# When somebody was last seen is noted with any request, and is nobody's permission.
TOUCHED = {Device: {"last_seen_at"}, ApiToken: {"last_used_at"}}
_WRITING = re.compile(r'\s*(?:INSERT(?: OR \w+)? INTO|UPDATE|DELETE FROM) "?(\w+)"?', re.IGNORECASE)
OURS = ("accounts", "chat", "account", "mfa")


class Answer:
    """What came over HTTP."""

    def __init__(self, status: int, body: bytes) -> None:
        self.status, self.body = status, body

    @property
    def words(self) -> str:
        """`2xx`, or the status of a refusal in the one shape."""
        if 200 <= self.status < 300:
            return "2xx"
        code = json.loads(self.body).get("code") if self.body else None
        return str(self.status) if CODES.get(self.status) == code else f"{self.status} {self.body[:200].decode()}"


@cache
def _reads() -> dict[str, str]:
    """How to read everything that is stored, by table."""
    quoted, reads = connection.ops.quote_name, {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in OURS:
            skipped, key = TOUCHED.get(model, ()), model._meta.pk.attname
            columns = ", ".join(quoted(one.attname) for one in model._meta.concrete_fields if one.name not in skipped)
            table = model._meta.db_table
            reads[table] = f"SELECT {columns} FROM {quoted(table)} ORDER BY {quoted(key)}"
    return reads


def digests(tables: Iterable[str] | None = None) -> dict[str, str]:
    """What is stored in each of these tables (None: everything of ours), as a word."""
    found = {}
    with connection.cursor() as cursor:
        for table in _reads() if tables is None else tables:
            cursor.execute(_reads()[table])
            found[table] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
    return found


def digest() -> str:
    """Everything that is stored, as one word."""
    return repr(digests())


@contextmanager
def writes() -> Iterator[set[str]]:
    """Our tables that statements of this block write to."""
    seen: set[str] = set()

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if (found := _WRITING.match(sql)) is not None and found[1] in _reads():
            seen.add(found[1])
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield seen


class Door:
    """Asks as anybody in the cast, through the URLs, the middleware and the views of this process."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.client = Client()
        self.before = digests()
        self.changed = False

    def ask(
        self, who: str, request: Request, *, bearer: str | None = None, prepare: Callable[[], bool] | None = None
    ) -> Answer:
        """The answer; what was written by it is undone. `changed` says whether anything was."""
        bearer = bearer if bearer is not None else self.cast.bearers.get(who)
        headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
        self.client.cookies.clear()
        with self.undone(prepare):
            answer = self.client.generic(
                request.method, f"/api/v1/{request.path}", request.data, request.kind, headers=headers
            )
        return Answer(answer.status_code, answer.content)

    @contextmanager
    def undone(self, prepare: Callable[[], bool] | None = None) -> Iterator[None]:
        point = transaction.savepoint()
        try:
            before = digests() if prepare is not None and prepare() else self.before
            with writes() as written:
                yield
            after = digests(written)
            self.changed = any(after[table] != before[table] for table in written)
        finally:
            transaction.savepoint_rollback(point)

    # ---- cells

    def request(self, cell: Cell, ask: Callable[..., Request], prepare: Callable[[], bool] | None = None) -> str:
        """The cell's answer. `ask(row, who, lost=…, nobody=…)` makes the request."""
        answer = self.ask(cell.who, ask(cell.row, cell.who), prepare=prepare)
        changed, words = self.changed, answer.words
        if words == "2xx" and cell.row.kind == "addresses":
            said = json.loads(answer.body)
            return _yes(bool(said.get("mentions_room") or said.get("mentions")))
        if words == "2xx":
            if cell.row.kind == "GET":
                return "ok, but it changes something" if changed else "ok"
            return "ok" if changed else "same"
        if changed:
            return f"{words}, but it changes something"
        return self._missing(cell, ask, answer) if words == "404" else words

    def _missing(self, cell: Cell, ask: Callable[..., Request], answer: Answer) -> str:
        """`404` or `who?`, if it says no more than for what is nowhere; else what it says."""
        asked = ask(cell.row, cell.who)
        for word, instead in (("404", {"lost": True}), ("who?", {"nobody": True})):
            other = ask(cell.row, cell.who, **instead)
            if (other.path, other.data) != (asked.path, asked.data) and self.ask(cell.who, other).body == answer.body:
                return word
        return f"404 of its own kind: {answer.body.decode()}"

    def identity(self, who: str, bearer: str | None = None) -> Identity | None:
        """As whom a socket of hers is let in; None: it is not."""
        try:
            identity = alone(auth.authenticate, Credentials(bearer=bearer or self.cast.bearers.get(who)))
        except Refused:
            return None
        return identity

    def command(self, cell: Cell, stage: Stage) -> str:
        """The answer to a command, by the callables that the engine asks."""
        identity = self.identity(cell.who)
        if identity is None:
            late = self._late(cell, stage)
            return f"{late} to a socket that was open when the account was closed" if late else "401"
        prepare = partial(stage.prepare, cell.row, cell.who)
        said = self._carry_out(identity, cell, stage.command(cell.row, cell.who), prepare)
        if isinstance(said, str):
            return said
        status = STATUS.get(said["code"], said["code"])
        if self.changed:
            return f"{status}, but it changes something"
        if status != "404":
            return status
        lost = self._carry_out(identity, cell, stage.command(cell.row, cell.who, lost=True))
        return "404" if lost == said else f"404 of its own kind: {said}"

    def _late(self, cell: Cell, stage: Stage) -> str:
        """What the command of a socket would do that had been let in before its person's account was closed."""
        user = self.cast.users.get(cell.who)
        if user is None or cell.row.what not in VERBS:
            return ""
        said = self._carry_out(Identity(str(user.pk), ""), cell, stage.command(cell.row, cell.who))
        if self.changed:
            return "something changes"
        return said if isinstance(said, str) else ""

    def _carry_out(
        self, identity: Identity, cell: Cell, payload: dict[str, Any], prepare: Callable[[], bool] | None = None
    ) -> Any:
        """`ok`, `same`, or the error's shape."""
        with self.undone(prepare):
            outcome = _outcome(identity, cell.row.what, payload)
        if isinstance(outcome, ParleyError):
            return outcome.as_dict()
        return "ok" if self.changed else "same"

    def shown(self, cell: Cell, stage: Stage) -> str:
        """Whether a list shows the room or the person."""
        what, who = cell.row.what, cell.who
        if what in {"presence.watch", "ready"}:
            identity = self.identity(who)
            if identity is None:
                return "401"
            if what == "presence.watch":
                return _yes(bool(log.may_watch(identity, {str(stage.other.pk)})))
            room = stage.room(who)
            said = [
                room in {entry.id for entry in alone(log.greetings, identity).rooms},
                f"room:{room}" in alone(log.topics, identity),
            ]
            said.append(bool(log.standing(f"room:{room}", [identity.user]).users))
            said.append(log.replay(identity, {f"room:{room}": 0}, 10)[f"room:{room}"].state != "gone")
            return _yes(said[0]) if len(set(said)) == 1 else f"at odds with itself: {said}"
        path, find = _LISTS[cell.row.label.removeprefix("shows ")](stage, who)
        answer = self.ask(who, Request("GET", path))
        if answer.words != "2xx":
            return answer.words
        return _yes(find(answer.body.decode()))

    def wrong(self, cells: list[Cell], judge: Callable[[Cell], str]) -> list[str]:
        """What is not as the table says."""
        found = []
        for number, cell in enumerate(cells):
            if number % 200 == 0:
                counters.clear()  # rates are not what is judged here
            said = judge(cell)
            if said != cell.answer:
                found.append(f"{cell}, but it is {said}")
        return found

    def room(self, cells: list[Cell], stage: Stage) -> list[str]:
        """What is not as the table says of this room."""

        def judge(cell: Cell) -> str:
            if cell.row.kind == "shows":
                return self.shown(cell, stage)
            if not cell.row.kind:
                return self.command(cell, stage)
            return self.request(cell, stage.request, partial(stage.prepare, cell.row, cell.who))

        return self.wrong([cell for cell in cells if cell.row.kind != "hears"], judge)


class Anywhere:
    """The workspace's cells, behind a door."""

    def __init__(self, door: Door, workspace: Workspace) -> None:
        self.door, self.workspace = door, workspace

    def judge(self, cell: Cell) -> str:
        if cell.row.kind == "shows":
            return self._shown(cell)
        if cell.row.kind:
            return self.door.request(cell, self.workspace.request)
        # What these do is seen on the wire; here, who is let in at all.
        return {"hello": "ok"}.get(cell.row.what, "same") if self.door.identity(cell.who) else "401"

    def _shown(self, cell: Cell) -> str:
        what, subject = cell.row.what, self.workspace.subject(cell.row)
        if what == "presence.watch":
            identity = self.door.identity(cell.who)
            return _yes(bool(log.may_watch(identity, {str(subject.pk)}))) if identity else "401"
        path, find = f"people/?q={subject.handle}", f'"id":"{subject.pk}"'
        if cell.row.variant.endswith("by id)"):
            path = f"people/?ids={subject.pk}"
        elif what == "admin/people/":
            path, find = f"admin/people/?q={subject.handle}", f'"email":"{subject.email}"'
        answer = self.door.ask(cell.who, Request("GET", path))
        return _yes(find in answer.body.decode()) if answer.words == "2xx" else answer.words


class Scopes:
    """The cells of tokens: the same requests as elsewhere, with tokens of an owner who may all of it."""

    def __init__(self, door: Door, stage: Stage, workspace: Workspace) -> None:
        self.door, self.stage, self.workspace = door, stage, workspace
        owner = door.cast.users["owner"]
        self.bearers = {
            scope: api_token_create(user=owner, name=scope, scope=[scope])[1] for scope in ("read", "write", "admin")
        }
        self.bearers["signed-in"] = door.cast.bearers["owner"]
        door.before = digests()

    def request(self, row: Row) -> Request:
        """What to ask so that the owner herself is allowed to."""
        allowed = [
            (cell.row, ask)
            for cells, ask in ((WORKSPACE, self.workspace.request), (ROOMS["private"], self.stage.request))
            for cell in cells
            if (cell.row.kind, cell.row.what, cell.who) == (row.kind, row.what, "owner")
            and cell.answer in {"ok", "same"}
        ]
        full, ask = allowed[0]
        return ask(full, "owner")

    def judge(self, cell: Cell) -> str:
        if not cell.row.kind:
            identity = self.door.identity("owner", self.bearers[cell.who])
            assert identity is not None
            reads = cell.row.what in READING or cell.row.what in {"hello", "ping", "pong"}
            return "ok" if reads or not identity.readonly else "403"
        answer = self.door.ask("owner", self.request(cell.row), bearer=self.bearers[cell.who])
        if answer.words == "2xx":
            return "ok"
        return f"{answer.words}, but it changes something" if self.door.changed else answer.words


def _outcome(identity: Identity, kind: str, payload: dict[str, Any]) -> Any:
    try:
        verb = VERBS.get(kind)
        if verb is not None:
            command = decode(verb.payload, payload)
            return verb.batch([(identity, command)])[0] if verb.batch else verb.run(identity, command)  # type: ignore[misc]
        topic = f"room:{payload['room']}"
        if kind == frames.Sync.type:
            there = log.replay(identity, {topic: 0}, 500)[topic].state != "gone"
        else:
            there = topic in alone(log.topics, identity)
            if there and kind == frames.TypingStart.type and not log.may_speak(identity, topic):
                return Forbidden("You may not write here.")
    except ParleyError as error:
        return error
    return None if there else NotFound("There is no such room.")


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _has(word: str) -> Callable[[str], bool]:
    return lambda text: word in text


_LISTS: dict[str, Callable[[Stage, str], tuple[str, Callable[[str], bool]]]] = {
    "rooms/": lambda stage, who: ("rooms/", _has(f'"id":"{stage.room(who)}"')),
    "rooms/browse/": lambda stage, who: ("rooms/browse/?limit=100", _has(f'"id":"{stage.room(who)}"')),
    "mentions/": lambda stage, who: ("mentions/?limit=100", _has(f'"room":"{stage.room(who)}"')),
    "people/ (by name)": lambda stage, who: (f"people/?q={stage.other.handle}", _has(f'"id":"{stage.other.pk}"')),
    "people/ (by id)": lambda stage, who: (f"people/?ids={stage.other.pk}", _has(f'"id":"{stage.other.pk}"')),
    "people/{user}/rooms/": lambda stage, who: (f"people/{stage.other.pk}/rooms/", _has(f'"{stage.room(who)}"')),
}
