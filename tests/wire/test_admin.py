"""What staff does in the admin arrives at sockets at once, at every process; and the overview knows all of them."""

import asyncio
import re
import time
from typing import Any

from accounts.models import AuditEntry, Device, User
from chat.models import Membership
from tests.admin import words
from tests.wire.client import Client, Rest
from tests.wire.conftest import Actor, Cast


class Desk:
    """A browser of somebody's who is staff."""

    def __init__(self, rest: Rest) -> None:
        self.rest = rest

    async def do(self, of: str, deed: str, *ids: str, **given: str) -> None:
        for pk in ids:
            await self.rest._submit(f"/admin/{of}/do/{deed}/", id=pk, sure="1", **given)

    async def page(self, path: str) -> str:
        answer = await asyncio.to_thread(self.rest._request, "GET", f"/admin/{path}", None, {})
        assert answer.status == 200, answer
        return words(answer.body)


async def desk_of(owner: Actor) -> Desk:
    await owner.world.ado(lambda: User.objects.filter(pk=owner.id).update(is_staff=True, role=User.Role.OWNER))
    return Desk(await Rest(owner.home.url).sign_in(owner.person))


async def gone(client: Client, code: int) -> None:
    """Closed with this code within a second, and nothing came after the goodbye."""
    assert (await client.goodbye(within=1))["code"] == code


async def test_closing_an_account_closes_its_sockets_everywhere(
    room: str, alice: Actor, bob: Actor, carol: Actor, cast: Cast
) -> None:
    desk = await desk_of(alice)
    sockets = [await bob.live(at=process) for process in cast.world.processes]
    witness, a = await carol.live(), await alice.live()
    await a.send(room, "everybody here?")
    for client in (*sockets, witness):
        await client.message(room, 1)
    started = time.monotonic()
    await desk.do("accounts/user", "deactivate", bob.id, reason="left the company")
    for client in sockets:
        await gone(client, 4504)
    assert time.monotonic() - started < 2
    await a.send(room, "without Bob")
    await witness.message(room, 2)
    assert not any(client.all("message.created", room=room)[1:] for client in sockets)
    entry = await cast.world.ado(lambda: AuditEntry.objects.get(subject_kind="user", subject_id=bob.id))
    assert (str(entry.actor_id), entry.action, entry.reason) == (alice.id, "user.deactivated", "left the company")


async def test_signing_out_closes_sockets_and_ending_one_device_only_its_own(
    room: str, alice: Actor, bob: Actor, cast: Cast
) -> None:
    desk = await desk_of(alice)
    laptop, phone = await Rest(bob.home.url).sign_in(bob.person), await Rest(bob.home.url).sign_in(bob.person)
    one, other = [await bob.live(door={"cookie": rest.cookie, "origin": bob.home.url}) for rest in (laptop, phone)]
    first = await cast.world.ado(lambda: Device.objects.filter(user_id=bob.id).order_by("pk").first().pk)
    await desk.do("accounts/device", "end", str(first))
    await gone(one, 4503)
    await other.barrier()
    await desk.do("accounts/user", "sign-out", bob.id)
    await gone(other, 4503)


async def test_an_archived_and_renamed_room_tells_its_members(alice: Actor, bob: Actor, cast: Cast) -> None:
    desk = await desk_of(alice)
    public = await cast.aroom(bob, kind="public")
    b = await bob.live()
    await b.send(public, "still open")
    name = cast.world.unique("Archive")
    await desk.do("chat/room", "rename", public, name=name)
    await desk.do("chat/room", "archive", public, reason="nobody writes here")
    await b.holds(lambda: b.view.rooms[public].entry["archived"] and b.view.rooms[public].entry["name"] == name)
    refused = await b.ask(
        "message.send", room=public, client_id="0" * 8 + "-0000-4000-8000-" + "0" * 12, text="too late"
    )
    assert refused["payload"]["code"] == "forbidden"
    b.assert_unbroken()


async def test_who_is_removed_by_staff_hears_nothing_more(alice: Actor, bob: Actor, carol: Actor, cast: Cast) -> None:
    desk = await desk_of(alice)
    public = await cast.aroom(bob, carol, kind="public")
    b, c = await bob.live(), await carol.live()
    await b.send(public, "with Carol")
    await c.message(public, 1)
    stint = await cast.world.ado(lambda: Membership.objects.get(room_id=public, user_id=carol.id).pk)
    await desk.do("chat/membership", "remove", str(stint))
    await c.holds(lambda: public not in c.view.rooms)
    await b.send(public, "without Carol")
    await c.barrier()
    assert len(c.all("message.created", room=public)) == 1


async def test_the_overview_counts_people_and_sockets_of_all_processes(alice: Actor, bob: Actor, cast: Cast) -> None:
    desk = await desk_of(alice)
    clients = [await bob.live(at=process) for process in cast.world.processes]

    async def numbers() -> dict[str, Any]:
        page = await desk.page("")
        found = {name: int(re.search(rf"{name} (\d+)", page)[1]) for name in ("People online", "Connections")}
        return {**found, "processes": page.count(" connection")}

    async def until(check: Any) -> dict[str, Any]:
        for _ in range(60):
            seen = await numbers()
            if check(seen):
                return seen
            await asyncio.sleep(0.25)
        raise AssertionError(f"the overview says {seen}")

    seen = await until(lambda seen: seen["Connections"] == len(clients) and seen["People online"] == 1)
    assert seen["processes"] == len(cast.world.processes)
    await clients[0].do("presence.set", state="invisible")
    await until(lambda seen: seen["People online"] == 0 and seen["Connections"] == len(clients))
