"""Where people are signed in."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import desk
from accounts.admin.people import person_named
from accounts.desk import Deed, Page, chip, day, moment
from accounts.models import Device, User
from accounts.services import staff

desk.ACTIONS |= {"device.ended": _("ended sign-ins of")}

_KINDS = {
    Device.Kind.BROWSER: _("Browser"),
    Device.Kind.TOKEN: _("Signed-in program"),
    Device.Kind.API: _("API token"),
}


def _end(actor: User, rows: list[Device], given: dict[str, Any]) -> str:
    count = staff.sign_ins_end(actor=actor, device_ids=[row.pk for row in rows], reason=given["reason"])
    return ngettext("%d sign-in has ended.", "%d sign-ins have ended.", count) % count


@admin.register(Device)
class DevicePage(Page):
    title, place = _("Devices"), 2
    search_hint = _("Handle, or what the device is called")
    list_display = ("device", "whose", "kind_shown", "state", "began", "last_seen")
    search_fields = ("user__handle", "label")
    list_select_related = ("user",)
    ordering = ("-pk",)
    list_filter = (
        desk.about(_("Person"), "person", "user_id", person_named),
        desk.choice(
            _("State"),
            "state",
            lambda: {
                "live": (_("Signed in"), Q(ended_at=None)),
                "ended": (_("Ended"), Q(ended_at__isnull=False)),
            },
        ),
        desk.choice(_("Kind"), "kind", lambda: {value: (_KINDS[value], Q(kind=value)) for value in Device.Kind}),
    )
    facts = ("device", "whose", "kind_shown", "state", "began", "last_seen", "ended")
    deeds = {
        "end": Deed(
            label=_("End sign-in"),
            hint=_("Its connections close at once."),
            run=_end,
            danger=True,
            fits=lambda row: row.ended_at is None,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user")

    def called(self, row: Device) -> str:
        return f"{row.label or _KINDS[Device.Kind(row.kind)]} – {row.user}"

    @admin.display(description=_("Device"))
    def device(self, row: Device) -> str:
        return row.label or f"#{row.pk}"

    @admin.display(description=_("Person"))
    def whose(self, row: Device) -> str:
        return desk.person_link(row.user)

    @admin.display(description=_("Kind"))
    def kind_shown(self, row: Device) -> str:
        return str(_KINDS[Device.Kind(row.kind)])

    @admin.display(description=_("State"))
    def state(self, row: Device) -> str:
        return chip(_("Signed in"), "good") if row.ended_at is None else chip(_("Ended"))

    @admin.display(description=_("Began"))
    def began(self, row: Device) -> str:
        return moment(row.created_at)

    @admin.display(description=_("Last seen"))
    def last_seen(self, row: Device) -> str:
        return day(row.last_seen_at)

    @admin.display(description=_("Ended"))
    def ended(self, row: Device) -> str:
        return moment(row.ended_at)
