"""Through nginx, with the configuration that is deployed: TLS, two processes, and a drain in the middle of a talk."""

import asyncio
import gzip
import http.client
import json
import random
import re
import signal
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from chat.models import Message
from tests.nginx import Nginx
from tests.servers import Daphne, eventually, free_port
from tests.wire.client import Client, Closed, Rest, greet, shake_hands
from tests.wire.conftest import Actor, Cast, log_of
from tests.wire.view import View
from tests.world import World

pytestmark = [pytest.mark.production, pytest.mark.timeout(180)]

METRICS_TOKEN = "a token that only Prometheus knows"
HASHED = "app.0123456789ab.mjs"


@dataclass
class Deployment:
    """nginx, and the processes behind it."""

    nginx: Nginx
    world: World


@pytest.fixture(scope="module")
def static(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    for name in ("app.mjs", HASHED):
        (folder / name).write_text("export {};\n")
    (folder / f"{HASHED}.gz").write_bytes(gzip.compress(b"export {};\n"))
    return folder


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def environment(server_environment: dict[str, str], port: int) -> dict[str, str]:
    """What docs/operations.md says to set behind nginx; some limits are reached quickly, others not at all."""
    return server_environment | {
        "ORIGINS": f"https://localhost:{port}",
        "TRUSTED_PROXIES": "1",
        "HSTS_SECONDS": "60",
        "METRICS_TOKEN": METRICS_TOKEN,
        "LIMIT_ANONYMOUS_PER_ADDRESS": "3",
        "API_RATE_ADDRESS": "5/hour",
        "LIMIT_SENDS_PER_S": "1000",
        "LIMIT_SENDS_BURST": "1000",
        "LIMIT_COMMANDS_PER_S": "1000",
        "LIMIT_COMMANDS_BURST": "1000",
    }


@pytest.fixture(scope="module")
def world(
    environment: dict[str, str], django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Two processes on ports of their own."""
    world = World("production", tmp_path_factory.mktemp("world"), environment=environment, processes=2)
    with django_db_blocker.unblock():
        try:
            yield world.start()
        finally:
            world.stop()


@pytest.fixture(scope="module")
def nginx(world: World, static: Path, port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    upstream = [process.port for process in world.processes]
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), upstream=upstream, static=static, port=port)
    nginx.start()
    yield nginx
    nginx.stop()


def get(
    nginx: Nginx, path: str, *, method: str = "GET", source: str = "127.0.0.1", **headers: str
) -> http.client.HTTPResponse:
    """The answer over TLS; its body is read."""
    connection = http.client.HTTPSConnection(
        "localhost", nginx.port, context=nginx.tls, timeout=10, source_address=(source, 0)
    )
    connection.request(method, path, headers=headers)
    answer = connection.getresponse()
    answer.body = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


# ---- what nginx itself sees to --------------------------------------------------------------------------------------


def test_plain_http_is_sent_to_https(nginx: Nginx) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", nginx.plain_port, timeout=10)
    connection.request("GET", "/rooms/3/?around=7", headers={"Host": "elsewhere.example"})
    answer = connection.getresponse()
    assert answer.status == 308
    assert answer.headers["Location"] == "https://localhost/rooms/3/?around=7", (
        "to the configured name, whatever was asked"
    )
    connection.close()


def tls_of(nginx: Nginx, version: ssl.TLSVersion) -> str | None:
    """What a client that speaks only this version agrees on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(nginx.folder / "cert.pem")
    # Old versions are off in OpenSSL itself: without this the refusal would be the client's own.
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    connection = http.client.HTTPSConnection("localhost", nginx.port, context=context, timeout=10)
    try:
        connection.connect()
        agreed: str | None = connection.sock.version()
        return agreed
    finally:
        connection.close()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.TLSv1_1 is deprecated:DeprecationWarning")
def test_tls_is_1_2_or_newer(nginx: Nginx) -> None:
    assert tls_of(nginx, ssl.TLSVersion.TLSv1_2) == "TLSv1.2"
    assert tls_of(nginx, ssl.TLSVersion.TLSv1_3) == "TLSv1.3"
    with pytest.raises(ssl.SSLError) as refused:
        tls_of(nginx, ssl.TLSVersion.TLSv1_1)
    assert refused.value.reason == "TLSV1_ALERT_PROTOCOL_VERSION", "it is the server that refuses"


def test_a_handshake_resumes_the_one_before(nginx: Nginx) -> None:
    context = ssl.create_default_context(cafile=str(nginx.folder / "cert.pem"))
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    def handshake(session: ssl.SSLSession | None) -> ssl.SSLSocket:
        with socket.create_connection(("127.0.0.1", nginx.port), 10) as plain:
            return context.wrap_socket(plain, server_hostname="localhost", session=session)

    first = handshake(None)
    assert first.session_reused is False
    again = handshake(first.session)
    assert again.session_reused is True
    first.close()
    again.close()


@pytest.mark.parametrize(
    "path", ["/healthz", "/accounts/login/", f"/static/{HASHED}", "/metrics", "/nowhere/", "/api/v1/rooms/"]
)
def test_strict_transport_is_said_once_wherever_the_answer_comes_from(nginx: Nginx, path: str) -> None:
    assert get(nginx, path).headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]


def test_numbers_are_for_who_asks_the_process_itself(nginx: Nginx, world: World) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", world.a.port, timeout=10)
    connection.request("GET", "/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"})
    assert connection.getresponse().status == 200
    connection.close()
    for path in ("/metrics", "//metrics", "/%6detrics", "/static/../metrics"):
        answer = get(nginx, path, Authorization=f"Bearer {METRICS_TOKEN}")
        assert answer.status == 404, path


