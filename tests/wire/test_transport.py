"""The raw way to the socket writes what the ordinary way writes, byte for byte, and knows who does not read."""

import json
import ssl
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nginx import certificate
from tests.servers import Server, eventually
from tests.wire import transport_app as app
from tests.wire.probe import Probe, parts

Servers = dict[str, "Bare"]


class Bare(Server):
    """The little application, under our Daphne, also behind TLS, or under the one that everybody has."""

    name = "bare"

    def __init__(self, folder: Path, *, ours: bool = True, tls: bool = False) -> None:
        super().__init__(folder)
        self.ours = ours
        self.context: ssl.SSLContext | None = None
        if tls:
            self.context = ssl.create_default_context(cafile=str(certificate(folder)))

    def command(self) -> list[str]:
        files = f"privateKey={self.folder}/key.pem:certKey={self.folder}/cert.pem"
        where = (
            f"ssl:{self.port}:interface=127.0.0.1:{files}" if self.context else f"tcp:{self.port}:interface=127.0.0.1"
        )
        server = "realtime.daphne" if self.ours else "daphne"
        return [sys.executable, "-m", server, "-v", "0", "-e", where, "tests.wire.transport_app:application"]

    def ready(self) -> bool:
        self.probe("hello").close()
        return True

    def probe(self, name: str, *, buffer: int | None = None) -> Probe:
        return Probe(self.port, f"/{name}", buffer=buffer, tls=self.context)

    def others(self) -> dict[str, tuple[int, float, bool]]:
        """How the server sees its sockets: pending bytes, their age, whether they are closed."""
        observer = self.probe("observer")
        observer.say("others")
        observer.read(until=b"}")
        told: dict[str, tuple[int, float, bool]] = json.loads(parts(observer.received)[0].payload)
        observer.close()
        return told


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    servers = {
        "raw": Bare(tmp_path_factory.mktemp("raw")),
        "tls": Bare(tmp_path_factory.mktemp("tls"), tls=True),
        "plain": Bare(tmp_path_factory.mktemp("plain"), ours=False),
    }
    for server in servers.values():
        server.start()
    yield servers
    for server in servers.values():
        server.stop()
        assert "Traceback" not in server.log, server.log


def said(server: Bare, word: str, name: str = "me") -> bytes:
    """All that comes back for a word, until the server ends the connection."""
    probe = server.probe(name)
    probe.say(word)
    return probe.read()


@pytest.mark.parametrize("word", ["sizes", "farewell"])
def test_every_way_writes_the_same_bytes(servers: Servers, word: str) -> None:
    raw = said(servers["raw"], word)
    whole = parts(raw)
    assert whole[-1].close[0] in (4008, 4012)
    assert whole[-1].close[1], "the reason is told"
    if word == "sizes":
        assert [len(part.payload) for part in whole[:-1]] == [*app.SIZES] * 3
    else:
        assert [json.loads(part.payload)["n"] for part in whole[:-1]] == [1, 2, 3], "nothing follows the close"
    assert said(servers["raw"], word, "asgi") == raw
    assert said(servers["tls"], word) == raw
    # Daphne's own drops the reason of a close, and nothing else is different.
    plain = parts(said(servers["plain"], word))
    assert plain[:-1] == whole[:-1]
    assert plain[-1].close[0] == whole[-1].close[0]


@pytest.mark.parametrize("kind", ["raw", "tls", "plain"])
def test_a_reset_in_the_middle_of_a_fan_out_is_nobody_elses_business(servers: Servers, kind: str) -> None:
    server = servers[kind]
    readers = [server.probe(f"reader{n}") for n in range(9)]
    readers[0].say("everybody")
    time.sleep(0.1)
    for gone in readers[2:8:2]:
        gone.reset()
    rest = [reader for n, reader in enumerate(readers) if n not in (2, 4, 6)]
    streams = {
        reader.read(until=json.dumps({"n": 49, "text": "é" * 1500}, ensure_ascii=False).encode()) for reader in rest
    }
    assert len(streams) == 1, "everybody has the same"
    assert [json.loads(part.payload)["n"] for part in parts(streams.pop())] == [n // 2 for n in range(100)]
    eventually(lambda: len(server.others()) == len(rest) + 1)
    for reader in rest:
        reader.close()


@pytest.mark.parametrize("kind", ["raw", "tls"])
def test_who_reads_nothing_is_dropped_at_the_limit_told_why_and_cut_off(servers: Servers, kind: str) -> None:
    server = servers[kind]
    lazy = server.probe("lazy", buffer=8192)
    lazy.say("flood")
    begun = time.monotonic()
    most = 0
    while "lazy" in (others := server.others()):
        most = max(most, others["lazy"][0])
        assert time.monotonic() - begun < 6, "still there"
        time.sleep(0.05)
    assert 0 < most < app.LIMIT + 4 * len(app.CHUNK.wire), "what is pending is seen, and bounded"
    if kind == "tls":
        return  # a record that was cut off says nothing
    got = lazy.read()
    assert got, "what the kernel had taken is not lost"
    assert (app.CHUNK.wire * (len(got) // len(app.CHUNK.wire) + 1)).startswith(got), "and has no hole"


def test_who_reads_slowly_gets_the_goodbye_and_not_what_is_pending(servers: Servers) -> None:
    slow = servers["raw"].probe("slow", buffer=8192)
    slow.say("flood")
    eventually(lambda: servers["raw"].others()["slow"][2])
    whole = parts(slow.read())
    assert whole[-1].close == (4008, "too slow")
    assert whole[-2].payload == b'"bye"'
    assert {part.payload for part in whole[:-2]} == {app.CHUNK.data}


def test_a_reader_of_a_byte_a_second_is_sent_away_for_the_age_of_what_waits(servers: Servers) -> None:
    server = servers["raw"]
    slow = server.probe("bytewise", buffer=4096)
    slow.say("drip")
    begun, oldest = time.monotonic(), 0.0
    while "bytewise" in (others := server.others()):
        pending, age, closed = others["bytewise"]
        assert pending < app.LIMIT * 3
        oldest = oldest if closed else max(oldest, age)
        assert time.monotonic() - begun < 6, "still there"
        slow.socket.recv(1)
        time.sleep(0.2)
    assert app.OLD_S - 0.5 < oldest < app.OLD_S + 0.5
    assert time.monotonic() - begun < app.OLD_S + 2.5, "cut off within two seconds"


def test_who_closes_and_never_reads_is_cut_off_too(servers: Servers) -> None:
    server = servers["raw"]
    rude = server.probe("rude", buffer=4096)
    rude.say("drip")
    time.sleep(0.2)
    rude.socket.sendall(b"\x88\x80\0\0\0\0")
    eventually(lambda: "rude" not in server.others(), within=3)


def test_after_both_goodbyes_the_connection_ends_and_is_not_reset(servers: Servers) -> None:
    """nginx logs a reset as an error, one for each socket of a process that drains."""
    polite = servers["raw"].probe("polite")
    polite.say("farewell")
    polite.read(until=b"too slow")
    polite.socket.sendall(b"\x88\x80\0\0\0\0")
    assert polite.socket.recv(1) == b""


def test_who_is_slow_is_still_heard(servers: Servers) -> None:
    """Daphne's HTTP channel would stop reading from her once 64 KiB are waiting."""
    server = servers["raw"]
    slow = server.probe("loud", buffer=4096)
    slow.say("drip")
    eventually(lambda: server.others()["loud"][0] > 100_000)
    slow.say("farewell")
    eventually(lambda: server.others().get("loud", (0, 0, True))[2], within=0.8)
