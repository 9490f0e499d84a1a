"""What tests of chat need: rooms, people in them, and short words for the verbs."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from accounts.models import User
from chat.models import Membership, Room
from chat.payloads import DraftState
from chat.services.draft import Jotting, drafts_set
from chat.services.membership import member_add, member_update, room_join
from chat.services.message import Appended, Draft, messages_append
from chat.services.read import Mark, Marked, reads_mark
from chat.services.room import direct_open, room_create
from realtime.protocol.errors import ParleyError


def room(owner: User, *people: User, kind: str = "private", name: str = "", moderators: Iterable[User] = ()) -> int:
    """A room with its owner and these people; its id."""
    entry = room_create(actor=owner, kind=kind, name=name or f"room {uuid4().hex[:8]}")
    for person in people:
        member_add(actor=owner, room_id=int(entry.id), user_id=person.pk)
    for person in moderators:
        member_add(actor=owner, room_id=int(entry.id), user_id=person.pk)
        member_update(actor=owner, room_id=int(entry.id), user_id=person.pk, role="moderator")
    return int(entry.id)


def direct(one: User, other: User) -> int:
    return int(direct_open(actor=one, user_id=other.pk).id)


def draft(author: User, room_id: int, text: str = "hi", *, client_id: UUID | None = None, **fields: Any) -> Draft:
    return Draft(author_id=author.pk, room_id=room_id, client_id=client_id or uuid4(), text=text, **fields)


def say(author: User, room_id: int, text: str = "hi", **fields: Any) -> Appended:
    """Send one message. Raises what it was refused with."""
    answer = messages_append(drafts=[draft(author, room_id, text, **fields)])[0]
    if isinstance(answer, ParleyError):
        raise answer
    return answer


def read(person: User, room_id: int, seq: int) -> Marked:
    """Mark one room as read. Raises what it was refused with."""
    answer = reads_mark(marks=[Mark(user_id=person.pk, room_id=room_id, seq=seq)])[0]
    if isinstance(answer, ParleyError):
        raise answer
    return answer


def jot(person: User, room_id: int, text: str, **fields: Any) -> DraftState:
    """Begin to write. Raises what it was refused with."""
    answer = drafts_set(jottings=[Jotting(user_id=person.pk, room_id=room_id, text=text, **fields)])[0]
    if isinstance(answer, ParleyError):
        raise answer
    return answer


def join(person: User, room_id: int) -> None:
    room_join(actor=person, room_id=room_id)


def open_stint(person: User, room_id: int) -> Membership:
    return Membership.objects.get(room_id=room_id, user=person, left_rev=None)


def head(room_id: int) -> tuple[int, int]:
    """(rev, last_seq)."""
    at = Room.objects.get(pk=room_id).head
    return at.rev, at.last_seq
