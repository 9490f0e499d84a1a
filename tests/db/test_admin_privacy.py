"""Staff does not read what is not for everybody: not by a list, a search or a link, but with a reason that stays."""

import pytest
from django.test import Client

from accounts.models import AuditEntry, User
from chat.admin import reading
from chat.models import Membership, Message, Room
from chat.services.room import group_open
from tests.accounts import _nothing_counted, sign_in  # noqa: F401
from tests.admin import LISTS, ROOMS, page, words
from tests.chat import direct, room, say

pytestmark = pytest.mark.django_db

SECRET = "the vault opens at nine"
REASON = "complaint no. 17 about harassment"


@pytest.fixture
def desk(alice: User) -> Client:
    """Even a superuser's browser."""
    User.objects.filter(pk=alice.pk).update(is_superuser=True)
    return sign_in(alice)


@pytest.fixture(params=["private", "direct", "group"])
def closed(request: pytest.FixtureRequest, bob: User, carol: User, mallory: User) -> int:
    """A conversation of bob's and mallory's that alice is not in."""
    if request.param == "private":
        pk = room(bob, mallory, name="Salaries")
        Room.objects.filter(pk=pk).update(topic=SECRET)
    elif request.param == "direct":
        pk = direct(bob, mallory)
    else:
        pk = int(group_open(actor=bob, user_ids=[mallory.pk, carol.pk]).id)
    say(bob, pk, SECRET)
    return pk


def address(pk: int) -> str:
    return f"/admin/{ROOMS}/{pk}/read/"


def everywhere(pk: int) -> list[str]:
    """Every page of the admin that could know of a room."""
    stint = Membership.objects.filter(room_id=pk).first()
    message = Message.objects.get(room_id=pk)
    return [
        "",
        *(f"{path}/" for path in LISTS if path not in {"accounts/user", "accounts/device"}),
        *(f"{path}/?room={pk}" for path in ("chat/membership", "chat/message")),
        *(f"{path}/?person={stint.user_id}" for path in ("chat/membership", "chat/message")),
        *(f"chat/message/?q={word}" for word in ("vault", "bob", str(pk))),
        *(f"chat/membership/?q={word}" for word in ("Salaries", "bob", "mallory")),
        *(f"{ROOMS}/?q={word}" for word in (f"%23{pk}", "vault", "Salaries", stint.user_id)),
        f"{ROOMS}/{pk}/change/",
        f"chat/membership/{stint.pk}/change/",
        f"chat/message/{message.pk}/change/",
    ]


def test_no_page_shows_text_or_members_of_a_closed_room(closed: int, desk: Client) -> None:
    for path in everywhere(closed):
        answer = desk.get(f"/admin/{path}")
        assert answer.status_code in {200, 404}, path
        said = words(answer.content.decode().replace('value="vault"', ""))
        assert SECRET not in said, path
        # People are on the dashboard as such, and in a filter by them; beside a room they would be its members.
        asked_for = "person=" in path or not path
        for name in () if asked_for else ("@bob", "@mallory"):
            assert name not in said, path
    stint = Membership.objects.filter(room_id=closed).first()
    for path in ("chat/membership", "chat/message"):
        assert "Nothing matches" in words(page(desk, f"{path}/", person=stint.user_id))
    kept = Room.objects.get(pk=closed)
    assert kept.people_key is None or kept.people_key not in words(page(desk, f"{ROOMS}/"))
    assert AuditEntry.objects.count() == 0


def test_that_a_room_exists_and_its_name_are_known(desk: Client, bob: User, mallory: User) -> None:
    room(bob, mallory, name="Salaries")
    pair = direct(bob, mallory)
    said = words(page(desk, f"{ROOMS}/"))
    assert "Salaries" in said
    assert f"Direct message #{pair}" in said
    assert words(page(desk, f"{ROOMS}/", q=f"#{pair}")).count("Direct message #") == 1