def test_modules_are_scripts_and_only_hashed_names_are_kept(nginx: Nginx) -> None:
    hashed = get(nginx, f"/static/{HASHED}", **{"Accept-Encoding": "gzip"})
    assert hashed.status == 200
    assert hashed.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert hashed.headers["Content-Encoding"] == "gzip"
    assert "immutable" in hashed.headers["Cache-Control"]
    assert hashed.headers["X-Content-Type-Options"] == "nosniff"
    assert get(nginx, "/static/app.mjs").headers["Cache-Control"] == "max-age=60, public"
    assert get(nginx, "/static/../../../etc/hostname").status in (400, 404)


def test_a_picture_fits_and_a_film_does_not(nginx: Nginx) -> None:
    connection = http.client.HTTPSConnection("localhost", nginx.port, context=nginx.tls, timeout=10)
    connection.putrequest("POST", "/api/v1/me/picture/")
    connection.putheader("Content-Length", str(10 * 1024 * 1024))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_another_name_gets_no_handshake_and_another_host_no_page(nginx: Nginx, world: World) -> None:
    assert get(nginx, "/healthz").status == 200
    with socket.create_connection(("127.0.0.1", nginx.port), 10) as plain, pytest.raises(ssl.SSLError) as refused:
        nginx.tls.wrap_socket(plain, server_hostname="evil.example")
    assert refused.value.reason == "TLSV1_UNRECOGNIZED_NAME"
    said = log_of(world.processes)
    assert get(nginx, "/healthz", Host="evil.example").status == 421
    assert not said().strip(), "Parley is not asked"


