"""Rooms: that they exist, and what they are called. What is said in them is in `chat.admin.reading`."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import desk
from accounts.desk import Deed, DeedForm, Page, chip, day
from accounts.models import User
from chat.admin.reading import Reading
from chat.models import Room
from chat.selectors import staff as seen
from chat.services import staff
from chat.services.wording import NAME_MAX

desk.ACTIONS |= {
    "room.archived": _("archived the room"),
    "room.unarchived": _("unarchived the room"),
    "room.renamed": _("renamed the room"),
    "room.member_removed": _("removed somebody from the room"),
    "room.opened": _("gave a reason to read"),
    "room.read": _("read messages in"),
}


class NameForm(DeedForm):
    name = forms.CharField(label=_("Name"), max_length=NAME_MAX)
    field_order = ("name", "reason")


def _archive(actor: User, rows: list[Room], given: dict[str, Any]) -> str:
    ids = [row.pk for row in rows]
    count = staff.rooms_archive(actor=actor, room_ids=ids, archived=True, reason=given["reason"])
    return ngettext("%d room is archived.", "%d rooms are archived.", count) % count


def _unarchive(actor: User, rows: list[Room], given: dict[str, Any]) -> str:
    ids = [row.pk for row in rows]
    count = staff.rooms_archive(actor=actor, room_ids=ids, archived=False, reason=given["reason"])
    return ngettext("%d room is open again.", "%d rooms are open again.", count) % count


def _rename(actor: User, rows: list[Room], given: dict[str, Any]) -> str:
    staff.room_rename(actor=actor, room_id=rows[0].pk, name=given["name"], reason=given["reason"])
    return str(_("The room is renamed."))


def _public(row: Room) -> bool:
    return row.kind == Room.Kind.PUBLIC


@admin.register(Room)
class RoomPage(Page):
    title, place = _("Rooms"), 5
    search_hint = _("Name, or #number")
    subject_kind = "room"
    list_display = ("name_shown", "kind_shown", "state", "members", "last_message", "made")
    sortable_by = ("made",)
    search_fields = ("name",)
    ordering = ("-pk",)
    list_filter = (
        desk.choice(_("Kind"), "kind", lambda: {value: (label, Q(kind=value)) for value, label in Room.Kind.choices}),
        desk.choice(
            _("State"),
            "state",
            lambda: {
                "open": (_("Open"), Q(archived_at=None)),
                "archived": (_("Archived"), Q(archived_at__isnull=False)),
            },
        ),
    )
    facts = ("name_shown", "kind_shown", "state", "topic_shown", "members", "last_message", "made")
    deeds = {
        "rename": Deed(
            label=_("Rename"),
            hint=_("Everybody in the room sees the new name at once."),
            run=_rename,
            form=NameForm,
            single=True,
            fits=_public,
            initial=lambda row: {"name": row.name},
        ),
        "archive": Deed(
            label=_("Archive"),
            hint=_(
                "Everybody can still read the room, nobody can write in it. Only public rooms can be archived here."
            ),
            run=_archive,
            danger=True,
            fits=lambda row: _public(row) and row.archived_at is None,
        ),
        "unarchive": Deed(
            label=_("Open again"),
            hint=_("People can write in the room again."),
            run=_unarchive,
            fits=lambda row: _public(row) and row.archived_at is not None,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return seen.rooms()

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        """A number is what the address of a room ends with: how a conversation is found that somebody reports."""
        number = search_term.strip().removeprefix("#")
        if number.isascii() and number.isdigit() and len(number) < 19 and search_term.strip().startswith("#"):
            return queryset.filter(pk=int(number)), False
        return super().get_search_results(request, queryset, search_term)

    def get_urls(self) -> list[Any]:
        reading = Reading(self)
        read = self.admin_site.admin_view(reading.read)
        shut = self.admin_site.admin_view(reading.shut)
        return [
            path("<int:room_id>/read/", read, name="chat_room_read"),
            path("<int:room_id>/shut/", shut, name="chat_room_shut"),
            *super().get_urls(),
        ]

    def called(self, row: Room) -> str:
        return staff.room_called(row)

    def links(self, request: HttpRequest, row: Room) -> list[tuple[Any, str]]:
        reading = (_("Read the room"), reverse("admin:chat_room_read", args=[row.pk]))
        if not _public(row):
            return [reading]
        of = urlencode({"room": row.pk})
        return [
            reading,
            (_("Members"), f"{reverse('admin:chat_membership_changelist')}?{of}"),
            (_("Messages"), f"{reverse('admin:chat_message_changelist')}?{of}"),
            (_("Bans"), f"{reverse('admin:chat_ban_changelist')}?{of}"),
            (_("Room links"), f"{reverse('admin:chat_roomlink_changelist')}?{of}"),
        ]

    @admin.display(description=_("Room"))
    def name_shown(self, row: Room) -> str:
        return format_html('<b>{}</b> <span class="quiet">#{}</span>', staff.room_called(row), row.pk)

    @admin.display(description=_("Kind"))
    def kind_shown(self, row: Room) -> str:
        return str(Room.Kind(row.kind).label)

    @admin.display(description=_("State"))
    def state(self, row: Room) -> str:
        return chip(_("Open"), "good") if row.archived_at is None else chip(_("Archived"))

    @admin.display(description=_("Topic"))
    def topic_shown(self, row: Room) -> str:
        return (row.topic or "–") if _public(row) else str(_("Not shown: the room is not public."))

    @admin.display(description=_("People"))
    def members(self, row: Room) -> str:
        return str(row.members)  # type: ignore[attr-defined]

    @admin.display(description=_("Last message"))
    def last_message(self, row: Room) -> str:
        return day(row.last_at)  # type: ignore[attr-defined]

    @admin.display(description=_("Made"), ordering="pk")
    def made(self, row: Room) -> str:
        return day(row.created_at)


def room_named(room_id: int) -> str | None:
    """What the filter by a room says; nothing of those that are not public, which it does not filter by either."""
    room = Room.objects.filter(pk=room_id, kind=Room.Kind.PUBLIC).first()
    return None if room is None else staff.room_called(room)