def test_without_a_reason_there_is_a_form_and_nothing_else(closed: int, desk: Client) -> None:
    answer = desk.get(address(closed))
    assert answer.status_code == 403
    text = answer.content.decode()
    assert 'name="reason"' in text
    assert SECRET not in text
    assert "@bob" not in text
    for reason in (
        "",
        "because",
        " " * 40,
        "short\n\n\n\n\n",
        "x" * 501,
        "with a bell \x07 in it",
        "with NUL \x00 in it",
    ):
        answer = desk.post(address(closed), {"reason": reason})
        assert answer.status_code == 403, reason
        assert "error" in answer.content.decode()
        assert SECRET not in answer.content.decode()
    assert desk.get(address(closed)).status_code == 403
    assert AuditEntry.objects.count() == 0


def test_a_reason_opens_this_room_and_each_page_is_written_down(
    closed: int, desk: Client, alice: User, bob: User, mallory: User
) -> None:
    other = room(bob, mallory, name="Another one")
    assert desk.post(address(closed), {"reason": f"  {REASON} "})["Location"] == address(closed)
    answer = desk.get(address(closed))
    said = words(answer.content.decode())
    assert SECRET in said
    assert "@bob" in said
    assert "@mallory" in said
    assert REASON in said
    desk.get(f"{address(closed)}?before=1")
    entries = AuditEntry.objects.order_by("pk")
    assert [(one.actor_id, one.action, one.subject_id, one.reason) for one in entries] == [
        (alice.pk, action, str(closed), REASON) for action in ("room.opened", "room.read", "room.read")
    ]
    assert [one.detail for one in entries] == [{}, {"messages": "1–1"}, {"messages": "0"}]
    assert desk.get(address(other)).status_code == 403
    assert SECRET not in page(desk, "chat/message/"), "the lists stay as they are"
    assert SECRET not in page(desk, "accounts/auditentry/")


def test_the_room_is_open_to_one_sign_in_of_one_person(closed: int, desk: Client, alice: User, carol: User) -> None:
    User.objects.filter(pk=carol.pk).update(is_staff=True)
    desk.post(address(closed), {"reason": REASON})
    assert desk.get(address(closed)).status_code == 200
    assert sign_in(alice).get(address(closed)).status_code == 403
    assert sign_in(carol).get(address(closed)).status_code == 403
    desk.post("/accounts/logout/")
    assert sign_in(alice, desk).get(address(closed)).status_code == 403


def test_it_closes_after_half_an_hour_and_when_asked(
    closed: int, desk: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.post(address(closed), {"reason": REASON})
    now = reading.time.time()
    monkeypatch.setattr(reading.time, "time", lambda: now + 29 * 60)
    assert desk.get(address(closed)).status_code == 200
    monkeypatch.setattr(reading.time, "time", lambda: now + 31 * 60)
    assert desk.get(address(closed)).status_code == 403
    desk.post(address(closed), {"reason": REASON})
    assert desk.get(address(closed)).status_code == 200
    desk.post(f"/admin/{ROOMS}/{closed}/shut/")
    assert desk.get(address(closed)).status_code == 403


def test_who_is_not_staff_gets_no_form_either(closed: int, bob: User, mallory: User) -> None:
    for person in (bob, mallory):
        assert sign_in(person).get(address(closed)).status_code == 302
        assert sign_in(person).post(address(closed), {"reason": REASON}).status_code == 302
    assert AuditEntry.objects.count() == 0


def test_public_rooms_are_read_without_a_reason(desk: Client, bob: User) -> None:
    public = room(bob, kind="public", name="General")
    for number in range(60):
        say(bob, public, f"in the open {number}")
    said = words(page(desk, f"{ROOMS}/{public}/read/"))
    assert "in the open 59" in said
    assert "in the open 9 " not in said
    assert "in the open 9 " in words(page(desk, f"{ROOMS}/{public}/read/", before=11))
    assert "in the open 59" in words(page(desk, "chat/message/", q="open 59"))
    assert AuditEntry.objects.count() == 0
    assert desk.get("/admin/chat/room/999999/read/").status_code == 404
    assert desk.get(f"/admin/{ROOMS}/{public}/read/?before={'9' * 40}").status_code == 200


def test_a_deleted_text_is_gone_here_too(desk: Client, bob: User) -> None:
    from chat.services.message import message_delete

    public = room(bob, kind="public", name="General")
    say(bob, public, SECRET)
    assert SECRET in page(desk, "chat/message/")
    message_delete(actor=bob, room_id=public, seq=1)
    for path in ("chat/message/", f"{ROOMS}/{public}/read/"):
        assert SECRET not in page(desk, path)
