"""Too much at once: others hardly notice, and who is sent away is told why and when to come back."""

import asyncio
import contextlib
import socket
import time

from tests.chaos.member import LOST, frame
from tests.chaos.registry import scenario
from tests.chaos.scene import Scene
from tests.wire.client import Client, shake_hands

OTHERS_ACKED_S = 0.5
OTHERS_PONG_S = 0.5


async def _knock(scene: Scene, number: int, token: str | None = None) -> Client:
    return await shake_hands(f"ws://127.0.0.1:{scene.stage.doors[number].port}/ws/", bearer=token)


def _others_hardly_notice(scene: Scene, began: float) -> None:
    until = time.monotonic()
    scene.assert_p95(scene.acks(began, until - 0.5), OTHERS_ACKED_S, "acks meanwhile")
    scene.assert_p95(scene.pongs(began, until), OTHERS_PONG_S, "pongs meanwhile")


@scenario()
async def handshakes_without_hello(scene: Scene) -> None:
    """Seventy sockets that never say hello: those above the limit are refused at once, the others after their time."""
    began = time.monotonic()
    clients = [await _knock(scene, 0) for _ in range(70)]
    codes = await asyncio.gather(*(client.closed(within=10) for client in clients))
    assert codes.count(4013) == 20, codes
    assert codes.count(4002) == 50, codes
    refused = [client.frames[-1]["payload"] for client in clients if client.code == 4013]
    assert all(bye["retry_ms"] > 0 and bye["resume"] for bye in refused)
    assert not scene.closes(began), "members were sent away"
    _others_hardly_notice(scene, began)


@scenario(fast=True)
async def ping_flood(scene: Scene) -> None:
    """Three sockets send as many pings as they can (more than ten thousand a second): 4009, and nobody else notices."""
    token = scene.members[0]._token
    began = time.monotonic()
    sent = 0

    async def flood() -> int:
        nonlocal sent
        client = await _knock(scene, 1, token)
        await client.ask("hello")
        pings = [frame("ping")] * 200
        with contextlib.suppress(*LOST):
            async with asyncio.timeout(8):
                while client.open:
                    for ping in pings:
                        await client.raw(ping)
                        sent += 1
                    await asyncio.sleep(0)
        return await client.closed(within=5)

    codes = [await flood() for _ in range(3)]
    took = time.monotonic() - began
    scene.note(f"{sent} pings in {took:.1f} s")
    assert codes == [4009] * 3, codes
    await scene.wait(1)
    assert not [code for code in scene.closes(began) if code != 1000]
    _others_hardly_notice(scene, began)


@scenario(fast=True)
async def too_many_sockets(scene: Scene) -> None:
    """A person opens fifteen: never more than ten stay, and the oldest are told that they were replaced."""
    person = await scene.person(0)
    began = time.monotonic()
    clients = []
    for _ in range(15):
        client = await _knock(scene, 0, person._token)
        assert (await client.ask("hello"))["type"] == "ready"
        clients.append(client)
    await scene.soon(lambda: sum(not client.open for client in clients) == 5, within=5, what="five are closed")
    assert [client.code for client in clients] == [4015] * 5 + [None] * 10
    await scene.wait(1)
    _others_hardly_notice(scene, began)
    for client in clients:
        await client.close()


@scenario()
async def handshakes_half_said(scene: Scene) -> None:
    """Two hundred connections that begin a request and do not end it."""
    began = time.monotonic()
    open_ = []
    for _ in range(200):
        half = socket.create_connection(("127.0.0.1", scene.stage.processes[0].port), 2)
        half.sendall(b"GET /ws/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: webso")
        open_.append(half)
        await asyncio.sleep(0.005)
    newcomer = await scene.join(0)
    await newcomer.come(within=5)
    await scene.wait(1.5)
    for half in open_:
        half.close()
    _others_hardly_notice(scene, began)


@scenario(within=90)
async def reconnect_storm(scene: Scene) -> None:
    """Nine more sockets each, all reset at once three times: all are back soon, none is refused without a time."""
    more = []
    for member in scene.members:
        for _ in range(9):
            client = await scene.client_of(scene._people[member.user], member.home)
            more.append(client)
    await asyncio.gather(*(client.come(within=20) for client in more))
    for _ in range(3):
        began = time.monotonic()
        for door in scene.stage.doors:
            door.cut()
        await asyncio.sleep(0.3)
        await asyncio.gather(*(client.live(within=15) for client in (*more, *scene.members)))
        scene.note(f"all back after {time.monotonic() - began:.1f} s")
        byes = [
            one.frames[-1]["payload"]
            for client in more
            for one in client.journal.connections
            if one.frames and one.frames[-1]["type"] == "bye"
        ]
        assert all(bye["retry_ms"] > 0 for bye in byes), byes
    await asyncio.gather(*(client.leave() for client in more))
    await scene.normal_again()


@scenario()
async def garbage(scene: Scene) -> None:
    """Sockets that send what is no frame of ours, and connections that speak no HTTP."""
    began = time.monotonic()
    token = scene.members[0]._token
    for nonsense in ("", "{", '{"id": "1"}', "[" * 50, b"\xff\xfe", '{"id":"1","type":"nothing","payload":{}}'):
        client = await _knock(scene, 0, token)
        with contextlib.suppress(*LOST):
            for _ in range(5):
                await client.raw(nonsense)
            await client.closed(within=8)
        if client.open:
            await client.close()
    for _ in range(50):
        strange = socket.create_connection(("127.0.0.1", scene.stage.processes[1].port), 2)
        strange.sendall(scene.random.randbytes(200))
        strange.close()
    await scene.wait(1)
    assert not [code for code in scene.closes(began) if code not in (1000, None)]
    _others_hardly_notice(scene, began)
