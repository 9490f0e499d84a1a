"""Roles of the workspace, closing and opening accounts, one by one and many: there is always an owner."""

import threading
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from accounts import signals
from accounts.events import UserState
from accounts.models import Device, PersonHead, User
from accounts.services.device import device_start
from accounts.services.standing import (
    user_deactivate,
    user_reactivate,
    user_role_set,
    users_deactivate,
    users_reactivate,
    users_role_set,
)
from realtime.protocol.closes import Close
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada(db: None) -> User:
    """An administrator."""
    return User.objects.create_user("ada", "ada@example.org", PASSWORD, role=User.Role.ADMIN, display_name="Ada")


def people(count: int, prefix: str = "p") -> list[User]:
    return [User.objects.create_user(f"{prefix}{n:03}", f"{prefix}{n:03}@example.org") for n in range(count)]


# ---- roles ----


def test_another_role_is_published_and_told(alice: User, bob: User) -> None:
    said: list[Any] = []

    def note(sender: Any, users: list[User], before: dict[int, str], **kwargs: Any) -> None:
        said.extend((user.handle, before[user.pk], user.role) for user in users)

    signals.people_role_changed.connect(note)
    try:
        with heard() as events:
            user_role_set(user_id=bob.pk, role="guest", actor=alice)
            user_role_set(user_id=bob.pk, role="guest", actor=alice)
    finally:
        signals.people_role_changed.disconnect(note)
    assert said == [("bob", "member", "guest")]
    assert [event.me.role for event in events if isinstance(event, UserState)] == ["guest"]
    assert User.objects.get(pk=bob.pk).role == "guest"


def test_the_last_owner_stays(alice: User, ada: User) -> None:
    for change in (
        lambda: user_role_set(user_id=alice.pk, role="member"),
        lambda: user_deactivate(user_id=alice.pk),
        lambda: users_deactivate(user_ids=[ada.pk, alice.pk]),
    ):
        with pytest.raises(Conflict):
            change()
    assert User.objects.filter(is_active=True).count() == 2
    ada = user_role_set(user_id=ada.pk, role="owner", actor=alice)
    assert user_role_set(user_id=alice.pk, role="member", actor=ada).role == "member"
    with pytest.raises(Conflict):
        user_deactivate(user_id=ada.pk)


def test_an_owner_whose_account_is_closed_does_not_count(alice: User, ada: User) -> None:
    user_role_set(user_id=ada.pk, role="owner")
    user_deactivate(user_id=ada.pk)
    with pytest.raises(Conflict):
        user_role_set(user_id=alice.pk, role="admin")


def test_bad_roles_and_people_are_refused(alice: User, ada: User, bob: User) -> None:
    with pytest.raises(Invalid) as error:
        user_role_set(user_id=bob.pk, role="king", actor=alice)
    assert list(error.value.fields) == ["role"]
    with pytest.raises(NotFound):
        user_role_set(user_id=0, role="member", actor=alice)
    with pytest.raises(Forbidden):
        user_role_set(user_id=bob.pk, role="admin", actor=ada)
    with pytest.raises(Forbidden):
        user_role_set(user_id=ada.pk, role="owner", actor=ada)


def test_many_get_another_role_all_or_none(alice: User, ada: User, bob: User) -> None:
    crowd = people(3)
    with heard() as events:
        users_role_set(user_ids=[bob.pk, *(user.pk for user in crowd)], role="guest", actor=ada)
        users_role_set(user_ids=[bob.pk], role="guest", actor=ada)
    assert [event.me.role for event in events] == ["guest"] * 4
    with pytest.raises(Forbidden):
        users_role_set(user_ids=[bob.pk, alice.pk], role="member", actor=ada)
    with pytest.raises(NotFound):
        users_role_set(user_ids=[bob.pk, 0], role="member", actor=ada)
    assert User.objects.get(pk=bob.pk).role == "guest"


