# mypy: disable-error-code="func-returns-value"
"""For every verb that publishes: what a client held, with the events folded in, is what she would read afresh."""

import datetime
import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest
from django.db import connection, models
from django.utils import timezone

from accounts.models import User
from chat.models import Message, Room
from chat.selectors import log
from chat.services.ban import ban_set
from chat.services.membership import member_add, member_remove, member_update, room_join, room_leave
from chat.services.message import message_delete, message_edit
from chat.services.preference import room_prefer
from chat.services.read import read_rewind
from chat.services.room import direct_open, group_open, room_create, room_update
from chat.services.succession import rooms_inherit
from realtime.product import Identity
from realtime.protocol.frames import RoomSynced
from tests.chat import head, jot, read, room, say
from tests.conftest import PASSWORD
from tests.db import converges as module
from tests.db.converges import converges, fold, frame, fresh, sent

pytestmark = pytest.mark.django_db


def _number_from(model: type[models.Model], start: int) -> None:
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"ALTER SEQUENCE {table}_id_seq RESTART WITH {start}")
        else:
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence(name, seq) VALUES (%s, %s)", [table, start - 1])


class World:
    """The cast with fixed ids, a lounge of three, a clock that only moves when told, and client ids in order."""

    def __init__(self) -> None:
        _number_from(User, 1)
        _number_from(Room, 11)
        _number_from(Message, 101)
        self.now = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
        self._ids = (UUID(int=number) for number in itertools.count(1))

    def build(self) -> None:
        self.alice = self._person("alice", User.Role.OWNER)
        self.bob = self._person("bob", User.Role.MEMBER)
        self.carol = self._person("carol", User.Role.GUEST)
        self.mallory = self._person("mallory", User.Role.MEMBER)
        self.lounge = room(self.alice, self.bob, self.carol, kind="public", name="lounge 客厅")
        self.say(self.alice, "one")
        self.say(self.bob, "**two**", reply_to=1)
        self.say(self.carol, "three")

    def _person(self, handle: str, role: User.Role) -> User:
        return User.objects.create_user(
            handle, f"{handle}@example.org", PASSWORD, display_name=handle.capitalize(), role=role
        )

    def mute(self, who: User) -> object:
        until = self.now + datetime.timedelta(hours=1)
        return member_update(actor=self.alice, room_id=self.lounge, user_id=who.pk, muted_until=until)

    def group(self) -> int:
        return int(group_open(actor=self.alice, user_ids=[self.bob.pk, self.carol.pk]).id)

    def orphan(self) -> None:
        """A private room of Alice's with Bob and Carol, and Alice's account closed."""
        room(self.alice, self.carol, self.bob, name="den")
        User.objects.filter(pk=self.alice.pk).update(is_active=False)

    def say(self, author: User, text: str = "hi", *, at: int | None = None, **fields: Any) -> int:
        self.now += datetime.timedelta(minutes=1)
        return say(author, at or self.lounge, text, client_id=next(self._ids), **fields).seq


@pytest.fixture
def world(db: None) -> Iterator[World]:
    made = World()
    with patch.object(timezone, "now", lambda: made.now):
        made.build()
        made.now += datetime.timedelta(hours=1)
        yield made


