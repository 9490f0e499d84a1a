"""API tokens: shown once, good as far as they say, dead with their device. Bots, who have nothing else."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import get_resolver
from django.utils import timezone

from accounts.auth import authenticate, refusals
from accounts.models import ApiToken, Device, User
from accounts.services.api_token import TOKENS_MAX, api_token_create, api_token_revoke
from accounts.services.bot import bot_create
from accounts.services.device import device_start, devices_end_all
from accounts.services.standing import user_deactivate
from accounts.services.ticket import ticket_issue
from accounts.services.user import user_password_set
from realtime.product import Credentials, Refused
from realtime.protocol.closes import Close
from realtime.protocol.errors import Conflict, Forbidden, Invalid, Unauthenticated
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401
from tests.alone import alone
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


def make(user: User, *scope: str, **more: Any) -> str:
    return api_token_create(user=user, name="backup", scope=list(scope or ("write",)), **more)[1]


def by(token: str, method: str, path: str, body: Any = None) -> Any:
    return api(Client(), method, path, body, Authorization=f"Bearer {token}")


def refused(credentials: Credentials) -> Close:
    with pytest.raises(Refused) as error:
        alone(authenticate, credentials)
    return error.value.close


# ---- made ----


def test_a_token_is_shown_once(bob: User) -> None:
    client = sign_in(bob)
    with heard() as events:
        made = api(client, "POST", "me/tokens/", {"name": "  the  backup ", "scopes": ["read", "write"]})
    assert made.status_code == 201
    secret, token = made.json()["secret"], made.json()["token"]
    assert secret.startswith("parley_")
    assert len(secret) > 45
    assert (token["name"], token["scopes"], token["prefix"]) == ("the backup", ["read", "write"], secret[:13])
    assert token["expires_at"] - token["created_at"] == 90 * 86400 * 1000
    assert token["last_used_at"] is None
    listed = api(client, "GET", "me/tokens/")
    assert listed.json() == {"tokens": [token]}
    assert secret not in listed.content.decode()
    assert secret not in str(list(ApiToken.objects.values())) + str(list(Device.objects.values()))
    # It is a device of hers, so it is in her log.
    assert [(event.topic, event.devices[0].kind) for event in events] == [(f"user:{bob.pk}", "api")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": ["read"]}, "name"),
        ({"name": "x"}, "scopes"),
        ({"name": "", "scopes": ["read"]}, "name"),
        ({"name": "a\u202eb", "scopes": ["read"]}, "name"),
        ({"name": "x" * 81, "scopes": ["read"]}, "name"),
        ({"name": "x", "scopes": []}, "scopes"),
        ({"name": "x", "scopes": ["root"]}, "scopes"),
        ({"name": "x", "scopes": ["signed in"]}, "scopes"),
        ({"name": "x", "scopes": "read"}, "scopes"),
        ({"name": "x", "scopes": ["read"], "expires_in": 0}, "expires_in"),
        ({"name": "x", "scopes": ["read"], "expires_in": 10**12}, "expires_in"),
        ({"name": "x", "scopes": ["read"], "user": "1"}, "user"),
    ],
)
def test_bad_input_names_its_field(bob: User, body: dict[str, Any], field: str) -> None:
    answer = api(sign_in(bob), "POST", "me/tokens/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [name.partition("[")[0] for name in answer.json()["fields"]] == [field]
    assert not ApiToken.objects.exists()


def test_the_service_names_fields_too(bob: User) -> None:
    with pytest.raises(Invalid) as error:
        api_token_create(user=bob, name="", scope=["root"], life=timedelta(0))
    assert set(error.value.fields) == {"name", "scopes", "expires_in"}


def test_there_are_at_most_fifty(bob: User) -> None:
    for _ in range(TOKENS_MAX):
        make(bob)
    with pytest.raises(Conflict):
        make(bob)


# ---- used ----


def test_a_token_opens_the_api_and_a_socket(bob: User) -> None:
    token = make(bob)
    assert by(token, "GET", "me/").json()["id"] == str(bob.pk)
    assert by(token, "PATCH", "me/", {"name": "Robert"}).status_code == 200
    identity = alone(authenticate, Credentials(bearer=token))
    assert (identity.user, identity.readonly, identity.until) == (str(bob.pk), False, None)
    assert refusals([identity]) == {}


def test_it_is_noted_at_most_once_a_minute_when_it_was_used(bob: User) -> None:
    token = make(bob)
    assert ApiToken.objects.get().last_used_at is None
    by(token, "GET", "me/")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    with CaptureQueriesContext(connection) as queries:
        by(token, "GET", "me/")
    assert len(queries) == 2, [query["sql"] for query in queries]  # the token; the endpoint's own: the head
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(seconds=61))
    by(token, "GET", "me/")
    stored = ApiToken.objects.select_related("device").get()
    assert stored.last_used_at >= first
    assert stored.device.last_seen_at == stored.last_used_at


NEEDED = [
    ("GET", "me/", None, "read"),
    ("GET", "me/devices/", None, "read"),
    ("POST", "ws-ticket/", None, "read"),
    ("PATCH", "me/", {"name": "Robert"}, "write"),
    ("DELETE", "me/picture/", None, "write"),
    ("GET", "invitations/", None, "admin"),
    ("POST", "invitations/", {}, "admin"),
    ("DELETE", "invitations/1/", None, "admin"),
    ("GET", "bots/", None, "admin"),
    ("POST", "bots/", {"handle": "robot"}, "admin"),
    ("PATCH", "bots/1/", {}, "admin"),
    ("GET", "admin/people/", None, "admin"),
    ("PATCH", "admin/people/1/", {}, "admin"),
    ("POST", "admin/people/close/", {"people": ["999"]}, "admin"),
    ("GET", "me/tokens/", None, "signed in"),
    ("POST", "me/tokens/", {"name": "x", "scopes": ["read"]}, "signed in"),
    ("DELETE", "me/tokens/1/", None, "signed in"),
    ("DELETE", "me/devices/", None, "signed in"),
    ("DELETE", "me/devices/1/", None, "signed in"),
    ("GET", "bots/1/tokens/", None, "signed in"),
    ("POST", "bots/1/tokens/", {"name": "x", "scopes": ["read"]}, "signed in"),
    ("DELETE", "bots/1/tokens/1/", None, "signed in"),
]
REACH = {"read": 0, "write": 1, "admin": 2, "signed in": 3}


@pytest.mark.parametrize(("method", "path", "body", "needed"), NEEDED)
@pytest.mark.parametrize("scope", ["read", "write", "admin"])
def test_a_token_reaches_as_far_as_its_scope(
    alice: User, method: str, path: str, body: Any, needed: str, scope: str
) -> None:
    answer = by(make(alice, scope), method, path, body)
    if REACH[scope] < REACH[needed]:
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
        assert answer.json()["message"] == "This token does not reach that far."
    else:
        assert answer.status_code in {200, 201, 204, 404}, answer.content
    if needed == "signed in":
        assert api(sign_in(alice), method, path, body).status_code in {200, 201, 204, 404}


def test_a_read_only_token_changes_nothing_at_any_address(alice: User) -> None:
    token = make(alice, "read")
    seen = 0
    for pattern in get_resolver().url_patterns:
        if str(getattr(pattern, "pattern", "")) != "api/v1/":
            continue
        for entry in pattern.url_patterns:
            path = str(entry.pattern)
            for kind in ("device", "number", "id", "room", "int", "str", "uuid"):
                while f"<{kind}:" in path:
                    start = path.index(f"<{kind}:")
                    path = path[:start] + "1" + path[path.index(">", start) + 1 :]
            if "<" in path or path.startswith(("auth/", "ws-ticket/")):
                continue
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                answer = by(token, method, path, {})
                assert answer.status_code in {403, 400, 404}, (method, path, answer.status_code)
                if answer.status_code == 400:
                    assert "method" in answer.json()["message"], (method, path, answer.content)
                seen += answer.status_code == 403
    assert seen > 20


def test_a_socket_knows_whether_it_may_write_and_when_it_ends(bob: User) -> None:
    token = make(bob, "read", life=timedelta(hours=1))
    identity = alone(authenticate, Credentials(bearer=token))
    ends = ApiToken.objects.get().expires_at.timestamp()
    assert (identity.readonly, identity.until) == (True, ends)
    # A ticket is no way around it.
    ticket = by(token, "POST", "ws-ticket/").json()["ticket"]
    by_ticket = alone(authenticate, Credentials(ticket=ticket))
    assert (by_ticket.readonly, by_ticket.until) == (True, ends)
    assert not alone(authenticate, Credentials(bearer=make(bob, "admin"))).readonly


# ---- the end ----


def test_a_revoked_token_is_dead_at_once_and_its_sockets_close(bob: User) -> None:
    client, token = sign_in(bob), make(bob)
    assert by(token, "GET", "me/").status_code == 200
    [listed] = api(client, "GET", "me/tokens/").json()["tokens"]
    with heard() as events:
        assert api(client, "DELETE", f"me/tokens/{listed['id']}/").status_code == 204
        assert api(client, "DELETE", f"me/tokens/{listed['id']}/").status_code == 204
    assert [event.closes for event in events] == [{listed["device"]: Close.SESSION_REVOKED}]
    assert by(token, "GET", "me/").status_code == 401
    assert refused(Credentials(bearer=token)) == Close.SESSION_REVOKED
    assert api(client, "GET", "me/tokens/").json() == {"tokens": []}
    assert api(client, "GET", "me/").status_code == 200


def test_an_expired_token_is_dead_whichever_way_it_comes(bob: User) -> None:
    token = make(bob, life=timedelta(hours=1))
    ticket = by(token, "POST", "ws-ticket/").json()["ticket"]
    identity = alone(authenticate, Credentials(bearer=token))
    ApiToken.objects.update(expires_at=timezone.now())
    assert by(token, "GET", "me/").status_code == 401
    assert refused(Credentials(bearer=token)) == Close.SESSION_EXPIRED
    assert refused(Credentials(ticket=ticket)) == Close.SESSION_EXPIRED
    assert set(refusals([identity])) == {identity.device}


@pytest.mark.parametrize("how", ["closed", "password", "others"])
def test_tokens_end_with_the_persons_sign_ins(bob: User, how: str) -> None:
    client, token = sign_in(bob), make(bob)
    assert by(token, "GET", "me/").status_code == 200
    match how:
        case "closed":
            user_deactivate(user_id=bob.pk)
        case "password":
            user_password_set(user=bob, password="another good one")
        case "others":
            answer = api(client, "DELETE", "me/devices/")
            assert answer.json() == {"ended": 1}
            assert api(client, "GET", "me/").status_code == 200
    assert by(token, "GET", "me/").status_code == 401


def test_ending_all_others_spares_the_one_that_asks(bob: User) -> None:
    here, there = sign_in(bob), sign_in(bob)
    with heard() as events:
        assert api(here, "DELETE", "me/devices/").json() == {"ended": 1}
        assert api(here, "DELETE", "me/devices/").json() == {"ended": 0}
    assert len(events) == 1
    assert (api(here, "GET", "me/").status_code, api(there, "GET", "me/").status_code) == (200, 401)


def test_anothers_token_does_not_exist(bob: User, mallory: User) -> None:
    make(bob)
    client = sign_in(mallory)
    strange = api(client, "DELETE", f"me/tokens/{ApiToken.objects.get().pk}/")
    assert (strange.status_code, strange.content) == (404, api(client, "DELETE", "me/tokens/999/").content)
    assert api(client, "GET", "me/tokens/").json() == {"tokens": []}
    assert Device.objects.filter(user=bob, ended_at=None).exists()


@pytest.mark.parametrize("text", ["parley_", "parley_x", "parley_" + "a" * 43, "parley_\x00", "Parley_x", "parley_é"])
def test_what_is_no_token_is_refused(bob: User, text: str) -> None:
    make(bob)
    assert by(text.encode().decode("latin-1"), "GET", "me/").status_code == 401
    assert refused(Credentials(bearer=text)) == Close.SESSION_EXPIRED


def test_an_api_token_revokes_itself_and_is_never_refreshed(bob: User) -> None:
    token = make(bob, "read")
    assert by(token, "POST", "auth/token/refresh/", {"refresh": token}).status_code == 401
    assert by(token, "POST", "auth/token/revoke/").status_code == 204
    assert by(token, "GET", "me/").status_code == 401


# ---- bots ----


def test_a_bot_is_made_and_speaks_by_its_tokens_only(alice: User) -> None:
    client = sign_in(alice)
    made = api(client, "POST", "bots/", {"handle": "weather", "name": "天气 Weather"})
    assert made.status_code == 201
    bot = made.json()
    assert bot["person"] == {"id": bot["person"]["id"], "handle": "weather", "name": "天气 Weather", "bot": True}
    assert (bot["role"], bot["active"], bot["owner"]["id"]) == ("member", True, str(alice.pk))
    path = f"bots/{bot['person']['id']}/"
    token = api(client, "POST", f"{path}tokens/", {"name": "hourly", "scopes": ["write"], "expires_in": None}).json()
    assert token["token"]["expires_at"] is None
    me = by(token["secret"], "GET", "me/").json()
    assert (me["id"], me["bot"], me["email"], me["may_invite"]) == (bot["person"]["id"], True, "", False)
    assert api(client, "PATCH", path, {"active": False}).json()["active"] is False
    assert by(token["secret"], "GET", "me/").status_code == 401
    assert api(client, "PATCH", path, {"active": True, "name": "Weather"}).json()["person"]["name"] == "Weather"
    # What ended stays ended.
    assert by(token["secret"], "GET", "me/").status_code == 401
    assert api(client, "GET", f"{path}tokens/").json() == {"tokens": []}
    assert [row["person"]["handle"] for row in api(client, "GET", "bots/").json()["bots"]] == ["weather"]


@pytest.mark.parametrize("body", [{"name": "bad\u202ename"}, {"role": "member", "name": "\u202e"}])
def test_what_is_refused_of_a_bot_changes_nothing_of_it(alice: User, body: dict[str, Any]) -> None:
    bot = bot_create(actor=alice, handle="weather", role="guest")
    client = sign_in(alice)
    api(client, "PATCH", f"bots/{bot.pk}/", {"active": False})
    with heard() as events:
        assert api(client, "PATCH", f"bots/{bot.pk}/", {"active": True, **body}).status_code == 400
    bot.refresh_from_db()
    assert (bot.is_active, bot.role, events) == (False, "guest", [])


def test_no_page_lets_a_bot_in(alice: User) -> None:
    bot = bot_create(actor=alice, handle="weather")
    for password in ("", PASSWORD, "!", bot.password):
        assert Client().post("/accounts/login/", {"login": "weather", "password": password}).status_code == 200
    # Not even one who was given a password behind our back.
    bot.set_password(PASSWORD)
    bot.save()
    answer = Client().post("/accounts/login/", {"login": "weather", "password": PASSWORD})
    assert not Device.objects.exists()
    assert "is wrong" in answer.content.decode()
    assert api(Client(), "POST", "auth/token/", {"login": "weather", "password": PASSWORD}).status_code == 401
    with pytest.raises(Unauthenticated):
        device_start(user=bot)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "handle"),
        ({"handle": "a b"}, "handle"),
        ({"handle": "robot", "name": "\u202e"}, "name"),
        ({"handle": "robot", "role": "admin"}, "role"),
        ({"handle": "robot", "email": "r@example.org"}, "email"),
    ],
)
def test_a_bad_bot_is_not_made(alice: User, body: dict[str, Any], field: str) -> None:
    answer = api(sign_in(alice), "POST", "bots/", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert User.objects.count() == 1


def test_handles_of_bots_and_people_are_one(alice: User) -> None:
    answer = api(sign_in(alice), "POST", "bots/", {"handle": "ALICE"})
    assert (answer.status_code, list(answer.json()["fields"])) == (409, ["handle"])


def test_only_administrators_have_to_do_with_bots(alice: User, bob: User, carol: User) -> None:
    bot = bot_create(actor=alice, handle="weather")
    make(bot)
    token = ApiToken.objects.get()
    for user in (bob, carol):
        client = sign_in(user)
        for method, path, body in (
            ("GET", "bots/", None),
            ("POST", "bots/", {"handle": "robot"}),
            ("PATCH", f"bots/{bot.pk}/", {"active": False}),
            ("GET", f"bots/{bot.pk}/tokens/", None),
            ("POST", f"bots/{bot.pk}/tokens/", {"name": "x", "scopes": ["read"]}),
            ("DELETE", f"bots/{bot.pk}/tokens/{token.pk}/", None),
        ):
            assert api(client, method, path, body).status_code == 403, (user, method, path)
        with pytest.raises(Forbidden):
            bot_create(actor=user, handle="robot")
    assert Device.objects.get(pk=token.device_id).ended_at is None
    # A person is no bot.
    assert api(sign_in(alice), "POST", f"bots/{bob.pk}/tokens/", {"name": "x", "scopes": ["read"]}).status_code == 404


def test_pages_of_bots_cost_the_same_however_many_there_are(alice: User) -> None:
    client, counts = sign_in(alice), []
    for many in (1, 20):
        for n in range(many):
            bot_create(actor=alice, handle=f"robot-{many}-{n}")
        with CaptureQueriesContext(connection) as queries:
            page = api(client, "GET", "bots/?limit=15").json()
        counts.append(len(queries))
    assert counts[0] == counts[1]
    more = api(client, "GET", f"bots/?limit=15&after={page['next']}").json()
    assert (len(page["bots"]), len(more["bots"]), more["next"]) == (15, 6, None)


def test_a_ticket_of_an_ended_token_is_dead(bob: User) -> None:
    make(bob)
    token = ApiToken.objects.select_related("device").get()
    ticket = ticket_issue(device=token.device)
    api_token_revoke(user=bob, token_id=token.pk)
    assert refused(Credentials(ticket=ticket)) == Close.SESSION_REVOKED
    assert devices_end_all(user_id=bob.pk) == 0