@pytest.mark.parametrize("change", [partial(users_role_set, role="guest"), users_deactivate])
def test_a_hundred_cost_what_one_costs_however_they_are_changed(alice: User, change: Any) -> None:
    costs = []
    for count in (1, 100):
        crowd = people(count, f"r{count}-")
        with CaptureQueriesContext(connection) as queries:
            change(user_ids=[user.pk for user in crowd], actor=alice)
        costs.append(len(queries))
        with CaptureQueriesContext(connection) as queries:
            users_reactivate(user_ids=[user.pk for user in crowd], actor=alice)
        costs.append(len(queries))
    assert costs[:2] == costs[2:]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["role", "close"])
def test_of_two_owners_who_go_at_once_one_stays(alice: User, how: str) -> None:
    other = User.objects.create_user("olga", "olga@example.org", role=User.Role.OWNER)
    barrier, answers = threading.Barrier(2), []

    def go(user: User) -> None:
        barrier.wait()
        try:
            if how == "role":
                user_role_set(user_id=user.pk, role="member")
            else:
                user_deactivate(user_id=user.pk)
            answers.append("gone")
        except Conflict:
            answers.append("stays")
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(user,)) for user in (alice, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["gone", "stays"]
    assert User.objects.filter(role="owner", is_active=True).count() == 1


# ---- closing and opening ----


def test_many_are_closed_at_once_each_with_one_event(alice: User) -> None:
    crowd = people(3)
    devices = {user.pk: [device_start(user=user) for _ in range(n)] for n, user in enumerate(crowd)}
    heads = dict(PersonHead.objects.values_list("user_id", "rev"))
    with heard() as events:
        users_deactivate(user_ids=[user.pk for user in crowd], actor=alice)
        users_deactivate(user_ids=[user.pk for user in crowd], actor=alice)
    assert [event.topic for event in events] == [f"user:{user.pk}" for user in crowd]
    for user, event in zip(crowd, events, strict=True):
        assert (event.prev, event.closes) == (heads[user.pk], {"*": Close.ACCOUNT_DISABLED})
        assert event.rev == event.prev + len(devices[user.pk]) + 1
        assert {state.id for state in event.devices} == {str(device.pk) for device in devices[user.pk]}
        assert PersonHead.objects.get(pk=user.pk).rev == event.rev
    assert not Device.objects.filter(ended_at=None).exists()


def test_one_who_may_not_be_closed_keeps_all_open(alice: User, ada: User, bob: User) -> None:
    with pytest.raises(Forbidden):
        users_deactivate(user_ids=[bob.pk, alice.pk], actor=ada)
    with pytest.raises(NotFound):
        users_deactivate(user_ids=[bob.pk, 0], actor=alice)
    assert User.objects.filter(is_active=True).count() == 3


def test_closing_a_hundred_costs_what_closing_one_costs(alice: User) -> None:
    costs = []
    for count in (1, 100):
        crowd = people(count, f"q{count}-")
        for user in crowd:
            device_start(user=user)
        with CaptureQueriesContext(connection) as queries:
            users_deactivate(user_ids=[user.pk for user in crowd], actor=alice)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_an_account_is_opened_again_and_signs_in_anew(alice: User, bob: User) -> None:
    client = sign_in(bob)
    user_deactivate(user_id=bob.pk, actor=alice)
    with heard() as events:
        assert user_reactivate(user_id=bob.pk, actor=alice).is_active
        assert user_reactivate(user_id=bob.pk, actor=alice).is_active
    assert [event.disabled for event in events if isinstance(event, UserState)] == [False]
    assert api(client, "GET", "me/").status_code == 401
    assert api(sign_in(bob), "GET", "me/").status_code == 200
    with pytest.raises(Forbidden):
        user_reactivate(user_id=bob.pk, actor=bob)


# ---- the API ----


def test_administrators_search_people_and_change_them(ada: User, bob: User, carol: User) -> None:
    client = sign_in(ada)
    found = api(client, "GET", "admin/people/?q=bo").json()
    assert [row["person"]["handle"] for row in found["people"]] == ["bob"]
    assert found["people"][0]["email"] == "bob@example.org"
    assert api(client, "PATCH", f"admin/people/{bob.pk}/", {"role": "guest"}).json()["role"] == "guest"
    assert api(client, "PATCH", f"admin/people/{bob.pk}/", {"active": False}).json()["active"] is False
    handles = lambda query: [  # noqa: E731
        row["person"]["handle"] for row in api(client, "GET", f"admin/people/?{query}").json()["people"]
    ]
    assert handles("active=false") == ["bob"]
    assert handles("role=guest&active=true") == ["carol"]
    assert handles("q=EXAMPLE.org&limit=2") == ["ada", "bob"]
    assert handles("q=%25") == handles("q=_") == []
    assert api(client, "POST", "admin/people/close/", {"people": [str(carol.pk)]}).status_code == 204
    assert api(client, "PATCH", f"admin/people/{carol.pk}/", {"active": True}).json()["active"] is True


def test_what_is_refused_of_a_person_changes_nothing_of_her(ada: User, bob: User) -> None:
    user_deactivate(user_id=bob.pk)
    with heard() as events:
        answer = api(sign_in(ada), "PATCH", f"admin/people/{bob.pk}/", {"active": True, "role": "owner"})
    bob.refresh_from_db()
    assert (answer.status_code, bob.is_active, bob.role) == (403, False, "member")
    assert not [event for event in events if isinstance(event, UserState) and event.user == str(bob.pk)]
    answer = api(sign_in(ada), "PATCH", f"admin/people/{bob.pk}/", {"active": True, "role": "guest"})
    bob.refresh_from_db()
    assert (answer.status_code, bob.is_active, bob.role) == (200, True, "guest")


def test_a_page_of_people_costs_the_same_however_many_there_are(alice: User) -> None:
    client, costs = sign_in(alice), []
    for count in (1, 60):
        people(count, f"r{count}-")
        with CaptureQueriesContext(connection) as queries:
            page = api(client, "GET", "admin/people/?limit=40").json()
        costs.append(len(queries))
    assert costs[0] == costs[1]
    rest = api(client, "GET", f"admin/people/?limit=40&after={page['next']}").json()
    assert len(page["people"] + rest["people"]) == 62
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("GET", "admin/people/?role=king", None, "role"),
        ("GET", "admin/people/?active=maybe", None, "active"),
        ("GET", "admin/people/?after=%25", None, "after"),
        ("GET", "admin/people/?limit=0", None, "limit"),
        ("PATCH", "admin/people/{bob}/", {"role": "king"}, "role"),
        ("PATCH", "admin/people/{bob}/", {"is_staff": True}, "is_staff"),
        ("PATCH", "admin/people/{bob}/", {"email": "x@example.org"}, "email"),
        ("POST", "admin/people/close/", {"people": []}, "people"),
        ("POST", "admin/people/close/", {"people": ["x"]}, "people"),
        ("POST", "admin/people/close/", {}, "people"),
    ],
)
def test_bad_input_names_its_field(alice: User, bob: User, method: str, path: str, body: Any, field: str) -> None:
    answer = api(sign_in(alice), method, path.format(bob=bob.pk), body)
    assert (answer.status_code, [name.partition("[")[0] for name in answer.json()["fields"]]) == (400, [field])


def test_who_is_no_administrator_sees_and_changes_nobody(alice: User, bob: User, carol: User) -> None:
    for user in (bob, carol):
        client = sign_in(user)
        for method, path, body in (
            ("GET", "admin/people/", None),
            ("PATCH", f"admin/people/{user.pk}/", {"role": "owner"}),
            ("PATCH", "admin/people/999999/", {"role": "owner"}),
            ("POST", "admin/people/close/", {"people": [str(alice.pk)]}),
        ):
            assert api(client, method, path, body).status_code == 403, (user, path)
    assert User.objects.filter(is_active=True).count() == 3
