"""Links into public rooms. What a link says is kept nowhere; those into other rooms are their business."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import desk
from accounts.desk import Deed, Page, chip, linked, moment
from accounts.models import User
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
class RoomLinkPage(Page):
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

    @admin.display(description=_("Room"))
    def where(self, row: RoomLink) -> str:
        return linked(reverse("admin:chat_room_change", args=[row.room_id]), staff.room_called(row.room))

    @admin.display(description=_("State"))
    def state(self, row: RoomLink) -> str:
        if row.revoked_at is not None:
            return chip(_("Revoked"))
        if row.expires_at is not None and row.expires_at <= timezone.now():
            return chip(_("Expired"))
        return chip(_("Used up")) if row.uses_left == 0 else chip(_("In force"), "good")

    @admin.display(description=_("Used"))
    def used(self, row: RoomLink) -> str:
        return f"{row.uses} / ∞" if row.uses_left is None else f"{row.uses} / {row.uses + row.uses_left}"

    @admin.display(description=_("Made by"))
    def by(self, row: RoomLink) -> str:
        return desk.person_link(row.created_by)

    @admin.display(description=_("Made"))
    def made(self, row: RoomLink) -> str:
        return moment(row.created_at)

    @admin.display(description=_("Valid until"))
    def expires(self, row: RoomLink) -> str:
        return moment(row.expires_at)
