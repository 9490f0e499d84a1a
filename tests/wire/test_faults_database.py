"""The database away, hanging, stopped or locked: nobody is told what is not so, and nothing has to be restarted."""

import asyncio
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from chat.models import Message
from realtime import breaker
from realtime.pool import CALL_S
from tests.servers import Daphne
from tests.wire.client import Client, greet
from tests.wire.conftest import Cast
from tests.wire.figures import ms
from tests.wire.proxied import Proxied
from tests.wire.test_faults_redis import FREELY, number
from tests.world import World

pytestmark = pytest.mark.timeout(120)

# Whoever finds out waits for the pool and for her call; all after her are told at once.
FOUND_OUT_S = CALL_S + 4
AT_ONCE_S = 0.3
BACK_WITHIN_S = 5.0


@dataclass
class Said:
    """A message somebody wants to have said, and every answer she got until it was acknowledged."""

    text: str
    client_id: str = field(default_factory=lambda: str(uuid4()))
    refusals: list[dict[str, object]] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    ack: dict[str, object] | None = None


async def persist(client: Client, room: str, said: Said, *, until: float) -> None:
    """Send it, and again with the same client_id after each `retry_ms`, as a client does."""
    while said.ack is None and (not said.waits or time.monotonic() < until):
        begun = time.monotonic()
        answer = await client.ask(
            "message.send", room=room, client_id=said.client_id, text=said.text, within=FOUND_OUT_S + 2
        )
        said.waits.append(time.monotonic() - begun)
        if answer["type"] == "ack":
            said.ack = answer["payload"]
        else:
            said.refusals.append(answer["payload"])
            if time.monotonic() < until:
                await asyncio.sleep(answer["payload"]["retry_ms"] / 1000)


@contextmanager
def process(world: World, folder: Path, **environment: str) -> Iterator[Daphne]:
    server = Daphne(folder, environment={**world.environment, **FREELY, **environment})
    del server.environment["ORIGINS"]
    server.start()
    try:
        yield server
    finally:
        server.stop()


def _backends(postmaster: int) -> list[int]:
    """The processes of a PostgreSQL."""
    found = [postmaster]
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == postmaster:
            found.append(int(path.parent.name))
    return found


