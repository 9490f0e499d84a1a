"""The database: rooms and people as state logs, and the product's callables over them.

A callable is a generator; each `yield` ends a statement, and others commit between two statements. What is written
between two yields is one transaction, and is there at once or not at all.
"""

import copy
from collections.abc import Callable, Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from realtime.product import Credentials, Greeting, Heads, Identity, Product, Refused, Replay, Standing, Verb
from realtime.protocol.closes import Close
from realtime.protocol.errors import NotFound, ParleyError
from realtime.protocol.frames import Ack, Event

from . import events as ev

LATELY_S = 30.0
Statements = Generator[None, None, Any]


@dataclass
class Stint:
    user: str
    role: str
    joined_rev: int
    rev: int
    user_rev: int
    read_seq: int
    left_rev: int | None = None

    def shape(self) -> dict[str, Any]:
        return {
            "user": self.user,
            "role": self.role,
            "joined_rev": self.joined_rev,
            "rev": self.rev,
            "left_rev": self.left_rev,
        }


@dataclass
class Room:
    id: str
    rev: int = 0
    last_seq: int = 0
    floor: int = 0
    changed_at: float = 0.0
    settings: dict[str, Any] = field(default_factory=lambda: {"name": "", "rev": 0})
    messages: dict[int, dict[str, Any]] = field(default_factory=dict)
    stints: list[Stint] = field(default_factory=list)

    def open_stint(self, user: str) -> Stint | None:
        return next((stint for stint in self.stints if stint.user == user and stint.left_rev is None), None)

    def entry(self, stint: Stint) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.settings["name"],
            "role": stint.role,
            "joined_rev": stint.joined_rev,
            "rev": self.rev,
            "last_seq": self.last_seq,
            "read_seq": stint.read_seq,
        }


@dataclass
class Person:
    id: str
    rev: int = 0
    changed_at: float = 0.0
    active: bool = True
    devices: dict[str, int] = field(default_factory=dict)
    """device → user_rev of its end; 0 while it is good."""


@dataclass
class State:
    epoch: str = "epoch-1"
    rooms: dict[str, Room] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)


def each(read: Callable[[Any], Statements]) -> Any:
    """A read of many, one after the other; who is refused is answered with that."""

    def reads(asked: Sequence[Any]) -> Statements:
        answers: list[Any] = []
        for one in asked:
            try:
                answers.append((yield from read(one)))
            except (ParleyError, Refused) as error:
                answers.append(error)
        return answers

    return reads


