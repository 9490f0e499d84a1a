"""`manage.py serve`: what it refuses, how it drains, and several processes behind one port."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers import ROOT, Daphne, eventually
from tests.wire.client import greet, shake_hands
from tests.wire.conftest import WRONG_IN_LOG, Actor
from tests.world import World

Start = Callable[..., Daphne]


@pytest.fixture
def start(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts `serve` with these options on the world's database, with room for many sockets of one address."""
    started: list[Daphne] = []

    def start(*options: str, **more: str) -> Daphne:
        environment = world.environment | {"LIMIT_ANONYMOUS_PER_ADDRESS": "1000"} | more
        del environment["ORIGINS"]
        server = Daphne(tmp_path_factory.mktemp("serve"), environment=environment, more=options)
        started.append(server)
        server.start_timeout = 60
        server.start()
        return server

    yield start
    for server in started:
        server.stop(timeout=25)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def soon(check: Callable[[], object], *, within: float = 5) -> None:
    """As `eventually`, while the sockets go on."""
    await asyncio.to_thread(eventually, check, within=within)


def connects(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 2).close()
    except ConnectionRefusedError:
        return False
    return True


def refused(world: World, *options: str, **environment: str) -> str:
    """What `serve` says when it does not start."""
    known = {"PATH": os.environ["PATH"], **world.environment, **environment}
    command = [*Daphne(ROOT / "var", environment={}).command()[:3], *options]
    done = subprocess.run(command, cwd=ROOT, env=known, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1, done
    assert "Traceback" not in done.stderr
    return done.stderr


def test_several_processes_without_redis_are_refused_in_a_sentence(world: World) -> None:
    assert "--processes above 1 needs REDIS_URL" in refused(world, "--processes=2", REDIS_URL="")


@pytest.mark.parametrize("name", ["flames.txt", "flames"])
def test_a_profile_of_no_kind_is_refused_in_a_sentence(world: World, name: str) -> None:
    said = refused(world, f"--profile={name}", "--port=0")
    assert said == f"CommandError: --profile writes FILE.html or FILE.json, not {name}.\n"


def test_a_port_that_is_taken_is_said_in_a_sentence(world: World) -> None:
    assert f"Cannot listen on 127.0.0.1, port {world.a.port}" in refused(world, f"--port={world.a.port}")


def test_a_database_without_tables_is_refused_in_a_sentence(world: World, tmp_path: Path) -> None:
    said = refused(world, DATABASE_URL=f"sqlite:///{tmp_path}/empty.sqlite3")
    lacks = r"The database lacks the migration accounts\.0001_initial and \d+ more: run `manage\.py migrate`\."
    assert re.fullmatch(f"CommandError: {lacks}", said.strip())


def test_it_may_have_as_many_files_as_the_system_allows(start: Start) -> None:
    limits = Path(f"/proc/{start().pid}/limits").read_text()
    soft, hard = next(line for line in limits.splitlines() if line.startswith("Max open files")).split()[3:5]
    assert int(soft) == min(int(hard), 1 << 20)


async def test_who_drains_stops_accepting_before_the_goodbyes(alice: Actor, start: Start) -> None:
    server = start()
    client = await alice.live(at=server)
    assert connects(server.port)
    os.kill(server.pid, signal.SIGSTOP)
    os.kill(server.pid, signal.SIGTERM)
    os.kill(server.pid, signal.SIGCONT)
    await client.until(lambda frame: frame["type"] == "bye")
    assert server.running
    assert not connects(server.port)
    assert await client.closed() == 4012


async def test_hanging_up_on_the_only_process_is_asking_it_to_go(alice: Actor, start: Start) -> None:
    server = start()
    assert f"serving at 127.0.0.1, port {server.port}" in server.log
    client = await alice.live(at=server)
    server.signal(signal.SIGHUP)
    assert (await client.goodbye())["code"] == 4012
    assert server.process is not None
    assert await asyncio.to_thread(server.process.wait, 10) == 0
    assert "SIGHUP; this process drains" in server.log


async def test_a_request_under_way_is_answered_before_the_process_ends(start: Start) -> None:
    server = start()
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    head = b"POST /api/v1/tokens/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    writer.write(head + b"Content-Length: 40\r\n\r\n" + b'{"login": "x"'.ljust(40))
    await writer.drain()
    server.signal(signal.SIGTERM)
    answer = await asyncio.wait_for(reader.readline(), 5)
    assert answer.startswith(b"HTTP/1.1 4"), answer
    writer.close()


def test_a_profile_is_a_picture(start: Start, tmp_path: Path) -> None:
    flames = tmp_path / "flames.html"
    server = start(f"--profile={flames}")
    for _ in range(20):
        server.get("/healthz")
    assert server.stop() == 0
    assert "pyinstrument" in flames.read_text()
    assert flames.stat().st_size > 20_000


@pytest.mark.production
async def test_a_process_that_dies_is_started_again_and_its_people_find_the_others(
    room: str, alice: Actor, bob: Actor, start: Start
) -> None:
    server = start("--processes=2")
    first = set(children(server.pid))
    assert len(first) == 2
    clients = [await alice.live(at=server) for _ in range(8)]
    os.kill(min(first), signal.SIGKILL)
    await soon(lambda: len(children(server.pid)) == 2 and set(children(server.pid)) != first, within=5)
    await soon(lambda: f"ended with status -{signal.SIGKILL.value}" in server.log)
    await asyncio.sleep(0.5)
    lost = [client for client in clients if not client.open]
    kept = [client for client in clients if client.open]
    assert len(lost) + len(kept) == 8
    back = await alice.live(at=server)
    told = await bob.live(at=server)
    await back.send(room, "over here")
    for client in (told, *kept):
        await client.message(room, 1)


@pytest.mark.production
async def test_every_process_drains_when_the_one_in_front_is_asked_to_go(alice: Actor, start: Start) -> None:
    server = start("--processes=3")
    clients = [await alice.live(at=server) for _ in range(9)]
    pids = children(server.pid)
    server.signal(signal.SIGTERM)
    assert {(await client.goodbye())["code"] for client in clients} == {4012}
    assert server.process is not None
    assert await asyncio.to_thread(server.process.wait, 20) == 0
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
    assert WRONG_IN_LOG.search(server.log) is None, server.log
    assert not connects(server.port)


@pytest.mark.production
async def test_processes_are_replaced_one_by_one_and_nobody_is_refused(start: Start) -> None:
    server = start("--processes=2")
    before = set(children(server.pid))
    stop, outcomes = asyncio.Event(), [0, 0]

    async def knock() -> None:
        while not stop.is_set():
            try:
                status, _ = await asyncio.to_thread(server.get, "/healthz")
                outcomes[status != 200] += 1
            except OSError:
                outcomes[1] += 1
            await asyncio.sleep(0.02)

    knocking = asyncio.create_task(knock())
    server.signal(signal.SIGHUP)
    deadline = time.monotonic() + 40
    while before & set(children(server.pid)) or len(children(server.pid)) != 2:
        assert time.monotonic() < deadline, server.log
        await asyncio.sleep(0.1)
    stop.set()
    await knocking
    assert outcomes[0] > 20
    assert outcomes[1] == 0, outcomes


@pytest.mark.production
def test_every_line_is_json_and_names_its_process(start: Start) -> None:
    server = start("--processes=2", LOG_FORMAT="json")

    def said() -> list[dict[str, Any]]:
        return [json.loads(line) for line in server.log.splitlines()]

    ups = {f"process {place} (pid {pid}) is up" for place, pid in enumerate(sorted(children(server.pid)), start=1)}
    eventually(lambda: ups <= {line["message"] for line in said() if line["pid"] == server.pid}, within=20)
    assert said()[0]["message"] == f"serving at 127.0.0.1, port {server.port}, with 2 processes"
    for pid in children(server.pid):
        os.kill(pid, signal.SIGHUP)
    eventually(lambda: {line["process"] for line in said()} == {None, 1, 2}, within=10)
    eventually(lambda: len([line for line in said() if line["message"].endswith("is up")]) == 4, within=20)
    server.signal(signal.SIGHUP)
    eventually(lambda: said()[-1]["message"] == "all processes are replaced", within=40)


IMPATIENT = """
import sys
from realtime.serve import supervisor
supervisor.STUCK_AFTER_S = 6.0
sys.exit(supervisor.main(sys.argv[1:]))
"""


@pytest.mark.production
@pytest.mark.timeout(90)
def test_a_process_that_stands_still_is_killed_and_one_that_goes_on_in_time_is_not(
    world: World, tmp_path: Path
) -> None:
    server = Daphne(tmp_path, environment=world.environment)
    serve = [sys.executable, "manage.py", "serve"]
    address = [f"--port={server.port}", "--host=127.0.0.1", "--processes=2"]
    server.command = lambda: [sys.executable, "-c", IMPATIENT, *address, "--", *serve]  # type: ignore[method-assign]
    server.start_timeout = 60
    server.start()
    try:
        eventually(lambda: server.log.count("is up") == 2, within=20)
        first, second = sorted(children(server.pid))
        os.kill(second, signal.SIGSTOP)
        time.sleep(2)
        os.kill(second, signal.SIGCONT)
        os.kill(first, signal.SIGSTOP)
        eventually(lambda: f"(pid {first}) has not turned its loop for 6 s: killed" in server.log, within=12)
        eventually(lambda: server.log.count("is up") == 3, within=20)
        time.sleep(7)
        assert server.log.count("killed") == 1
        assert second in children(server.pid)
    finally:
        server.stop(timeout=25)


@pytest.mark.production
async def test_processes_do_not_outlive_the_one_in_front(alice: Actor, start: Start) -> None:
    server = start("--processes=2")
    client = await alice.live(at=server)
    pids = children(server.pid)
    server.kill()
    assert (await client.goodbye())["code"] == 4012
    await soon(lambda: not [pid for pid in pids if Path(f"/proc/{pid}").exists()], within=10)
    with pytest.raises(OSError):
        await greet(await shake_hands(server.ws_url))
