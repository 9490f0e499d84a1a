"""Who is in public rooms. Who is in the others is nobody's business without a reason."""

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
from chat.admin.rooms import room_named
from chat.models import Membership
from chat.selectors import staff as seen
from chat.services import staff


def person_named(user_id: int) -> str | None:
    user = User.objects.filter(pk=user_id).first()
    return None if user is None else str(user)


def _remove(actor: User, rows: list[Membership], given: dict[str, Any]) -> str:
    stints = [(row.room_id, row.user_id) for row in rows]
    count = staff.members_remove(actor=actor, stints=stints, reason=given["reason"])
    return ngettext("%d person is removed.", "%d people are removed.", count) % count


@admin.register(Membership)
class MembershipPage(PersonColumns, Page):
    title, place = _("Memberships"), 6
    search_hint = _("Handle, or the room's name (public rooms only)")
    list_display = ("who", "where", "role_shown", "state", "muted")
    search_fields = ("user__handle", "room__name")
    ordering = ("-pk",)
    list_filter = (
        desk.about(_("Person"), "person", "user_id", person_named),
        desk.about(_("Room"), "room", "room_id", room_named),
        desk.choice(
            _("State"),
            "state",
            lambda: {
                "in": (_("In the room"), Q(left_rev=None)),
                "out": (_("Gone"), Q(left_rev__isnull=False)),
                "banned": (_("Banned"), Q(left_reason=Membership.Left.BANNED)),
                "muted": (_("Muted"), Q(left_rev=None, muted_until__gt=timezone.now())),
            },
        ),
        desk.choice(
            _("Role"), "role", lambda: {value: (label, Q(role=value)) for value, label in Membership.Role.choices}
        ),
    )
    facts = ("whose", "where", "role_shown", "state", "muted")
    deeds = {
        "remove": Deed(
            label=_("Remove from the room"),
            hint=_("They stop receiving anything from the room at once. They can join again by themselves."),
            run=_remove,
            danger=True,
            fits=lambda row: row.left_rev is None,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return seen.memberships()

    @admin.display(description=_("Role"))
    def role_shown(self, row: Membership) -> str:
        return str(Membership.Role(row.role).label)

    @admin.display(description=_("State"))
    def state(self, row: Membership) -> str:
        if row.left_rev is None:
            return chip(_("In the room"), "good")
        return chip(Membership.Left(row.left_reason).label if row.left_reason else _("Left"))

    @admin.display(description=_("Muted until"))
    def muted(self, row: Membership) -> str:
        return moment(row.muted_until)
