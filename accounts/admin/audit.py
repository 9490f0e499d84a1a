"""What staff did."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts import desk
from accounts.admin.people import person_named
from accounts.desk import Page, moment
from accounts.models import AuditEntry

_SUBJECTS = {"user": "accounts_user", "invitation": "accounts_invitation", "room": "chat_room"}


class SubjectFilter(admin.SimpleListFilter):
    """The entries about one thing: only there where a link brought one."""

    title = _("About")
    parameter_name = "subject"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        value = request.GET.get("subject", "")[:60]
        kind, _colon, number = value.partition(":")
        if not (kind in _SUBJECTS and number.isascii() and number.isdigit()):
            return []
        last = AuditEntry.objects.filter(subject_kind=kind, subject_id=number).order_by("-pk").first()
        return [(value, last.subject_name if last else value)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if not self.lookup_choices:
            return queryset
        kind, _colon, number = str(self.lookup_choices[0][0]).partition(":")
        return queryset.filter(subject_kind=kind, subject_id=number)


@admin.register(AuditEntry)
class AuditPage(Page):
    title, place = _("Audit trail"), 9
    search_hint = _("Handle of the person, what it was about, or the reason")
    list_display = ("when", "by", "what", "subject", "why")
    search_fields = ("actor__handle", "subject_name", "reason")
    ordering = ("-pk",)
    list_filter = (
        SubjectFilter,
        desk.about(_("By"), "person", "actor_id", person_named),
        desk.choice(
            _("What"), "what", lambda: {name: (label, Q(action=name)) for name, label in sorted(desk.ACTIONS.items())}
        ),
    )
    facts = ("when", "by", "what", "subject", "why", "details")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("actor")

    def called(self, row: AuditEntry) -> str:
        return f"{row.at:%Y-%m-%d} #{row.pk}"

    @admin.display(description=_("When"))
    def when(self, row: AuditEntry) -> str:
        return moment(row.at)

    @admin.display(description=_("By"))
    def by(self, row: AuditEntry) -> str:
        return desk.person_link(row.actor) if row.actor else str(_("the command line"))

    @admin.display(description=_("What"))
    def what(self, row: AuditEntry) -> str:
        return str(desk.ACTIONS.get(row.action, row.action))

    @admin.display(description=_("About"))
    def subject(self, row: AuditEntry) -> str:
        page = _SUBJECTS.get(row.subject_kind)
        if page is None or not row.subject_id.isdigit():
            return row.subject_name
        return desk.linked(reverse(f"admin:{page}_change", args=[row.subject_id]), row.subject_name)

    @admin.display(description=_("Reason"))
    def why(self, row: AuditEntry) -> str:
        return row.reason or "–"

    @admin.display(description=_("Details"))
    def details(self, row: AuditEntry) -> str:
        if not isinstance(row.detail, dict) or not row.detail:
            return "–"
        pairs = format_html_join("", "<li>{}: {}</li>", row.detail.items())
        return format_html('<ul class="plain">{}</ul>', pairs)
