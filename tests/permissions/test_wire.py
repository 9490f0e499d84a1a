"""The table on the wire: every command and everything heard at real sockets, every endpoint over real HTTP.

First what is to be refused, all of it, with the database as it was afterwards; then what is allowed.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any
from uuid import uuid4

import pytest

from accounts.services.api_token import api_token_create
from realtime.commands import READING
from tests.permissions import cells, table
from tests.permissions.cells import Cell
from tests.permissions.judge import STATUS, digest
from tests.permissions.people import Cast
from tests.permissions.stage import Request, Stage
from tests.permissions.web import Web
from tests.permissions.workspace import Workspace
from tests.wire.client import Client, greet, shake_hands
from tests.world import World, _stored_password

# Nobody here is slowed down: limits have tests of their own.
ROOMY = {
    "LIMIT_COMMANDS_PER_S": "100000",
    "LIMIT_COMMANDS_BURST": "100000",
    "LIMIT_SENDS_PER_S": "100000",
    "LIMIT_SENDS_BURST": "100000",
    "LIMIT_TYPING_EVERY_S": "0.0001",
    "LIMIT_HELLOS_PER_MIN": "1000",
    "API_RATE_PERSON": "100000/min",
    "API_RATE_SEND": "100000/min",
    "API_RATE_TICKET": "100000/min",
    "API_RATE_INVITATION": "100000/min",
}
ALLOWED = {"ok", "same", "yes", "no"}
NOBODYS = ("anonymous", "closed")
# These end what others of the same person are asked about: last.
LATE = ("PATCH rooms/{room}/ (archived or not)", "POST rooms/{room}/leave/", "DELETE me/devices/")


@pytest.fixture(scope="module")
def server(
    world_name: str,
    server_environment: dict[str, str],
    django_db_blocker: Any,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("permissions")
    environment = {**server_environment, **ROOMY, "MEDIA_ROOT": str(folder)}
    world = World(world_name, folder, environment=environment)
    with django_db_blocker.unblock():
        try:
            yield world.start()
        finally:
            world.stop()


@pytest.fixture
def web(server: World) -> Iterator[Web]:
    web = Web(server.a.port)
    yield web
    web.close()


@pytest.fixture
async def sockets(server: World) -> AsyncIterator[Callable[[str], Any]]:
    opened: list[Client] = []

    async def open_(bearer: str) -> Client:
        opened.append(await shake_hands(server.a.ws_url, bearer=bearer))
        return await greet(opened[-1])

    yield open_
    await asyncio.gather(*(client.close() for client in opened if client.open))


def told(wrong: Iterable[str]) -> str:
    found = list(wrong)
    return "\n".join([f"{len(found)} cells are not as the table says", *found])


def allowed(cell: Cell) -> bool:
    return cell.answer in ALLOWED


def late(cell: Cell) -> bool:
    return cell.row.label in LATE


# ---- everybody at her sockets


class Hall:
    """Six rooms; everybody has a socket for each, with the room on screen if she may, watching somebody in it."""

    def __init__(self, server: World, web: Web, open_: Callable[[str], Any]) -> None:
        self.server, self.web, self.open = server, web, open_
        self.live: dict[tuple[str, str], Client] = {}
        self.actors: dict[tuple[str, str], Client] = {}
        self.bearers: dict[tuple[str, str], str] = {}

    def build(self) -> None:
        self.cast = Cast(table.ROOM_COLUMNS)
        self.stages = {kind: Stage(kind, self.cast) for kind in table.ROOMS}
        self.cast.close()
        for kind, stage in self.stages.items():
            for name in ("other", "second"):
                if name == "other" or kind not in {"direct", "group"}:
                    self.bearers[kind, name] = stage.bearer(name)

    async def come(self) -> None:
        people = [who for who in table.ROOM_COLUMNS.split() if who not in NOBODYS]
        places = [(kind, who) for kind in self.stages for who in people]
        clients = await asyncio.gather(*(self.open(self.cast.bearers[who]) for _kind, who in places))
        self.live = dict(zip(places, clients, strict=True))
        clients = await asyncio.gather(*(self.open(bearer) for bearer in self.bearers.values()))
        self.actors = dict(zip(self.bearers, clients, strict=True))

    # ---- commands

    async def command(self, cell: Cell) -> str:
        stage = self.stages[cell.world]
        client = self.live[cell.world, cell.who]
        answer = await client.ask(cell.row.what, **stage.command(cell.row, cell.who))
        while answer["payload"].get("code") == "rate_limited":  # typing, in six rooms within the same millisecond
            answer = await client.ask(cell.row.what, **stage.command(cell.row, cell.who))
        if answer["type"] == "ack":
            return "ok"
        status = STATUS.get(answer["payload"]["code"], answer["payload"]["code"])
        if status != "404":
            return status
        lost = await client.ask(cell.row.what, **stage.command(cell.row, cell.who, lost=True))
        return "404" if lost["payload"] == answer["payload"] else f"404 of its own kind: {answer['payload']}"

    async def commands(self, chosen: list[Cell]) -> list[str]:
        """What is not as the table says. One after the other at each socket, everybody together."""
        by_socket: dict[tuple[str, str], list[Cell]] = {}
        for cell in chosen:
            by_socket.setdefault((cell.world, cell.who), []).append(cell)

        async def ask(some: list[Cell]) -> list[str]:
            wrong = []
            for cell in some:
                said = await self.command(cell)
                if said != ("ok" if allowed(cell) else cell.answer):
                    wrong.append(f"{cell}, but it is {said}")
            return wrong

        return [line for lines in await asyncio.gather(*(ask(some) for some in by_socket.values())) for line in lines]

    async def uninvited(self, row: cells.Row, who: str, payload: dict[str, Any]) -> str:
        """What comes of a command by nobody: without saying hello, and after a hello that is refused."""
        bearer = self.cast.bearers.get(who)
        door: dict[str, Any] = {"bearer": bearer} if bearer else {"origin": self.server.a.url}
        silent = await shake_hands(self.server.a.ws_url, **door)
        refused = await shake_hands(self.server.a.ws_url, **door)
        await refused.say("hello")
        if row.what != "hello":
            await refused.say(row.what, **payload)
            await silent.say(row.what, **payload)
            await silent.holds(lambda: bool(silent.frames), what="an answer")
        code = await refused.closed()
        await silent.close()
        done = [kind for client in (silent, refused) for kind in ("ack", "ready", "pong") if client.all(kind)]
        return "401" if code in {4003, 4504} and not done else f"{code} {done}"

    # ---- what is heard

    async def settle(self) -> None:
        """Everybody has the room on screen, and watches the other, as far as she may."""

        async def look(kind: str, who: str, client: Client) -> None:
            stage = self.stages[kind]
            await client.ask("room.focus", room=stage.room(who))
            await client.do("presence.watch", users=[str(stage.other.pk)])
            await client.barrier()

        await asyncio.gather(*(look(kind, who, client) for (kind, who), client in self.live.items()))
        self.marks = {place: len(client.frames) for place, client in self.live.items()}

    async def act(self, kind: str) -> None:
        """Everything that is heard, happens."""
        stage = self.stages[kind]
        named = kind not in {"direct", "group"}
        other = self.actors[kind, "other"]
        speaker = self.actors[kind, "second"] if kind == "announcement" else other
        for room in sorted({stage.room("member"), stage.room("guest")}):
            if kind != "archived":
                await speaker.do("room.focus", room=room)
                await speaker.do("typing.start", room=room)
                seq = (await speaker.send(room, "heard"))["seq"]
                await speaker.do("message.edit", room=room, seq=seq, text="heard, edited")
                await speaker.do("message.delete", room=room, seq=seq)
            await other.do("read.rewind", room=room, seq=0)
            await other.do("read.mark", room=room, seq=1)
        await other.do("presence.set", state="away")
        mine = self.bearers[kind, "other"]
        owner = self.cast.bearers["owner"] if named else mine
        room, extras = stage.room(), stage.extras
        await self._done(mine, "PATCH", "me/", {"status": "elsewhere"})
        if kind != "direct":
            await self._done(owner, "PATCH", f"rooms/{room}/", {"topic": "heard"})
        if named:
            prey = f"rooms/{room}/memberships/{extras['prey'].pk}/"
            await self._done(owner, "PATCH", prey, {"muted_until": 4_000_000_000_000})
            await self._done(owner, "DELETE", prey)
            if kind != "archived":
                await self._done(owner, "POST", f"rooms/{room}/memberships/", {"user": str(extras["newcomer"].pk)})
        if kind == "group":
            await self._done(mine, "POST", f"rooms/{room}/leave/")

    async def _done(self, bearer: str, method: str, path: str, body: Any = None) -> None:
        answer = await self.web.ask(bearer, Request(method, path, body))
        assert answer.words == "2xx", f"{method} {path}: {answer.words}"

    def hears(self, cell: Cell) -> bool:
        stage, place = self.stages[cell.world], (cell.world, cell.who)
        other, room = str(stage.other.pk), stage.room(cell.who)
        about: dict[str, Callable[[dict[str, Any]], bool]] = {
            "presence": lambda payload: payload["user"] == other and payload["state"] == "away",
            "person.updated": lambda payload: payload["person"]["id"] == other,
        }
        fits = about.get(cell.row.what, lambda payload: payload["room"] == room)
        frames = self.live[place].frames[self.marks[place] :]
        return any(frame["type"] == cell.row.what and fits(frame["payload"]) for frame in frames)

    async def heard(self, chosen: list[Cell]) -> list[str]:
        """What is not heard as the table says."""

        async def arrives(cell: Cell) -> str:
            try:
                await self.live[cell.world, cell.who].holds(lambda: self.hears(cell), what=str(cell))
            except AssertionError:
                return f"{cell}, but it does not come"
            return ""

        here = [cell for cell in chosen if cell.who not in NOBODYS]
        wrong = await asyncio.gather(*(arrives(cell) for cell in here if cell.answer == "yes"))
        await asyncio.gather(*(client.barrier() for client in self.live.values()))
        return [line for line in wrong if line] + [
            f"{cell}, but it comes" for cell in here if cell.answer == "no" and self.hears(cell)
        ]


async def test_every_command_is_answered_and_every_frame_heard_as_the_table_says(
    server: World, web: Web, sockets: Callable[[str], Any]
) -> None:
    hall = Hall(server, web, sockets)
    await server.ado(hall.build)
    await hall.come()
    every = [cell for kind in cells.ROOMS.values() for cell in kind]
    commands = cells.commands(every)
    known = [cell for cell in commands if cell.who not in NOBODYS]

    # Who is nobody is judged at the door, whatever the room: once for each command.
    nobodys = {(cell.row, cell.who): cell for cell in commands if cell.who in NOBODYS}
    said = await asyncio.gather(
        *(hall.uninvited(row, who, hall.stages["public"].command(row, who)) for row, who in nobodys)
    )
    wrong = [f"{cell}, but it is {word}" for cell, word in zip(nobodys.values(), said, strict=True) if word != "401"]

    ready = [cell for cell in cells.lists(every) if cell.row.what == "ready" and cell.who not in NOBODYS]
    for cell in ready:
        there = hall.stages[cell.world].room(cell.who) in hall.live[cell.world, cell.who].view.rooms
        if there != (cell.answer == "yes"):
            wrong.append(f"{cell}, but it is not")

    muted = [cell for cell in known if cell.row.variant == "(muted)"]
    before = await server.ado(digest)
    wrong += await hall.commands([cell for cell in known if not allowed(cell) and cell not in muted])
    assert await server.ado(digest) == before, "something that was refused has changed something"

    await hall.settle()
    await asyncio.gather(*(hall.act(kind) for kind in hall.stages))
    wrong += await hall.heard(cells.heard(every))
    wrong += await hall.commands([cell for cell in known if allowed(cell)])
    for cell in muted:
        await server.ado(hall.stages[cell.world].prepare, cell.row, cell.who)
    wrong += await hall.commands(muted)
    assert not wrong, told(wrong)
    assert await server.ado(digest) != before
    print(f"\n{len(commands) + len(ready) + len(cells.heard(every))} cells at real sockets")


# ---- everybody's programs, over HTTP


async def refused(server: World, web: Web, cast: Cast, asks: list[tuple[Cell, Callable[..., Request]]]) -> list[str]:
    """What is not refused as the table says, in the same bytes as what is nowhere, with nothing changed."""
    before = await server.ado(digest)
    answers = await web.all((cast.bearers.get(cell.who), ask(cell.row, cell.who)) for cell, ask in asks)
    wrong, hidden = [], []
    for (cell, ask), answer in zip(asks, answers, strict=True):
        if answer.words != ("404" if cell.answer == "who?" else cell.answer):
            wrong.append(f"{cell}, but it is {answer.words}")
        elif answer.words == "404":
            hidden.append(
                (cell, answer, ask(cell.row, cell.who, lost=cell.answer == "404", nobody=cell.answer == "who?"))
            )
    others = await web.all((cast.bearers.get(cell.who), request) for cell, _answer, request in hidden)
    wrong += [
        f"{cell}, but in words of its own: {answer.body.decode()}, {other.body.decode()}"
        for (cell, answer, _request), other in zip(hidden, others, strict=True)
        if (answer.status, answer.body) != (other.status, other.body)
    ]
    assert await server.ado(digest) == before, "something that was refused has changed something"
    return wrong


async def done(web: Web, bearer: str | None, cell: Cell, request: Request) -> list[str]:
    answer = await web.ask(bearer, request)
    return [] if answer.words == "2xx" else [f"{cell}, but it is {answer.words}"]


async def test_every_endpoint_of_a_private_room_answers_over_http_as_the_table_says(server: World, web: Web) -> None:
    def build() -> tuple[Cast, Stage, dict[str, Stage]]:
        cast = Cast(table.ROOM_COLUMNS)
        stage = Stage("private", cast)
        own = {who: Stage("private", cast) for who in ("guest", "member", "moderator", "owner")}
        cast.close()
        return cast, stage, own

    cast, stage, own = await server.ado(build)
    requests = cells.requests(cells.ROOMS["private"])
    muted = [cell for cell in requests if cell.row.variant == "(muted)"]
    refusals = [cell for cell in requests if not allowed(cell) and cell not in muted]
    wrong = await refused(server, web, cast, [(cell, stage.request) for cell in refusals])
    for cell in muted:
        await server.ado(stage.prepare, cell.row, cell.who)
    wrong += await refused(server, web, cast, [(cell, stage.request) for cell in muted])
    for cell in sorted((cell for cell in requests if allowed(cell)), key=late):
        at = own.get(cell.who, stage)
        wrong += await done(web, cast.bearers[cell.who], cell, at.request(cell.row, cell.who))
    assert not wrong, told(wrong)
    print(f"\n{len(requests)} cells of a private room over HTTP")


async def test_every_endpoint_of_the_workspace_answers_over_http_as_the_table_says(
    server: World, web: Web, sockets: Callable[[str], Any]
) -> None:
    def build() -> tuple[Cast, Workspace]:
        cast = Cast(table.WORKSPACE_COLUMNS, owner=True, password=_stored_password())
        workspace = Workspace(cast)
        cast.close()
        return cast, workspace

    cast, workspace = await server.ado(build)
    clients = {who: await sockets(bearer) for who, bearer in cast.bearers.items() if who != "closed"}
    wrong = []
    for cell in cells.commands(cells.WORKSPACE):
        if cell.who in NOBODYS or cell.row.what in {"hello", "pong"}:
            continue  # at the doors, and in the sockets that are open here
        answer = await clients[cell.who].ask(cell.row.what, **workspace.command(cell.row, cell.who))
        if answer["type"] not in {"ack", "pong"}:
            wrong.append(f"{cell}, but it is {answer}")
    wrong += await watched(workspace, clients)

    requests = cells.requests(cells.WORKSPACE)
    wrong += await refused(server, web, cast, [(cell, workspace.request) for cell in requests if not allowed(cell)])
    for cell in sorted((cell for cell in requests if allowed(cell)), key=late):
        bearer: str | None = cast.bearers.get(cell.who)
        if cell.row.what == "auth/token/revoke/":
            bearer = (await server.ado(cast.credentials, cell.who))[0]
        if cell.row.what in {"auth/token/", "auth/token/refresh/"}:
            bearer = None
        wrong += await done(web, bearer, cell, workspace.request(cell.row, cell.who))
    assert not wrong, told(wrong)
    print(f"\n{len(requests)} cells of the workspace over HTTP")


async def watched(workspace: Workspace, clients: dict[str, Client]) -> list[str]:
    """Whose presence comes that should not, or the other way round."""
    shows = [cell for cell in cells.lists(cells.WORKSPACE) if cell.row.what == "presence.watch" and cell.who in clients]
    subjects = {cell: str(workspace.subject(cell.row).pk) for cell in shows}
    for client in clients.values():
        await client.do("presence.watch", users=sorted(set(subjects.values())))
        await client.got("presence")
        await client.barrier()
    return [
        f"{cell}, but it is not"
        for cell in shows
        if bool(clients[cell.who].all("presence", user=subjects[cell])) != (cell.answer == "yes")
    ]


async def test_a_token_goes_as_far_on_a_socket_as_the_table_says(server: World, sockets: Callable[[str], Any]) -> None:
    def build() -> tuple[Stage, dict[str, str]]:
        cast = Cast(table.ROOM_COLUMNS, owner=True)
        owner, stage = cast.users["owner"], Stage("private", cast)
        tokens = {
            scope: api_token_create(user=owner, name=scope, scope=[scope])[1] for scope in ("read", "write", "admin")
        }
        return stage, {**tokens, "signed-in": cast.bearers["owner"]}

    stage, bearers = await server.ado(build)
    clients = {scope: await sockets(bearer) for scope, bearer in bearers.items()}
    wrong = []
    judged = [cell for cell in cells.commands(cells.TOKENS) if cell.row.what not in {"hello", "pong"}]
    for cell in judged:
        simple: dict[str, dict[str, Any]] = {
            "ping": {},
            "presence.watch": {"users": []},
            "presence.set": {"state": "online"},
        }
        payload = simple[cell.row.what] if cell.row.what in simple else stage.command(cell.row, "owner")
        if cell.row.what in {"message.edit", "message.delete"} and cell.answer == "ok":
            payload["seq"] = (await clients["signed-in"].send(stage.room(), f"to change {uuid4()}"))["seq"]
        answer = await clients[cell.who].ask(cell.row.what, **payload)
        said = "ok" if answer["type"] in {"ack", "pong"} else STATUS.get(answer["payload"]["code"], "?")
        if said != cell.answer:
            wrong.append(f"{cell}, but it is {said}")
    assert not wrong, told(wrong)
    assert {"sync", "room.focus", "presence.watch"} == set(READING)
