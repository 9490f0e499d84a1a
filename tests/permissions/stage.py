"""One room of a kind, with somebody in every position, and what each row of the table asks of it."""

import json
from collections.abc import Callable
from datetime import timedelta
from secrets import token_hex
from typing import Any
from uuid import uuid4

from django.utils import timezone

from accounts.models import User
from accounts.services.token import token_issue
from chat.models import Membership, Room
from chat.services.ban import ban_set
from chat.services.link import link_create
from chat.services.membership import member_remove, member_update, room_leave
from chat.services.message import Draft, message_edit, messages_append
from chat.services.room import direct_open, group_open, room_create, room_update
from realtime.protocol.errors import ParleyError
from tests.permissions.cells import Row
from tests.permissions.people import NOBODY, Cast

# Of whom a row speaks. `other`: a plain member. `prey`: another one, to ban. `second`, `third`: moderators. `coowner`
# may be removed, `keeper` stays an owner.
EXTRAS = ("other", "prey", "second", "third", "coowner", "keeper", "newcomer", "visitor", "alien")
SECRET = "the secret of"
FUTURE = 4_000_000_000_000


class Request:
    """What to ask of an endpoint below /api/v1/."""

    def __init__(self, method: str, path: str, body: Any = None) -> None:
        self.method, self.path, self.body = method, path, body
        if isinstance(body, bytes):
            self.kind, self.data = "image/png", body
        else:
            self.kind, self.data = "application/json", b"" if body is None else json.dumps(body).encode()


class Stage:
    """The room, its people, and the ids and words that requests need."""

    def __init__(self, kind: str, cast: Cast) -> None:
        self.kind, self.cast = kind, cast
        self.nonce = token_hex(3)
        self.name = f"stage {kind} {self.nonce}"
        self.extras = {name: self._extra(name) for name in EXTRAS}
        self.rooms: dict[str, int] = {}
        self.own: dict[str, int] = {}
        self.link = self.link_token = NOBODY
        build = {"direct": self._direct, "group": self._group}.get(kind, self._named)
        build()

    def _extra(self, name: str) -> User:
        role = User.Role.GUEST if name == "visitor" else User.Role.MEMBER
        return User.objects.create_user(f"{name}{self.nonce}", f"{name}{self.nonce}@example.org", role=role)

    @property
    def other(self) -> User:
        return self.extras["other"]

    def bearer(self, name: str) -> str:
        """New credentials of one of the others'."""
        return token_issue(user=self.extras[name], label="tests").access

    def room(self, who: str = "member") -> str:
        """The room that is meant when she asks: in direct conversations her own, if she has one."""
        return str(self.rooms.get(who, self.rooms["member"]))

    # ---- building

    def _named(self) -> None:
        users, extras = self.cast.users, self.extras
        owner = users["owner"]
        inside = ("guest", "member", "moderator", "owner", "removed", "ousted", "banned", "closed")
        people = [users[who] for who in inside if who in users and who != "owner"]
        people += [extras[name] for name in ("other", "prey", "second", "third", "coowner", "keeper")]
        entry = room_create(
            actor=owner,
            kind="private" if self.kind == "private" else "public",
            name=self.name,
            user_ids=[person.pk for person in people],
        )
        room = int(entry.id)
        self.rooms["member"] = room
        leads = [*(users[who] for who in ("moderator",) if who in users), extras["second"], extras["third"]]
        for person in leads:
            member_update(actor=owner, room_id=room, user_id=person.pk, role=Membership.Role.MODERATOR)
        for name in ("coowner", "keeper"):
            member_update(actor=owner, room_id=room, user_id=extras[name].pk, role=Membership.Role.OWNER)
        self._talk(room, [who for who in inside if who in users])
        for who in ("removed", "ousted"):
            if who in users:
                member_remove(actor=owner, room_id=room, user_id=users[who].pk)
        if "banned" in users:
            ban_set(actor=owner, room_id=room, user_id=users["banned"].pk, reason="the reason")
        # Called by name once they are out, or never were in, they are not addressed.
        self.say(self.other, room, " ".join(f"@{user.handle}" for user in users.values()))
        link = link_create(actor=owner, room_id=room)
        self.link, self.link_token = link.id, link.token or ""
        if self.kind == "archived":
            room_update(actor=owner, room_id=room, archived=True)
        if self.kind == "announcement":
            room_update(actor=owner, room_id=room, announcement=True)

    def _direct(self) -> None:
        for who in ("member", "guest", "closed"):
            room = int(direct_open(actor=self.other, user_id=self.cast.users[who].pk).id)
            self.rooms[who] = room
            self._talk(room, [who])
        # To whom it is closed, it is the member's.
        del self.rooms["closed"]

    def _group(self) -> None:
        inside = ("member", "guest", "removed", "ousted", "closed")
        people = [self.cast.users[who].pk for who in inside]
        room = int(group_open(actor=self.other, user_ids=people, name=self.name).id)
        self.rooms["member"] = room
        self._talk(room, list(inside))
        for who in ("removed", "ousted"):
            room_leave(actor=self.cast.users[who], room_id=room)

    def _talk(self, room: int, inside: list[str]) -> None:
        """Message 1 is another's, addresses everybody, was edited; then one of each; the last is another's again."""
        calls = " ".join(f"@{self.cast.users[who].handle}" for who in inside)
        secret = f"{SECRET} {self.name}"
        self.say(self.other, room, f"{calls} {secret}, first")
        message_edit(actor=self.other, room_id=room, seq=1, text=f"{calls} {secret}, edited")
        for who in inside:
            self.own[who] = self.say(self.cast.users[who], room, f"{secret}, by {who}")
        self.say(self.other, room, f"{secret}, last")

    @staticmethod
    def say(author: User, room: int, text: str) -> int:
        """Its seq."""
        draft = Draft(author_id=author.pk, room_id=room, client_id=uuid4(), text=text)
        answer = messages_append(drafts=[draft])[0]
        if isinstance(answer, ParleyError):
            raise answer
        return answer.seq

    # ---- asking

    def prepare(self, row: Row, who: str) -> bool:
        """Bring about what a row takes for granted; whether there was anything. Not by services: no log tells of it."""
        if row.variant == "(muted)":
            later = timezone.now() + timedelta(hours=1)
            Membership.objects.filter(room_id=self.room(who), left_rev=None).update(muted_until=later)
        elif row.variant == "(as those who lead may)":
            Room.objects.filter(pk=self.room(who)).update(mention_room=Room.MentionRoom.LEADERS)
        else:
            return False
        return True

    def request(self, row: Row, who: str, *, lost: bool = False, nobody: bool = False) -> Request:
        """What the row asks. `lost`: of a room (or by a link) that does not exist; `nobody`: about nobody there is."""
        label = f"{row.kind} {row.what}"
        person = self._whom(row)
        spoken = row.kind == "addresses"
        path = ("rooms/{room}/messages/" if spoken else row.what).format(
            room=NOBODY if lost else self.room(who),
            user=NOBODY if nobody else person,
            link=self.link,
            seq=self._seq(row, who),
        )
        if row.variant == "(since_rev)":
            path += "?since_rev=0"
        body = _BODIES.get(label, lambda *_: None)(self, row, NOBODY if nobody else person)
        if row.what.startswith("rooms/join/"):
            body = {"token": "x" * 32 if lost else self.link_token}
        return Request("POST" if spoken else row.kind, path, body)

    def _whom(self, row: Row) -> str:
        """The id of the person a row speaks of."""
        banned = self.cast.users.get("banned")
        if "(the banned)" in row.variant or (row.kind, row.what) == ("DELETE", "rooms/{room}/bans/{user}/"):
            return str(banned.pk) if banned is not None else str(self.extras["alien"].pk)
        bans = row.what.endswith("/bans/")
        named = self.kind not in {"direct", "group"}
        name = {
            "(a lead)": "third" if bans else "second",
            "(owner)": "coowner",
            "(a stranger)": "alien",
            "(a guest)": "visitor",
            "(a member)": "newcomer",
        }.get(row.variant, "prey" if bans and named else "other")
        return str(self.extras[name].pk)

    def _seq(self, row: Row, who: str) -> int:
        return self.own.get(who, 1) if row.variant == "(own)" else 1

    def command(self, row: Row, who: str, *, lost: bool = False) -> dict[str, Any]:
        """The payload of the row's command."""
        room = NOBODY if lost else self.room(who)
        return {"room": room, **_PAYLOADS[row.what](self, self._seq(row, who))}


