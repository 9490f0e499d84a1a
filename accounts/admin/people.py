"""People and bots."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import desk
from accounts.desk import Deed, DeedForm, Page, day
from accounts.models import Device, User
from accounts.services import staff
from accounts.services.audit import Subject

desk.ACTIONS |= {
    "user.deactivated": _("closed the account of"),
    "user.reactivated": _("opened the account of"),
    "user.role_set": _("changed the role of"),
    "user.signed_out": _("signed out everywhere"),
    "user.staff_given": _("opened the admin to"),
    "user.staff_taken": _("closed the admin to"),
}


class RoleForm(DeedForm):
    role = forms.ChoiceField(label=_("Role"), choices=User.Role.choices)
    field_order = ("role", "reason")


def _ids(rows: list[User]) -> list[int]:
    return [row.pk for row in rows]


def _seen(days: int) -> Exists:
    since = timezone.now() - timedelta(days=days)
    return Exists(Device.objects.filter(user_id=OuterRef("pk"), last_seen_at__gte=since))


def _deactivate(actor: User, rows: list[User], given: dict[str, Any]) -> str:
    count = staff.people_deactivate(actor=actor, user_ids=_ids(rows), reason=given["reason"])
    return ngettext("%d account is closed.", "%d accounts are closed.", count) % count


def _reactivate(actor: User, rows: list[User], given: dict[str, Any]) -> str:
    count = staff.people_reactivate(actor=actor, user_ids=_ids(rows), reason=given["reason"])
    return ngettext("%d account is open again.", "%d accounts are open again.", count) % count


def _role(actor: User, rows: list[User], given: dict[str, Any]) -> str:
    count = staff.people_role_set(actor=actor, user_ids=_ids(rows), role=given["role"], reason=given["reason"])
    return ngettext("The role of %d person is changed.", "The roles of %d people are changed.", count) % count


def _sign_out(actor: User, rows: list[User], given: dict[str, Any]) -> str:
    count = staff.people_sign_out(actor=actor, user_ids=_ids(rows), reason=given["reason"])
    return ngettext("%d sign-in has ended.", "%d sign-ins have ended.", count) % count


def _staff_give(actor: User, rows: list[User], given: dict[str, Any]) -> str:
    staff.person_staff_set(actor=actor, user_id=rows[0].pk, staff=True, reason=given["reason"])
    return str(_("This person may now open the admin."))


def _staff_take(actor: User, rows: list[User], given: dict[str, Any]) -> str:
    staff.person_staff_set(actor=actor, user_id=rows[0].pk, staff=False, reason=given["reason"])
    return str(_("This person may no longer open the admin."))


@admin.register(User)
class PeoplePage(Page):
    title, place = _("People"), 1
    search_hint = _("Handle, name or e-mail address")
    subject_kind = "user"
    list_display = ("who", "email_address", "standing", "joined", "last_seen")
    sortable_by = ("who", "joined")
    search_fields = ("handle", "display_name", "email")
    ordering = ("handle_key",)
    list_filter = (
        desk.choice(_("Role"), "role", lambda: {value: (label, Q(role=value)) for value, label in User.Role.choices}),
        desk.choice(
            _("Account"),
            "account",
            lambda: {
                "open": (_("Open"), Q(is_active=True)),
                "closed": (_("Closed"), Q(is_active=False)),
                "staff": (_("May open the admin"), Q(is_staff=True)),
                "bot": (_("Bot"), Q(is_bot=True)),
            },
        ),
        desk.choice(
            _("Last seen"),
            "seen",
            lambda: {
                "week": (_("Within a week"), Q(_seen(7))),
                "month": (_("Within a month"), Q(_seen(30))),
                "gone": (_("Not for three months"), ~Q(_seen(90))),
            },
        ),
    )
    facts = (
        "handle_shown",
        "name_shown",
        "email_address",
        "standing",
        "status_shown",
        "language_shown",
        "joined",
        "last_seen",
        "answers",
    )
    deeds = {
        "deactivate": Deed(
            label=_("Close account"),
            hint=_("Every sign-in, token and connection ends at once. What was written stays."),
            run=_deactivate,
            danger=True,
            fits=lambda row: row.is_active,
        ),
        "reactivate": Deed(
            label=_("Open account again"),
            hint=_("The person can sign in again. Earlier sign-ins stay ended."),
            run=_reactivate,
            fits=lambda row: not row.is_active,
        ),
        "role": Deed(
            label=_("Change role"),
            hint=_("Owners can give any role, administrators only those below their own."),
            run=_role,
            form=RoleForm,
            initial=lambda row: {"role": row.role},
        ),
        "sign-out": Deed(
            label=_("Sign out everywhere"),
            hint=_("Every device is signed out and every token revoked, at once."),
            run=_sign_out,
            fits=lambda row: row.is_active,
        ),
        "staff": Deed(
            label=_("Let them open the admin"),
            hint=_("This person will see these pages. What they may change here depends on their role."),
            run=_staff_give,
            single=True,
            fits=lambda row: row.is_active and not row.is_staff and not row.is_bot,
        ),
        "no-staff": Deed(
            label=_("Stop letting them open the admin"),
            hint=_("This person will no longer see these pages."),
            run=_staff_take,
            single=True,
            fits=lambda row: row.is_staff,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        seen = Device.objects.filter(user_id=OuterRef("pk")).order_by("-last_seen_at").values("last_seen_at")[:1]
        rows = super().get_queryset(request).select_related("bot_owner")
        return rows.annotate(seen_at=Subquery(seen))  # type: ignore[no-any-return]

    def links(self, request: HttpRequest, row: User) -> list[tuple[Any, str]]:
        of = urlencode({"person": row.pk})
        pages = [
            (_("Devices"), "admin:accounts_device_changelist"),
            (_("API tokens"), "admin:accounts_apitoken_changelist"),
            (_("Public rooms"), "admin:chat_membership_changelist"),
            (_("Messages in public rooms"), "admin:chat_message_changelist"),
        ]
        own = f"{reverse('admin:accounts_auditentry_changelist')}?{of}"
        return [*((label, f"{reverse(name)}?{of}") for label, name in pages), (_("What this person did"), own)]

    @admin.display(description=_("Person"), ordering="handle_key")
    def who(self, row: User) -> str:
        return format_html('<b>{}</b> <span class="quiet">@{}</span>', row.display_name, row.handle)

    @admin.display(description=_("Handle"))
    def handle_shown(self, row: User) -> str:
        return f"@{row.handle}"

    @admin.display(description=_("Name"))
    def name_shown(self, row: User) -> str:
        return row.display_name

    @admin.display(description=_("E-mail address"))
    def email_address(self, row: User) -> str:
        return row.email or "–"

    @admin.display(description=_("Role"))
    def standing(self, row: User) -> str:
        words: list[tuple[Any, str]] = [(row.get_role_display(), "")]
        if row.is_bot:
            words.append((_("Bot"), ""))
        if row.is_staff:
            words.append((_("Admin"), "accent"))
        if not row.is_active:
            words.append((_("Closed"), "danger"))
        return desk.chips(words)

    @admin.display(description=_("Status"))
    def status_shown(self, row: User) -> str:
        return row.status or "–"

    @admin.display(description=_("Language and time zone"))
    def language_shown(self, row: User) -> str:
        return f"{row.language} · {row.time_zone}"

    @admin.display(description=_("Joined"), ordering="date_joined")
    def joined(self, row: User) -> str:
        return day(row.date_joined)

    @admin.display(description=_("Last seen"))
    def last_seen(self, row: User) -> str:
        """The day alone: who hides is not found out here either."""
        return day(row.seen_at)  # type: ignore[attr-defined]

    @admin.display(description=_("Responsible for the bot"))
    def answers(self, row: User) -> str | None:
        return desk.person_link(row.bot_owner) if row.bot_owner else None


def person_named(user_id: int) -> str | None:
    """What the filter by a person says."""
    user = User.objects.filter(pk=user_id).first()
    return None if user is None else Subject.of(user).name
