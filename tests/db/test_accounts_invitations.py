"""Invitations: who makes them, what they are good for, and that the last use is given once."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import signals
from accounts.models import Invitation, User
from accounts.services.invitation import invitation_create, invitation_redeem, invitation_revoke
from accounts.services.standing import user_deactivate, user_role_set
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound
from tests.accounts import _nothing_counted, api, sign_in  # noqa: F401
from tests.chat import room
from tests.world import PASSWORD

pytestmark = pytest.mark.django_db

CHINESE = {"Accept-Language": "zh-CN,zh;q=0.9"}


def person(handle: str = "dave", **more: Any) -> dict[str, Any]:
    return {"handle": handle, "email": f"{handle}@example.org", "password": PASSWORD, "display_name": "Dave", **more}


def form(handle: str = "dave", **more: str) -> dict[str, str]:
    given = {"name": "Dave", "username": handle, "email": f"{handle}@example.org", "password1": PASSWORD}
    return {**given, "language": "en", **more}


def plain(answer: Any) -> str:
    """A page without what differs from request to request."""
    return re.sub(r'name="(csrfmiddlewaretoken|next)" value="[^"]*"', "", answer.content.decode())


# ---- making them ----


def test_only_a_hash_of_the_link_is_kept(alice: User) -> None:
    low, high = room(alice), room(alice)
    invitation, token = invitation_create(actor=alice, room_ids=[high, low, high])
    assert len(token) == 32
    stored = Invitation.objects.get()
    assert token not in str(Invitation.objects.filter(pk=stored.pk).values().get())
    assert token.startswith(stored.prefix)
    assert (stored.role, stored.uses_left, stored.room_ids) == ("member", 1, [low, high])
    assert timedelta(days=6, hours=23) < stored.expires_at - timezone.now() <= timedelta(days=7)
    assert stored == invitation


@pytest.mark.parametrize(
    ("who", "role", "may"),
    [
        ("alice", "admin", True),
        ("alice", "member", True),
        ("alice", "owner", False),
        ("admin", "admin", True),
        ("admin", "guest", True),
        ("admin", "owner", False),
        ("bob", "guest", False),
        ("carol", "guest", False),
    ],
)
def test_nobody_invites_above_herself(request: Any, who: str, role: str, may: bool) -> None:
    if who == "admin":
        actor = User.objects.create_user("ada", "ada@example.org", PASSWORD, role=User.Role.ADMIN)
    else:
        actor = request.getfixturevalue(who)
    if may:
        assert invitation_create(actor=actor, role=role)[0].role == role
    else:
        with pytest.raises(Forbidden):
            invitation_create(actor=actor, role=role)


def test_members_invite_where_the_setting_lets_them(bob: User, carol: User, settings: Any) -> None:
    client = sign_in(bob)
    assert api(client, "GET", "invitations/").status_code == 403
    assert api(client, "GET", "me/").json()["may_invite"] is False
    settings.MEMBERS_INVITE = True
    assert api(client, "GET", "me/").json()["may_invite"] is True
    assert api(client, "POST", "invitations/", {"role": "guest"}).status_code == 201
    assert api(client, "POST", "invitations/", {"role": "admin"}).status_code == 403
    assert api(sign_in(carol), "POST", "invitations/", {"role": "guest"}).status_code == 403


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"role": "owner"}, "role"),
        ({"role": "king"}, "role"),
        ({"email": "nonsense"}, "email"),
        ({"email": "a\u202eb@example.org"}, "email"),
        ({"expires_in": 1}, "expires_in"),
        ({"expires_in": 10**9}, "expires_in"),
        ({"uses": 0}, "uses"),
        ({"uses": 10001}, "uses"),
        ({"uses": True}, "uses"),
        ({"rooms": ["x"]}, "rooms"),
        ({"rooms": [str(n) for n in range(21)]}, "rooms"),
        ({"language": "tlh"}, "language"),
        ({"token": "mine"}, "token"),
    ],
)
def test_bad_input_names_its_field(alice: User, body: dict[str, Any], field: str) -> None:
    answer = api(sign_in(alice), "POST", "invitations/", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert [name.partition("[")[0] for name in answer.json()["fields"]] == [field]
    assert not Invitation.objects.exists()


def test_the_link_is_in_the_answer_and_in_the_mail_and_nowhere_else(alice: User) -> None:
    client = sign_in(alice)
    body = {"email": "Dave@Example.org", "language": "zh-hans", "uses": 1}
    made = api(client, "POST", "invitations/", body)
    assert made.status_code == 201
    link = made.json()["link"]
    assert link.startswith("http://testserver/join/")
    [message] = mail.outbox
    assert message.to == ["dave@example.org"]
    assert link in message.body
    assert "邀请" in message.subject
    listed = api(client, "GET", "invitations/").content.decode()
    assert link.split("/")[-2] not in listed
    assert '"state":"open"' in listed
    assert api(client, "DELETE", f"invitations/{made.json()['invitation']['id']}/").status_code == 204
    assert '"state":"revoked"' in api(client, "GET", "invitations/").content.decode()


def test_a_page_of_invitations_costs_the_same_however_many_there_are(alice: User, bob: User) -> None:
    client = sign_in(alice)
    counts = []
    for many in (1, 30):
        for _ in range(many):
            invitation_create(actor=alice)
        with CaptureQueriesContext(connection) as queries:
            answer = api(client, "GET", "invitations/?limit=20")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    page = answer.json()
    assert len(page["invitations"]) == 20
    rest = api(client, "GET", f"invitations/?limit=20&after={page['next']}").json()
    ids = [row["id"] for row in page["invitations"] + rest["invitations"]]
    assert len(set(ids)) == 31
    assert rest["next"] is None


def test_anothers_invitation_does_not_exist(alice: User, bob: User, settings: Any) -> None:
    settings.MEMBERS_INVITE = True
    invitation, _ = invitation_create(actor=alice)
    client = sign_in(bob)
    assert api(client, "GET", "invitations/").json()["invitations"] == []
    strange = api(client, "DELETE", f"invitations/{invitation.pk}/")
    absent = api(client, "DELETE", "invitations/999999/")
    assert (strange.status_code, strange.content) == (404, absent.content)
    own, _ = invitation_create(actor=bob)
    assert api(sign_in(alice), "DELETE", f"invitations/{own.pk}/").status_code == 204


def test_a_receiver_refuses_rooms(alice: User) -> None:
    def refuse(sender: Any, user: User, invitation: Invitation, **kwargs: Any) -> None:
        assert (user, invitation.room_ids) == (alice, [5])
        raise Invalid("no", fields={"rooms": ["no"]})

    signals.invitation_made.connect(refuse)
    try:
        with pytest.raises(Invalid):
            invitation_create(actor=alice, room_ids=[5])
    finally:
        signals.invitation_made.disconnect(refuse)
    assert not Invitation.objects.exists()


# ---- using them ----


def test_who_comes_by_an_invitation_has_its_role_and_brings_it_along(alice: User) -> None:
    lounge = room(alice)
    invitation, token = invitation_create(actor=alice, role="guest", room_ids=[lounge])
    heard: list[Any] = []

    def note(sender: Any, **kwargs: Any) -> None:
        heard.append((kwargs["user"].handle, kwargs["invitation"].room_ids, kwargs["invitation"].created_by))

    signals.person_created.connect(note)
    try:
        user = invitation_redeem(token=token, **person())
    finally:
        signals.person_created.disconnect(note)
    assert (user.role, user.emailaddress_set.get().verified) == ("guest", False)
    assert heard == [("dave", [lounge], alice)]
    invitation.refresh_from_db()
    assert (invitation.uses, invitation.uses_left) == (1, 0)


@pytest.mark.parametrize("how", ["unknown", "used", "expired", "revoked", "closed", "demoted"])
def test_an_invitation_that_is_no_longer_good_lets_nobody_in(alice: User, how: str) -> None:
    ada = User.objects.create_user("ada", "ada@example.org", PASSWORD, role=User.Role.ADMIN)
    invitation, token = invitation_create(actor=ada)
    page = f"/join/{token}/"
    assert Client().get(page).status_code == 200
    match how:
        case "unknown":
            page = f"/join/{'x' * 32}/"
            token = "x" * 32
        case "used":
            invitation_redeem(token=token, **person("erin"))
        case "expired":
            Invitation.objects.update(expires_at=timezone.now())
        case "revoked":
            invitation_revoke(actor=alice, invitation_id=invitation.pk)
        case "closed":
            user_deactivate(user_id=ada.pk)
        case "demoted":
            user_role_set(user_id=ada.pk, role="member")
    with pytest.raises(NotFound):
        invitation_redeem(token=token, **person())
    answer, post = Client().get(page), Client().post(page, form())
    assert (answer.status_code, post.status_code) == (404, 404)
    assert plain(answer) == plain(post) == plain(Client().get(f"/join/{'y' * 32}/"))
    assert not User.objects.filter(handle="dave").exists()


def test_a_sign_up_that_fails_gives_the_use_back(alice: User, bob: User) -> None:
    invitation, token = invitation_create(actor=alice)
    for wrong in (person(password="short"), person(handle="bob"), person(email="bob@example.org"), person("x y")):
        with pytest.raises((Invalid, Conflict)):
            invitation_redeem(token=token, **wrong)
    invitation.refresh_from_db()
    assert (invitation.uses, invitation.uses_left) == (0, 1)
    assert invitation_redeem(token=token, **person()).handle == "dave"


def test_without_a_limit_it_is_used_as_often_as_one_likes(alice: User) -> None:
    invitation, token = invitation_create(actor=alice, uses=None)
    for n in range(3):
        invitation_redeem(token=token, **person(f"dave{n}"))
    invitation.refresh_from_db()
    assert (invitation.uses, invitation.uses_left) == (3, None)


def test_one_for_an_address_is_for_that_address_only(alice: User) -> None:
    _, token = invitation_create(actor=alice, email="dave@example.org")
    page = f"/join/{token}/"
    assert 'value="dave@example.org"' in Client().get(page).content.decode()
    refused = Client().post(page, form(email="erin@example.org"))
    assert "for another e-mail address" in refused.content.decode()
    assert Client().post(page, form(email="DAVE@example.org")).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_of_many_who_take_the_last_use_at_once_one_gets_in(alice: User) -> None:
    _, token = invitation_create(actor=alice)
    barrier, answers = threading.Barrier(4), []

    def take(n: int) -> None:
        barrier.wait()
        try:
            answers.append(invitation_redeem(token=token, **person(f"dave{n}")).handle)
        except NotFound as error:
            answers.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=take, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 4
    assert len([answer for answer in answers if isinstance(answer, str)]) == 1
    assert Invitation.objects.get().uses == User.objects.filter(handle__startswith="dave").count() == 1


# ---- the page ----


def test_one_signs_up_by_the_link_and_is_in(alice: User) -> None:
    _, token = invitation_create(actor=alice)
    client = Client()
    page = client.get(f"/join/{token}/").content.decode()
    assert "Alice invites you." in page
    answer = client.post(f"/join/{token}/", form(handle="戴夫", email="dave@example.org", language="zh-hans"))
    assert (answer.status_code, answer["Location"]) == (302, "/")
    me = api(client, "GET", "me/").json()
    assert (me["handle"], me["name"], me["language"], me["role"]) == ("戴夫", "Dave", "zh-hans", "member")
    assert Client().get(f"/join/{token}/").status_code == 404


def test_the_page_speaks_both_languages_without_inline_code(alice: User) -> None:
    _, token = invitation_create(actor=alice)
    chinese = Client(headers=CHINESE).get(f"/join/{token}/").content.decode()
    assert "Alice 邀请你加入。" in chinese
    assert '<option value="zh-hans" selected>' in chinese
    assert "<script" not in chinese
    assert "style=" not in chinese
    refused = Client(headers=CHINESE).post(f"/join/{token}/", form(handle="x")).content.decode()
    assert "用户名" in refused


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"name": "\u202e"}, "name"),
        ({"name": ""}, "name"),
        ({"username": "a b"}, "username"),
        ({"username": "x"}, "username"),
        ({"username": "ALICE"}, "username"),
        ({"username": "here"}, "username"),
        ({"email": "nonsense"}, "email"),
        ({"email": "alice@example.org"}, "email"),
        ({"password1": "short"}, "password1"),
        ({"password1": "dave@example.org"}, "password1"),
        ({"language": "tlh"}, "language"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(alice: User, given: dict[str, str], field: str) -> None:
    _, token = invitation_create(actor=alice)
    answer = Client().post(f"/join/{token}/", form(**given))
    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == [field]
    assert User.objects.count() == 1


def test_names_are_text_on_the_page(alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(display_name="<img src=x onerror=alert(1)>")
    _, token = invitation_create(actor=User.objects.get(pk=alice.pk))
    page = Client().get(f"/join/{token}/").content.decode()
    assert "&lt;img src=x" in page
    assert "<img src=x" not in page


def test_who_is_signed_in_already_goes_to_the_conversations(alice: User, bob: User) -> None:
    _, token = invitation_create(actor=alice)
    answer = sign_in(bob).get(f"/join/{token}/")
    assert (answer.status_code, answer["Location"]) == (302, "/")


# ---- without an invitation ----


def test_without_an_invitation_nobody_signs_up(alice: User) -> None:
    assert "By invitation only" in Client().get("/accounts/signup/").content.decode()
    assert "Sign up" not in Client().get("/accounts/login/").content.decode()
    Client().post("/accounts/signup/", form())
    assert User.objects.count() == 1


def test_anybody_signs_up_where_it_is_open(alice: User, settings: Any) -> None:
    settings.SIGNUP = "open"
    assert "Sign up" in Client().get("/accounts/login/").content.decode()
    assert Client().post("/accounts/signup/", form()).status_code == 302
    assert User.objects.get(handle="dave").role == "member"


def test_addresses_of_the_domain_sign_up_and_others_by_invitation(alice: User, settings: Any) -> None:
    settings.SIGNUP, settings.SIGNUP_DOMAINS = "domain", ["example.com"]
    refused = Client().post("/accounts/signup/", form())
    assert "Only addresses of this organization" in refused.content.decode()
    for trick in ("dave@example.com.evil.org", "dave@evilexample.com", "dave@sub.example.com"):
        assert Client().post("/accounts/signup/", form(email=trick)).status_code == 200
    assert Client().post("/accounts/signup/", form(email="dave@EXAMPLE.com")).status_code == 302
    _, token = invitation_create(actor=alice)
    assert Client().post(f"/join/{token}/", form(handle="erin")).status_code == 302