def _postmaster() -> int:
    """Of the PostgreSQL that the tests run on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (backend,) = cursor.fetchone()
    return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


class Fault:
    """What is wrong with PostgreSQL, as the process sees it."""

    def __init__(self, name: str, proxied: Proxied, postmaster: int) -> None:
        self.name, self.proxied, self.postmaster = name, proxied, postmaster
        self._stopped: list[int] = []

    def begin(self) -> None:
        match self.name:
            case "refused":
                self.proxied.do(lambda proxy: proxy.refuse())
            case "swallowed":
                self.proxied.do(lambda proxy: proxy.stall())
            case "stopped":
                # From the postmaster on, or it would start others meanwhile.
                for pid in _backends(self.postmaster):
                    os.kill(pid, signal.SIGSTOP)
                    self._stopped.append(pid)

    def end(self) -> None:
        # What was swallowed does not come back: those connections are dead, and nobody says so.
        if self.name == "swallowed":
            self.proxied.do(lambda proxy: proxy.stall_open())
            self.proxied.do(lambda proxy: proxy.silent.clear())
        else:
            self.proxied.do(lambda proxy: proxy.heal())
        while self._stopped:
            os.kill(self._stopped.pop(), signal.SIGCONT)


@pytest.mark.production
@pytest.mark.noisy  # psycopg's pool logs how connecting goes
@pytest.mark.parametrize("name", ["refused", "swallowed", "stopped"])
async def test_without_postgresql_nobody_is_told_what_is_not_so(
    name: str, cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world = cast.world
    database = connection.settings_dict
    proxied = Proxied(int(database["PORT"]))
    url = f"postgres://{database['USER']}@127.0.0.1:{proxied.port}/{database['NAME']}"
    fault = Fault(name, proxied, await world.ado(_postmaster))
    with process(world, tmp_path, DATABASE_URL=url) as server:
        try:
            await _away_and_back(fault.begin, fault.end, cast, server, capsys, name)
        finally:
            fault.end()
    proxied.stop()


async def _away_and_back(
    begin: Callable[[], None],
    end: Callable[[], None],
    cast: Cast,
    server: Daphne,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    alice, bob, late = (cast.actor(handle, home=server) for handle in ("alice", "bob", "late"))
    room = await cast.aroom(alice, bob, late)
    a, b = await alice.live(), await bob.live()
    await late.token()
    await a.send(room, "before")
    await b.message(room, 1)
    await a.do("presence.watch", users=[bob.id])
    pid = server.pid

    away = time.monotonic()
    begin()
    # Found out by sending into it, the outcome of which may be unknown to all.
    early = [Said(f"early {number}") for number in range(12)]
    tasks = [asyncio.create_task(persist(a, room, said, until=away + 60)) for said in early]
    await asyncio.sleep(FOUND_OUT_S)
    assert all(said.refusals for said in early), "everybody was answered"

    # From now on it is known: answers come at once, and nobody's thread waits for them.
    later, answered = [Said(f"later {number}") for number in range(30)], time.monotonic()
    for said in later:
        await persist(b, room, said, until=time.monotonic())
    assert not any(said.ack for said in (*early, *later)), "a false ack"
    refusals = [refusal for said in (*early, *later) for refusal in said.refusals]
    assert {refusal["code"] for refusal in refusals} == {"unavailable"}
    assert all(0 < int(str(refusal["retry_ms"])) <= 1000 * breaker.PAUSE_S * breaker.SPREAD for refusal in refusals)
    at_once = sorted(said.waits[0] for said in later)
    assert at_once[-1] < AT_ONCE_S, at_once

    # Signs of life and presence go on; whoever comes is sent away and told when to come again.
    for client in (a, b):
        asked = time.monotonic()
        await client.barrier()
        assert time.monotonic() - asked < AT_ONCE_S
    since = len(a.frames)
    await b.do("presence.set", state="away")
    await a.got("presence", since=since, user=bob.id, state="away")
    stranger = await late.knock()
    await stranger.say("hello", client="tests")
    bye = await stranger.goodbye(within=FOUND_OUT_S)
    assert (bye["code"], bye["resume"]) == (4014, True)
    assert bye["retry_ms"] > 0
    asked = time.monotonic()
    assert (await asyncio.to_thread(server.get, "/healthz"))[0] == 200
    answer = await (await alice.rest()).call("GET", f"rooms/{room}/")
    assert (answer.status, answer.body["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    code, page = await asyncio.to_thread(server.get, "/")
    assert (code, "The database cannot be reached" in page) == (503, True)
    assert time.monotonic() - asked < 3 * AT_ONCE_S, "pages and the API do not wait either"
    assert await number(server, 'parley_database_up{calls="writing"}') == 0
    lasted = time.monotonic() - away

    back = time.monotonic()
    end()
    tasks += [asyncio.create_task(persist(b, room, said, until=back + 30)) for said in later]
    await asyncio.gather(*tasks)
    recovered = time.monotonic() - back
    everything = [*early, *later]
    assert all(said.ack for said in everything)
    rows = await cast.world.ado(
        lambda: dict(Message.objects.filter(room_id=room).exclude(seq=1).values_list("client_id", "seq"))
    )
    assert {str(client_id): seq for client_id, seq in rows.items()} == {
        said.client_id: said.ack["seq"] for said in everything if said.ack
    }
    assert (await (await alice.rest()).get(f"rooms/{room}/"))["entry"]["id"] == room
    newcomer = await late.live()
    await a.send(room, "after")
    for client in (a, b):
        await client.message(room, len(everything) + 2)
        client.assert_unbroken()
        assert sorted(client.view.rooms[room].messages) == list(range(1, len(everything) + 3))
    await newcomer.message(room, len(everything) + 2)
    assert server.pid == pid
    assert await number(server, 'parley_database_up{calls="writing"}') == 1
    with capsys.disabled():
        print(
            f"\n{name} for {lasted:.0f} s: {len(refusals)} refused, the first after"
            f" {max(said.waits[0] for said in early):.1f} s, then {ms(at_once)} (p50 / p95 / max);"
            f" all {len(everything)} acknowledged {recovered:.1f} s after the end"
        )
    assert recovered < BACK_WITHIN_S
    assert answered < back


@pytest.mark.production
async def test_a_slow_postgresql_is_said_to_be_slow(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each question takes long: what waits stays bounded in number and in time, and everybody is answered."""
    world, database = cast.world, connection.settings_dict
    proxied = Proxied(int(database["PORT"]))
    url = f"postgres://{database['USER']}@127.0.0.1:{proxied.port}/{database['NAME']}"
    with process(world, tmp_path, DATABASE_URL=url) as server:
        people = [cast.actor(f"person{number}", home=server) for number in range(6)]
        room = await cast.aroom(people[0], *people[1:])
        clients = [await person.live() for person in people]
        proxied.do(lambda proxy: proxy.delay(0.2))
        said: list[Said] = []
        waiting: list[float] = []
        begun, tasks = time.monotonic(), []
        while time.monotonic() - begun < 12:
            for client in clients:
                said.append(Said(f"{len(said)}"))
                tasks.append(asyncio.create_task(persist(client, room, said[-1], until=begun + 60)))
            waiting.append(await number(server, 'parley_batch_waiting{command="message.send"}'))
            await asyncio.sleep(0.2)
        asked = time.monotonic()
        await clients[0].barrier()
        assert time.monotonic() - asked < AT_ONCE_S
        slow = [wait for one in said for wait in one.waits]
        codes = Counter(str(refusal["code"]) for one in said for refusal in one.refusals)
        proxied.do(lambda proxy: proxy.heal())
        await asyncio.gather(*tasks)
        with capsys.disabled():
            print(
                f"\n{len(said)} messages to a slow database: answers after {ms(slow)} (p50 / p95 / max),"
                f" refused {dict(codes)}, at most {max(waiting):.0f} waited for a batch"
            )
        assert codes.keys() <= {"unavailable", "rate_limited"}
        assert sum(codes.values()) > 0, "it was not slow"
        assert max(slow) < FOUND_OUT_S + 2
        assert max(waiting) <= 6 * 64, "what each socket may have under way"
        stored = await world.ado(lambda: list(Message.objects.filter(room_id=room).values_list("text", flat=True)))
        assert sorted(stored) == sorted(one.text for one in said)
        for client in clients:
            await client.message(room, len(said))
            client.assert_unbroken()
    proxied.stop()


