"""Tokens for programs: a chain that cannot fork, and ends when a link is used twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import tokens
from accounts.auth import authenticate
from accounts.models import Device, User
from accounts.payloads import TokenPair
from accounts.services.device import device_end
from accounts.services.standing import user_deactivate
from accounts.services.token import token_issue, token_refresh
from realtime.product import Credentials, Refused
from realtime.protocol.closes import Close
from realtime.protocol.errors import Unauthenticated
from tests.accounts import _nothing_counted, api, heard  # noqa: F401
from tests.alone import alone
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


def issue(login: str = "bob", password: str = PASSWORD, **more: Any) -> Any:
    return api(Client(), "POST", "auth/token/", {"login": login, "password": password, **more})


def refresh(token: str) -> Any:
    return api(Client(), "POST", "auth/token/refresh/", {"refresh": token})


def me(access: str) -> int:
    return int(api(Client(), "GET", "me/", Authorization=f"Bearer {access}").status_code)


def later(**delta: float) -> None:
    """As if that time had passed since the last rotation."""
    for device in Device.objects.exclude(refresh_rotated_at=None):
        device.refresh_rotated_at -= timedelta(**delta)
        device.save()


@pytest.fixture
def pair(bob: User) -> TokenPair:
    return token_issue(user=bob, label="script")


# ---- a pair ----


def test_a_program_signs_in(bob: User) -> None:
    with heard() as events:
        answer = issue(login="Bob@Example.org", device="backup  script")
    assert answer.status_code == 201
    pair = answer.json()
    assert set(pair) == {"access", "refresh", "expires_in", "device"}
    assert pair["expires_in"] == 900
    assert answer["Cache-Control"] == "private, no-store"
    device = Device.objects.get()
    assert (str(device.pk), device.kind, device.label, device.user_id) == (
        pair["device"],
        "token",
        "backup script",
        bob.pk,
    )
    assert [event.topic for event in events] == [f"user:{bob.pk}"]
    assert me(pair["access"]) == 200
    assert "sessionid" not in answer.cookies


def test_the_access_token_opens_the_api_and_a_socket_without_csrf(bob: User, pair: TokenPair) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = api(strict, "PATCH", "me/", {"name": "Robert"}, Authorization=f"Bearer {pair.access}")
    assert (answer.status_code, answer.json()["name"]) == (200, "Robert")
    identity = alone(authenticate, Credentials(bearer=pair.access))
    assert (identity.user, identity.device, identity.language) == (str(bob.pk), pair.device, "en")


def test_a_bearer_costs_one_query(pair: TokenPair) -> None:
    with CaptureQueriesContext(connection) as queries:
        assert me(pair.access) == 200
    assert len(queries) == 2, [query["sql"] for query in queries]  # the other is the endpoint's own: the head


def test_errors_are_in_the_persons_language(bob: User, pair: TokenPair) -> None:
    bob.language = "zh-hans"
    bob.save()
    answer = api(Client(), "PATCH", "me/", {"time_zone": "Mars"}, Authorization=f"Bearer {pair.access}")
    assert answer.json()["fields"] == {"time_zone": ["没有这个时区。"]}
    assert answer["Content-Language"] == "zh-hans"


def test_wrong_unknown_and_closed_get_the_same_answer(bob: User, carol: User) -> None:
    user_deactivate(user_id=carol.pk)
    assert issue().status_code == 201
    answers = [
        issue(password="wrong"),
        issue(login="nobody"),
        issue(login="nobody@example.org"),
        issue(login="carol"),
        issue(login="bob\u202e"),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json() == {
        "code": "unauthenticated",
        "message": "The e-mail address, handle or password is wrong.",
        "retry": False,
    }
    assert answers[0]["WWW-Authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"login": "bob"}, "password"),
        ({"login": "bob", "password": PASSWORD, "admin": True}, "admin"),
        ({"login": 1, "password": PASSWORD}, "login"),
        ({"login": "bob\x00", "password": PASSWORD}, "login"),
        ({"login": "b" * 255, "password": PASSWORD}, "login"),
        ({"login": "bob", "password": PASSWORD, "device": "x" * 201}, "device"),
        ([], "payload"),
    ],
)
def test_a_malformed_request_is_invalid(bob: User, body: Any, field: str) -> None:
    answer = api(Client(), "POST", "auth/token/", body)
    assert (answer.status_code, answer.json()["code"], list(answer.json()["fields"])) == (400, "invalid", [field])
    assert not Device.objects.exists()


def test_attempts_are_limited_together_with_those_on_the_page(bob: User) -> None:
    for login in ("bob", "BOB", "ｂob"):
        assert issue(login=login, password="wrong").status_code == 401
    for _ in range(2):
        Client().post("/accounts/login/", {"login": "bob", "password": "wrong"})
    answer = issue()
    assert (answer.status_code, answer.json()["code"], answer.json()["retry"]) == (429, "rate_limited", True)
    assert answer.json()["retry_ms"] > 0
    assert answer["Retry-After"]


def test_attempts_from_one_address_are_throttled(db: None) -> None:
    answers = [issue(login=f"nobody{n}").status_code for n in range(31)]
    assert answers[0] == 401
    assert answers[-1] == 429


# ---- the chain ----


def test_a_refresh_gives_the_next_pair(pair: TokenPair) -> None:
    answer = refresh(pair.refresh)
    assert answer.status_code == 200
    following = answer.json()
    assert following["refresh"] != pair.refresh
    assert following["device"] == pair.device
    assert me(following["access"]) == 200
    assert refresh(following["refresh"]).status_code == 200


def test_a_lost_answer_is_given_again(pair: TokenPair) -> None:
    lost = refresh(pair.refresh).json()
    again = refresh(pair.refresh)
    assert again.status_code == 200
    assert again.json()["refresh"] == lost["refresh"]
    assert me(again.json()["access"]) == 200
    later(seconds=9)
    assert refresh(pair.refresh).status_code == 200
    assert Device.objects.get().ended_at is None


def test_a_token_used_again_later_ends_the_device(pair: TokenPair) -> None:
    following = refresh(pair.refresh).json()
    assert me(following["access"]) == 200
    later(seconds=11)
    with heard() as events:
        assert refresh(pair.refresh).status_code == 401
    assert [event.closes for event in events] == [{pair.device: Close.SESSION_REVOKED}]
    assert me(following["access"]) == 401
    assert refresh(following["refresh"]).status_code == 401


def test_a_token_older_than_the_one_before_ends_the_device_at_once(pair: TokenPair) -> None:
    second = refresh(pair.refresh).json()
    third = refresh(second["refresh"]).json()
    assert me(third["access"]) == 200
    assert refresh(pair.refresh).status_code == 401
    assert me(third["access"]) == 401


def test_the_copy_of_a_thief_and_the_owners_cannot_both_live_on(pair: TokenPair) -> None:
    thief = refresh(pair.refresh).json()
    owner = refresh(pair.refresh).json()
    assert thief["refresh"] == owner["refresh"]
    assert refresh(thief["refresh"]).status_code == 200
    later(seconds=11)
    assert refresh(owner["refresh"]).status_code == 401
    assert Device.objects.get().ended_at is not None


def test_a_chain_lives_thirty_days_from_its_last_use(pair: TokenPair) -> None:
    claims = tokens.read("refresh", pair.refresh)
    old = tokens.write("refresh", claims, at=timezone.now() - timedelta(days=29))
    following = refresh(old)
    assert following.status_code == 200
    claims = tokens.read("refresh", following.json()["refresh"])
    too_old = tokens.write("refresh", claims, at=timezone.now() - timedelta(days=30, minutes=1))
    assert refresh(too_old).status_code == 401
    # Expired is not stolen.
    assert Device.objects.get().ended_at is None


def test_a_refresh_token_is_no_access_token_and_the_other_way_round(pair: TokenPair) -> None:
    assert me(pair.access) == 200
    assert me(pair.refresh) == 401
    assert refresh(pair.access).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "Ω"])
def test_what_is_no_token_is_refused_and_ends_nothing(pair: TokenPair, token: str) -> None:
    assert refresh(token).status_code in {400, 401}
    assert me(token) == 401
    assert me(pair.access) == 200


def test_a_token_of_another_person_for_the_device_is_refused(pair: TokenPair, mallory: User) -> None:
    claims = tokens.read("refresh", pair.refresh)
    forged = tokens.Claims(mallory.pk, claims.device_id, claims.id)
    assert refresh(tokens.write("refresh", forged)).status_code == 401
    assert me(tokens.write("access", forged)) == 401
    assert me(pair.access) == 200


def test_nothing_of_a_closed_account_is_refreshed(bob: User, pair: TokenPair) -> None:
    user_deactivate(user_id=bob.pk)
    assert refresh(pair.refresh).status_code == 401
    assert me(pair.access) == 401
    with pytest.raises(Refused) as refused:
        alone(authenticate, Credentials(bearer=pair.access))
    assert refused.value.close == Close.ACCOUNT_DISABLED


# ---- the end ----


def test_a_refresh_token_revokes_its_device(pair: TokenPair) -> None:
    assert me(pair.access) == 200
    with heard() as events:
        assert api(Client(), "POST", "auth/token/revoke/", {"refresh": pair.refresh}).status_code == 204
        assert api(Client(), "POST", "auth/token/revoke/", {"refresh": pair.refresh}).status_code == 204
    assert [event.closes for event in events] == [{pair.device: Close.SESSION_REVOKED}]
    assert me(pair.access) == 401


def test_an_access_token_revokes_its_device(pair: TokenPair) -> None:
    revoke = lambda: api(Client(), "POST", "auth/token/revoke/", Authorization=f"Bearer {pair.access}")  # noqa: E731
    assert revoke().status_code == 204
    assert revoke().status_code == 401
    assert refresh(pair.refresh).status_code == 401


def test_revoking_nothing_is_refused_and_revoking_nonsense_is_not_told(pair: TokenPair) -> None:
    assert api(Client(), "POST", "auth/token/revoke/").status_code == 401
    assert api(Client(), "POST", "auth/token/revoke/", {"refresh": "x.y.z"}).status_code == 204
    assert me(pair.access) == 200


def test_an_ended_devices_tokens_are_dead_and_a_socket_is_told_so(pair: TokenPair, bob: User) -> None:
    assert alone(authenticate, Credentials(bearer=pair.access))
    device_end(device_id=int(pair.device), user_id=bob.pk)
    assert me(pair.access) == 401
    assert refresh(pair.refresh).status_code == 401
    with pytest.raises(Refused) as refused:
        alone(authenticate, Credentials(bearer=pair.access))
    assert refused.value.close == Close.SESSION_REVOKED


# ---- at the same time ----


@pytest.fixture
def together() -> Any:
    """Run a function on four threads at once; each has its own connection."""
    barrier = Barrier(4)

    def run(function: Any) -> list[Any]:
        def one(_: int) -> Any:
            barrier.wait()
            try:
                return function()
            except Unauthenticated as error:
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(one, range(4)))

    return run


@pytest.mark.django_db(transaction=True)
def test_parallel_refreshes_get_one_and_the_same_successor(pair: TokenPair, together: Any) -> None:
    answers = together(lambda: token_refresh(refresh=pair.refresh))
    assert {type(answer) for answer in answers} == {TokenPair}
    assert len({answer.refresh for answer in answers}) == 1
    assert Device.objects.get().ended_at is None
    assert token_refresh(refresh=answers[0].refresh).refresh != answers[0].refresh


@pytest.mark.django_db(transaction=True)
def test_parallel_reuse_ends_the_device_once(pair: TokenPair, together: Any) -> None:
    token_refresh(refresh=pair.refresh)
    later(seconds=11)
    with heard() as events:
        answers = together(lambda: token_refresh(refresh=pair.refresh))
    assert {type(answer) for answer in answers} == {Unauthenticated}
    assert len(events) == 1
