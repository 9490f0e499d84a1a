"""Who may open a socket, as whom, and when it ends: three doors, one judgement."""

import asyncio
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from websockets.exceptions import InvalidStatus

from accounts import tokens
from accounts.models import Device, Ticket
from accounts.services.api_token import PREFIX
from accounts.services.standing import user_deactivate
from tests.wire.client import Client, Rest, greet, shake_hands
from tests.wire.conftest import Actor, Cast

SOON_S = 1.0
# What a change by another program, that can ring nobody, takes at most: one position check and its grace.
CHECK_S = 2.0


async def browser(actor: Actor, **more: Any) -> Rest:
    return await Rest((more.get("at") or actor.home).url).sign_in(actor.person)


async def cookie_socket(actor: Actor, rest: Rest) -> Client:
    return await actor.live(door={"cookie": rest.cookie, "origin": actor.home.url})


async def closes(client: Client, code: int, *, within: float = SOON_S) -> None:
    started = time.monotonic()
    bye = await client.goodbye(within=within + 1)
    assert bye["code"] == code
    assert bye["resume"] is (code < 4500)
    assert client.closed_at - started <= within


async def refused(client: Client, code: int, reason: str = "", **hello: Any) -> None:
    """The socket was accepted, so that a browser can understand why it is closed."""
    await client.say("hello", **hello)
    await closes(client, code, within=3)
    assert client.all("ready") == []
    if reason:
        bye = client.all("bye")[0]["payload"]
        assert bye["reason"] == reason
        assert bye["retry_ms"] >= 1000 if reason.startswith("invalid") else bye["retry_ms"] == 0


async def test_cookie_token_and_ticket_are_the_same_person(room: str, bob: Actor) -> None:
    rest = await browser(bob)
    by_cookie = await cookie_socket(bob, rest)
    by_token = await bob.live()
    ticket = (await rest.post("ws-ticket/"))["ticket"]
    by_ticket = await bob.live(door={"origin": bob.home.url}, ticket=ticket)
    for client in (by_cookie, by_token, by_ticket):
        assert client.view.me["id"] == bob.id
        assert set(client.view.rooms) == {room}
    assert (await by_ticket.send(room, "by ticket"))["seq"] == 1
    for client in (by_cookie, by_token):
        assert (await client.message(room, 1))["author"]["id"] == bob.id


async def test_a_ticket_opens_one_socket_within_its_time(bob: Actor, mallory: Actor) -> None:
    rest, door = await bob.rest(), {"origin": bob.home.url}
    answer = await rest.post("ws-ticket/")
    assert answer["expires_in"] == 30
    client = await mallory.live(door=door, ticket=answer["ticket"])
    assert client.view.me["id"] == bob.id
    await refused(await mallory.knock(**door), 4003, ticket=answer["ticket"])
    await refused(await mallory.knock(**door), 4003, "invalid ticket", ticket="guessed")
    late = (await rest.post("ws-ticket/"))["ticket"]
    past = timezone.now() - timedelta(seconds=1)
    await bob.world.ado(lambda: Ticket.objects.filter(device__user_id=bob.id).update(expires_at=past))
    await refused(await mallory.knock(**door), 4003, ticket=late)
    # A ticket wins over what the handshake carries: a bad one is not made good by a good cookie.
    await refused(await bob.knock(), 4003, ticket="guessed")