Case = tuple[str, str, str, Callable[[World], object]]
CASES: list[Case] = [
    ("message_append", "somebody else's message is unread", "alice", lambda w: w.say(w.bob, "four")),
    ("message_append", "an own message is read, with all before it", "bob", lambda w: w.say(w.bob, "four")),
    ("message_append", "several people at once", "carol", lambda w: [w.say(p) for p in (w.alice, w.carol, w.bob)]),
    ("message_edit", "the author sees it", "bob", lambda w: message_edit(
        actor=w.bob, room_id=w.lounge, seq=2, text="zwei")),
    ("message_edit", "others see it", "alice", lambda w: [message_edit(
        actor=w.bob, room_id=w.lounge, seq=2, text=text) for text in ("zwei", "deux")]),
    ("message_delete", "an unread one is one less", "alice", lambda w: message_delete(
        actor=w.carol, room_id=w.lounge, seq=3)),
    ("message_delete", "a read one changes no count", "carol", lambda w: message_delete(
        actor=w.alice, room_id=w.lounge, seq=2)),
    ("message_delete", "one's own", "bob", lambda w: message_delete(actor=w.bob, room_id=w.lounge, seq=2)),
    ("message_delete", "one that came and went", "alice", lambda w: [
        w.say(w.bob, "oops"), message_delete(actor=w.bob, room_id=w.lounge, seq=4)]),
    ("reads_mark", "the reader's count falls", "alice", lambda w: read(w.alice, w.lounge, 2)),
    ("reads_mark", "to the end and no further", "alice", lambda w: read(w.alice, w.lounge, 99)),
    ("reads_mark", "others notice nothing", "bob", lambda w: read(w.alice, w.lounge, 2)),
    ("reads_mark", "then more comes", "alice", lambda w: [read(w.alice, w.lounge, 3), w.say(w.bob)]),
    ("room_create", "the maker enters", "bob", lambda w: room_create(
        actor=w.bob, kind="private", name="den", topic="quiet")),
    ("room_update", "name and topic", "carol", lambda w: room_update(
        actor=w.alice, room_id=w.lounge, name="salon 沙龙", topic="new")),
    ("room_update", "archived", "bob", lambda w: room_update(actor=w.alice, room_id=w.lounge, archived=True)),
    ("direct_open", "the one who opens", "alice", lambda w: direct_open(actor=w.alice, user_id=w.bob.pk)),
    ("direct_open", "the other one", "bob", lambda w: direct_open(actor=w.alice, user_id=w.bob.pk)),
    ("direct_open", "notes to oneself", "bob", lambda w: direct_open(actor=w.bob, user_id=w.bob.pk)),
    ("room_join", "the one who joins", "mallory", lambda w: room_join(actor=w.mallory, room_id=w.lounge)),
    ("room_join", "those who are there", "alice", lambda w: room_join(actor=w.mallory, room_id=w.lounge)),
    ("member_add", "the one who is added, and then a message", "mallory", lambda w: [
        member_add(actor=w.alice, room_id=w.lounge, user_id=w.mallory.pk), w.say(w.bob)]),
    ("member_add", "those who are there", "bob", lambda w: member_add(
        actor=w.alice, room_id=w.lounge, user_id=w.mallory.pk)),
    ("member_add", "out and in again", "bob", lambda w: [
        w.say(w.alice), member_remove(actor=w.alice, room_id=w.lounge, user_id=w.bob.pk), w.say(w.alice),
        member_add(actor=w.alice, room_id=w.lounge, user_id=w.bob.pk), w.say(w.alice)]),
    ("member_add", "somebody else is out and in again", "carol", lambda w: [
        member_remove(actor=w.alice, room_id=w.lounge, user_id=w.bob.pk),
        member_add(actor=w.alice, room_id=w.lounge, user_id=w.bob.pk)]),
    ("member_remove", "the one who is removed", "bob", lambda w: [
        member_remove(actor=w.alice, room_id=w.lounge, user_id=w.bob.pk), w.say(w.alice)]),
    ("member_remove", "those who stay", "carol", lambda w: member_remove(
        actor=w.alice, room_id=w.lounge, user_id=w.bob.pk)),
    ("room_leave", "the one who leaves", "bob", lambda w: room_leave(actor=w.bob, room_id=w.lounge)),
    ("room_leave", "those who stay", "alice", lambda w: room_leave(actor=w.bob, room_id=w.lounge)),
    ("member_update", "the one whose role it is", "bob", lambda w: member_update(
        actor=w.alice, room_id=w.lounge, user_id=w.bob.pk, role="moderator")),
    ("member_update", "others", "carol", lambda w: [member_update(
        actor=w.alice, room_id=w.lounge, user_id=w.bob.pk, role=role) for role in ("moderator", "owner")]),
    ("member_update", "muted for an hour", "carol", lambda w: w.mute(w.carol)),
    ("member_update", "muted, as others see it, and speaking again", "bob", lambda w: [w.mute(w.carol), member_update(
        actor=w.alice, room_id=w.lounge, user_id=w.carol.pk, muted_until=None)]),
    ("ban_set", "the one who is banned", "bob", lambda w: [ban_set(
        actor=w.alice, room_id=w.lounge, user_id=w.bob.pk, reason="noise"), w.say(w.alice)]),
    ("ban_set", "those who stay", "carol", lambda w: ban_set(actor=w.alice, room_id=w.lounge, user_id=w.bob.pk)),
    ("room_update", "announcements only", "bob", lambda w: room_update(
        actor=w.alice, room_id=w.lounge, announcement=True, mention_room="leaders", description="what for")),
    ("room_update", "and back", "bob", lambda w: [room_update(
        actor=w.alice, room_id=w.lounge, announcement=on, mention_room=who)
        for on, who in ((True, "members"), (False, "auto"))]),
    ("group_open", "the one who opens", "alice", lambda w: w.group()),
    ("group_open", "one of the others, and a message", "carol", lambda w: w.say(w.bob, at=w.group())),
    ("group_open", "somebody leaves", "carol", lambda w: room_leave(actor=w.bob, room_id=w.group())),
    ("message_append", "one is addressed", "alice", lambda w: [w.say(w.bob, "@alice and @carol"), w.say(w.bob)]),
    ("message_append", "another one is addressed", "bob", lambda w: w.say(w.carol, "＠alice早上好")),
    ("message_append", "everybody is addressed", "carol", lambda w: [w.say(w.bob, "@room!"), w.say(w.carol, "@all")]),
    ("message_append", "addressed, and then an own message", "alice", lambda w: [
        w.say(w.bob, "@alice"), w.say(w.alice, "@alice yes")]),
    ("message_edit", "an edit addresses one", "alice", lambda w: message_edit(
        actor=w.carol, room_id=w.lounge, seq=3, text="@alice three")),
    ("message_edit", "an edit takes it back", "alice", lambda w: [message_edit(
        actor=w.carol, room_id=w.lounge, seq=3, text=text) for text in ("@alice three", "three")]),
    ("message_delete", "one that addressed everybody", "alice", lambda w: [
        w.say(w.bob, "@room"), w.say(w.bob, "@alice"), message_delete(actor=w.bob, room_id=w.lounge, seq=4)]),
    ("read_rewind", "unread again", "carol", lambda w: read_rewind(actor=w.carol, room_id=w.lounge, seq=0)),
    ("read_rewind", "and read again", "carol", lambda w: [
        read_rewind(actor=w.carol, room_id=w.lounge, seq=0), read(w.carol, w.lounge, 1)]),
    ("read_rewind", "then an own message", "carol", lambda w: [
        read_rewind(actor=w.carol, room_id=w.lounge, seq=1), w.say(w.carol)]),
    ("read_rewind", "with mentions", "alice", lambda w: [
        w.say(w.bob, "@alice"), read(w.alice, w.lounge, 4), read_rewind(actor=w.alice, room_id=w.lounge, seq=2)]),
    ("room_prefer", "favourite, folder, muted", "bob", lambda w: [
        room_prefer(actor=w.bob, room_id=w.lounge, favourite=True, folder="工作", notify="none", place=3),
        room_prefer(actor=w.bob, room_id=w.lounge, folder="")]),
    ("room_prefer", "others notice nothing", "alice", lambda w: room_prefer(
        actor=w.bob, room_id=w.lounge, favourite=True)),
    ("drafts_set", "kept", "bob", lambda w: [jot(w.bob, w.lounge, "d"), jot(w.bob, w.lounge, "dr", reply_to=2)]),
    ("drafts_set", "thrown away", "bob", lambda w: [jot(w.bob, w.lounge, "d"), jot(w.bob, w.lounge, "")]),
    ("drafts_set", "ended by sending", "bob", lambda w: [jot(w.bob, w.lounge, "d"), w.say(w.bob, "done")]),
    ("drafts_set", "not ended by others", "bob", lambda w: [jot(w.bob, w.lounge, "d"), w.say(w.carol)]),
]  # fmt: skip

