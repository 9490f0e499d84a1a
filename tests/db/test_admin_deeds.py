"""What staff does: through the services, at once, for who may, and written down."""

from typing import Any

import pytest
from django.db import Error, connection, transaction
from django.test import Client

from accounts.models import ApiToken, AuditEntry, Device, Invitation, User
from accounts.models.audit_entry import AppendOnly
from accounts.selectors.invitation import invitation_by_token
from accounts.services.api_token import api_token_create
from accounts.services.audit import Subject, audit_write
from accounts.services.bot import bot_create
from accounts.services.invitation import invitation_create
from accounts.services.staff import people_deactivate
from accounts.services.standing import user_role_set
from chat.models import Ban, Membership, Room, RoomLink
from chat.services.ban import ban_set
from chat.services.link import link_create, link_join
from chat.services.membership import room_join
from realtime.protocol.errors import Conflict, Forbidden, NotFound
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401
from tests.admin import PEOPLE, ROOMS, do, page, words
from tests.chat import room

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(alice: User) -> Client:
    return sign_in(alice)


@pytest.fixture
def helper(db: None) -> User:
    """Staff without a rank: she may look."""
    return User.objects.create_user(
        "helper", "helper@example.org", "correct horse battery", role=User.Role.MEMBER, is_staff=True
    )


def trail() -> list[tuple[Any, ...]]:
    return list(AuditEntry.objects.order_by("pk").values_list("actor__handle", "action", "subject_id", "reason"))


# ---- whichever door -------------------------------------------------------------------------------------------------


def test_what_is_done_over_the_api_is_written_down_as_at_the_desk(
    desk: Client, alice: User, bob: User, carol: User
) -> None:
    path = f"admin/people/{bob.pk}/"
    assert api(desk, "PATCH", path, {"role": "admin", "reason": " leads\nsupport "}).status_code == 200
    assert api(desk, "PATCH", path, {"role": "admin", "reason": "again"}).status_code == 200
    closing = {"people": [str(bob.pk), str(carol.pk)], "reason": "left the company"}
    for _twice in range(2):
        assert api(desk, "POST", "admin/people/close/", closing).status_code == 204
    assert api(desk, "PATCH", path, {"active": True}).status_code == 200
    assert api(desk, "PATCH", path, {"active": False, "role": "member", "reason": "by mistake"}).status_code == 200
    assert trail() == [
        ("alice", "user.role_set", str(bob.pk), "leads support"),
        ("alice", "user.deactivated", str(bob.pk), "left the company"),
        ("alice", "user.deactivated", str(carol.pk), "left the company"),
        ("alice", "user.reactivated", str(bob.pk), ""),
        ("alice", "user.deactivated", str(bob.pk), "by mistake"),
        ("alice", "user.role_set", str(bob.pk), "by mistake"),
    ]
    assert AuditEntry.objects.order_by("pk")[0].detail == {"from": "member", "to": "admin"}


def test_so_is_what_is_done_to_bots_and_in_the_shell(desk: Client, alice: User, bob: User) -> None:
    bot = bot_create(actor=alice, handle="robot")
    assert api(desk, "PATCH", f"bots/{bot.pk}/", {"role": "guest", "active": False}).status_code == 200
    user_role_set(user_id=bob.pk, role="admin")
    assert trail() == [
        ("alice", "user.role_set", str(bot.pk), ""),
        ("alice", "user.deactivated", str(bot.pk), ""),
        (None, "user.role_set", str(bob.pk), ""),
    ]


@pytest.mark.parametrize("reason", ["\x07", "x" * 501])
def test_a_reason_that_cannot_be_kept_undoes_the_deed(desk: Client, bob: User, reason: str) -> None:
    for body in ({"role": "admin"}, {"active": False}):
        answer = api(desk, "PATCH", f"admin/people/{bob.pk}/", {**body, "reason": reason})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])
    bob.refresh_from_db()
    assert (bob.role, bob.is_active, trail()) == ("member", True, [])


# ---- people -------------------------------------------------------------------------------------------------------


def test_a_deed_asks_before_it_is_done(desk: Client, bob: User) -> None:
    asked = do(desk, PEOPLE, "deactivate", bob.pk, sure=False)
    assert asked.status_code == 200
    assert "Bob (@bob)" in words(asked.content.decode())
    assert User.objects.get(pk=bob.pk).is_active
    assert trail() == []