def test_a_strange_host_is_one_line_in_the_log(world: World) -> None:
    said = log_of([world.a])
    connection = http.client.HTTPConnection("127.0.0.1", world.a.port, timeout=10)
    connection.request("GET", "/healthz", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 400
    connection.close()
    eventually(lambda: "evil.example" in said())
    [line] = said().splitlines()
    assert re.search(r" WARNING [\d/]+ django.security.DisallowedHost: ", line)


# ---- who is there ---------------------------------------------------------------------------------------------------


async def test_the_clients_own_address_counts_for_sockets(nginx: Nginx) -> None:
    """Four sockets without identity are one too many, per address and process; nginx's address is everybody's."""
    sockets: list[Client] = []
    refused: list[Client] = []
    for _ in range(8):
        client = await shake_hands(
            nginx.ws_url,
            tls=nginx.tls,
            source="127.0.0.7",
            origin=nginx.url,
            headers={"X-Forwarded-For": f"203.0.113.{random.randint(1, 250)}"},
        )
        await asyncio.sleep(0.1)
        (sockets if client.open else refused).append(client)
    assert [client.code for client in refused] == [4013] * len(refused)
    assert 3 <= len(sockets) <= 6, "three at each process, whatever the client says of itself"
    other = await shake_hands(nginx.ws_url, tls=nginx.tls, source="127.0.0.8", origin=nginx.url)
    await asyncio.sleep(0.2)
    assert other.open, "another address is another caller"
    for client in (*sockets, other):
        await client.close()


def test_the_clients_own_address_counts_for_requests(nginx: Nginx) -> None:
    def statuses(source: str) -> list[int]:
        spoofed = [{"X-Forwarded-For": f"203.0.113.{n}"} for n in range(7)]
        return [
            get(nginx, "/api/v1/auth/token/refresh/", method="POST", source=source, **headers).status
            for headers in spoofed
        ]

    first = statuses("127.0.0.9")
    assert 429 not in first[:5]
    assert first[5:] == [429, 429]
    assert statuses("127.0.0.10")[0] != 429


async def test_origins_are_exact_behind_tls(alice: Actor, nginx: Nginx) -> None:
    browser = await Rest(nginx.url, tls=nginx.tls).sign_in(alice.person)
    [cookie] = [cookie for cookie in browser._jar if cookie.name == "sessionid"]
    assert cookie.secure
    client = await greet(await shake_hands(nginx.ws_url, tls=nginx.tls, origin=nginx.url, cookie=browser.cookie))
    await client.barrier()
    await client.close()
    wrong = [
        None,
        "null",
        nginx.url.replace("https", "http"),
        "https://localhost",
        f"https://127.0.0.1:{nginx.port}",
        f"https://localhost:{alice.home.port}",
        f"{nginx.url}.example.org",
    ]
    for origin in wrong:
        with pytest.raises(InvalidHandshake, match=r"40[03]"):
            await shake_hands(nginx.ws_url, tls=nginx.tls, origin=origin, cookie=browser.cookie)


# ---- a talk, and a drain in the middle ------------------------------------------------------------------------------


@dataclass(eq=False)
class Talker:
    """A client that follows the rules: keeps what has no ack, waits as it was told, and comes back with its cursors."""

    actor: Actor
    nginx: Nginx
    room: str
    source: str
    view: View = field(default_factory=View)
    unsaid: dict[str, str] = field(default_factory=dict)
    byes: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    live: asyncio.Event = field(default_factory=asyncio.Event)
    client: Client | None = None

    async def run(self) -> None:
        """Until it is cancelled."""
        attempt = 0
        while True:
            try:
                client = await shake_hands(
                    self.nginx.ws_url, tls=self.nginx.tls, bearer=await self.actor.token(), view=self.view,
                    source=self.source,
                )  # fmt: skip
            except (OSError, InvalidHandshake) as error:
                self.refused.append(repr(error))
                attempt += 1
                await asyncio.sleep(random.uniform(0, 0.5 * 2**attempt))
                continue
            self.client, attempt = client, 0
            try:
                await greet(client)
                self.live.set()
                await self._talk(client)
            except (Closed, ConnectionClosed):
                pass
            finally:
                self.live.clear()
            byes = client.all("bye")
            self.byes += [bye["payload"] for bye in byes]
            assert client.code == 4012, f"closed with {client.code}"
            assert byes, "a close without a goodbye"
            await asyncio.sleep(byes[-1]["payload"]["retry_ms"] / 1000)

    async def _talk(self, client: Client) -> None:
        while client.open:
            for client_id, text in list(self.unsaid.items()):
                await client.send(self.room, text, client_id=client_id)
                del self.unsaid[client_id]
            await asyncio.sleep(0.01)


async def talk(
    talkers: list[Talker], room: str, seconds: float, drain: asyncio.Task[Any] | None = None, *, within: float = 40
) -> int:
    """Everybody says something ten times a second; in the middle something happens. How many things were said."""
    said, ends = 0, time.monotonic() + seconds
    running = [asyncio.create_task(talker.run()) for talker in talkers]
    try:
        for talker in talkers:
            await asyncio.wait_for(talker.live.wait(), 20)
        while time.monotonic() < ends or (drain is not None and not drain.done()):
            for talker in talkers:
                talker.unsaid[str(uuid4())] = f"{talker.actor.person.name} {said}"
                said += 1
            await asyncio.sleep(0.1)
        if drain is not None:
            await drain
        deadline = time.monotonic() + within
        while any(talker.unsaid for talker in talkers) or any(
            len(talker.view.rooms[room].messages) < said for talker in talkers
        ):
            assert time.monotonic() < deadline, [
                (len(talker.unsaid), len(talker.view.rooms[room].messages), said) for talker in talkers
            ]
            for task in running:
                assert not task.done(), task.exception()
            await asyncio.sleep(0.05)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for talker in talkers:
            if talker.client is not None and talker.client.open:
                await talker.client.close()
    return said


async def assert_nothing_lost(world: World, talkers: list[Talker], room: str, said: int) -> None:
    stored = await world.ado(
        lambda: list(Message.objects.filter(room_id=room).order_by("seq").values_list("text", flat=True))
    )
    assert len(stored) == said
    assert len(set(stored)) == said, "nothing twice"
    for talker in talkers:
        assert talker.view.rooms[room].texts == stored, "everybody has all of it, in order"
        assert talker.view.gaps == []
        assert talker.view.repeats == []
        own = [int(text.split()[-1]) for text in stored if text.startswith(f"{talker.actor.person.name} ")]
        assert own == sorted(own), "in the order it was said"


def talkers_in(cast: Cast, nginx: Nginx, count: int) -> tuple[list[Talker], str]:
    actors = [cast.actor(f"talker{n}") for n in range(count)]
    room = cast.room(actors[0], *actors[1:])
    return [Talker(actor, nginx, room, f"127.0.0.{20 + n}") for n, actor in enumerate(actors)], room


async def test_a_process_drains_in_the_middle_of_a_talk_and_nothing_is_lost(cast: Cast, nginx: Nginx) -> None:
    world = cast.world
    talkers, room = await asyncio.to_thread(talkers_in, cast, nginx, 8)

    async def drain() -> int:
        await asyncio.sleep(1.5)
        status = await asyncio.to_thread(world.a.stop, timeout=20)
        await asyncio.sleep(3.5)
        await asyncio.to_thread(world.a.start)
        return status

    draining = asyncio.create_task(drain())
    said = await talk(talkers, room, 4, draining)
    assert draining.result() == 0, "it ended by itself"
    await assert_nothing_lost(world, talkers, room, said)
    moved = [talker for talker in talkers if talker.byes]
    assert 2 <= len(moved) <= 6, "nginx had spread them over both processes"
    waits = [bye["retry_ms"] for talker in moved for bye in talker.byes]
    assert all(bye["code"] == 4012 and bye["resume"] for talker in moved for bye in talker.byes)
    assert all(200 <= wait <= 3000 for wait in waits)
    assert len(set(waits)) > 1, "they do not all come back at once"
    assert [talker.refused for talker in talkers if talker.refused] == [], "the other process took them"


async def test_behind_one_port_all_processes_are_replaced_in_the_middle_of_a_talk(
    cast: Cast, environment: dict[str, str], static: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    front = free_port()
    origin = {"ORIGINS": f"https://localhost:{front}"}
    server = Daphne(tmp_path_factory.mktemp("serve"), environment=environment | origin, more=["--processes=2"])
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), upstream=[server.port], static=static, port=front)
    server.start_timeout = 60
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(nginx.start)
    try:
        talkers, room = await asyncio.to_thread(talkers_in, cast, nginx, 6)

        async def replace() -> None:
            await asyncio.sleep(1)
            server.signal(signal.SIGHUP)
            await asyncio.to_thread(
                eventually, lambda: sum(len(talker.byes) for talker in talkers) >= len(talkers), within=40
            )

        said = await talk(talkers, room, 3, asyncio.create_task(replace()))
        await assert_nothing_lost(cast.world, talkers, room, said)
        assert all(talker.byes for talker in talkers), "everybody was sent away at least once"
        assert [talker.refused for talker in talkers if talker.refused] == []
        assert "reset by peer" not in nginx.error_log, "nobody is cut off"
    finally:
        await asyncio.to_thread(server.stop, timeout=25)
        await asyncio.to_thread(nginx.stop)