# What the client holds already, and then happens.
LATER: list[tuple[str, str, str, Callable[[World], object], Callable[[World], object]]] = [
    ("message_delete", "a counted mention", "alice", lambda w: w.say(w.bob, "@alice"), lambda w: message_delete(
        actor=w.bob, room_id=w.lounge, seq=4)),
    ("message_edit", "a counted mention is taken back", "alice", lambda w: w.say(w.bob, "@alice"), lambda w:
        message_edit(actor=w.bob, room_id=w.lounge, seq=4, text="nothing")),
    ("message_edit", "everybody becomes one", "carol", lambda w: [w.say(w.bob, "@room"), w.say(w.bob, "@carol")],
        lambda w: message_edit(actor=w.bob, room_id=w.lounge, seq=4, text="@alice")),
    ("reads_mark", "mentions are read", "alice", lambda w: [w.say(w.bob, "@alice"), w.say(w.bob, "@room")],
        lambda w: read(w.alice, w.lounge, 4)),
    ("drafts_set", "held, and ended by sending", "bob", lambda w: jot(w.bob, w.lounge, "d"), lambda w: w.say(w.bob)),
    ("room_prefer", "back to what it was", "bob", lambda w: room_prefer(
        actor=w.bob, room_id=w.lounge, favourite=True, folder="f"),
        lambda w: room_prefer(actor=w.bob, room_id=w.lounge, favourite=False, folder="")),
    ("rooms_inherit", "the one to whom it falls", "bob", lambda w: w.orphan(), lambda w: rooms_inherit(
        users=[w.alice])),
    ("rooms_inherit", "others", "carol", lambda w: w.orphan(), lambda w: rooms_inherit(users=[w.alice])),
    ("read_rewind", "twice", "carol", lambda w: read_rewind(actor=w.carol, room_id=w.lounge, seq=2),
        lambda w: read_rewind(actor=w.carol, room_id=w.lounge, seq=1)),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "name", "who", "act"), CASES, ids=[f"{case[0]}: {case[1]}" for case in CASES])