def test_accounts_are_closed_together_live_and_written_down(desk: Client, bob: User, carol: User) -> None:
    browser = sign_in(bob)
    assert browser.get("/api/v1/me/").status_code == 200
    with heard() as events:
        answer = do(desk, PEOPLE, "deactivate", bob.pk, carol.pk, reason=" left\nthe company ")
    assert answer.status_code == 302
    assert {event.user for event in events if event.type == "user.state" and event.disabled} == {
        str(bob.pk),
        str(carol.pk),
    }
    assert not User.objects.filter(pk__in=[bob.pk, carol.pk], is_active=True).exists()
    assert browser.get("/api/v1/me/").status_code == 401
    assert trail() == [
        ("alice", "user.deactivated", str(bob.pk), "left the company"),
        ("alice", "user.deactivated", str(carol.pk), "left the company"),
    ]
    assert "2 accounts are closed" in words(page(desk, f"{PEOPLE}/"))
    do(desk, PEOPLE, "reactivate", bob.pk)
    assert User.objects.get(pk=bob.pk).is_active
    assert trail()[-1] == ("alice", "user.reactivated", str(bob.pk), "")


def test_all_or_none_are_closed_and_a_refusal_is_not_written_down(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(role=User.Role.ADMIN, is_staff=True)
    bob.refresh_from_db()
    dan = User.objects.create_user("dan", "dan@example.org", "x")
    with heard() as events:
        answer = do(sign_in(bob), PEOPLE, "deactivate", dan.pk, alice.pk)
    assert answer.status_code == 200
    assert "You may not close this account." in words(answer.content.decode())
    assert not [event for event in events if getattr(event, "disabled", False)]
    assert User.objects.filter(pk__in=[dan.pk, alice.pk], is_active=True).count() == 2
    assert trail() == []


def test_staff_without_a_rank_changes_nothing(helper: User, alice: User, bob: User) -> None:
    token, _text = api_token_create(user=bob, name="script", scope=["read"])
    invitation, _token = invitation_create(actor=alice)
    public = room(alice, bob, kind="public")
    stint = Membership.objects.get(room_id=public, user=bob)
    client = sign_in(helper)
    assert "Close account" not in page(client, f"{PEOPLE}/{bob.pk}/change/")
    for of, deed, pk, more in (
        (PEOPLE, "deactivate", bob.pk, {}),
        (PEOPLE, "role", bob.pk, {"role": "admin"}),
        (PEOPLE, "role", helper.pk, {"role": "owner"}),
        (PEOPLE, "sign-out", bob.pk, {}),
        (PEOPLE, "staff", bob.pk, {}),
        ("accounts/device", "end", token.device_id, {}),
        ("accounts/apitoken", "revoke", token.pk, {}),
        ("accounts/invitation", "revoke", invitation.pk, {}),
        (ROOMS, "archive", public, {}),
        (ROOMS, "rename", public, {"name": "mine"}),
        ("chat/membership", "remove", stint.pk, {}),
    ):
        assert do(client, of, deed, pk, **more).status_code == 404, deed
    assert client.get("/admin/accounts/invitation/add/").status_code == 404
    assert trail() == []


def test_nobody_locks_herself_out_with_a_tick(alice: User, desk: Client, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(role=User.Role.OWNER)
    for deed, more in (("deactivate", {}), ("role", {"role": "guest"}), ("no-staff", {})):
        answer = do(desk, PEOPLE, deed, alice.pk, **more)
        assert "to yourself" in words(answer.content.decode()), deed
    alice.refresh_from_db()
    assert (alice.is_active, alice.role, alice.is_staff) == (True, "owner", True)


def test_roles_are_given_as_far_as_ones_own_goes(alice: User, desk: Client, bob: User, carol: User) -> None:
    with heard() as events:
        do(desk, PEOPLE, "role", bob.pk, carol.pk, role="admin", reason="holidays")
    assert {event.user for event in events if getattr(event, "me", None)} == {str(bob.pk), str(carol.pk)}
    assert set(User.objects.filter(role="admin").values_list("handle", flat=True)) == {"bob", "carol"}
    entry = AuditEntry.objects.get(subject_id=str(carol.pk))
    assert (entry.action, entry.detail, entry.reason) == ("user.role_set", {"from": "guest", "to": "admin"}, "holidays")
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    for target, role in ((carol, "member"), (carol, "owner"), (alice, "guest")):
        assert "may not give this role" in words(
            do(sign_in(bob), PEOPLE, "role", target.pk, role=role).content.decode()
        )
    assert "valid choice" in words(do(desk, PEOPLE, "role", bob.pk, role="emperor").content.decode())


def test_signing_somebody_out_ends_devices_and_tokens(desk: Client, alice: User, bob: User) -> None:
    browser = sign_in(bob)
    _token, text = api_token_create(user=bob, name="script", scope=["read"])
    bearer = {"Authorization": f"Bearer {text}"}
    assert browser.get("/api/v1/me/").status_code == Client().get("/api/v1/me/", headers=bearer).status_code == 200
    with heard() as events:
        do(desk, PEOPLE, "sign-out", bob.pk)
    assert len([device for event in events for device in getattr(event, "devices", ()) if device.ended]) == 2
    assert browser.get("/api/v1/me/").status_code == Client().get("/api/v1/me/", headers=bearer).status_code == 401
    assert AuditEntry.objects.get().detail == {"ended": 2}
    assert desk.get("/admin/").status_code == 200


def test_single_devices_and_tokens_end_without_the_others(desk: Client, bob: User) -> None:
    kept = sign_in(bob)
    going = sign_in(bob)
    one, _text = api_token_create(user=bob, name="one", scope=["read"])
    two, _text = api_token_create(user=bob, name="two", scope=["read"])
    device = Device.objects.filter(user=bob, kind="browser").order_by("pk").last()
    do(desk, "accounts/device", "end", device.pk, reason="lost in a train")
    do(desk, "accounts/apitoken", "revoke", one.pk)
    assert (kept.get("/api/v1/me/").status_code, going.get("/api/v1/me/").status_code) == (200, 401)
    ended = dict(ApiToken.objects.values_list("name", "device__ended_at"))
    assert ended["one"] is not None
    assert ended["two"] is None
    assert [entry[1:] for entry in trail()] == [
        ("device.ended", str(bob.pk), "lost in a train"),
        ("token.revoked", str(bob.pk), ""),
    ]
    assert two.device.ended_at is None


def test_an_administrator_ends_no_sign_in_of_an_owner(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(role=User.Role.ADMIN, is_staff=True)
    owner = sign_in(alice)
    device = Device.objects.get(user=alice)
    token, _text = api_token_create(user=alice, name="mine", scope=["admin"])
    client = sign_in(bob)
    for of, deed, pk in (
        ("accounts/device", "end", device.pk),
        ("accounts/apitoken", "revoke", token.pk),
        (PEOPLE, "sign-out", alice.pk),
    ):
        assert "You may not" in words(do(client, of, deed, pk).content.decode())
    assert owner.get("/api/v1/me/").status_code == 200
    assert ApiToken.objects.get(pk=token.pk).device.ended_at is None


def test_only_owners_open_the_admin_to_others(desk: Client, bob: User, carol: User) -> None:
    do(desk, PEOPLE, "staff", bob.pk, reason="helps out")
    assert User.objects.get(pk=bob.pk).is_staff
    User.objects.filter(pk=bob.pk).update(role=User.Role.ADMIN)
    answer = do(sign_in(bob), PEOPLE, "staff", carol.pk)
    assert "Only owners" in words(answer.content.decode())
    do(desk, PEOPLE, "no-staff", bob.pk)
    assert not User.objects.get(pk=bob.pk).is_staff
    assert [entry[1] for entry in trail()] == ["user.staff_given", "user.staff_taken"]


# ---- invitations --------------------------------------------------------------------------------------------------


def test_the_link_of_an_invitation_is_shown_once(desk: Client) -> None:
    answer = desk.post("/admin/accounts/invitation/add/", {"role": "guest", "days": "3", "uses": ""})
    text = answer.content.decode()
    link = text.partition("http://testserver/join/")[2].partition("/")[0]
    made = invitation_by_token(link)
    assert made is not None
    assert (made.role, made.uses_left) == ("guest", None)
    assert "no-store" in answer["Cache-Control"]
    for path in ("accounts/invitation/", f"accounts/invitation/{made.pk}/change/", "accounts/auditentry/", ""):
        assert link not in page(desk, path)
        assert made.hash not in page(desk, path)
    do(desk, "accounts/invitation", "revoke", made.pk)
    assert invitation_by_token(link) is None
    assert [entry[1] for entry in trail()] == ["invitation.made", "invitation.revoked"]


@pytest.mark.parametrize(
    "body", [{}, {"role": "owner"}, {"days": "0"}, {"days": "91"}, {"uses": "0"}, {"uses": "x"}, {"email": "nobody"}]
)
def test_a_bad_invitation_names_the_field(body: dict[str, str], desk: Client) -> None:
    good = {"role": "member", "days": "7", "uses": "1"}
    answer = desk.post("/admin/accounts/invitation/add/", (good | body) if body else {})
    assert answer.status_code == 200
    assert b"error-text" in answer.content
    assert not Invitation.objects.exists()


# ---- rooms --------------------------------------------------------------------------------------------------------


def test_rooms_are_archived_renamed_and_opened_live(desk: Client, alice: User, bob: User, mallory: User) -> None:
    public = room(mallory, bob, kind="public", name="General")
    with heard() as events:
        do(desk, ROOMS, "rename", public, name="  Everything ", reason="clearer")
        do(desk, ROOMS, "archive", public)
    assert [(event.settings.name, event.settings.archived) for event in events if event.type == "room.updated"] == [
        ("Everything", False),
        ("Everything", True),
    ]
    do(desk, ROOMS, "unarchive", public)
    assert Room.objects.get(pk=public).archived_at is None
    assert [entry[1] for entry in trail()] == ["room.renamed", "room.archived", "room.unarchived"]
    assert AuditEntry.objects.order_by("pk").first().detail == {"from": "General", "to": "Everything"}


def test_a_name_that_is_taken_is_said_beside_the_field(desk: Client, alice: User) -> None:
    one = room(alice, kind="public", name="One")
    room(alice, kind="public", name="Two")
    answer = do(desk, ROOMS, "rename", one, name="TWO")
    assert "Already taken." in words(answer.content.decode())
    assert Room.objects.get(pk=one).name == "One"
    assert trail() == []


def test_private_rooms_are_out_of_reach(desk: Client, bob: User, mallory: User) -> None:
    private = room(mallory, bob, name="Salaries")
    for deed in ("archive", "rename", "unarchive"):
        assert do(desk, ROOMS, deed, private, name="x").status_code == 302
    kept = Room.objects.get(pk=private)
    assert (kept.name, kept.archived_at) == ("Salaries", None)
    assert trail() == []


def test_who_is_removed_leaves_the_room_at_once(desk: Client, bob: User, mallory: User) -> None:
    public = room(mallory, bob, kind="public", name="General")
    stint = Membership.objects.get(room_id=public, user=bob)
    with heard() as events:
        do(desk, "chat/membership", "remove", stint.pk, reason="wrong room")
    assert [event.membership.user.id for event in events if event.type == "member.left"] == [str(bob.pk)]
    assert trail() == [("alice", "room.member_removed", str(public), "wrong room")]


def test_a_ban_is_lifted_and_a_link_revoked(desk: Client, bob: User, mallory: User) -> None:
    public = room(mallory, bob, kind="public", name="General")
    ban_set(actor=mallory, room_id=public, user_id=bob.pk, reason="shouting")
    token = link_create(actor=mallory, room_id=public).token
    ban, link = Ban.objects.get(), RoomLink.objects.get()
    assert "shouting" in words(page(desk, "chat/ban/", state="standing", q="bob"))
    assert "@mallory" in words(page(desk, "chat/roomlink/", state="open", q="General"))
    assert token not in page(desk, "chat/roomlink/")
    assert link.hash not in page(desk, f"chat/roomlink/{link.pk}/change/")
    with pytest.raises(Forbidden):
        room_join(actor=bob, room_id=public)
    do(desk, "chat/ban", "lift", ban.pk, reason="it was the radio")
    do(desk, "chat/roomlink", "revoke", link.pk, reason="it is on a poster")
    assert trail() == [
        ("alice", "room.ban_lifted", str(public), "it was the radio"),
        ("alice", "room.link_revoked", str(public), "it is on a poster"),
    ]
    with pytest.raises(NotFound):
        link_join(actor=bob, token=token)
    room_join(actor=bob, room_id=public)
    assert "shouting" not in words(page(desk, "chat/ban/", state="standing"))
    assert "@alice" in words(page(desk, f"chat/ban/{ban.pk}/change/"))
    assert "Nothing matches" in words(page(desk, "chat/roomlink/", state="open"))


def test_bans_from_and_links_into_other_rooms_are_out_of_reach(desk: Client, bob: User, mallory: User) -> None:
    private = room(mallory, bob, name="Salaries")
    ban_set(actor=mallory, room_id=private, user_id=bob.pk, reason="shouting")
    link_create(actor=mallory, room_id=private)
    for path, deed, row in (
        ("chat/ban", "lift", Ban.objects.get()),
        ("chat/roomlink", "revoke", RoomLink.objects.get()),
    ):
        assert "There is nothing here yet" in words(page(desk, f"{path}/"))
        for query in ({"room": private}, {"person": row.created_by_id}, {"q": "Salaries"}):
            assert "Nothing matches" in words(page(desk, f"{path}/", **query))
        assert desk.get(f"/admin/{path}/{row.pk}/change/").status_code in {302, 404}
        do(desk, path, deed, row.pk)
    assert Ban.objects.get().lifted_at is None
    assert RoomLink.objects.get().revoked_at is None
    assert trail() == []


# ---- the trail ----------------------------------------------------------------------------------------------------


def entry(actor: User) -> AuditEntry:
    with transaction.atomic():
        return audit_write(actor=actor, action="user.role_set", subject=Subject.of(actor), reason="so")


def test_the_trail_is_only_added_to(alice: User) -> None:
    kept = entry(alice)
    kept.reason = "otherwise"
    attempts = [
        kept.save,
        kept.delete,
        AuditEntry.objects.all().delete,
        lambda: AuditEntry.objects.update(reason="otherwise"),
        lambda: AuditEntry.objects.filter(pk=kept.pk).update(reason="otherwise"),
        lambda: AuditEntry.objects.bulk_update([kept], ["reason"]),
        lambda: AuditEntry.objects.update_or_create(pk=kept.pk, defaults={"reason": "otherwise"}),
    ]
    for attempt in attempts:
        with pytest.raises(AppendOnly):
            attempt()
    copy = AuditEntry(pk=kept.pk, actor=alice, action="x", subject_kind="user", subject_id="1", subject_name="x")
    with pytest.raises(Error), transaction.atomic():
        copy.save()
    assert AuditEntry.objects.get().reason == "so"


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the trigger is PostgreSQL's")
@pytest.mark.may_skip  # the same guard by other means stands on SQLite, see above
def test_not_even_plain_sql_rewrites_the_trail(alice: User) -> None:
    entry(alice)
    for statement in ("UPDATE accounts_auditentry SET reason = 'x'", "DELETE FROM accounts_auditentry"):
        with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_auditentry ENABLE TRIGGER audit_not_truncated")  # see tests/conftest.py
    for statement in ("TRUNCATE accounts_auditentry", "TRUNCATE accounts_user CASCADE"):
        with pytest.raises(Error, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert AuditEntry.objects.count() == 1


def test_what_fails_leaves_no_entry_and_what_has_no_entry_does_not_happen(alice: User, bob: User) -> None:
    with pytest.raises(transaction.TransactionManagementError), _outside():
        audit_write(actor=alice, action="x", subject=Subject.of(bob))
    with pytest.raises(Conflict):
        people_deactivate(actor=alice, user_ids=[bob.pk, alice.pk])
    assert trail() == []
    with pytest.raises(Exception, match="stored"):
        people_deactivate(actor=alice, user_ids=[bob.pk], reason="\x07")
    assert User.objects.get(pk=bob.pk).is_active


def _outside() -> Any:
    """As outside a transaction; tests run in one."""
    from unittest.mock import patch

    return patch.object(transaction.get_connection(), "in_atomic_block", new=False)


def test_the_trail_is_found_by_subject_actor_and_word(desk: Client, alice: User, bob: User, carol: User) -> None:
    do(desk, PEOPLE, "role", bob.pk, role="admin", reason="covers the holidays")
    do(desk, PEOPLE, "sign-out", carol.pk, reason="lost a phone")
    both = words(page(desk, "accounts/auditentry/"))
    assert "covers the holidays" in both
    assert "lost a phone" in both
    for query in ({"subject": f"user:{bob.pk}"}, {"what": "user.role_set"}, {"q": "holidays"}):
        found = words(page(desk, "accounts/auditentry/", **query))
        assert "covers the holidays" in found
        assert "lost a phone" not in found
    assert "covers the holidays" not in words(page(desk, "accounts/auditentry/", person=bob.pk))
    assert f"subject=user%3A{bob.pk}" in page(desk, f"{PEOPLE}/{bob.pk}/change/")
