"""People: made, renamed, closed."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts import signals
from accounts.events import UserState
from accounts.models import Device, PersonHead, User
from accounts.services.device import device_start
from accounts.services.person_head import person_revs_next, person_revs_take
from accounts.services.standing import user_deactivate
from accounts.services.user import user_create, user_password_set, user_update
from realtime.protocol.closes import Close
from realtime.protocol.errors import Conflict, Invalid, NotFound, Unauthenticated
from tests.accounts import heard
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def signalled() -> Iterator[list[tuple[str, User]]]:
    """The signals sent, each with its user, and proof that they are sent inside a transaction."""
    sent: list[tuple[str, User]] = []
    kept = []
    for name in ("person_created", "person_renamed", "people_deactivated"):

        def note(sender: Any, name: str = name, **kwargs: Any) -> None:
            assert connection.in_atomic_block
            sent.extend((name, user) for user in kwargs.get("users", [kwargs.get("user")]))

        getattr(signals, name).connect(note)
        kept.append((name, note))
    yield sent
    for name, note in kept:
        getattr(signals, name).disconnect(note)


def rev(user: User) -> int:
    return PersonHead.objects.get(pk=user.pk).rev


# ---- revs ----


def test_revs_are_taken_one_after_the_other(alice: User, bob: User) -> None:
    with transaction.atomic():
        assert person_revs_next(user_ids=[bob.pk, alice.pk]) == {alice.pk: 1, bob.pk: 1}
        assert person_revs_take(counts={alice.pk: 2, bob.pk: 1}) == {alice.pk: range(2, 4), bob.pk: range(2, 3)}
        assert person_revs_next(user_ids=[]) == {}
    assert (rev(alice), rev(bob)) == (3, 2)


def test_taking_revs_of_many_costs_two_queries(db: None) -> None:
    people = [User.objects.create_user(f"person{n}", f"p{n}@example.org") for n in range(30)]
    for count in (1, 30):
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            person_revs_take(counts={user.pk: 1 + user.pk % 3 for user in people[:count]})
        assert len(queries) == 2


def test_taking_revs_moves_changed_at_by_the_databases_clock(alice: User) -> None:
    before = PersonHead.objects.get(pk=alice.pk).changed_at
    PersonHead.objects.update(changed_at="2020-01-01T00:00:00Z")
    with transaction.atomic():
        person_revs_next(user_ids=[alice.pk])
    assert PersonHead.objects.get(pk=alice.pk).changed_at >= before


def test_a_person_without_a_head_gets_one(alice: User) -> None:
    PersonHead.objects.all().delete()
    with transaction.atomic():
        assert person_revs_next(user_ids=[alice.pk]) == {alice.pk: 1}
    assert rev(alice) == 1


@pytest.mark.django_db(transaction=True)
def test_revs_are_not_taken_outside_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        person_revs_next(user_ids=[1])


# ---- user_create ----


def test_a_person_is_made_with_a_head(signalled: list[tuple[str, User]]) -> None:
    user = user_create(
        handle="张三",
        email="Zhang@Example.org",
        password=PASSWORD,
        display_name=" 张  三 ",
        language="zh-hans",
        time_zone="Asia/Shanghai",
        role=User.Role.GUEST,
    )
    stored = User.objects.get(pk=user.pk)
    assert (stored.handle, stored.email, stored.display_name) == ("张三", "zhang@example.org", "张 三")
    assert (stored.language, stored.time_zone, stored.role) == ("zh-hans", "Asia/Shanghai", "guest")
    assert stored.check_password(PASSWORD)
    assert rev(user) == 0
    assert signalled == [("person_created", user)]


@pytest.mark.parametrize("handle", ["ALICE", "ａｌｉｃｅ", "Alice"])
def test_a_handle_that_folds_to_a_taken_one_is_a_conflict(alice: User, handle: str) -> None:
    with pytest.raises(Conflict) as refused:
        user_create(handle=handle, email="other@example.org", password=PASSWORD)
    assert refused.value.fields is not None
    assert list(refused.value.fields) == ["handle"]
    assert User.objects.count() == 1


def test_a_taken_address_is_a_conflict(alice: User) -> None:
    with pytest.raises(Conflict) as refused:
        user_create(handle="other", email="ALICE@example.org", password=PASSWORD)
    assert refused.value.fields is not None
    assert list(refused.value.fields) == ["email"]


def test_everything_wrong_is_said_at_once(db: None) -> None:
    with pytest.raises(Invalid) as refused:
        user_create(handle="x", email="x", password="x", display_name="\u202e", language="x", time_zone="x")
    assert refused.value.fields is not None
    assert set(refused.value.fields) == {"handle", "email", "password", "name", "language", "time_zone"}
    assert not User.objects.exists()


def test_a_password_like_the_handle_is_refused(db: None) -> None:
    with pytest.raises(Invalid):
        user_create(handle="bartholomew", email="b@example.org", password="bartholomew1")


def test_a_receiver_that_raises_undoes_the_creation(db: None) -> None:
    def refuse(**kwargs: Any) -> None:
        raise RuntimeError

    signals.person_created.connect(refuse)
    try:
        with pytest.raises(RuntimeError):
            user_create(handle="bob", email="b@example.org", password=PASSWORD)
    finally:
        signals.person_created.disconnect(refuse)
    assert not User.objects.exists()


def test_a_superuser_from_the_shell_has_a_head_and_may_own(db: None) -> None:
    call_command("createsuperuser", handle="root", email="root@example.org", interactive=False, verbosity=0)
    user = User.objects.get(handle="root")
    assert (user.role, user.is_staff, user.is_superuser, rev(user)) == ("owner", True, True, 0)


# ---- user_update ----


def test_a_change_takes_a_rev_and_is_published(bob: User, signalled: list[tuple[str, User]]) -> None:
    with heard() as events:
        user_update(user_id=bob.pk, display_name=" Robert ", time_zone="Asia/Shanghai")
    assert [type(event) for event in events] == [UserState]
    [event] = events
    assert isinstance(event, UserState)
    assert (event.topic, event.prev, event.rev) == (f"user:{bob.pk}", 0, 1)
    assert event.me is not None
    assert (event.me.name, event.me.time_zone, event.me.rev) == ("Robert", "Asia/Shanghai", 1)
    assert event.closes == {}
    assert rev(bob) == 1
    assert [name for name, _ in signalled] == ["person_renamed"]


def test_only_a_new_name_is_a_renaming(bob: User, signalled: list[tuple[str, User]]) -> None:
    with heard() as events:
        user_update(user_id=bob.pk, language="zh-hans")
    assert len(events) == 1
    assert signalled == []


def test_no_change_takes_no_rev(bob: User) -> None:
    with heard() as events:
        user_update(user_id=bob.pk, display_name="Bob", language="en", time_zone="UTC")
    assert events == []
    assert rev(bob) == 0


def test_a_bad_change_changes_nothing(bob: User) -> None:
    with heard() as events, pytest.raises(Invalid) as refused:
        user_update(user_id=bob.pk, display_name="Robert", language="tlh")
    assert refused.value.fields is not None
    assert list(refused.value.fields) == ["language"]
    bob.refresh_from_db()
    assert (bob.display_name, events) == ("Bob", [])


# ---- user_deactivate ----


def test_a_closed_account_ends_every_device_in_one_event(bob: User, signalled: list[tuple[str, User]]) -> None:
    devices = [device_start(user=bob) for _ in range(3)]
    ended_before = Device.objects.get(pk=devices[0].pk)
    with heard() as events:
        user_deactivate(user_id=bob.pk)
    [event] = events
    assert isinstance(event, UserState)
    assert (event.prev, event.rev) == (3, 7)
    assert event.disabled
    assert {state.id for state in event.devices} == {str(device.pk) for device in devices}
    assert all(state.ended for state in event.devices)
    assert event.closes == {"*": Close.ACCOUNT_DISABLED}
    assert ended_before.ended_at is None
    stored = Device.objects.order_by("user_rev")
    assert [device.user_rev for device in stored] == [4, 5, 6]
    assert all(device.ended_at is not None for device in stored)
    assert rev(bob) == 7
    assert [name for name, _ in signalled] == ["people_deactivated"]


def test_closing_again_changes_nothing(bob: User, signalled: list[tuple[str, User]]) -> None:
    user_deactivate(user_id=bob.pk)
    with heard() as events:
        user_deactivate(user_id=bob.pk)
    assert (events, rev(bob), len(signalled)) == ([], 1, 1)


def test_nobody_signs_in_to_a_closed_account(bob: User) -> None:
    assert device_start(user=bob)
    user_deactivate(user_id=bob.pk)
    with pytest.raises(Unauthenticated):
        device_start(user=bob)
    with pytest.raises(NotFound):
        user_update(user_id=bob.pk, display_name="Robert")
    with pytest.raises(NotFound):
        user_deactivate(user_id=0)


# ---- user_password_set ----


def test_another_password_ends_all_devices_but_the_spared(bob: User) -> None:
    here, there = device_start(user=bob), device_start(user=bob)
    with heard() as events:
        user_password_set(user=bob, password="another good one", spare=here.pk)
    [event] = events
    assert event.closes == {str(there.pk): Close.SESSION_REVOKED}
    assert Device.objects.get(pk=here.pk).ended_at is None
    assert User.objects.get(pk=bob.pk).check_password("another good one")


def test_who_checked_the_old_password_does_not_sign_in_with_it_any_more(bob: User) -> None:
    checked_before = User.objects.get(pk=bob.pk)
    user_password_set(user=bob, password="another good one")
    assert device_start(user=bob)
    with pytest.raises(Unauthenticated):
        device_start(user=checked_before)


def test_changepassword_in_the_shell_ends_every_device(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    device = device_start(user=bob)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "another good one")
    with heard() as events:
        call_command("changepassword", "bob", verbosity=0)
    assert [event.closes for event in events] == [{str(device.pk): Close.SESSION_REVOKED}]
    assert User.objects.get(pk=bob.pk).check_password("another good one")