def test_what_a_client_holds_is_what_it_would_read_afresh(
    world: World, verb: str, name: str, who: str, act: Callable[[World], object]
) -> None:
    converges(verb, name, getattr(world, who), lambda: act(world))


@pytest.mark.parametrize(
    ("verb", "name", "who", "before", "act"), LATER, ids=[f"{case[0]}: {case[1]}" for case in LATER]
)
def test_what_it_held_before_counts(
    world: World,
    verb: str,
    name: str,
    who: str,
    before: Callable[[World], object],
    act: Callable[[World], object],
) -> None:
    before(world)
    converges(verb, name, getattr(world, who), lambda: act(world))


def _much(w: World) -> None:
    """Everything at once: most of it collapses in a replay."""
    den = int(room_create(actor=w.alice, kind="private", name="den").id)
    w.say(w.alice, "four")
    w.say(w.bob, "five")
    message_edit(actor=w.alice, room_id=w.lounge, seq=4, text="vier")
    message_edit(actor=w.alice, room_id=w.lounge, seq=4, text="quatre")
    message_delete(actor=w.carol, room_id=w.lounge, seq=3)
    w.say(w.bob, "six")
    w.say(w.alice, "seven")
    message_delete(actor=w.bob, room_id=w.lounge, seq=6)
    room_update(actor=w.alice, room_id=w.lounge, topic="once")
    member_remove(actor=w.alice, room_id=w.lounge, user_id=w.carol.pk)
    member_add(actor=w.alice, room_id=w.lounge, user_id=w.mallory.pk)
    member_add(actor=w.alice, room_id=w.lounge, user_id=w.carol.pk)
    room_update(actor=w.alice, room_id=w.lounge, topic="twice")
    for role in ("moderator", "owner", "moderator"):
        member_update(actor=w.alice, room_id=w.lounge, user_id=w.bob.pk, role=role)
    member_remove(actor=w.alice, room_id=w.lounge, user_id=w.mallory.pk)
    read(w.bob, w.lounge, 5)
    read_rewind(actor=w.bob, room_id=w.lounge, seq=3)
    room_prefer(actor=w.bob, room_id=w.lounge, favourite=True, notify="mentions")
    jot(w.carol, w.lounge, "begun")
    w.mute(w.carol)
    w.say(w.alice, "eight for @bob and @room")
    message_edit(actor=w.alice, room_id=w.lounge, seq=1, text="eins")
    w.say(w.alice, "den", at=den)


