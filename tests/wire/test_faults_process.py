"""A process dies, or is asked to go: what was acknowledged is there, what was not can be said again."""

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from chat.models import Message
from tests.servers import Daphne, free_port
from tests.wire.client import Client, greet
from tests.wire.conftest import WRONG_IN_LOG, Actor, Cast
from tests.wire.figures import ms
from tests.world import World

Start = Callable[..., Daphne]
LEAVE_WITHIN_S = 8.0


@pytest.fixture
def start(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Starts another process of the deployment, to be ended by the test."""
    started: list[Daphne] = []

    def start(port: int | None = None, **environment: str) -> Daphne:
        port = port or free_port()
        folder = tmp_path_factory.mktemp("process")
        environment = {**world.environment, "ORIGINS": f"http://127.0.0.1:{port}", **environment}
        process = Daphne(folder, environment=environment, plain=world.name == "plain", port=port)
        process.start()
        started.append(process)
        return process

    yield start
    for process in started:
        process.stop()
        assert WRONG_IN_LOG.search(process.log) is None, process.log[-4000:]
        assert "took too long to shut down" not in process.log


async def test_a_power_cut_after_commit_and_before_the_ack_leaves_one_message(
    room: str, alice: Actor, bob: Actor, start: Start
) -> None:
    doomed = start(PARLEY_FAILPOINT="after_commit")
    a, b = await alice.live(at=doomed), await bob.live()
    client_id = str(uuid4())
    said = await a.say("message.send", room=room, client_id=client_id, text="just in time")
    assert await a.closed() == 1006
    assert doomed.process is not None
    assert await asyncio.to_thread(doomed.process.wait, 5) == -signal.SIGKILL
    assert not [frame for frame in a.frames if frame.get("re") == said]
    # Nobody rang: the position check finds it.
    assert (await b.message(room, 1, within=2))["text"] == "just in time"
    again = await alice.again(a, at=start(port=doomed.port))
    ack = await again.send(room, "just in time", client_id=client_id)
    rows = await alice.world.ado(lambda: list(Message.objects.filter(room_id=room).values_list("seq", "created_rev")))
    assert rows == [(ack["seq"], ack["rev"])]
    assert ack["duplicate"] is True
    assert again.view.rooms[room].texts == ["just in time"]
    await again.send(room, "and on")
    await b.message(room, 2)
    assert len(b.all("message.created")) == 2
    for client in (again, b):
        client.assert_unbroken()


async def test_who_is_asked_to_go_says_goodbye_to_everybody_and_ends(
    room: str, alice: Actor, bob: Actor, cast: Cast, start: Start, capsys: pytest.CaptureFixture[str]
) -> None:
    leaving = start()
    people = [alice, bob, *(cast.actor(f"guest{n}") for n in range(3))]
    clients = [await person.live(at=leaving) for person in people for _ in range(8)]
    silent = await bob.knock(at=leaving)
    said = [await clients[0].say("message.send", room=room, client_id=str(uuid4()), text=f"{n}") for n in range(15)]
    begun = time.monotonic()
    leaving.signal(signal.SIGTERM)
    byes = [await client.goodbye() for client in (*clients, silent)]
    assert {bye["code"] for bye in byes} == {4012}
    assert all(bye["resume"] and bye["retry_ms"] > 0 for bye in byes)
    assert len({bye["retry_ms"] for bye in byes}) > len(byes) // 2
    assert leaving.process is not None
    assert await asyncio.to_thread(leaving.process.wait, LEAVE_WITHIN_S) == 0
    gone = time.monotonic() - begun
    with capsys.disabled():
        took = [client.closed_at - begun for client in clients]
        print(
            f"\nSIGTERM: {len(clients)} sockets closed after p50 / p95 / max {ms(took)}, the process after {gone:.1f} s"
        )
    # What was acknowledged is stored, what was stored and not acknowledged is there once after a retry.
    answered = {frame["re"] for frame in clients[0].frames if frame["type"] == "ack"} & set(said)
    stored = Message.objects.filter(room_id=room).order_by("seq")
    texts = await alice.world.ado(lambda: list(stored.values_list("text", flat=True)))
    assert len(texts) >= len(answered)
    assert len(texts) == len(set(texts))
    back = await alice.again(clients[0], at=cast.world.a)
    assert back.view.rooms[room].texts == texts


async def test_who_comes_while_the_process_goes_is_sent_on(bob: Actor, start: Start) -> None:
    leaving = start()
    here: Client = await bob.live(at=leaving)
    leaving.signal(signal.SIGTERM)
    await here.goodbye()
    try:
        late = await bob.knock(at=leaving)
        await greet(late)
    except (OSError, ConnectionClosed, AssertionError):
        pass
    else:
        assert (await late.goodbye())["code"] == 4012
    assert leaving.process is not None
    assert await asyncio.to_thread(leaving.process.wait, LEAVE_WITHIN_S) == 0
