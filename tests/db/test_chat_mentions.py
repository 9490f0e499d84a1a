"""Whom messages address: stored, counted, listed."""

from collections.abc import Collection, Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.models import Mention, Message
from chat.selectors.entries import position, room_entries
from chat.selectors.mentions import mentions_of
from chat.services import here
from chat.services.membership import member_add, member_remove
from chat.services.mention import HERE_MAX, present
from chat.services.message import Draft, message_delete, message_edit, messages_append
from chat.services.read import read_rewind
from chat.services.room import room_update
from tests.accounts import heard
from tests.chat import draft, join, read, room, say
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


def _rows(room_id: int) -> list[tuple[int, int | None, str]]:
    return list(Mention.objects.filter(room_id=room_id).order_by("pk").values_list("seq", "user_id", "kind"))


def _mentions(person: User, room_id: int) -> int:
    return room_entries(user_id=person.pk, room_ids=[room_id])[0].mentions


@pytest.fixture
def online() -> Iterator[set[int]]:
    there: set[int] = set()

    def ask(users: Collection[str]) -> Collection[str]:
        return [user for user in users if int(user) in there]

    before = here._online
    here.install(ask)
    yield there
    here.install(before)


def test_only_members_of_the_room_are_addressed(alice: User, bob: User, carol: User, mallory: User) -> None:
    lounge = room(alice, bob, carol)
    with heard() as events:
        say(alice, lounge, "@bob @mallory @Carol @alice @nobody")
    (event,) = events
    assert _rows(lounge) == [(1, bob.pk, "person"), (1, carol.pk, "person")]
    assert event.message.mentions == sorted([str(bob.pk), str(carol.pk)], key=int)
    assert event.message.mentions_room is False
    assert f'data-user="{bob.pk}"' in event.message.html
    assert f'data-user="{mallory.pk}"' not in event.message.html
    assert "@mallory" in event.message.html
    assert f'data-user="{alice.pk}"' in event.message.html  # named, but nobody calls herself
    assert [_mentions(person, lounge) for person in (alice, bob, carol)] == [0, 1, 1]


def test_who_left_or_was_deactivated_is_not_addressed(alice: User, bob: User, mallory: User) -> None:
    lounge = room(alice, bob, mallory)
    member_remove(actor=alice, room_id=lounge, user_id=bob.pk)
    User.objects.filter(pk=mallory.pk).update(is_active=False)
    say(alice, lounge, "@bob @mallory")
    assert _rows(lounge) == []
    assert "span" not in Message.objects.get(room_id=lounge).html


def test_everybody_is_one_row_and_counts_for_all_but_the_author(alice: User, bob: User, carol: User) -> None:
    lounge = room(alice, bob, carol)
    with heard() as events:
        say(bob, lounge, "@room @alice")
    assert _rows(lounge) == [(1, None, "room")]
    assert (events[0].message.mentions, events[0].message.mentions_room) == ([], True)
    assert [_mentions(person, lounge) for person in (alice, bob, carol)] == [1, 0, 1]
    read_rewind(actor=bob, room_id=lounge, seq=0)
    assert _mentions(bob, lounge) == 0


def test_who_comes_later_was_not_addressed(alice: User, bob: User, mallory: User) -> None:
    lounge = room(alice, bob, kind="public")
    say(alice, lounge, "@room")
    join(mallory, lounge)
    assert _mentions(mallory, lounge) == 0
    assert mentions_of(mallory, before=None, limit=10) == ([], False)
    read_rewind(actor=mallory, room_id=lounge, seq=0)
    assert mentions_of(mallory, before=None, limit=10)[0] == []
    assert len(mentions_of(bob, before=None, limit=10)[0]) == 1


