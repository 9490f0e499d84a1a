"""API tokens at the socket: what they may do there, and that they end."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import ApiToken, User
from accounts.services.api_token import api_token_create, api_token_revoke
from tests.wire.client import Rest
from tests.wire.conftest import Actor, Cast
from tests.wire.test_identity import SOON_S, closes, refused


async def token(actor: Actor, scope: str, **more: Any) -> tuple[str, int]:
    def make() -> tuple[str, int]:
        user = User.objects.get(pk=actor.id)
        made, text = api_token_create(user=user, name="bridge", scope=[scope], **more)
        return text, made.pk

    return await actor.world.ado(make)


async def test_a_token_that_may_only_read_reads_and_nothing_else(room: str, alice: Actor, bob: Actor) -> None:
    text, _ = await token(bob, "read")
    a, reader = await alice.live(), await bob.live(door={"bearer": text})
    await a.send(room, "for all")
    assert (await reader.message(room, 1))["text"] == "for all"
    assert (await reader.ask("sync", room=room, since=0))["type"] == "ack"
    assert (await reader.ask("room.focus", room=room))["type"] == "ack"
    assert (await reader.ask("presence.watch", users=[alice.id]))["type"] == "ack"
    writing: dict[str, dict[str, Any]] = {
        "message.send": {"room": room, "client_id": "0f8b9f3e-6f0a-4c0e-9b60-0d7c7a4b2f11", "text": "x"},
        "message.edit": {"room": room, "seq": 1, "text": "x"},
        "message.delete": {"room": room, "seq": 1},
        "read.mark": {"room": room, "seq": 1},
        "typing.start": {"room": room},
        "typing.stop": {"room": room},
        "presence.set": {"state": "invisible"},
    }
    for kind, payload in writing.items():
        answer = await reader.ask(kind, **payload)
        assert (answer["type"], answer["payload"]["code"]) == ("error", "forbidden"), kind
    assert (await a.send(room, "second"))["seq"] == 2
    # The same person's own sign-in may.
    assert (await (await bob.live()).send(room, "third"))["seq"] == 3


async def test_a_ticket_of_a_reading_token_reads_only_too(room: str, bob: Actor) -> None:
    text, _ = await token(bob, "read")
    ticket = (await Rest(bob.home.url, token=text).post("ws-ticket/"))["ticket"]
    client = await bob.live(door={"origin": bob.home.url}, ticket=ticket)
    assert (await client.ask("typing.start", room=room))["payload"]["code"] == "forbidden"


async def test_a_writing_token_sends(room: str, alice: Actor, bob: Actor) -> None:
    text, _ = await token(bob, "write")
    a, bridge = await alice.live(), await bob.live(door={"bearer": text})
    await bridge.send(room, "from the bridge")
    assert (await a.message(room, 1))["author"]["id"] == bob.id


async def test_revoking_a_token_closes_its_sockets_everywhere_and_no_other(room: str, bob: Actor, cast: Cast) -> None:
    text, pk = await token(bob, "write")
    ending = [await bob.live(at=process, door={"bearer": text}) for process in cast.world.processes]
    staying = [await bob.live(), await bob.live(at=cast.world.a)]
    for client in (*ending, *staying):
        await client.barrier()
    rest = await bob.rest()
    listed = [one["id"] for one in (await rest.get("me/devices/"))["devices"] if one["kind"] == "api"]
    assert len(listed) == 1
    await rest.delete(f"me/devices/{listed[0]}/")
    for client in ending:
        await closes(client, 4503, within=SOON_S)
    for client in staying:
        await client.barrier()
    assert (await staying[0].send(room, "still here"))["seq"] == 1
    await refused(await bob.knock(bearer=text), 4503)
    await bob.world.ado(lambda: api_token_revoke(user=User.objects.get(pk=bob.id), token_id=pk))


async def test_a_socket_ends_with_its_token(room: str, bob: Actor) -> None:
    text, pk = await token(bob, "write", life=timedelta(hours=1))
    soon = timezone.now() + timedelta(seconds=3)
    await bob.world.ado(lambda: ApiToken.objects.filter(pk=pk).update(expires_at=soon))
    client = await bob.live(door={"bearer": text})
    assert (await client.send(room, "in time"))["seq"] == 1
    bye = await client.goodbye(within=6)
    assert (bye["code"], bye["resume"]) == (4003, True)
    await refused(await bob.knock(bearer=text), 4003)
