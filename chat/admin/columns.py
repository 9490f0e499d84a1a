"""Columns that pages share."""

from typing import Protocol

from django.contrib import admin
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts import desk
from accounts.desk import linked
from accounts.models import User
from chat.models import Room
from chat.services import staff


class InRoom(Protocol):
    """A row about a room."""

    room_id: int
    room: Room


class OfPerson(InRoom, Protocol):
    """A row about somebody in a room."""

    user: User


class RoomColumn:
    """Where."""

    @admin.display(description=_("Room"))
    def where(self, row: InRoom) -> str:
        return linked(reverse("admin:chat_room_change", args=[row.room_id]), staff.room_called(row.room))


class PersonColumns(RoomColumn):
    """Who, and where."""

    def called(self, row: OfPerson) -> str:
        return f"{row.user} – {staff.room_called(row.room)}"

    @admin.display(description=_("Person"))
    def who(self, row: OfPerson) -> str:
        return str(row.user)

    @admin.display(description=_("Person"))
    def whose(self, row: OfPerson) -> str:
        return desk.person_link(row.user)