async def test_credentials_that_are_no_good_say_whether_to_come_back(bob: Actor, cast: Cast) -> None:
    pair = await bob.device()
    claims = tokens.read("access", pair.access)
    old = tokens.write("access", claims, at=timezone.now() - timedelta(minutes=16))
    refresh = pair.refresh
    await refused(await bob.knock(bearer=old), 4003, "token expired")
    for token in (refresh, "not.a.token", old[:-2] + "xx", f"{PREFIX}guessed"):
        await refused(await bob.knock(bearer=token), 4003, "invalid token")
    for cookie in ("a" * 32, "../../etc", "'; --"):
        await refused(await bob.knock(cookie=cookie, origin=bob.home.url), 4003)
    await refused(await bob.knock(origin=bob.home.url), 4003, "not signed in")
    assert (await bob.live(door={"bearer": pair.access})).view.me["id"] == bob.id
    await bob.world.ado(lambda: Device.objects.filter(pk=pair.device).update(ended_at=timezone.now()))
    await refused(await bob.knock(bearer=pair.access), 4503)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "https://evil.example.org",
        "http://127.0.0.1",
        "http://127.0.0.1:1",
        "https://127.0.0.1:{port}",
        "http://127.0.0.1.evil.example.org:{port}",
        "http://evil.example.org:{port}",
    ],
)
async def test_a_cookie_from_another_origin_opens_nothing(origin: str | None, bob: Actor) -> None:
    rest = await browser(bob)
    assert (await cookie_socket(bob, rest)).view.me["id"] == bob.id
    given = None if origin is None else origin.format(port=bob.home.port)
    with pytest.raises(InvalidStatus) as refusal:
        await bob.knock(cookie=rest.cookie, origin=given)
    assert refusal.value.response.status_code == 403


async def test_a_strange_page_with_a_token_opens_nothing_either(bob: Actor) -> None:
    token = await bob.token()
    with pytest.raises(InvalidStatus):
        await bob.knock(bearer=token, origin="https://evil.example.org")
    assert (await bob.live(door={"bearer": token, "origin": bob.home.url})).view.me["id"] == bob.id


# ---- the end of a sign-in


async def test_signing_out_closes_exactly_the_sockets_of_that_browser(room: str, bob: Actor, cast: Cast) -> None:
    laptop, phone = await browser(bob), await browser(bob)
    ending = [await cookie_socket(bob, laptop)]
    for process in cast.world.processes:
        ending.append(await bob.live(at=process, door={"cookie": laptop.cookie, "origin": bob.home.url}))
    staying = [await cookie_socket(bob, phone), await bob.live(), await bob.live(at=cast.world.a)]
    for client in (*ending, *staying):
        await client.barrier()
    await laptop.sign_out()
    for client in ending:
        await closes(client, 4503)
    for client in staying:
        await client.got("user.state", within=2)
        await client.barrier()
        client.assert_unbroken()
    assert (await staying[0].send(room, "still here"))["seq"] == 1
    # Whether the session's row is gone already or not, nobody gets in with it.
    dead = await bob.knock(cookie=laptop.cookie, origin=bob.home.url)
    await dead.say("hello")
    assert (await dead.goodbye())["code"] in (4003, 4503)


async def test_ending_another_device_closes_its_sockets_only(room: str, bob: Actor) -> None:
    lost = await bob.device("lost phone")
    stolen, mine = await bob.live(door={"bearer": lost.access}), await bob.live()
    rest = await bob.rest()
    await rest.delete(f"me/devices/{lost.device}/")
    await closes(stolen, 4503)
    assert (await mine.send(room, "mine"))["seq"] == 1
    await refused(await bob.knock(bearer=lost.access), 4503)


async def test_a_refresh_token_used_twice_closes_what_it_opened(bob: Actor) -> None:
    pair, rest = await bob.device(), Rest(bob.home.url)
    thief = await bob.live(door={"bearer": pair.access})
    second = await rest.post("auth/token/refresh/", {"refresh": pair.refresh})
    third = await rest.post("auth/token/refresh/", {"refresh": second["refresh"]})
    await thief.barrier()
    assert (await rest.call("POST", "auth/token/refresh/", {"refresh": pair.refresh})).status == 401
    await closes(thief, 4503)
    assert (await rest.call("POST", "auth/token/refresh/", {"refresh": third["refresh"]})).status == 401


