"""One hundred writers on ten rooms over two processes for a minute: dense, in order, and the same for everybody."""

import asyncio
import os
import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.models import User
from accounts.services.token import token_issue
from chat.models import Message, RoomHead
from chat.services.membership import member_add
from chat.services.room import room_create
from tests.wire.client import Client, greet, shake_hands
from tests.wire.figures import ms
from tests.wire.test_faults_redis import FREELY
from tests.world import World

pytestmark = [pytest.mark.production, pytest.mark.timeout(240)]

WRITERS, ROOMS = 100, 10
SECONDS = float(os.environ.get("PARLEY_CROWD_SECONDS", "60"))
PAUSE_S = 0.4


@pytest.fixture(scope="module")
def world(
    server_environment: dict[str, str], django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[World]:
    """Two processes whose limits this crowd does not reach."""
    world = World("production", tmp_path_factory.mktemp("world"), environment=server_environment | FREELY, processes=2)
    with django_db_blocker.unblock():
        try:
            yield world.start()
        finally:
            world.stop()


class Writer:
    """Says "<name> <number>" again and again in one room, now and then changes or takes back what she said."""

    def __init__(self, name: str, url: str, token: str, room: str) -> None:
        self.name, self.url, self.token, self.room = name, url, token, room
        self.acks: list[float] = []
        self.sent: dict[int, str] = {}
        self.client: Client
        self._dice = random.Random(name)

    async def come(self) -> None:
        view = getattr(self, "client", None) and self.client.view
        self.client = await greet(await shake_hands(self.url, bearer=self.token, view=view), within=30)

    async def write(self, until: float) -> None:
        number = 0
        await asyncio.sleep(self._dice.random() * PAUSE_S)
        while time.monotonic() < until:
            if self.sent and self._dice.random() < 0.05:
                await self._change()
            if self._dice.random() < 0.01:
                await self.client.vanish()
                await self.come()
            number += 1
            said, text = time.monotonic(), f"{self.name} {number}"
            ack = await self.client.send(self.room, text, within=30)
            self.acks.append(time.monotonic() - said)
            self.sent[ack["seq"]] = text
            await asyncio.sleep(PAUSE_S * self._dice.uniform(0.5, 1.5))

    async def _change(self) -> None:
        seq = self._dice.choice(list(self.sent))
        if self._dice.random() < 0.2:
            await self.client.do("message.delete", room=self.room, seq=seq, within=30)
            del self.sent[seq]
        else:
            self.sent[seq] += "!"
            await self.client.do("message.edit", room=self.room, seq=seq, text=self.sent[seq], within=30)


def _crowd(world: World) -> list[Writer]:
    """The people and rooms, and who writes where: half of each room at each process."""
    writers: list[Writer] = []
    for place in range(ROOMS):
        people = [User.objects.get(pk=world._create(f"writer{n}", {}).id) for n in range(WRITERS // ROOMS)]
        room = int(room_create(actor=people[0], kind="private", name=world.unique("crowd")).id)
        for person in people[1:]:
            member_add(actor=people[0], room_id=room, user_id=person.pk)
        for n, person in enumerate(people):
            token = token_issue(user=person, label="crowd").access
            writers.append(Writer(f"{place}.{n}", world.processes[n % 2].ws_url, token, str(room)))
    return writers


def _stored(room: str) -> tuple[RoomHead, dict[int, tuple[int, str, bool]]]:
    rows = Message.objects.filter(room_id=room).values_list("seq", "rev", "text", "deleted_at")
    return RoomHead.objects.get(pk=room), {seq: (rev, text, gone is not None) for seq, rev, text, gone in rows}


async def test_a_hundred_writers_agree_with_each_other_and_with_the_database(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    writers = await world.ado(_crowd, world)
    await asyncio.gather(*(writer.come() for writer in writers))
    begun = time.monotonic()
    await asyncio.gather(*(writer.write(begun + SECONDS) for writer in writers))
    took = time.monotonic() - begun

    total, heard = 0, 0
    for room in {writer.room for writer in writers}:
        head, rows = await world.ado(_stored, room)
        members = [writer for writer in writers if writer.room == room]
        assert sorted(rows) == list(range(1, head.last_seq + 1)), "seq has holes"
        assert max(rev for rev, _, _ in rows.values()) <= head.rev
        assert len({rev for rev, _, _ in rows.values()}) == len(rows), "two rows share a rev"
        for writer in members:
            mine = {seq: text for seq, (_, text, gone) in rows.items() if text.startswith(f"{writer.name} ")}
            assert mine == writer.sent, f"{writer.name} was told something else than is stored"
            numbers = [int(text.split()[1].rstrip("!")) for _, text in sorted(mine.items())]
            assert numbers == sorted(set(numbers)), f"the order of {writer.name} was not kept"
        for writer in members:
            client = writer.client
            held, rev = client.view.rooms[room], head.rev
            await client.holds(lambda held=held, rev=rev: held.cursor == rev, within=20)
            client.assert_unbroken()
            view = {
                seq: (message["rev"], message["text"], message.get("deleted", False))
                for seq, message in held.messages.items()
            }
            assert view == rows, f"{writer.name} sees something else than is stored"
            heard += len(view)
        total += len(rows)
    acks = [ack for writer in writers for ack in writer.acks]
    with capsys.disabled():
        print(
            f"\n{WRITERS} writers, {ROOMS} rooms, 2 processes, {took:.0f} s: {total} messages ({total / took:.0f}/s),"
            f" {heard} heard ({heard / took:.0f}/s), acks p50 / p95 / max {ms(acks)}"
        )
    assert total >= WRITERS * SECONDS / PAUSE_S * 0.25, "that was no crowd"
    await asyncio.gather(*(writer.client.close() for writer in writers))
