"""What one keeps to oneself: preferences, drafts, and unread again."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import PersonHead, User
from chat.models import Draft
from chat.selectors.entries import room_entries
from chat.selectors.log import replay
from chat.services.draft import Jotting, drafts_set
from chat.services.membership import member_remove
from chat.services.preference import room_prefer
from chat.services.read import read_rewind
from realtime.product import Identity
from realtime.protocol.errors import Forbidden, Invalid, NotFound
from tests.accounts import heard
from tests.chat import head, join, jot, open_stint, read, room, say

pytestmark = pytest.mark.django_db


def _rev(person: User) -> int:
    return PersonHead.objects.get(pk=person.pk).rev


def test_preferences_take_a_rev_of_the_person_and_none_of_the_room(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    rev, room_rev = _rev(bob), head(lounge)[0]
    with heard() as events:
        first = room_prefer(actor=bob, room_id=lounge, favourite=True, folder=" 工作  a ", notify="none", place=-3)
        again = room_prefer(actor=bob, room_id=lounge, favourite=True, folder="工作 a")
        last = room_prefer(actor=bob, room_id=lounge, folder="")
    assert [(event.user, event.prev, event.rev) for event in events] == [
        (str(bob.pk), rev, rev + 1),
        (str(bob.pk), rev + 1, rev + 2),
    ]
    assert [event.preferences for event in events] == [[first], [last]]
    assert first == again
    assert (last.favourite, last.folder, last.notify, last.place) == (True, "", "none", -3)
    assert (_rev(bob), head(lounge)[0]) == (rev + 2, room_rev)
    entry = room_entries(user_id=bob.pk)[0]
    assert (entry.favourite, entry.folder, entry.notify, entry.place) == (True, "", "none", -3)
    assert room_entries(user_id=alice.pk)[0].favourite is False


def test_a_replay_brings_preferences_and_drafts(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    rev = _rev(bob)
    room_prefer(actor=bob, room_id=lounge, notify="mentions")
    jot(bob, lounge, "begun", reply_to=1)
    topic = f"user:{bob.pk}"
    (event,) = replay(Identity(user=str(bob.pk), device=""), {topic: rev}, 100)[topic].events
    (entry,) = event.rooms
    assert (entry.notify, entry.draft.text, entry.draft.reply_to) == ("mentions", "begun", 1)


@pytest.mark.parametrize(
    "wrong", [{"folder": "x" * 41}, {"folder": "a\u202eb"}, {"folder": "\0"}, {"notify": "some"}, {"place": 10**7}]
)
def test_a_preference_that_makes_no_sense_is_refused(alice: User, wrong: dict[str, object]) -> None:
    lounge = room(alice)
    with pytest.raises(Invalid) as caught:
        room_prefer(actor=alice, room_id=lounge, **wrong)
    assert list(caught.value.fields) == list(wrong)


def test_who_is_not_in_a_room_has_nothing_of_her_own_in_it(alice: User, bob: User, mallory: User) -> None:
    hidden, public = room(alice), room(alice, kind="public")
    for at, error in ((hidden, NotFound), (public, Forbidden), (2**50, NotFound)):
        for call in (
            lambda at=at: room_prefer(actor=mallory, room_id=at, favourite=True),
            lambda at=at: jot(mallory, at, "x"),
            lambda at=at: read_rewind(actor=mallory, room_id=at, seq=0),
        ):
            with pytest.raises(error):
                call()


def test_a_draft_is_kept_until_it_is_thrown_away_or_something_is_said(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    rev = _rev(bob)
    with heard() as events:
        jot(bob, lounge, "be")
        jot(bob, lounge, "begun", reply_to=1)
    assert [event.rev for event in events] == [rev + 1, rev + 2]
    assert [event.drafts[0].text for event in events] == ["be", "begun"]
    assert room_entries(user_id=bob.pk)[0].draft == events[-1].drafts[0]
    assert room_entries(user_id=alice.pk)[0].draft is None
    say(alice, lounge)
    assert room_entries(user_id=bob.pk)[0].draft is not None
    with heard() as events:
        say(bob, lounge)
    assert [event.type for event in events] == ["message.created"]  # clients see it in the message itself
    assert room_entries(user_id=bob.pk)[0].draft is None
    jot(bob, lounge, "next")
    assert room_entries(user_id=bob.pk)[0].draft.text == "next"
    with heard() as events:
        thrown = jot(bob, lounge, "  ", reply_to=1)
    assert (thrown.text, thrown.reply_to, events[0].drafts) == ("", None, [thrown])
    assert room_entries(user_id=bob.pk)[0].draft is None
    assert not Draft.objects.exists()


def test_a_batch_of_drafts_takes_a_rev_per_person_and_the_last_one_wins(alice: User, bob: User) -> None:
    rooms = [room(alice, bob) for _ in range(3)]
    jottings = [
        Jotting(user_id=person.pk, room_id=at, text=f"{n}") for n in range(4) for at in rooms for person in (alice, bob)
    ]

    def queries(given: list[Jotting]) -> int:
        with CaptureQueriesContext(connection) as caught:
            drafts_set(jottings=given)
        return len(caught)

    one = queries(jottings[:1])
    revs = {person: _rev(person) for person in (alice, bob)}
    with heard() as events:
        many = queries(jottings)
    assert one == many
    assert [len(event.drafts) for event in events] == [3, 3]
    assert {person: _rev(person) - rev for person, rev in revs.items()} == {alice: 1, bob: 1}
    assert set(Draft.objects.values_list("text", flat=True)) == {"3"}
    assert Draft.objects.count() == 6


def test_nobody_fails_with_a_strangers_draft(alice: User, mallory: User) -> None:
    lounge = room(alice)
    good, long, stranger = drafts_set(
        jottings=[
            Jotting(user_id=alice.pk, room_id=lounge, text="x" * 8000),
            Jotting(user_id=alice.pk, room_id=lounge, text="x" * 8001),
            Jotting(user_id=mallory.pk, room_id=lounge, text="x"),
        ]
    )
    assert len(good.text) == 8000
    assert isinstance(long, Invalid)
    assert isinstance(stranger, NotFound)


def test_a_draft_goes_with_the_stint(alice: User, bob: User) -> None:
    lounge = room(alice, bob, kind="public")
    jot(bob, lounge, "begun")
    member_remove(actor=alice, room_id=lounge, user_id=bob.pk)
    join(bob, lounge)
    assert room_entries(user_id=bob.pk)[0].draft is None


def test_unread_again_moves_only_back_and_is_told(alice: User, bob: User) -> None:
    lounge = room(alice, bob)
    for _ in range(4):
        say(alice, lounge)
    read(bob, lounge, 4)
    rev = _rev(bob)
    with heard() as events:
        at = read_rewind(actor=bob, room_id=lounge, seq=1)
    (state,) = events
    assert (state.prev, state.rev, state.read) == (rev, rev + 1, [at])
    assert (at.read_seq, at.unread, at.rewinds) == (1, 3, 1)
    assert read_rewind(actor=bob, room_id=lounge, seq=3).read_seq == 1
    assert open_stint(bob, lounge).rewinds == 1
    assert read(bob, lounge, 2).seq == 2
    assert read_rewind(actor=bob, room_id=lounge, seq=0).rewinds == 2
    assert say(bob, lounge).seq == 5
    assert open_stint(bob, lounge).read_seq == 5
