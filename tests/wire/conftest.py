"""The cast at their sockets: Alice and Carol at process A, Bob and Mallory at B (the same one where there is one)."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from accounts.models import Device, User
from accounts.payloads import TokenPair
from accounts.services.token import token_issue
from chat.models import Room
from chat.services.membership import member_add
from chat.services.message import Draft, messages_append
from chat.services.room import room_create
from tests.servers import Daphne, free_port
from tests.wire.client import Client, Rest, greet, shake_hands
from tests.wire.view import View
from tests.world import Person, World

WRONG_IN_LOG = re.compile(r"^.* (?:ERROR|CRITICAL) .*$|^Traceback .*$", re.MULTILINE)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "production: needs two processes, PostgreSQL and a Redis of its own")
    config.addinivalue_line("markers", "sqlite: needs SQLite")
    config.addinivalue_line("markers", "noisy: the servers may log errors here; say why beside it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs Redis is not a test of the other worlds, and the other way round."""
    production = (config.getoption("--world") or _default_world()) == "production"
    elsewhere = [item for item in items if item.get_closest_marker("sqlite" if production else "production")]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if item not in elsewhere]


def _default_world() -> str:
    return "embedded" if connection.vendor == "sqlite" else "production"


@dataclass(eq=False)
class Actor:
    """A person with her sockets and programs."""

    person: Person
    home: Daphne
    world: World
    sockets: list[Client] = field(default_factory=list)
    _pair: TokenPair | None = None

    @property
    def id(self) -> str:
        return self.person.id

    async def device(self, label: str = "tests") -> TokenPair:
        """A new sign-in of hers."""
        return await self.world.ado(lambda: token_issue(user=User.objects.get(pk=self.id), label=label))

    async def token(self) -> str:
        """The access token of the device she uses without saying so."""
        if self._pair is None:
            self._pair = await self.device()
        return self._pair.access

    async def knock(self, *, at: Daphne | None = None, view: View | None = None, **door: Any) -> Client:
        """A socket before its hello; with her token, if no other door is named."""
        if not door:
            door = {"bearer": await self.token()}
        client = await shake_hands((at or self.home).ws_url, view=view, **door)
        self.sockets.append(client)
        return client

    async def live(
        self, *, at: Daphne | None = None, view: View | None = None, door: dict[str, Any] | None = None, **hello: Any
    ) -> Client:
        """A socket past `ready` and every replay."""
        return await greet(await self.knock(at=at, view=view, **(door or {})), **hello)

    async def again(self, client: Client, *, at: Daphne | None = None, **hello: Any) -> Client:
        """The same client with a new connection: what it holds, and its cursors, live on."""
        if client.open:
            await client.close()
        return await self.live(at=at, view=client.view, **hello)

    async def rest(self, *, at: Daphne | None = None) -> Rest:
        """Her program at the REST API."""
        return Rest((at or self.home).url, token=await self.token())

    async def load(self, client: Client, room: str) -> None:
        """Read a room's newest page and its members into what the client holds, as one does on entering."""
        rest, held = await self.rest(), client.view.rooms[room]
        for message in (await rest.get(f"rooms/{room}/messages/", limit=100))["messages"]:
            held.upsert(message)
        for membership in (await rest.get(f"rooms/{room}/memberships/", limit=100))["members"]:
            held.member(membership)

    async def asay(self, room: str, *texts: str) -> None:
        """Messages of hers, stored by the service in the test's own process: what was said before the test."""
        await self.world.ado(self._say, room, texts)

    def _say(self, room: str, texts: tuple[str, ...]) -> None:
        drafts = [Draft(author_id=int(self.id), room_id=int(room), client_id=uuid4(), text=text) for text in texts]
        for outcome in messages_append(drafts=drafts):
            if isinstance(outcome, Exception):
                raise outcome


class Cast:
    """Makes people and rooms, and ends every socket afterwards."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.actors: list[Actor] = []

    def actor(self, name: str, *, home: Daphne | None = None, **fields: Any) -> Actor:
        """Somebody new."""
        actor = Actor(self.world.person(name, **fields), home or self.world.a, self.world)
        self.actors.append(actor)
        return actor

    def room(self, owner: Actor, *members: Actor, kind: str = Room.Kind.PRIVATE) -> str:
        """A new room; its id."""
        return self.world.do(self._room, owner, members, kind)

    async def aroom(self, owner: Actor, *members: Actor, kind: str = Room.Kind.PRIVATE) -> str:
        return await self.world.ado(self._room, owner, members, kind)

    def _room(self, owner: Actor, members: tuple[Actor, ...], kind: str) -> str:
        actor = User.objects.get(pk=owner.id)
        entry = room_create(actor=actor, kind=kind, name=self.world.unique("room"))
        for member in members:
            member_add(actor=actor, room_id=int(entry.id), user_id=int(member.id))
        return entry.id

    async def close(self) -> None:
        for actor in self.actors:
            for client in actor.sockets:
                if client.open:
                    await client.close()


@pytest.fixture
async def cast(world: World) -> AsyncIterator[Cast]:
    cast = Cast(world)
    yield cast
    await cast.close()


@pytest.fixture
def alice(cast: Cast) -> Actor:
    """Owns the room, and the workspace."""
    return cast.actor("alice", role=User.Role.OWNER)


@pytest.fixture
def bob(cast: Cast) -> Actor:
    """A member of the room, at the other process."""
    return cast.actor("bob", home=cast.world.b)


@pytest.fixture
def carol(cast: Cast) -> Actor:
    """A guest, in the room."""
    return cast.actor("carol", role=User.Role.GUEST)


@pytest.fixture
def mallory(cast: Cast) -> Actor:
    """A member of the workspace who is in no room."""
    return cast.actor("mallory", home=cast.world.b)


@pytest.fixture
def room(cast: Cast, alice: Actor, bob: Actor, carol: Actor) -> str:
    """A private room of Alice's with Bob and Carol in it."""
    return cast.room(alice, bob, carol)


@pytest.fixture(scope="session")
def strict(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daphne]:
    """A process of its own whose limits are reached quickly."""
    port = free_port()
    limits = {
        "ORIGINS": f"http://127.0.0.1:{port}",
        "LIMIT_HELLO_WITHIN_S": "2",
        "LIMIT_HELLOS_PER_MIN": "4",
        "LIMIT_ANONYMOUS_PER_ADDRESS": "3",
    }
    process = Daphne(tmp_path_factory.mktemp("strict"), environment=world.environment | limits, port=port)
    process.start()
    yield process
    process.stop()


def log_of(processes: list[Daphne]) -> Callable[[], str]:
    """What these processes will have said since now."""
    lengths = [len(process.log) for process in processes]
    return lambda: "\n".join(process.log[length:] for process, length in zip(processes, lengths, strict=True))


@pytest.fixture(autouse=True)
def calm(request: pytest.FixtureRequest, world: World) -> Iterator[None]:
    """Nothing that a client may do is an error of ours: no ERROR line and no traceback in any server's log."""
    log = log_of(world.processes)
    yield
    if request.node.get_closest_marker("noisy") is None:
        said = log()
        wrong = WRONG_IN_LOG.search(said)
        assert wrong is None, said[max(0, wrong.start() - 2000) : wrong.end() + 4000]


def devices_of(actor: Actor) -> list[Device]:
    """Her sign-ins, as stored; runs where the ORM may be used."""
    return list(Device.objects.filter(user_id=actor.id).order_by("pk"))
