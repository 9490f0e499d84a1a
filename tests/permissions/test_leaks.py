"""The table can fail: leaks that are planted are found, in the cells where they are."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models import BooleanField, IntegerField, Value

from accounts.models import PersonHead, User
from chat import policies
from chat.models import Membership, Room
from chat.selectors import access
from realtime.protocol.errors import Forbidden
from tests.permissions import cells, table
from tests.permissions.cells import Cell
from tests.permissions.judge import Door
from tests.permissions.people import Cast
from tests.permissions.stage import Stage

pytestmark = pytest.mark.django_db


class Theatre:
    """A room, and what is wrong of some of its cells."""

    def __init__(self, kind: str) -> None:
        cache.clear()
        cast = Cast(table.ROOM_COLUMNS)
        self.stage = Stage(kind, cast)
        cast.close()
        self.kind, self.door = kind, Door(cast)

    def wrong(self, chosen: Callable[[Cell], bool]) -> set[tuple[str, str]]:
        """(what, who) of the cells that are not as the table says, of those chosen."""
        some = [cell for cell in cells.ROOMS[self.kind] if chosen(cell)]
        assert some, "nothing is chosen"
        said = self.door.room(some, self.stage)
        return {(cell.row.label, cell.who) for cell in some if any(line.startswith(f"{cell},") for line in said)}


def rows(*labels: str) -> Callable[[Cell], bool]:
    return lambda cell: cell.row.label in labels


def test_that_guests_may_browse_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    theatre, browse = Theatre("public"), rows("shows rooms/browse/")
    assert theatre.wrong(browse) == set()

    def everything(reader: User, text: str = "") -> Any:
        rooms = Room.objects.filter(kind="public", archived_at=None).order_by("name_key")
        return rooms.annotate(members=Value(1, IntegerField()), joined=Value(False, BooleanField()))

    monkeypatch.setattr("chat.api.rooms.joinable", everything)
    assert theatre.wrong(browse) == {("shows rooms/browse/", who) for who in ("outsider", "guest", "ousted")}


def test_that_removed_members_may_read_the_past_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    theatre = Theatre("private")
    reading = rows(
        "GET rooms/{room}/messages/", "GET rooms/{room}/messages/{seq}/", "GET rooms/{room}/messages/{seq}/history/"
    )
    assert theatre.wrong(reading) == set()

    def once(*, room_id: int, user_id: int) -> Membership | None:
        return Membership.objects.select_related("room__head").filter(room_id=room_id, user_id=user_id).first()

    monkeypatch.setattr(access, "stint", once)
    monkeypatch.setattr(policies, "can_read", lambda person, membership, room: membership is not None)
    found = theatre.wrong(reading)
    assert {who for _what, who in found} == {"removed", "ousted", "banned"}
    assert len(found) == 9


@pytest.mark.parametrize("kind", ["private", "group"])
def test_that_browsing_names_hidden_rooms_is_found(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    theatre, browse = Theatre(kind), rows("shows rooms/browse/")
    assert theatre.wrong(browse) == set()

    def everything(reader: User, text: str = "") -> Any:
        rooms = Room.objects.order_by("pk")
        return rooms.annotate(members=Value(1, IntegerField()), joined=Value(False, BooleanField()))

    monkeypatch.setattr("chat.api.rooms.joinable", everything)
    assert ("shows rooms/browse/", "stranger") in theatre.wrong(browse)


def test_that_a_search_finds_people_a_guest_shares_nothing_with_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    theatre, people = Theatre("private"), rows("shows people/ (by name)", "shows people/ (by id)")
    assert theatre.wrong(people) == set()
    monkeypatch.setattr("chat.selectors.people.visible", lambda reader: User.objects.filter(is_active=True))
    assert theatre.wrong(people) == {("shows people/ (by name)", who) for who in ("outsider", "ousted")}


def test_that_a_refusal_tells_a_private_room_from_none_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    theatre, reading = Theatre("private"), rows("GET rooms/{room}/messages/", "message.send")
    assert theatre.wrong(reading) == set()
    hidden = access.no_such_room
    monkeypatch.setattr(policies, "can_find", lambda person, membership, room: True)
    assert ("GET rooms/{room}/messages/", "stranger") in theatre.wrong(reading)
    monkeypatch.undo()

    def worded() -> Any:
        error = hidden()
        error.fields = {"room": [str(Room.objects.count())]}
        return error

    monkeypatch.setattr(access, "join_first", hidden)
    monkeypatch.setattr(policies, "can_join", lambda person, membership, room: False)
    assert theatre.wrong(reading) == set()
    monkeypatch.setattr(access, "no_such_room", worded)
    assert theatre.wrong(reading) == set(), "the same words for both are fine"
    told = access.refusals

    def unlike(strangers: Any) -> Any:
        return {
            pair: Forbidden("not yours") if Room.objects.filter(pk=pair[0]) else told([pair])[pair]
            for pair in strangers
        }

    monkeypatch.setattr(access, "refusals", unlike)
    assert ("message.send", "stranger") in theatre.wrong(reading)


def test_that_a_refusal_writes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    theatre, sending = Theatre("public"), rows("POST rooms/{room}/messages/")
    assert theatre.wrong(sending) == set()
    told = access.refusals

    def noted(strangers: Any) -> Any:
        PersonHead.objects.filter(pk__in=[user for _room, user in strangers]).update(rev=1000)
        return told(strangers)

    monkeypatch.setattr(access, "refusals", noted)
    assert ("POST rooms/{room}/messages/", "stranger") in theatre.wrong(sending)


def test_that_nobody_asks_for_bans_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    theatre = Theatre("public")
    coming = rows("POST rooms/{room}/join/", "POST rooms/join/", "POST rooms/{room}/memberships/ (the banned)")
    assert theatre.wrong(coming) == set()
    monkeypatch.setattr("chat.services.membership.standing_ban", lambda **_: None)
    found = theatre.wrong(coming)
    assert {("POST rooms/{room}/join/", "banned"), ("POST rooms/join/", "banned")} <= found
    assert ("POST rooms/{room}/memberships/ (the banned)", "owner") in found


def test_that_moderators_remove_owners_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    theatre, removing = Theatre("public"), rows("DELETE rooms/{room}/memberships/{user}/ (owner)")
    assert theatre.wrong(removing) == set()
    monkeypatch.setattr(
        policies,
        "can_remove_member",
        lambda person, membership, room, *, target: membership is not None and membership.role != "member",
    )
    assert ("DELETE rooms/{room}/memberships/{user}/ (owner)", "moderator") in theatre.wrong(removing)


def test_that_administrators_enter_private_rooms_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    theatre, looking = Theatre("private"), rows("GET rooms/{room}/", "GET rooms/{room}/memberships/")
    assert theatre.wrong(looking) == set()
    finds, manages = policies.can_find, lambda person, room: person.role in {"admin", "owner"}
    monkeypatch.setattr(policies, "can_manage", manages)
    monkeypatch.setattr(
        policies, "can_find", lambda person, membership, room: manages(person, room) or finds(person, membership, room)
    )
    assert theatre.wrong(looking) == {("GET rooms/{room}/", "admin"), ("GET rooms/{room}/memberships/", "admin")}