async def test_a_deactivated_account_is_out_everywhere(room: str, alice: Actor, bob: Actor, cast: Cast) -> None:
    rest = await browser(bob)
    clients = [await cookie_socket(bob, rest), *[await bob.live(at=process) for process in cast.world.processes]]
    a = await alice.live()
    await a.send(room, "he hears this")
    for client in clients:
        await client.message(room, 1)
    await bob.world.ado(user_deactivate, user_id=int(bob.id))
    for client in clients:
        await closes(client, 4504, within=CHECK_S)
    await a.send(room, "and not this")
    for client in clients:
        assert len(client.all("message.created")) == 1
    await refused(await bob.knock(), 4504)
    assert (await (await bob.rest()).call("GET", "me/")).status == 401


async def test_a_socket_outlives_its_access_token(room: str, bob: Actor, cast: Cast) -> None:
    pair = await bob.device()
    almost = tokens.write(
        "access", tokens.read("access", pair.access), at=timezone.now() - timedelta(minutes=15, seconds=4)
    )
    client = await bob.live(door={"bearer": almost})
    at = time.monotonic()
    while (await (Rest(bob.home.url, token=almost)).call("GET", "me/")).status == 200:
        assert time.monotonic() - at < 5, "the token does not expire"
        await asyncio.sleep(0.2)
    assert (await client.send(room, "still here"))["seq"] == 1


# ---- too many


async def test_the_eleventh_socket_takes_the_place_of_the_oldest_hidden_one(room: str, bob: Actor) -> None:
    clients = [await bob.live() for _ in range(10)]
    await clients[0].do("room.focus", room=room)
    await clients[1].do("room.focus", room=room)
    await clients[1].do("room.focus", room=None)
    await clients[9].barrier()
    eleventh = await bob.live()
    await closes(clients[1], 4015)
    for client in (clients[0], *clients[2:], eleventh):
        await client.barrier()
    twelfth = await bob.live()
    await closes(clients[2], 4015)
    await twelfth.barrier()


async def test_who_says_hello_too_late_or_too_often_is_sent_away(strict: Any, bob: Actor) -> None:
    silent = await bob.knock(at=strict)
    await closes(silent, 4002, within=3.5)
    for _ in range(4):
        await greet(await bob.knock(at=strict))
    often = await bob.knock(at=strict)
    await often.say("hello")
    bye = await often.goodbye()
    assert (bye["code"], bye["reason"]) == (4009, "too many handshakes")
    assert bye["retry_ms"] > 0


async def test_sockets_without_identity_are_few_per_address(strict: Any, bob: Actor) -> None:
    anonymous = [await bob.knock(at=strict, origin=strict.url) for _ in range(3)]
    fourth = await bob.knock(at=strict, origin=strict.url)
    bye = await fourth.goodbye()
    assert bye["code"] == 4013
    assert bye["retry_ms"] > 0
    assert all(client.open for client in anonymous)
    assert (await greet(await bob.knock(at=strict))).view.me["id"] == bob.id


async def test_another_version_of_the_protocol_is_refused_in_words(bob: Actor) -> None:
    client = await bob.knock(bearer=await bob.token(), subprotocols=["parley.v9.json"])
    await closes(client, 4501, within=2)
    client = await bob.knock(bearer=await bob.token(), subprotocols=["parley.v9.json", "parley.v1.json"])
    assert (await greet(client)).connection.subprotocol == "parley.v1.json"


async def test_there_is_no_other_socket_address(bob: Actor, cast: Cast) -> None:
    for path in ("/", "/ws", "/ws/more/", "/ws/../ws/x"):
        with pytest.raises(InvalidStatus) as refusal:
            await elsewhere(bob, path)
        assert refusal.value.response.status_code in (403, 404)


async def elsewhere(actor: Actor, path: str) -> None:
    client = await shake_hands(actor.home.ws_url.replace("/ws/", path), bearer=await actor.token())
    await client.close()
