"""Who may do what, cell by cell. Written by hand: it may not look at the policies."""

from collections.abc import Callable

import pytest

from accounts.models import User
from chat.selectors import access
from chat.services.membership import member_add, member_remove, member_update, room_join, room_leave
from chat.services.message import message_delete, message_edit
from chat.services.room import room_update
from realtime.protocol.errors import ParleyError
from tests.chat import direct, read, room, say
from tests.conftest import PASSWORD

# stranger: a member of the workspace; outsider: a guest who is not in the room; removed: was a member of the room.
WHO = ("stranger", "outsider", "removed", "guest", "member", "moderator", "owner")
OK, NO, HIDDEN, CLASH = "ok", "forbidden", "not_found", "conflict"

PUBLIC = {
    # verb            stranger, outsider, removed, guest,  member, moderator, owner
    "find":            (OK,     HIDDEN,   OK,      OK,     OK,     OK,        OK),
    "read":            (NO,     HIDDEN,   NO,      OK,     OK,     OK,        OK),
    "send":            (NO,     HIDDEN,   NO,      OK,     OK,     OK,        OK),
    "mark":            (NO,     HIDDEN,   NO,      OK,     OK,     OK,        OK),
    "edit own":        (NO,     HIDDEN,   NO,      OK,     OK,     OK,        OK),
    "edit another's":  (NO,     HIDDEN,   NO,      NO,     NO,     NO,        NO),
    "delete own":      (NO,     HIDDEN,   NO,      OK,     OK,     OK,        OK),
    "delete another's":(NO,     HIDDEN,   NO,      NO,     NO,     OK,        OK),
    "change settings": (NO,     HIDDEN,   NO,      NO,     NO,     OK,        OK),
    "archive":         (NO,     HIDDEN,   NO,      NO,     NO,     NO,        OK),
    "join":            (OK,     HIDDEN,   OK,      OK,     OK,     OK,        OK),
    "leave":           (NO,     HIDDEN,   NO,      OK,     OK,     OK,        CLASH),
    "add":             (NO,     HIDDEN,   NO,      HIDDEN, OK,     OK,        OK),
    "add a guest":     (NO,     HIDDEN,   NO,      HIDDEN, NO,     OK,        OK),
    "remove a member": (NO,     HIDDEN,   NO,      NO,     NO,     OK,        OK),
    "remove a moderator": (NO,  HIDDEN,   NO,      NO,     NO,     NO,        OK),
    "remove an owner": (NO,     HIDDEN,   NO,      NO,     NO,     NO,        NO),
    "change a role":   (NO,     HIDDEN,   NO,      NO,     NO,     NO,        OK),
}  # fmt: skip

PRIVATE = PUBLIC | {
    verb: (HIDDEN, HIDDEN, HIDDEN, *cells[3:]) for verb, cells in PUBLIC.items()
} | {
    "add":             (HIDDEN, HIDDEN,   HIDDEN,  HIDDEN, NO,     OK,        OK),
}  # fmt: skip

# In a direct conversation there are only the two, both plain members; nobody was ever removed.
DIRECT = {
    "find":            (HIDDEN, HIDDEN,   None,    None,   OK,     None,      None),
    "read":            (HIDDEN, HIDDEN,   None,    None,   OK,     None,      None),
    "send":            (HIDDEN, HIDDEN,   None,    None,   OK,     None,      None),
    "mark":            (HIDDEN, HIDDEN,   None,    None,   OK,     None,      None),
    "edit own":        (HIDDEN, HIDDEN,   None,    None,   OK,     None,      None),
    "edit another's":  (HIDDEN, HIDDEN,   None,    None,   NO,     None,      None),
    "delete own":      (HIDDEN, HIDDEN,   None,    None,   OK,     None,      None),
    "delete another's":(HIDDEN, HIDDEN,   None,    None,   NO,     None,      None),
    "change settings": (HIDDEN, HIDDEN,   None,    None,   NO,     None,      None),
    "archive":         (HIDDEN, HIDDEN,   None,    None,   NO,     None,      None),
    "join":            (HIDDEN, HIDDEN,   None,    None,   OK,     None,      None),
    "leave":           (HIDDEN, HIDDEN,   None,    None,   CLASH,  None,      None),
    "add":             (HIDDEN, HIDDEN,   None,    None,   NO,     None,      None),
    "add a guest":     (HIDDEN, HIDDEN,   None,    None,   NO,     None,      None),
    "remove a member": (HIDDEN, HIDDEN,   None,    None,   NO,     None,      None),
    "change a role":   (HIDDEN, HIDDEN,   None,    None,   NO,     None,      None),
}  # fmt: skip

