"""Saying something, changing it, taking it back."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

import chat.services.message as service
from accounts.models import User
from chat.events import MessageCreated, MessageDeleted, MessageUpdated
from chat.models import Message, MessageEdit
from chat.services.membership import member_remove
from chat.services.message import message_delete, message_edit, messages_append
from chat.services.room import room_update
from realtime.protocol.errors import Conflict, Forbidden, Internal, Invalid, NotFound
from tests.accounts import heard
from tests.chat import draft, head, open_stint, room, say


def test_messages_are_numbered_without_holes_and_each_takes_the_next_rev(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    rev, _ = head(lounge)
    answers = messages_append(drafts=[draft(alice, lounge), draft(bob, lounge), draft(alice, lounge)])
    assert [(answer.seq, answer.rev) for answer in answers] == [(1, rev + 1), (2, rev + 2), (3, rev + 3)]
    assert head(lounge) == (rev + 3, 3)
    assert list(Message.objects.order_by("seq").values_list("seq", "rev", "created_rev")) == [
        (seq, rev + seq, rev + seq) for seq in (1, 2, 3)
    ]


def test_a_batch_over_several_rooms_is_told_in_each_rooms_own_chain(alice: User, bob: User) -> None:
    rooms = [room(alice, bob) for _ in range(3)]
    with heard() as events:
        messages_append(drafts=[draft(author, at) for author in (alice, bob) for at in rooms])
    assert len(events) == 6
    for at in rooms:
        chain = [event for event in events if event.topic == f"room:{at}"]
        assert [event.prev for event in chain] == [event.rev - 1 for event in chain]
        assert [event.message.seq for event in chain] == [1, 2]
        assert chain[0].rev == chain[1].prev


def test_sending_again_gets_the_first_answer_and_no_second_message(alice: User) -> None:
    lounge = room(alice)
    first = say(alice, lounge, "once", client_id=(client_id := uuid4()))
    assert not first.duplicate
    say(alice, lounge, "between")
    with heard() as events:
        again = say(alice, lounge, "once", client_id=client_id)
    assert (again.seq, again.rev, again.duplicate) == (first.seq, first.rev, True)
    assert Message.objects.filter(room_id=lounge).count() == 2
    assert events == []


def test_sending_again_inside_one_batch_is_one_message_too(alice: User) -> None:
    lounge, client_id = room(alice), uuid4()
    with CaptureQueriesContext(connection) as caught:
        answers = messages_append(drafts=[draft(alice, lounge, "once", client_id=client_id) for _ in range(3)])
    assert len(caught) <= 8  # in one go, not one by one after a failure
    assert [(answer.seq, answer.duplicate) for answer in answers] == [(1, False), (1, True), (1, True)]
    assert Message.objects.filter(room_id=lounge).count() == 1


def test_other_words_under_a_known_client_id_are_refused_even_inside_a_batch(alice: User) -> None:
    lounge, client_id = room(alice), uuid4()
    answers = messages_append(
        drafts=[draft(alice, lounge, text, client_id=client_id) for text in ("one", "other", "one")]
    )
    assert answers[0].seq == 1
    assert isinstance(answers[1], Conflict)
    assert answers[2].duplicate
    with pytest.raises(Conflict):
        say(alice, lounge, "other", client_id=client_id)
    assert Message.objects.get(room_id=lounge).text == "one"


def test_a_retry_is_judged_by_what_was_first_sent_not_by_a_later_edit(alice: User) -> None:
    lounge, client_id = room(alice), uuid4()
    say(alice, lounge, "first", client_id=client_id)
    message_edit(actor=alice, room_id=lounge, seq=1, text="edited")
    assert say(alice, lounge, "first", client_id=client_id).duplicate
    with pytest.raises(Conflict):
        say(alice, lounge, "edited", client_id=client_id)


def test_a_retry_is_answered_before_permissions_are_asked(alice: User, bob: User) -> None:
    lounge, client_id = room(alice, bob), uuid4()
    first = say(bob, lounge, "mine", client_id=client_id)
    member_remove(actor=alice, room_id=lounge, user_id=bob.pk)
    again = say(bob, lounge, "mine", client_id=client_id)
    assert (again.seq, again.rev, again.duplicate) == (first.seq, first.rev, True)
    with pytest.raises(NotFound):
        say(bob, lounge, "more")


def test_the_same_client_id_of_somebody_else_or_elsewhere_is_another_message(alice: User, bob: User) -> None:
    lounge, den, client_id = room(alice, bob), room(alice, bob), uuid4()
    answers = messages_append(
        drafts=[
            draft(alice, lounge, client_id=client_id),
            draft(bob, lounge, client_id=client_id),
            draft(alice, den, client_id=client_id),
        ]
    )
    assert [(answer.room_id, answer.seq, answer.duplicate) for answer in answers] == [
        (lounge, 1, False),
        (lounge, 2, False),
        (den, 1, False),
    ]


@pytest.mark.parametrize(
    "text", ["", "   ", "\n\t ", "\u200b", "\u3000", "x" * 8001, "a\0b", "\ud800", "\ufeff \u2028"], ids=ascii
)
def test_text_that_says_nothing_too_much_or_cannot_be_stored_is_refused(alice: User, text: str) -> None:
    lounge = room(alice)
    before = head(lounge)
    answers = messages_append(drafts=[draft(alice, lounge, "good"), draft(alice, lounge, text)])
    assert answers[0].seq == 1
    assert isinstance(answers[1], Invalid)
    assert "text" in answers[1].fields
    assert head(lounge) == (before[0] + 1, 1)


def test_eight_thousand_code_points_are_taken_whatever_their_bytes(alice: User) -> None:
    assert say(alice, room(alice), "😀" * 8000).seq == 1


def test_a_refused_draft_takes_no_number(alice: User, mallory: User) -> None:
    lounge = room(alice)
    answers = messages_append(
        drafts=[draft(alice, lounge), draft(mallory, lounge), draft(alice, lounge, reply_to=9), draft(alice, lounge)]
    )
    assert isinstance(answers[1], NotFound)
    assert isinstance(answers[2], Invalid)
    assert [answers[0].seq, answers[3].seq] == [1, 2]


def test_an_answer_names_a_message_of_the_same_room(alice: User) -> None:
    lounge, den = room(alice), room(alice)
    say(alice, lounge)
    assert say(alice, lounge, reply_to=1).seq == 2
    assert Message.objects.get(room_id=lounge, seq=2).reply_to == 1
    for at, seq in ((lounge, 3), (lounge, 0), (lounge, -1), (den, 1)):
        with pytest.raises(Invalid):
            say(alice, at, reply_to=seq)


def test_nobody_fails_with_a_stranger(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    lounge = room(alice, bob)
    stored = service._store

    def fails_for_one(rows: list[Message], *rest: object) -> None:
        if any(row.text == "poison" for row in rows):
            raise RuntimeError("planted")
        stored(rows, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "_store", fails_for_one)
    answers = messages_append(drafts=[draft(alice, lounge, "a"), draft(bob, lounge, "poison"), draft(bob, lounge, "b")])
    assert isinstance(answers[1], Internal)
    assert [answers[0].seq, answers[2].seq] == [1, 2]
    assert head(lounge)[1] == 2


def test_a_batch_of_any_size_takes_the_same_number_of_queries(alice: User, bob: User) -> None:
    rooms = [room(alice, bob) for _ in range(5)]
    say(alice, rooms[0])

    def queries(drafts: list[service.Draft]) -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as caught:
            answers = messages_append(drafts=drafts)
        assert not [answer for answer in answers if isinstance(answer, Exception)]
        kinds = [query["sql"].split()[0] for query in caught.captured_queries]
        # SQLite takes 999 values a statement: about 70 messages an INSERT.
        return [kind for at, kind in enumerate(kinds) if kind != "INSERT" or "INSERT" not in kinds[:at]]

    one = queries([draft(alice, rooms[0])])
    many = queries([draft(author, at, reply_to=None) for at in rooms for author in (alice, bob) for _ in range(10)])
    assert one == many
    assert len(one) <= 8


def test_an_own_message_is_read_and_takes_no_rev_of_the_persons(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    rev = alice.head.__class__.objects.get(pk=alice.pk).rev
    say(bob, lounge)
    say(alice, lounge)
    assert open_stint(alice, lounge).read_seq == 2
    assert open_stint(bob, lounge).read_seq == 1
    assert alice.head.__class__.objects.get(pk=alice.pk).rev == rev


def test_an_event_carries_the_message_as_everybody_sees_it(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    with heard() as events:
        at = say(alice, lounge, "**hi**")
    (event,) = events
    assert isinstance(event, MessageCreated)
    assert (event.room, event.prev, event.rev, event.frame_id) == (
        str(lounge),
        at.rev - 1,
        at.rev,
        f"{lounge}.{at.rev}",
    )
    assert event.message.text == "**hi**"
    assert event.message.html == "<p><strong>hi</strong></p>"
    assert event.message.author.id == str(alice.pk)


def test_nothing_is_told_before_the_commit(alice: User) -> None:
    lounge = room(alice)
    from realtime.publish import register, unregister

    events: list[object] = []
    register(events.extend)
    try:
        say(alice, lounge)
        assert events == []
    finally:
        unregister(events.extend)


def test_an_edit_keeps_the_earlier_words_and_takes_a_rev(alice: User) -> None:
    lounge = room(alice)
    say(alice, lounge, "one")
    with heard() as events:
        message = message_edit(actor=alice, room_id=lounge, seq=1, text="*two*")
    (event,) = events
    assert isinstance(event, MessageUpdated)
    assert event.message == message
    assert (event.prev, event.rev) == (message.rev - 1, message.rev)
    assert (message.text, message.html) == ("*two*", "<p><em>two</em></p>")
    assert message.edited_at is not None
    assert head(lounge) == (message.rev, 1)
    assert list(MessageEdit.objects.values_list("text", flat=True)) == ["one"]


def test_an_edit_to_the_same_words_changes_nothing(alice: User) -> None:
    lounge = room(alice)
    at = say(alice, lounge, "one")
    with heard() as events:
        message = message_edit(actor=alice, room_id=lounge, seq=1, text="one")
    assert events == []
    assert (message.rev, message.edited_at) == (at.rev, None)
    assert head(lounge)[0] == at.rev
    assert not MessageEdit.objects.exists()


def test_a_delete_leaves_a_tombstone_without_any_of_the_words(alice: User) -> None:
    lounge = room(alice)
    say(alice, lounge, "secret")
    message_edit(actor=alice, room_id=lounge, seq=1, text="still secret")
    with heard() as events:
        tombstone = message_delete(actor=alice, room_id=lounge, seq=1)
    (event,) = events
    assert isinstance(event, MessageDeleted)
    assert event.message == tombstone
    assert (tombstone.text, tombstone.html, tombstone.deleted) == ("", "", True)
    assert tombstone.rev == head(lounge)[0] == event.rev
    row = Message.objects.get(room_id=lounge)
    assert (row.text, row.html) == ("", "")
    assert set(MessageEdit.objects.values_list("text", flat=True)) == {""}


def test_a_tombstone_cannot_be_edited_and_deleting_it_again_changes_nothing(alice: User) -> None:
    lounge = room(alice)
    say(alice, lounge)
    first = message_delete(actor=alice, room_id=lounge, seq=1)
    with heard() as events:
        assert message_delete(actor=alice, room_id=lounge, seq=1) == first
    assert events == []
    with pytest.raises(Conflict):
        message_edit(actor=alice, room_id=lounge, seq=1, text="back")


def test_only_ones_own_words_are_edited_and_those_who_lead_delete(alice: User, bob: User, carol: User) -> None:
    lounge = room(alice, bob, moderators=[])
    from chat.services.membership import member_add

    member_add(actor=alice, room_id=lounge, user_id=carol.pk)
    for _ in range(2):
        say(bob, lounge)
    with pytest.raises(Forbidden):
        message_edit(actor=alice, room_id=lounge, seq=1, text="mine")
    with pytest.raises(Forbidden):
        message_delete(actor=carol, room_id=lounge, seq=1)
    assert message_delete(actor=alice, room_id=lounge, seq=1).deleted
    assert message_edit(actor=bob, room_id=lounge, seq=2, text="mine").text == "mine"


def test_in_an_archived_room_nothing_is_said_or_changed(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    say(bob, lounge)
    room_update(actor=alice, room_id=lounge, archived=True)
    for call in (
        lambda: say(bob, lounge),
        lambda: message_edit(actor=bob, room_id=lounge, seq=1, text="x"),
        lambda: message_delete(actor=bob, room_id=lounge, seq=1),
    ):
        with pytest.raises(Forbidden):
            call()
    room_update(actor=alice, room_id=lounge, archived=False)
    assert say(bob, lounge).seq == 2


def test_a_message_that_is_not_there_cannot_be_changed(alice: User) -> None:
    lounge = room(alice)
    with pytest.raises(NotFound):
        message_edit(actor=alice, room_id=lounge, seq=1, text="x")
    with pytest.raises(NotFound):
        message_delete(actor=alice, room_id=2**60, seq=1)