def _read_only(on: bool) -> None:
    """Whether the PostgreSQL of the tests may only be read, also for those connected already."""
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER SYSTEM SET default_transaction_read_only = on"
            if on
            else "ALTER SYSTEM RESET default_transaction_read_only"
        )
        cursor.execute("SELECT pg_reload_conf()")


@pytest.mark.production
async def test_a_postgresql_that_may_only_be_read_is_away_for_writing(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A demoted primary, or a standby that is not promoted yet."""
    world = cast.world
    with process(world, tmp_path) as server:
        alice, bob = cast.actor("alice", home=server), cast.actor("bob", home=server)
        room = await cast.aroom(alice, bob)
        a, b = await alice.live(), await bob.live()
        await a.send(room, "before")
        await b.message(room, 1)
        rest = await alice.rest()
        await alice.token()
        away = time.monotonic()
        await world.ado(_read_only, True)
        try:
            await asyncio.sleep(0.5)
            said = [Said(f"{number}") for number in range(12)]
            tasks = [asyncio.create_task(persist(a, room, one, until=away + 60)) for one in said]
            await asyncio.sleep(3)
            refusals = [refusal for one in said for refusal in one.refusals]
            assert not any(one.ack for one in said), "a false ack"
            assert all(one.refusals for one in said), "everybody was answered"
            assert {refusal["code"] for refusal in refusals} == {"unavailable"}
            assert all(int(str(refusal["retry_ms"])) > 0 for refusal in refusals)
            assert await number(server, 'parley_database_up{calls="writing"}') == 0, "the probe knows it, too"
            edited = await a.ask("message.edit", room=room, seq=1, text="x")
            assert (edited["payload"]["code"], edited["payload"]["retry_ms"] > 0) == ("unavailable", True)
            # Reading goes on: for who is there, for who comes, and over the API.
            assert await number(server, 'parley_database_up{calls="reading"}') == 1
            assert (await b.ask("sync", room=room, since=b.view.rooms[room].cursor))["type"] == "ack"
            newcomer = await greet(await alice.knock(), within=3)
            assert (await newcomer.ask("sync", room=room, since=0))["type"] == "ack"
            assert (await rest.get(f"rooms/{room}/"))["entry"]["id"] == room
            refused = await rest.call("POST", f"rooms/{room}/messages/", {"client_id": str(uuid4()), "text": "x"})
            assert (refused.status, refused.body["code"]) == (503, "unavailable")
        finally:
            await world.ado(_read_only, False)
        back = time.monotonic()
        await asyncio.gather(*tasks)
        recovered = time.monotonic() - back
        stored = await world.ado(lambda: Counter(Message.objects.filter(room_id=room).values_list("text", flat=True)))
        assert stored == Counter(["before", *(one.text for one in said)])
        await b.message(room, len(said) + 1)
        b.assert_unbroken()
        assert "Traceback" not in server.log
        assert server.log.count("the database is away for writing") == 1
        assert "the database is away for reading" not in server.log
    with capsys.disabled():
        print(f"\nread-only for {back - away:.0f} s: {len(refusals)} refused, all acknowledged {recovered:.1f} s after")
    assert recovered < BACK_WITHIN_S


@pytest.mark.sqlite
async def test_a_sqlite_that_somebody_else_writes_to(
    cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None, check_same_thread=False)

    with process(cast.world, tmp_path) as server:
        try:
            await _locked(cast, server, other, capsys)
        finally:
            if other.in_transaction:
                other.execute("ROLLBACK")
            other.close()


async def _locked(cast: Cast, server: Daphne, other: sqlite3.Connection, capsys: pytest.CaptureFixture[str]) -> None:
    alice, bob = cast.actor("alice", home=server), cast.actor("bob", home=server)
    room = await cast.aroom(alice, bob)
    a, b = await alice.live(), await bob.live()
    await a.send(room, "before")
    await alice.token()
    away = time.monotonic()
    other.execute("BEGIN IMMEDIATE")
    said = [Said(f"{number}") for number in range(12)]
    tasks = [asyncio.create_task(persist(a, room, one, until=away + 60)) for one in said]
    await asyncio.sleep(FOUND_OUT_S)
    assert all(one.refusals for one in said)
    assert not any(one.ack for one in said)
    assert {refusal["code"] for one in said for refusal in one.refusals} == {"unavailable"}
    waits = sorted(wait for one in said for wait in one.waits[1:])
    assert waits[len(waits) // 2] < AT_ONCE_S
    # Who only reads is let in, and answered.
    reader = await greet(await alice.knock(), within=3)
    await b.barrier()
    assert (await reader.ask("sync", room=room, since=0))["type"] == "ack"
    back = time.monotonic()
    other.execute("ROLLBACK")
    await asyncio.gather(*tasks)
    recovered = time.monotonic() - back
    assert all(one.ack for one in said)
    stored = await cast.world.ado(lambda: sorted(Message.objects.filter(room_id=room).values_list("text", flat=True)))
    assert stored == sorted(["before", *(one.text for one in said)])
    await b.message(room, len(said) + 1)
    b.assert_unbroken()
    with capsys.disabled():
        print(f"\nSQLite locked for {back - away:.0f} s: all acknowledged {recovered:.1f} s after")
    assert recovered < BACK_WITHIN_S


@pytest.mark.production
async def test_connections_that_died_while_idle_cost_at_most_one_refusal(cast: Cast, tmp_path: Path) -> None:
    """After a restart of PostgreSQL: not each connection of the pool may cost somebody a message."""
    database = connection.settings_dict
    proxied = Proxied(int(database["PORT"]))
    url = f"postgres://{database['USER']}@127.0.0.1:{proxied.port}/{database['NAME']}"
    with process(cast.world, tmp_path, DATABASE_URL=url) as server:
        alice, bob = cast.actor("alice", home=server), cast.actor("bob", home=server)
        rooms = [await cast.aroom(alice, bob) for _ in range(6)]
        a, b = await alice.live(), await bob.live()
        # Side by side, so that the pool grows.
        await asyncio.gather(*(client.send(room, "before") for room in rooms for client in (a, b)))
        assert len(proxied.do(lambda proxy: list(proxy.links))) > 1
        proxied.do(lambda proxy: proxy.cut())
        began = time.monotonic()
        said = [Said(f"{number}") for number in range(12)]
        await asyncio.gather(*(persist(a, rooms[n % 6], one, until=began + 20) for n, one in enumerate(said)))
        assert all(one.ack for one in said)
        assert max(len(one.refusals) for one in said) <= 1
        assert time.monotonic() - began < BACK_WITHIN_S
        a.assert_unbroken()
    proxied.stop()
