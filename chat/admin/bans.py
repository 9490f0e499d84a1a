"""Who may not come back into public rooms, and why. Bans from other rooms are their business."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import desk
from accounts.desk import Deed, Page, chip, moment
from accounts.models import User
from chat.admin.columns import PersonColumns
from chat.admin.memberships import person_named
from chat.admin.rooms import room_named
from chat.models import Ban
from chat.selectors import staff as seen
from chat.selectors.bans import holding
from chat.services import staff

desk.ACTIONS |= {"room.ban_lifted": _("lifted a ban from the room")}


def _lift(actor: User, rows: list[Ban], given: dict[str, Any]) -> str:
    bans = [(row.room_id, row.user_id) for row in rows]
    count = staff.bans_lift(actor=actor, bans=bans, reason=given["reason"])
    return ngettext("%d ban is lifted.", "%d bans are lifted.", count) % count


@admin.register(Ban)
class BanPage(PersonColumns, Page):
    title, place = _("Bans"), 8
    search_hint = _("Handle, or the room's name (public rooms only)")
    list_display = ("who", "where", "state", "why", "by", "made", "ends")
    search_fields = ("user__handle", "room__name")
    ordering = ("-pk",)
    list_filter = (
        desk.about(_("Person"), "person", "user_id", person_named),
        desk.about(_("Room"), "room", "room_id", room_named),
        desk.choice(
            _("State"),
            "state",
            lambda: {
                "standing": (_("Holds"), holding()),
                "over": (_("Over"), Q(lifted_at=None, until__lte=timezone.now())),
                "lifted": (_("Lifted"), Q(lifted_at__isnull=False)),
            },
        ),
    )
    facts = ("whose", "where", "state", "why", "by", "made", "ends", "lifted")
    deeds = {
        "lift": Deed(
            label=_("Lift ban"),
            hint=_("They may come back by themselves; nobody is brought back."),
            run=_lift,
            fits=lambda row: row.lifted_at is None,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return seen.bans()

    @admin.display(description=_("State"))
    def state(self, row: Ban) -> str:
        if row.lifted_at is not None:
            return chip(_("Lifted"))
        if row.until is not None and row.until <= timezone.now():
            return chip(_("Over"))
        return chip(_("Holds"), "danger")

    @admin.display(description=_("Reason"))
    def why(self, row: Ban) -> str:
        return row.reason or "–"

    @admin.display(description=_("Banned by"))
    def by(self, row: Ban) -> str:
        return desk.person_link(row.created_by)

    @admin.display(description=_("Made"))
    def made(self, row: Ban) -> str:
        return moment(row.created_at)

    @admin.display(description=_("Until"))
    def ends(self, row: Ban) -> str:
        return moment(row.until)

    @admin.display(description=_("Lifted"))
    def lifted(self, row: Ban) -> str:
        if row.lifted_by is None:
            return "–"
        return f"{row.lifted_by} · {timezone.localtime(row.lifted_at):%Y-%m-%d %H:%M}"