async def test_with_nobody_behind_it_a_client_is_refused_and_survives(
    cast: Cast, environment: dict[str, str], static: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A restart of the only process: 502 to a handshake is one more attempt, and the cursor is still good."""
    front = free_port()
    origin = {"ORIGINS": f"https://localhost:{front}"}
    server = Daphne(tmp_path_factory.mktemp("serve"), environment=environment | origin)
    nginx = Nginx(tmp_path_factory.mktemp("nginx"), upstream=[server.port], static=static, port=front)
    await asyncio.to_thread(server.start)
    await asyncio.to_thread(nginx.start)
    try:
        talkers, room = await asyncio.to_thread(talkers_in, cast, nginx, 2)

        async def restart() -> None:
            await asyncio.sleep(1)
            await asyncio.to_thread(server.stop, timeout=20)
            while not any(talker.refused for talker in talkers):
                await asyncio.sleep(0.1)
            await asyncio.to_thread(server.start)

        said = await talk(talkers, room, 2, asyncio.create_task(asyncio.wait_for(restart(), 40)))
        assert {json.dumps("502" in refusal) for talker in talkers for refusal in talker.refused} == {"true"}
        await assert_nothing_lost(cast.world, talkers, room, said)
    finally:
        await asyncio.to_thread(server.stop, timeout=25)
        await asyncio.to_thread(nginx.stop)
