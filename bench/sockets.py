"""What an idle signed-in socket costs: memory, and CPU at rest with heartbeats.

    .venv/bin/python -m bench.sockets [--sockets 2000] [--rooms 50] [--rest 60]

A real server process on a fresh SQLite database, real TCP sockets of as many people, each a member of every room.
Prints the figures and stores them in bench/results/.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import websockets

from bench.machine import cpu_seconds, describe, resident_kib, store
from tests.servers import ROOT, Daphne

PREPARE = """
import sys
from accounts.models import PersonHead, User
from accounts.services.token import token_issue
from chat.models import Membership, Room, RoomHead

sockets, rooms = int(sys.argv[1]), int(sys.argv[2])
people = User.objects.bulk_create(
    User(handle=f"p{n}", handle_key=f"p{n}", display_name=f"Person {n}", email=f"p{n}@example.org", password="!")
    for n in range(sockets)
)
PersonHead.objects.bulk_create(PersonHead(user=person, rev=rooms) for person in people)
for n in range(rooms):
    room = Room.objects.create(kind="public", name=f"Room {n}", name_key=f"room {n}", created_by=people[0], rev=1)
    RoomHead.objects.create(room=room, rev=len(people))
    Membership.objects.bulk_create(
        [
            Membership(room=room, user=person, joined_rev=rev, rev=rev, user_rev=n + 1)
            for rev, person in enumerate(people, start=1)
        ],
        batch_size=500,
    )
for person in people:
    print(token_issue(user=person, label="bench").access)
"""


async def connect(url: str, token: str, gate: asyncio.Semaphore) -> websockets.ClientConnection:
    """A socket at `ready`."""
    async with gate:
        socket = await websockets.connect(
            url,
            subprotocols=[websockets.Subprotocol("parley.v1.json")],
            additional_headers={"Authorization": f"Bearer {token}"},
            ping_interval=None,
            compression=None,
            max_size=None,
        )
        await socket.send(json.dumps({"id": "1", "type": "hello", "payload": {"network": "lan"}}))
        ready = json.loads(await socket.recv())
        if ready["type"] != "ready":
            raise RuntimeError(f"not ready: {ready}")
        return socket


async def answer_pings(socket: websockets.ClientConnection) -> None:
    """Be a good client until the socket is closed."""
    async for text in socket:
        if '"type":"ping"' in str(text):
            await socket.send('{"id":"p","type":"pong"}')


async def measure(server: Daphne, tokens: list[str], rest: float) -> dict[str, float]:
    gate = asyncio.Semaphore(16)
    warm = await connect(server.ws_url, tokens[0], gate)
    await warm.close()
    await asyncio.sleep(2)
    before = resident_kib(server.pid)
    began = time.monotonic()
    sockets = await asyncio.gather(*(connect(server.ws_url, token, gate) for token in tokens))
    connecting = time.monotonic() - began
    clients = [asyncio.create_task(answer_pings(socket)) for socket in sockets]
    await asyncio.sleep(5)
    cpu, since = cpu_seconds(server.pid), time.monotonic()
    await asyncio.sleep(rest)
    share = (cpu_seconds(server.pid) - cpu) / (time.monotonic() - since)
    after = resident_kib(server.pid)
    alive = sum(socket.state is websockets.State.OPEN for socket in sockets)
    for client in clients:
        client.cancel()
    await asyncio.gather(*(socket.close() for socket in sockets), return_exceptions=True)
    return {
        "sockets": len(sockets),
        "alive_after_rest": alive,
        "rss_before_kib": before,
        "rss_after_kib": after,
        "kib_per_socket": round((after - before) / len(sockets), 1),
        "cpu_at_rest_percent_of_a_core": round(share * 100, 1),
        "connects_per_s": round(len(sockets) / connecting, 1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, default=2000)
    parser.add_argument("--rooms", type=int, default=50)
    parser.add_argument("--rest", type=float, default=60)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        environment = {"SECRET_KEY": "bench " * 10, "DATABASE_URL": f"sqlite:///{folder / 'bench.sqlite3'}"}
        shell = {**os.environ, **environment}
        manage = [sys.executable, "manage.py"]
        subprocess.run([*manage, "migrate", "--verbosity", "0"], cwd=ROOT, env=shell, check=True)
        script = f"import sys; sys.argv = ['', '{args.sockets}', '{args.rooms}']\n{PREPARE}"
        prepare = [*manage, "shell", "--no-imports", "-c", script]
        tokens = subprocess.check_output(prepare, cwd=ROOT, env=shell, text=True).split()
        server = Daphne(folder, environment=environment)
        server.start()
        try:
            figures = asyncio.run(measure(server, tokens, args.rest))
        finally:
            server.stop()
    store("sockets", {"rooms_per_person": args.rooms, "rest_s": args.rest, **figures}, describe())


if __name__ == "__main__":
    main()
