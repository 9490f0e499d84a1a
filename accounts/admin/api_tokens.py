"""Tokens that people gave to programs."""

from typing import Any

from django.contrib import admin
from django.db.models import F, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts import desk
from accounts.admin.people import person_named
from accounts.desk import Deed, Page, chip, day, moment
from accounts.models import ApiToken, User
from accounts.services import staff

desk.ACTIONS |= {"token.revoked": _("revoked a token of")}


def _revoke(actor: User, rows: list[ApiToken], given: dict[str, Any]) -> str:
    count = staff.tokens_revoke(actor=actor, token_ids=[row.pk for row in rows], reason=given["reason"])
    return ngettext("%d token is revoked.", "%d tokens are revoked.", count) % count


def _options() -> dict[str, tuple[Any, Q]]:
    past = Q(expires_at__lte=timezone.now())
    # What has expired is ended some time later; what was ended before that was revoked.
    in_time = Q(device__ended_at__lt=F("expires_at")) | Q(device__ended_at__isnull=False, expires_at=None)
    return {
        "live": (_("In force"), Q(device__ended_at=None) & ~past),
        "expired": (_("Expired"), past & ~in_time),
        "revoked": (_("Revoked"), in_time),
    }


@admin.register(ApiToken)
class ApiTokenPage(Page):
    title, place = _("API tokens"), 3
    search_hint = _("Handle, the token's name or its beginning")
    list_display = ("token", "whose", "scope", "state", "made", "last_used", "expires")
    search_fields = ("device__user__handle", "name", "prefix__startswith")
    ordering = ("-pk",)
    list_filter = (
        desk.about(_("Person"), "person", "device__user_id", person_named),
        desk.choice(_("State"), "state", _options),
    )
    facts = list_display
    deeds = {
        "revoke": Deed(
            label=_("Revoke token"),
            hint=_("Programs that use it are cut off at once."),
            run=_revoke,
            danger=True,
            fits=lambda row: row.device.ended_at is None,
        ),
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("device__user")

    def called(self, row: ApiToken) -> str:
        return f"{row.name} – {row.device.user}"

    @admin.display(description=_("Token"))
    def token(self, row: ApiToken) -> str:
        return format_html("<b>{}</b> <code>{}…</code>", row.name, row.prefix)

    @admin.display(description=_("Person"))
    def whose(self, row: ApiToken) -> str:
        return desk.person_link(row.device.user)

    @admin.display(description=_("Scope"))
    def scope(self, row: ApiToken) -> str:
        return format_html("<code>{}</code>", row.device.scope)

    @admin.display(description=_("State"))
    def state(self, row: ApiToken) -> str:
        ended, expires = row.device.ended_at, row.expires_at
        if ended is not None and (expires is None or ended < expires):
            return chip(_("Revoked"))
        if ended is not None or (expires is not None and expires <= timezone.now()):
            return chip(_("Expired"))
        return chip(_("In force"), "good")

    @admin.display(description=_("Made"))
    def made(self, row: ApiToken) -> str:
        return moment(row.created_at)

    @admin.display(description=_("Last used"))
    def last_used(self, row: ApiToken) -> str:
        return day(row.last_used_at)

    @admin.display(description=_("Valid until"))
    def expires(self, row: ApiToken) -> str:
        return moment(row.expires_at)
