"""Links into public rooms. What a link says is kept nowhere; those into other rooms are their business."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import desk
from accounts.desk import Deed, LinkColumns, Page
from accounts.models import User
from chat.admin.columns import RoomColumn
from chat.admin.memberships import person_named
from chat.admin.rooms import room_named
from chat.models import RoomLink
from chat.selectors import staff as seen
from chat.selectors.links import in_force
from chat.services import staff

desk.ACTIONS |= {"room.link_revoked": _("revoked a link into the room")}


def _revoke(actor: User, rows: list[RoomLink], given: dict[str, Any]) -> str:
    links = [(row.room_id, row.pk) for row in rows]
    count = staff.links_revoke(actor=actor, links=links, reason=given["reason"])
    return ngettext("%d link is revoked.", "%d links are revoked.", count) % count


@admin.register(RoomLink)
class RoomLinkPage(LinkColumns, RoomColumn, Page):
    title, place = _("Room links"), 8
    search_hint = _("Handle of who made it, or the room's name (public rooms only)")
    list_display = ("link", "where", "state", "used", "by", "made", "expires")
    search_fields = ("created_by__handle", "room__name")
    ordering = ("-pk",)
    list_filter = (
        desk.about(_("Made by"), "person", "created_by_id", person_named),
        desk.about(_("Room"), "room", "room_id", room_named),
        desk.choice(
            _("State"),
            "state",
            lambda: {
                "open": (_("In force"), in_force()),
                "void": (_("No longer valid"), ~in_force() & Q(revoked_at=None)),
                "revoked": (_("Revoked"), Q(revoked_at__isnull=False)),
            },
        ),
    )
    facts = list_display
    deeds = {
        "revoke": Deed(
            label=_("Revoke link"),
            hint=_("Nobody comes in by it any more; who came stays."),
            run=_revoke,
            danger=True,
            fits=lambda row: row.revoked_at is None,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return seen.links()

    def called(self, row: RoomLink) -> str:
        return f"#{row.pk} – {staff.room_called(row.room)}"

    @admin.display(description=_("Link"))
    def link(self, row: RoomLink) -> str:
        return f"#{row.pk}"