CELLS = [
    (kind, verb, who, answer)
    for kind, table in (("public", PUBLIC), ("private", PRIVATE), ("direct", DIRECT))
    for verb, answers in table.items()
    for who, answer in zip(WHO, answers, strict=True)
    if answer is not None
]


class Stage:
    """One room of a kind, with somebody in every position."""

    def __init__(self, kind: str) -> None:
        self.people = {who: self._person(who, guest=who in {"outsider", "guest"}) for who in WHO}
        self.other, self.visitor = self._person("other"), self._person("visitor", guest=True)
        self.second = self._person("second")
        owner = self.people["owner"]
        if kind == "direct":
            self.room = direct(self.people["member"], self.other)
            inside = ["member"]
        else:
            self.room = room(owner, self.people["guest"], self.people["member"], self.people["removed"], self.other,
                             kind=kind, name="stage", moderators=[self.people["moderator"], self.second])  # fmt: skip
            inside = ["guest", "member", "moderator", "owner", "removed"]
        say(self.other, self.room, "another's")
        self.own = {who: say(self.people[who], self.room, "own").seq for who in inside}
        if kind != "direct":
            member_remove(actor=owner, room_id=self.room, user_id=self.people["removed"].pk)

    def _person(self, name: str, *, guest: bool = False) -> User:
        role = User.Role.GUEST if guest else User.Role.MEMBER
        return User.objects.create_user(name, f"{name}@example.org", PASSWORD, role=role)

    def do(self, verb: str, who: str) -> object:
        actor, at = self.people[who], self.room
        own = self.own.get(who, 1)
        verbs: dict[str, Callable[[], object]] = {
            "find": lambda: access.found(person=actor, room_id=at),
            "read": lambda: access.entered(person=actor, room_id=at),
            "send": lambda: say(actor, at),
            "mark": lambda: read(actor, at, 1),
            "edit own": lambda: message_edit(actor=actor, room_id=at, seq=own, text="x"),
            "edit another's": lambda: message_edit(actor=actor, room_id=at, seq=1, text="x"),
            "delete own": lambda: message_delete(actor=actor, room_id=at, seq=own),
            "delete another's": lambda: message_delete(actor=actor, room_id=at, seq=1),
            "change settings": lambda: room_update(actor=actor, room_id=at, topic="x"),
            "archive": lambda: room_update(actor=actor, room_id=at, archived=True),
            "join": lambda: room_join(actor=actor, room_id=at),
            "leave": lambda: room_leave(actor=actor, room_id=at),
            "add": lambda: member_add(actor=actor, room_id=at, user_id=self.people["stranger"].pk),
            "add a guest": lambda: member_add(actor=actor, room_id=at, user_id=self.visitor.pk),
            "remove a member": lambda: member_remove(actor=actor, room_id=at, user_id=self.other.pk),
            "remove a moderator": lambda: member_remove(actor=actor, room_id=at, user_id=self.second.pk),
            "remove an owner": lambda: member_remove(actor=actor, room_id=at, user_id=self.people["owner"].pk),
            "change a role": lambda: member_update(actor=actor, room_id=at, user_id=self.other.pk, role="moderator"),
        }
        return verbs[verb]()


@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "verb", "who", "answer"), CELLS, ids=[" ".join(cell) for cell in CELLS])
def test_every_cell_of_the_table(kind: str, verb: str, who: str, answer: str) -> None:
    stage = Stage(kind)
    assert _answer(lambda: stage.do(verb, who)) == answer


def _answer(call: Callable[[], object]) -> str:
    try:
        call()
    except ParleyError as error:
        return error.code
    return OK


@pytest.mark.django_db
@pytest.mark.parametrize("verb", PRIVATE)
def test_a_hidden_room_and_no_room_are_answered_alike(verb: str) -> None:
    stage, errors = Stage("private"), []
    for at in (stage.room, 2**50):
        stage.room = at
        with pytest.raises(ParleyError) as caught:
            stage.do(verb, "stranger")
        errors.append(caught.value.as_dict())
    assert errors[0] == errors[1]


@pytest.mark.django_db
@pytest.mark.parametrize("verb", ["find", "read", "send", "mark", "change settings", "leave", "add"])
def test_a_deactivated_person_may_nothing_even_where_she_is_the_owner(verb: str) -> None:
    stage = Stage("private")
    stage.people["owner"].is_active = False
    stage.people["owner"].save()
    with pytest.raises(ParleyError):
        stage.do(verb, "owner")