def _replayed(reader: User, old: dict[str, Any], *, rooms_first: bool) -> list[dict[str, Any]]:
    me = f"user:{reader.pk}"
    wants = {f"room:{room_id}": held["cursor"] for room_id, held in old["rooms"].items()}
    replays = log.replay(Identity(user=str(reader.pk), device=""), {me: old["rev"], **wants}, 2000)
    own = [frame(event, event.frame_id) for event in replays.pop(me).events]
    frames = []
    for topic, replay in replays.items():
        room_id = topic.removeprefix("room:")
        if replay.state == "ok":
            frames += [frame(event, event.frame_id) for event in replay.events]
            synced = RoomSynced(room=room_id, prev=replay.since, rev=replay.head)
            frames.append(frame(synced, f"{room_id}.{replay.head}.synced"))
    return frames + own if rooms_first else own + frames


@pytest.mark.parametrize("rooms_first", [False, True], ids=["own log first", "rooms first"])
@pytest.mark.parametrize("who", ["alice", "bob", "carol", "mallory"])
def test_a_replay_of_much_gives_what_a_fresh_read_gives(world: World, who: str, rooms_first: bool) -> None:
    reader = getattr(world, who)
    name = f"{who}, {'rooms' if rooms_first else 'own log'} first"
    converges(
        "replay", name, reader, lambda: _much(world), frames=lambda old: _replayed(reader, old, rooms_first=rooms_first)
    )


def test_a_replay_in_small_steps_gives_the_same_as_in_one(world: World) -> None:
    reader, topic = world.bob, f"room:{world.lounge}"
    old = fresh(reader)
    _much(world)
    held, frames = old["rooms"][str(world.lounge)]["cursor"], []
    while True:
        replay = log.replay(Identity(user=str(reader.pk), device=""), {topic: held}, 2)[topic]
        assert len(replay.events) <= 2
        assert replay.head > held or not replay.more
        frames += [frame(event, event.frame_id) for event in replay.events]
        frames.append(frame(RoomSynced(room=str(world.lounge), prev=held, rev=replay.head), ""))
        held = replay.head
        if not replay.more:
            break
    assert held == head(world.lounge)[0]
    own = log.replay(Identity(user=str(reader.pk), device=""), {f"user:{reader.pk}": old["rev"]}, 100)
    frames += [frame(event, event.frame_id) for event in own[f"user:{reader.pk}"].events]
    assert fold(old, frames) == fresh(reader)


def test_the_comparison_notices_a_missing_event(world: World) -> None:
    old = fresh(world.alice)
    with module.heard() as events:
        world.say(world.bob)
        message_edit(actor=world.bob, room_id=world.lounge, seq=4, text="other")
    frames = sent(world.alice, old["rooms"], events)
    assert fold(old, frames) == fresh(world.alice)
    assert fold(old, frames[:1]) != fresh(world.alice)
    with pytest.raises(AssertionError, match="a gap"):
        fold(old, frames[1:])


def test_the_files_hold_exactly_the_cases_of_these_tests() -> None:
    wanted = {(case[0], case[1]) for case in (*CASES, *LATER)} | {
        ("replay", f"{who}, {first} first")
        for who in ("alice", "bob", "carol", "mallory")
        for first in ("rooms", "own log")
    }
    kept = {
        (stored["verb"], case["name"])
        for path in module.VECTORS.glob("*.json")
        for stored in [json.loads(path.read_text())]
        for case in stored["cases"]
    }
    assert kept == wanted