def _archive(stage: Stage, row: Row, person: str) -> Any:
    return {
        "(topic)": {"topic": "another topic"},
        "(who may post)": {"mention_room": "leaders"},
        "(archived or not)": {"archived": stage.kind != "archived"},
    }[row.variant or "(topic)"]


_BODIES: dict[str, Callable[[Stage, Row, str], Any]] = {
    "PATCH rooms/{room}/": _archive,
    "POST rooms/{room}/links/": lambda *_: {},
    "PUT rooms/{room}/read/": lambda *_: {"seq": 1000},
    "POST rooms/{room}/read/rewind/": lambda *_: {"seq": 0},
    "PATCH rooms/{room}/preferences/": lambda *_: {"favourite": True},
    "PUT rooms/{room}/draft/": lambda *_: {"text": "begun"},
    "POST rooms/{room}/memberships/": lambda stage, row, person: {"user": person},
    "PATCH rooms/{room}/memberships/{user}/": lambda stage, row, person: (
        {"muted_until": FUTURE} if row.variant == "(mute)" else {"role": "moderator"}
    ),
    "POST rooms/{room}/bans/": lambda stage, row, person: {"user": person},
    "POST rooms/{room}/messages/": lambda *_: {"client_id": str(uuid4()), "text": "hello"},
    "addresses @room": lambda *_: {"client_id": str(uuid4()), "text": "@room hello"},
    "addresses @here": lambda *_: {"client_id": str(uuid4()), "text": "@here hello"},
    "PATCH rooms/{room}/messages/{seq}/": lambda *_: {"text": "other words"},
}

_PAYLOADS: dict[str, Callable[[Stage, int], dict[str, Any]]] = {
    "message.send": lambda stage, seq: {"client_id": str(uuid4()), "text": "hello"},
    "message.edit": lambda stage, seq: {"seq": seq, "text": f"other words {uuid4()}"},
    "message.delete": lambda stage, seq: {"seq": seq},
    "read.mark": lambda stage, seq: {"seq": 1000},
    "read.rewind": lambda stage, seq: {"seq": 0},
    "room.prefer": lambda stage, seq: {"favourite": True},
    "draft.set": lambda stage, seq: {"text": "begun"},
    "sync": lambda stage, seq: {"since": 0},
    "room.focus": lambda stage, seq: {},
    "typing.start": lambda stage, seq: {},
    "typing.stop": lambda stage, seq: {},
}
