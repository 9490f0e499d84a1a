"""Each rule of the checker: where all is well nothing is found, and one thing gone wrong is found by its rule."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tests.chaos.checker import StoredMessage, StoredRoom, StoredStint, Story, judge
from tests.chaos.journal import Change, Connection, Frame, Journal, Removal, Said

ROOM, ALICE, BOB = "7", "1", "2"


def entry(rev: int, *, last_seq: int, read_seq: int, unread: int) -> dict[str, Any]:
    return {
        "id": ROOM,
        "rev": rev,
        "joined_rev": 1,
        "last_seq": last_seq,
        "read_seq": read_seq,
        "unread": unread,
    }


def ready(*rooms: dict[str, Any], rev: int = 1, **resume: str) -> Frame:
    return {
        "type": "ready",
        "payload": {"user": {"rev": rev}, "epoch": "e", "rooms": list(rooms), "resume": dict(resume)},
    }


def created(rev: int, seq: int, author: str, text: str, *, prev: int | None = None) -> Frame:
    message = {"seq": seq, "rev": rev, "author": {"id": author, "name": author}, "text": text}
    prev = rev - 1 if prev is None else prev
    return {"type": "message.created", "payload": {"room": ROOM, "prev": prev, "rev": rev, "message": message}}


def member(kind: str, user: str, rev: int, joined: int, **more: Any) -> Frame:
    membership = {"user": {"id": user}, "role": "member", "joined_rev": joined, "rev": rev, **more}
    return {
        "type": f"member.{kind}",
        "payload": {"room": ROOM, "prev": rev - 1, "rev": rev, "membership": membership},
    }


def journal(user: str, *frames: Frame, cursors: dict[str, int] | None = None) -> Journal:
    """One connection on which these came, folded into what the client holds; everybody is in the room."""
    told = Journal(user, user)
    connection = Connection(0, 0.0, cursors or {}, list(frames), [10.0 + at for at in range(len(frames))])
    told.connections.append(connection)
    for frame in frames:
        told.view.apply(frame)
    if ROOM in told.view.rooms:
        for person in (ALICE, BOB):
            told.view.rooms[ROOM].member(member("joined", person, 1, 1)["payload"]["membership"])
    return told


def well() -> Story:
    """Alice says two things, Bob one; both hear all."""
    talk = [created(3, 1, ALICE, "1#1"), created(4, 2, BOB, "2#1"), created(5, 3, ALICE, "1#2")]
    alice = journal(ALICE, ready(entry(2, last_seq=0, read_seq=0, unread=0)), *talk)
    bob = journal(BOB, ready(entry(2, last_seq=0, read_seq=0, unread=0)), *talk)
    alice.said = [
        Said(ROOM, "1#1", "a1", 1.0, tries=1, seq=1, rev=3, acked_at=2.0),
        Said(ROOM, "1#2", "a2", 3.0, tries=1, seq=3, rev=5, acked_at=4.0),
    ]
    bob.said = [Said(ROOM, "2#1", "b1", 2.0, tries=2, seq=2, rev=4, acked_at=3.0)]
    rows = [
        StoredMessage(1, 3, 3, ALICE, "a1", "1#1"),
        StoredMessage(2, 4, 4, BOB, "b1", "2#1"),
        StoredMessage(3, 5, 5, ALICE, "a2", "1#2"),
    ]
    stints = [StoredStint(ALICE, 1, None, 3), StoredStint(BOB, 1, None, 2)]
    last = {
        ALICE: ready(entry(5, last_seq=3, read_seq=3, unread=0)),
        BOB: ready(entry(5, last_seq=3, read_seq=2, unread=1)),
    }
    return Story([alice, bob], [StoredRoom(ROOM, 5, 3, rows, stints)], [], last)


def rules(story: Story) -> set[str]:
    return {violation.rule for violation in judge(story)}


def test_where_all_is_well_nothing_is_found() -> None:
    assert judge(well()) == []


def test_an_acked_change_holds_and_one_that_nobody_answered_may() -> None:
    story = well()
    room, alice = story.rooms[0], story.journals[0]
    alice.changes = [Change(ROOM, 1, "other words", acked=True)]
    assert "acked is stored" in rules(story)
    alice.changes.append(Change(ROOM, 1, "1#1"))
    assert "acked is stored" not in rules(story)
    room.messages[0] = replace(room.messages[0], text="", deleted=True)
    assert "acked is stored" in rules(story)


def test_who_comes_again_goes_on_from_her_cursor() -> None:
    story = well()
    bob = story.journals[1]
    again = [ready(entry(5, last_seq=3, read_seq=2, unread=1), **{ROOM: "ok"})]
    bob.connections.append(Connection(1, 20.0, {ROOM: 5}, again, [20.0]))
    assert judge(story) == []
    bob.connections[1].frames.append(created(5, 3, ALICE, "1#2"))
    assert rules(story) == {"nothing twice"}
    bob.connections[1].cursors = {ROOM: 3}
    assert rules(story) == {"chains are unbroken"}


def _lost_row(story: Story) -> None:
    room = story.rooms[0]
    del room.messages[2]
    room.last_seq = 2


def _another_place(story: Story) -> None:
    story.journals[0].said[0].seq = 2


def _refused_and_there(story: Story) -> None:
    story.journals[0].said[0].refused, story.journals[0].said[0].acked_at = "forbidden", None


def _stored_twice(story: Story) -> None:
    room = story.rooms[0]
    room.messages.append(replace(room.messages[0], seq=4, rev=6, created_rev=6, client_id="a3"))
    room.rev, room.last_seq = 6, 4


def _said_by_nobody(story: Story) -> None:
    del story.journals[1].said[0]


def _a_hole(story: Story) -> None:
    story.rooms[0].last_seq = 4


def _one_rev_for_two(story: Story) -> None:
    rows = story.rooms[0].messages
    rows[1] = replace(rows[1], rev=5)


def _out_of_order(story: Story) -> None:
    said = story.journals[0].said
    said.reverse()


def _heard_out_of_order(story: Story) -> None:
    frames = story.journals[1].connections[0].frames
    for place, text in ((1, "1#2"), (3, "1#1")):
        frames[place] = copy.deepcopy(frames[place])
        frames[place]["payload"]["message"]["text"] = text


def _a_gap(story: Story) -> None:
    del story.journals[1].connections[0].frames[2]


def _twice_on_the_wire(story: Story) -> None:
    frames = story.journals[1].connections[0].frames
    frames.append(frames[-1])


def _persons_gap(story: Story) -> None:
    state = {"type": "user.state", "payload": {"user": BOB, "prev": 4, "rev": 5}}
    story.journals[1].connections[0].frames.append(state)


def _behind(story: Story) -> None:
    story.journals[1].view.rooms[ROOM].cursor = 4


def _unseen(story: Story) -> None:
    del story.journals[1].view.rooms[ROOM].messages[3]


def _seen_otherwise(story: Story) -> None:
    held = story.journals[1].view.rooms[ROOM].messages
    held[3] = {**held[3], "text": "something else"}


def _knows_not_who_is_here(story: Story) -> None:
    del story.journals[1].view.rooms[ROOM].members[ALICE]


def _holds_a_room_she_left(story: Story) -> None:
    story.rooms[0].stints[1] = StoredStint(BOB, 1, 5, 2)


def _removed(story: Story, *, rev: int, back_at: float = float("inf")) -> None:
    story.rooms[0].stints[1] = StoredStint(BOB, 1, rev, 2)
    story.removals = [Removal(BOB, ROOM, rev, 9.0, back_at)]


def _told_of_the_room(story: Story) -> None:
    _removed(story, rev=9)
    story.journals[1].connections[0].arrived[0] = 30.0


def _reopened(story: Story) -> None:
    left = member("left", BOB, 6, 1, left_rev=6, reason="removed")
    story.journals[0].connections[0].frames.append(left)
    story.rooms[0].rev = 6


def _overlapping(story: Story) -> None:
    story.rooms[0].stints.append(StoredStint(BOB, 4, None, 2))


def _unread_miscounted(story: Story) -> None:
    story.last[BOB]["payload"]["rooms"][0]["unread"] = 2


def _read_less(story: Story) -> None:
    read = {"room": ROOM, "read_seq": 2, "unread": 0}
    frames = story.journals[1].connections[0].frames
    frames.append({"type": "user.state", "payload": {"user": BOB, "prev": 1, "rev": 2, "read": [read]}})
    frames.append(
        {"type": "user.state", "payload": {"user": BOB, "prev": 2, "rev": 3, "read": [{**read, "read_seq": 1}]}}
    )
    story.journals[1].connections[0].arrived += [20.0, 21.0]


def _mark_forgotten(story: Story) -> None:
    story.journals[1].marks.append((ROOM, 3))


WRONG: dict[Callable[[Story], None], str] = {
    _lost_row: "acked is stored",
    _another_place: "acked is stored",
    _refused_and_there: "acked is stored",
    _stored_twice: "nothing twice",
    _said_by_nobody: "nothing twice",
    _a_hole: "seq is dense",
    _one_rev_for_two: "seq is dense",
    _out_of_order: "senders keep their order",
    _heard_out_of_order: "senders keep their order",
    _a_gap: "chains are unbroken",
    _persons_gap: "chains are unbroken",
    _twice_on_the_wire: "nothing twice",
    _behind: "members agree",
    _unseen: "members agree",
    _seen_otherwise: "members agree",
    _knows_not_who_is_here: "members agree",
    _holds_a_room_she_left: "members agree",
    _told_of_the_room: "nothing after a removal",
    _reopened: "stints stay closed",
    _overlapping: "stints stay closed",
    _unread_miscounted: "unread is a recount",
    _read_less: "read positions grow",
    _mark_forgotten: "read positions grow",
}


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.__name__.strip("_"))
def test_what_is_wrong_is_found(wrong: Callable[[Story], None]) -> None:
    story = well()
    wrong(story)
    assert WRONG[wrong] in rules(story)


def test_who_was_removed_sees_no_more_until_she_is_let_in_again() -> None:
    story = well()
    _removed(story, rev=4)
    assert "nothing after a removal" in rules(story), "she saw rev 5"
    _removed(story, rev=4, back_at=12.0)
    assert "nothing after a removal" not in rules(story), "rev 5 came when she was back"
    _removed(story, rev=5)
    assert "nothing after a removal" not in rules(story)