class Database:
    """All state, the verbs that change it (each one transaction) and the product's reads."""

    heads_first = True
    """Planted otherwise: a replay that reads its rows before the head."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.state = State()
        self.sent: dict[tuple[str, str], tuple[int, int]] = {}
        self.kept: tuple[State, dict[Any, Any]] | None = None

    # ---- writing: each returns what is to be published

    def _rev(self, room: Room) -> int:
        room.rev += 1
        room.changed_at = self.clock()
        return room.rev

    def _user_rev(self, user: str) -> int:
        person = self.state.people[user]
        person.rev += 1
        person.changed_at = self.clock()
        return person.rev

    def _room_of(self, user: str, room_id: str) -> tuple[Room, Stint]:
        room = self.state.rooms.get(room_id)
        stint = room.open_stint(user) if room is not None else None
        if room is None or stint is None:
            raise NotFound("There is no such room.")
        return room, stint

    def send(self, user: str, room_id: str, client_id: str, text: str) -> tuple[Ack, list[Event]]:
        known = self.sent.get((user, client_id))
        if known is not None:
            return Ack(room=room_id, seq=known[0], rev=known[1], duplicate=True), []
        room, stint = self._room_of(user, room_id)
        rev = self._rev(room)
        room.last_seq += 1
        seq = stint.read_seq = room.last_seq
        row = {"seq": seq, "rev": rev, "created_rev": rev, "author": user, "client_id": client_id, "text": text}
        room.messages[seq] = row
        self.sent[user, client_id] = (seq, rev)
        event = ev.MessageCreated(room=room_id, prev=rev - 1, rev=rev, message=dict(row))
        return Ack(room=room_id, seq=seq, rev=rev), [event]

    def change(self, user: str, room_id: str, seq: int, text: str | None) -> tuple[Ack, list[Event]]:
        """Edit, or delete (no text)."""
        room, _stint = self._room_of(user, room_id)
        row = room.messages.get(seq)
        if row is None or "deleted" in row:
            raise NotFound("There is no such message.")
        row["rev"] = rev = self._rev(room)
        row["text"] = text or ""
        if text is None:
            row["deleted"] = True
        kind = ev.MessageDeleted if text is None else ev.MessageUpdated
        return Ack(room=room_id, seq=seq, rev=rev), [kind(room=room_id, prev=rev - 1, rev=rev, message=dict(row))]

    def read(self, user: str, room_id: str, seq: int) -> tuple[Ack, list[Event]]:
        room, stint = self._room_of(user, room_id)
        seq = min(seq, room.last_seq)
        if seq <= stint.read_seq:
            return Ack(room=room_id), []
        stint.read_seq = seq
        stint.user_rev = rev = self._user_rev(user)
        position = {"room": room_id, "read_seq": seq, "last_seq": room.last_seq}
        return Ack(room=room_id), [ev.UserState(user=user, prev=rev - 1, rev=rev, read=[position])]

    def rename(self, room_id: str, name: str) -> list[Event]:
        room = self.state.rooms[room_id]
        rev = self._rev(room)
        room.settings = {"name": name, "rev": rev}
        return [ev.RoomUpdated(room=room_id, prev=rev - 1, rev=rev, settings=dict(room.settings))]

    def join(self, room_id: str, user: str) -> list[Event]:
        room = self.state.rooms[room_id]
        if room.open_stint(user) or not self.state.people[user].active:
            return []
        user_rev, rev = self._user_rev(user), self._rev(room)
        stint = Stint(user, "member", rev, rev, user_rev, room.last_seq)
        room.stints.append(stint)
        return [
            ev.MemberJoined(room=room_id, prev=rev - 1, rev=rev, membership=stint.shape()),
            ev.UserState(user=user, prev=user_rev - 1, rev=user_rev, rooms=[room.entry(stint)]),
        ]

    def leave(self, room_id: str, user: str) -> list[Event]:
        room = self.state.rooms[room_id]
        stint = room.open_stint(user)
        if stint is None:
            return []
        stint.user_rev, rev = self._user_rev(user), self._rev(room)
        stint.rev = stint.left_rev = rev
        return [
            ev.MemberLeft(room=room_id, prev=rev - 1, rev=rev, membership=stint.shape()),
            ev.UserState(user=user, prev=stint.user_rev - 1, rev=stint.user_rev, left=[room_id]),
        ]

    def role(self, room_id: str, user: str, role: str) -> list[Event]:
        room = self.state.rooms[room_id]
        stint = room.open_stint(user)
        if stint is None:
            return []
        stint.user_rev, stint.rev, stint.role = self._user_rev(user), self._rev(room), role
        return [
            ev.MemberUpdated(room=room_id, prev=stint.rev - 1, rev=stint.rev, membership=stint.shape()),
            ev.UserState(user=user, prev=stint.user_rev - 1, rev=stint.user_rev, rooms=[room.entry(stint)]),
        ]

    def end_device(self, user: str, device: str) -> list[Event]:
        person = self.state.people[user]
        if person.devices[device]:
            return []
        person.devices[device] = rev = self._user_rev(user)
        return [ev.UserState(user=user, prev=rev - 1, rev=rev, ended=[device])]

    def deactivate(self, user: str) -> list[Event]:
        self.state.people[user].active = False
        rev = self._user_rev(user)
        return [ev.UserState(user=user, prev=rev - 1, rev=rev, disabled=True)]

    def purge(self, room_id: str) -> list[Event]:
        """What is below cannot be followed any more."""
        room = self.state.rooms[room_id]
        room.floor = room.rev
        return []

    def keep(self) -> None:
        """Make a backup."""
        self.kept = copy.deepcopy((self.state, self.sent))

    def restore(self) -> bool:
        """Go back to the backup, with another epoch."""
        if self.kept is None:
            return False
        epoch = self.state.epoch
        self.state, self.sent = copy.deepcopy(self.kept)
        self.state.epoch = f"epoch-{int(epoch.partition('-')[2]) + 1}"
        return True

    # ---- reading: what the engine asks

    def never(self, epoch: str) -> str:
        """No commit is ever lost here without another epoch."""
        raise AssertionError("nothing was lost")

    def was_in(self, user: str, room_id: str, rev: int) -> bool:
        """Whether a change at this rev lies in a stint of this person's."""
        return any(
            stint.user == user and stint.joined_rev <= rev and (stint.left_rev is None or rev <= stint.left_rev)
            for stint in self.state.rooms[room_id].stints
        )

    def authenticate(self, credentials: Credentials) -> Statements:
        user, _, device = (credentials.bearer or "").partition(".")
        yield
        self.judge(user, device)
        return Identity(user, device)

    def rooms_of(self, user: str) -> list[tuple[Room, Stint]]:
        rooms = ((room, room.open_stint(user)) for room in self.state.rooms.values())
        return [(room, stint) for room, stint in rooms if stint is not None]

    def judge(self, user: str, device: str) -> None:
        person = self.state.people[user]
        if not person.active:
            raise Refused(Close.ACCOUNT_DISABLED, "disabled")
        if person.devices[device]:
            raise Refused(Close.SESSION_REVOKED, "signed out")

    def topics(self, identity: Identity) -> Statements:
        self.judge(identity.user, identity.device)
        yield
        heads = {f"user:{identity.user}": self.state.people[identity.user].rev}
        yield
        return heads | {f"room:{room.id}": room.rev for room, _stint in self.rooms_of(identity.user)}

    def greeting(self, identity: Identity) -> Statements:
        epoch = self.state.epoch
        yield
        rev = self.state.people[identity.user].rev
        yield
        rooms = [room.entry(stint) for room, stint in self.rooms_of(identity.user)]
        heads = {f"user:{identity.user}": rev} | {f"room:{entry['id']}": entry["rev"] for entry in rooms}
        return Greeting(epoch=epoch, user=ev.UserState(user=identity.user, prev=0, rev=rev), rooms=rooms, heads=heads)

    def heads(self, names: Collection[str] | None) -> Statements:
        epoch = self.state.epoch
        yield
        since = self.clock() - LATELY_S
        revs = {f"room:{room.id}": (room.rev, room.changed_at) for room in self.state.rooms.values()}
        revs |= {f"user:{person.id}": (person.rev, person.changed_at) for person in self.state.people.values()}
        if names is None:
            return Heads(epoch, {name: rev for name, (rev, at) in revs.items() if at >= since})
        return Heads(epoch, {name: revs[name][0] for name in names if name in revs})

    def standing(self, topic: str, users: Collection[str]) -> Statements:
        yield
        kind, _, key = topic.partition(":")
        if kind == "user":
            return Standing(self.state.people[key].rev, frozenset(users))
        room = self.state.rooms[key]
        return Standing(room.rev, frozenset(user for user in users if room.open_stint(user)))

    def replay(self, reader: Identity | None, wants: Mapping[str, int], budget: int) -> Statements:
        rooms, answers = {}, {}
        rooms_first = {f"room:{room.id}": -room.changed_at for room in self.state.rooms.values()}
        for name in sorted(wants, key=lambda name: rooms_first.get(name, 0.0)):
            if name.startswith("user:"):
                answers[name] = yield from self._replay_person(name[5:], wants[name])
                continue
            room = self.state.rooms[name[5:]]
            if reader is not None and room.open_stint(reader.user) is None:
                answers[name] = Replay(since=wants[name], head=wants[name], state="gone")
            elif wants[name] > room.rev:
                answers[name] = Replay(since=wants[name], head=room.rev, state="reset", reason="cursor_above_head")
            elif wants[name] < room.floor:
                answers[name] = Replay(since=wants[name], head=room.rev, state="reset", reason="below_floor")
            else:
                rooms[name] = room.rev
        rows: dict[str, list[tuple[int, Any, dict[str, Any]]]] = {name: [] for name in rooms}
        for table in (self._messages, self._stints, self._settings):
            yield
            for name, head in rooms.items():
                rows[name] += table(name[5:], wants[name], head)
        if not self.heads_first:
            yield
            rooms = {name: self.state.rooms[name[5:]].rev for name in rooms}
        left = budget
        for name, head in rooms.items():
            changes = sorted(rows[name], key=lambda change: change[0])
            if len(rooms) > 1 and len(changes) > left:
                answers[name] = Replay(since=wants[name], head=head, state="reset", reason="too_far_behind")
                continue
            left -= len(changes)
            answers[name] = self._chain(name[5:], wants[name], head, changes, budget)
        return answers

    def _chain(self, room: str, since: int, head: int, changes: list[Any], budget: int) -> Replay:
        events: list[Event] = []
        at = since
        for rev, kind, shape in changes[:budget]:
            events.append(kind(room=room, prev=at, rev=rev, **shape))
            at = rev
        more = len(changes) > budget
        return Replay(since=since, head=at if more else head, events=events, more=more)

    def _messages(self, room: str, since: int, head: int) -> Iterable[tuple[int, Any, dict[str, Any]]]:
        for row in self.state.rooms[room].messages.values():
            if since < row["rev"] <= head:
                kind: Any = ev.MessageCreated if row["created_rev"] > since else ev.MessageUpdated
                yield row["rev"], ev.MessageDeleted if "deleted" in row else kind, {"message": dict(row)}

    def _stints(self, room: str, since: int, head: int) -> Iterable[tuple[int, Any, dict[str, Any]]]:
        for stint in self.state.rooms[room].stints:
            if since < stint.rev <= head:
                shape = {"membership": stint.shape()}
                if stint.joined_rev > since:
                    yield stint.joined_rev, ev.MemberJoined, shape
                if stint.left_rev is not None:
                    yield stint.left_rev, ev.MemberLeft, shape
                elif stint.rev > stint.joined_rev:
                    yield stint.rev, ev.MemberUpdated, shape

    def _settings(self, room: str, since: int, head: int) -> Iterable[tuple[int, Any, dict[str, Any]]]:
        settings = self.state.rooms[room].settings
        if since < settings["rev"] <= head:
            yield settings["rev"], ev.RoomUpdated, {"settings": dict(settings)}

    def whole_rows(self, stint: Stint, head: int) -> bool:
        """Planted otherwise: rows that moved on are left to what comes live."""
        return True

    def _replay_person(self, user: str, since: int) -> Statements:
        person = self.state.people[user]
        head = person.rev
        if since > head:
            return Replay(since=since, head=head, state="reset", reason="cursor_above_head")
        yield
        stints = [(room, stint) for room in self.state.rooms.values() for stint in room.stints if stint.user == user]
        # Also rows that moved on beyond the head: a read position that comes live does not carry the whole row.
        moved = sorted(
            ((room, stint) for room, stint in stints if since < stint.user_rev and self.whole_rows(stint, head)),
            key=lambda pair: pair[1].user_rev,
        )
        latest = {room.id: stint for room, stint in moved}
        still_open = [(room.id, stint.joined_rev) for room, stint in moved if stint.left_rev is None]
        yield
        ended = [device for device, rev in person.devices.items() if since < rev <= head]
        yield
        rooms = []
        for room_id, joined_rev in still_open:
            room = self.state.rooms[room_id]
            stint = room.open_stint(user)
            if stint is not None and stint.joined_rev == joined_rev:
                rooms.append(room.entry(stint))
        if head == since:
            return Replay(since=since, head=head)
        event = ev.UserState(
            user=user,
            prev=since,
            rev=head,
            rooms=rooms,
            left=[room_id for room_id, stint in latest.items() if stint.left_rev is not None],
            ended=ended,
            disabled=not person.active,
        )
        return Replay(since=since, head=head, events=[event])

    # ---- reading: what a client asks over HTTP

    def page(self, user: str, room_id: str) -> Statements:
        """The newest messages, the members, and the room itself: the head first, then each on its own."""
        room, _stint = self._room_of(user, room_id)
        rev = room.rev
        yield
        messages = [dict(row) for row in self.state.rooms[room_id].messages.values()]
        yield
        members = [stint.shape() for stint in self.state.rooms[room_id].stints if stint.left_rev is None]
        yield
        room, stint = self._room_of(user, room_id)
        return {"rev": rev, "messages": messages, "members": members, "entry": room.entry(stint)}

    # ---- the product

    def product(self, publish: Callable[[list[Event]], None]) -> Product:
        """The product of one process; `publish` takes what it commits."""

        def sends(items: Sequence[tuple[Identity, Any]]) -> Statements:
            yield
            answers: list[Ack | ParleyError] = []
            events: list[Event] = []
            for identity, command in items:
                try:
                    ack, news = self.send(identity.user, command.room, command.client_id, command.text)
                    events += news
                    answers.append(ack)
                except ParleyError as error:
                    answers.append(error)
            yield
            publish(events)
            return answers

        def reads(items: Sequence[tuple[Identity, Any]]) -> Statements:
            yield
            answers: list[Ack | ParleyError] = []
            events: list[Event] = []
            for identity, command in items:
                try:
                    ack, news = self.read(identity.user, command.room, command.seq)
                    events += news
                    answers.append(ack)
                except ParleyError as error:
                    answers.append(error)
            yield
            publish(events)
            return answers

        def change(identity: Identity, command: Any) -> Statements:
            yield
            ack, news = self.change(identity.user, command.room, command.seq, getattr(command, "text", None))
            yield
            publish(news)
            return ack

        def key(command: Any) -> str:
            return f"room:{command.room}"

        reading: Any = self
        return Product(
            authenticate=each(reading.authenticate),
            topics=each(reading.topics),
            greetings=each(reading.greeting),
            replays=lambda asked, budget: each(lambda one: reading.replay(*one, budget))(asked),
            heads=reading.heads,
            renew=reading.never,
            standing=reading.standing,
            may_watch=lambda identity, users: {identity.user} & set(users),
            may_speak=lambda identity, topic: True,
            verbs={
                "message.send": Verb(payload=ev.MessageSend, limit="send", key=key, batch=sends),  # type: ignore[arg-type]
                "message.edit": Verb(payload=ev.MessageEdit, limit="command", key=key, run=change),  # type: ignore[arg-type]
                "message.delete": Verb(payload=ev.MessageDelete, limit="command", key=key, run=change),  # type: ignore[arg-type]
                "read.mark": Verb(payload=ev.ReadMark, limit="command", key=key, batch=reads),  # type: ignore[arg-type]
            },
        )