def test_reading_ends_a_mention_and_rewinding_brings_it_back(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    for text in ("@bob", "x", "@bob @room"):
        say(alice, lounge, text)
    assert _mentions(bob, lounge) == 2
    read(bob, lounge, 1)
    assert position(user_id=bob.pk, room_id=lounge).mentions == 1
    read(bob, lounge, 3)
    assert _mentions(bob, lounge) == 0
    assert read_rewind(actor=bob, room_id=lounge, seq=0).mentions == 2


def test_a_count_stops_at_a_hundred(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    messages_append(drafts=[draft(alice, lounge, text) for text in ("@bob", "@room") for _ in range(70)])
    assert _mentions(bob, lounge) == 100
    read(bob, lounge, 70)
    assert _mentions(bob, lounge) == 70


def test_an_edit_addresses_others_and_a_delete_nobody(alice: User, bob: User, carol: User) -> None:
    lounge = room(alice, bob, carol)
    say(alice, lounge, "@bob")
    edited = message_edit(actor=alice, room_id=lounge, seq=1, text="@carol")
    assert (_rows(lounge), edited.mentions) == ([(1, carol.pk, "person")], [str(carol.pk)])
    message_edit(actor=alice, room_id=lounge, seq=1, text="@carol, please")
    assert _rows(lounge) == [(1, carol.pk, "person")]
    edited = message_edit(actor=alice, room_id=lounge, seq=1, text="@room")
    assert (_rows(lounge), edited.mentions, edited.mentions_room) == ([(1, None, "room")], [], True)
    deleted = message_delete(actor=alice, room_id=lounge, seq=1)
    assert (_rows(lounge), deleted.mentions, deleted.mentions_room) == ([], [], False)
    assert Message.objects.get(room_id=lounge).mentioned == ""


def test_in_a_large_room_only_who_leads_addresses_everybody(
    alice: User, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    lounge = room(alice, bob, carol)
    monkeypatch.setattr("chat.policies.LARGE_ROOM", 2)
    say(bob, lounge, "@room @here")
    assert _rows(lounge) == []
    assert "span" not in Message.objects.get(room_id=lounge).html
    say(alice, lounge, "@room")
    assert _rows(lounge) == [(2, None, "room")]
    room_update(actor=alice, room_id=lounge, mention_room="members")
    say(bob, lounge, "@room")
    assert len(_rows(lounge)) == 2
    monkeypatch.setattr("chat.policies.LARGE_ROOM", 50)
    room_update(actor=alice, room_id=lounge, mention_room="leaders")
    say(bob, lounge, "@room")
    assert len(_rows(lounge)) == 2


def test_here_is_who_is_online_when_it_is_said(
    alice: User, bob: User, carol: User, mallory: User, online: set[int]
) -> None:
    lounge = room(alice, bob, carol)
    online.update({alice.pk, bob.pk, mallory.pk})
    say(alice, lounge, "@here @carol")
    assert _rows(lounge) == [(1, carol.pk, "person"), (1, bob.pk, "here")]
    assert Message.objects.get(room_id=lounge).html.count('data-user="here"') == 1
    online.add(carol.pk)
    say(bob, lounge, "@here")
    assert {row[1] for row in _rows(lounge) if row[0] == 2} == {alice.pk, carol.pk}
    online.clear()
    message_edit(actor=alice, room_id=lounge, seq=1, text="@here now")
    assert [row for row in _rows(lounge) if row[0] == 1] == [(1, bob.pk, "here")]
    message_edit(actor=alice, room_id=lounge, seq=1, text="now")
    assert [row for row in _rows(lounge) if row[0] == 1] == []
    online.add(bob.pk)
    message_edit(actor=alice, room_id=lounge, seq=1, text="@here")
    assert [row for row in _rows(lounge) if row[0] == 1] == []  # an edit calls nobody in


def test_here_among_very_many_is_everybody(alice: User, online: set[int]) -> None:
    lounge = room(alice)
    people = [User(handle=f"p{n}", handle_key=f"p{n}", email=f"p{n}@example.org") for n in range(HERE_MAX + 2)]
    from chat.models import Membership

    for person in User.objects.bulk_create(people):
        Membership.objects.create(room_id=lounge, user=person, joined_rev=3, rev=3, user_rev=1)
        online.add(person.pk)
    assert present([lounge])[lounge].many
    say(alice, lounge, "@here")
    assert _rows(lounge) == [(1, None, "room")]


def test_a_guest_addresses_only_the_people_of_her_rooms(alice: User, bob: User, carol: User, mallory: User) -> None:
    lounge = room(alice, carol)
    room(alice, bob)
    say(carol, lounge, "@alice @bob @mallory")
    assert _rows(lounge) == [(1, alice.pk, "person")]


def test_a_batch_of_any_size_takes_the_same_number_of_queries(
    alice: User, bob: User, carol: User, online: set[int]
) -> None:
    rooms = [room(alice, bob, carol) for _ in range(4)]
    say(alice, rooms[0])

    def queries(drafts: list[Draft]) -> int:
        with CaptureQueriesContext(connection) as caught:
            answers = messages_append(drafts=drafts)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        return len(caught)

    plain = queries([draft(alice, rooms[0], "bob and x")])
    assert plain <= 8
    assert queries([draft(alice, rooms[0], "bob@example.org")]) == plain
    one = queries([draft(alice, rooms[0], "@bob @room @here")])
    many = queries([draft(author, at, "@bob @carol @room @here") for at in rooms for author in (alice, bob)])
    assert one == many == plain + 4  # who is here, who is meant, how many there are; the rows


def test_an_edit_and_a_delete_take_a_fixed_number_of_queries(alice: User, bob: User, carol: User) -> None:
    lounge = room(alice, bob, carol)
    for text in ("@bob", "@bob @carol"):
        say(alice, lounge, text)

    def queries(call: object) -> int:
        with CaptureQueriesContext(connection) as caught:
            call()  # type: ignore[operator]
        return len(caught)

    few = queries(lambda: message_edit(actor=alice, room_id=lounge, seq=1, text="@carol"))
    many = queries(lambda: message_edit(actor=alice, room_id=lounge, seq=2, text="@carol " * 20))
    assert few == many
    assert queries(lambda: message_delete(actor=alice, room_id=lounge, seq=1)) == queries(
        lambda: message_delete(actor=alice, room_id=lounge, seq=2)
    )


def test_the_list_of_mentions_goes_back_page_by_page(alice: User, bob: User, mallory: User) -> None:
    one, other, left = room(alice, bob), room(alice, bob), room(alice, bob)
    for at in (one, other, left):
        for text in ("@bob", "nothing", "@room", "@mallory"):
            say(alice, at, text)
    say(bob, one, "@room @bob")  # herself
    member_remove(actor=alice, room_id=left, user_id=bob.pk)
    found, before = [], None
    with CaptureQueriesContext(connection) as caught:
        rows, more = mentions_of(bob, before=None, limit=3)
    assert len(caught) == 3
    assert more
    while True:
        rows, more = mentions_of(bob, before=before, limit=3)
        found += [(row.room_id, row.seq, row.unread) for row in rows]
        if not more:
            break
        before = rows[-1].pk
    assert found == [(other, 3, True), (other, 1, True), (one, 3, False), (one, 1, False)]
    member_add(actor=alice, room_id=left, user_id=bob.pk)
    rows, _ = mentions_of(bob, before=None, limit=10)
    assert {(row.room_id, row.seq) for row in rows if row.room_id == left} == {(left, 1)}


def test_made_up_handles_do_not_break_a_batch(alice: User) -> None:
    lounge = room(alice)
    text = " ".join("@" + chr(0x4E00 + n) * 2 + "一二三四五六七八九十" * 3 for n in range(60))
    answers = messages_append(drafts=[draft(alice, lounge, text) for _ in range(10)])
    assert [answer.seq for answer in answers] == list(range(1, 11))


def test_a_message_that_addresses_a_deactivated_author_is_still_read(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    say(alice, lounge, "@bob")
    User.objects.create_user("dave", "dave@example.org", PASSWORD)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert _mentions(bob, lounge) == 1
