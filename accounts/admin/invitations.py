"""Links by which people sign up."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import desk, policies
from accounts.desk import Deed, LinkColumns, Page
from accounts.models import Invitation, User
from accounts.selectors.invitation import in_force, invitations
from accounts.services import staff
from realtime.protocol.errors import ParleyError

desk.ACTIONS |= {
    "invitation.made": _("made an invitation"),
    "invitation.revoked": _("revoked an invitation"),
}


def _withdraw(actor: User, rows: list[Invitation], given: dict[str, Any]) -> str:
    count = staff.invitations_withdraw(actor=actor, invitation_ids=[row.pk for row in rows], reason=given["reason"])
    return ngettext("%d invitation is revoked.", "%d invitations are revoked.", count) % count


class InviteForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"))
    email = forms.CharField(
        label=_("Only for this e-mail address"),
        required=False,
        max_length=254,
        widget=forms.EmailInput,
        help_text=_("The link is not sent: give it to the person yourself."),
    )
    days = forms.IntegerField(label=_("Valid for how many days"), min_value=1, max_value=90, initial=7)
    uses = forms.IntegerField(
        label=_("How many people may use it"),
        required=False,
        min_value=1,
        max_value=10_000,
        initial=1,
        help_text=_("Leave it empty for any number."),
    )

    def __init__(self, actor: User, data: Any = None) -> None:
        super().__init__(data)
        roles = [pair for pair in User.Role.choices if policies.can_invite(actor, role=pair[0])]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.fields["role"].initial = User.Role.MEMBER


@admin.register(Invitation)
class InvitationPage(LinkColumns, Page):
    title, place = _("Invitations"), 4
    search_hint = _("Handle of who made it, or e-mail address")
    subject_kind = "invitation"
    list_display = ("invitation", "role_shown", "for_whom", "state", "used", "by", "made", "expires")
    search_fields = ("created_by__handle", "email", "prefix__startswith")
    ordering = ("-pk",)
    list_filter = (
        desk.choice(
            _("State"),
            "state",
            lambda: {
                "open": (_("In force"), in_force()),
                "void": (_("No longer valid"), ~in_force() & Q(revoked_at=None)),
                "revoked": (_("Revoked"), Q(revoked_at__isnull=False)),
            },
        ),
        desk.choice(
            _("Role"),
            "role",
            lambda: {value: (label, Q(role=value)) for value, label in User.Role.choices if value != User.Role.OWNER},
        ),
    )
    facts = list_display
    deeds = {
        "revoke": Deed(
            label=_("Revoke invitation"),
            hint=_("Nobody can sign up with its link any more."),
            run=_withdraw,
            danger=True,
            fits=lambda row: row.revoked_at is None,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return invitations(desk.person(request))

    def called(self, row: Invitation) -> str:
        return f"{row.prefix}… ({row.get_role_display()})"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return policies.can_invite(desk.person(request))

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Make one. The link is in this answer and nowhere else, so there is no page to be sent to."""
        actor = desk.person(request)
        if not self.has_add_permission(request):
            raise Http404
        form = InviteForm(actor, request.POST if request.method == "POST" else None)
        made, link = None, ""
        if form.is_bound and form.is_valid():
            given = form.cleaned_data
            try:
                made, token = staff.invitation_make(
                    actor=actor,
                    role=given["role"],
                    email=given["email"],
                    life=timedelta(days=given["days"]),
                    uses=given["uses"],
                )
                link = request.build_absolute_uri(reverse("join", args=[token]))
            except ParleyError as error:
                desk.refuse(form, error)
        return self.shown(request, "admin/invite.html", form=form, made=made, link=link)

    @admin.display(description=_("Invitation"))
    def invitation(self, row: Invitation) -> str:
        return format_html("<code>{}…</code>", row.prefix)

    @admin.display(description=_("Role"))
    def role_shown(self, row: Invitation) -> str:
        return row.get_role_display()

    @admin.display(description=_("For"))
    def for_whom(self, row: Invitation) -> str:
        return row.email or str(_("Anybody with the link"))
