"""What was said in public rooms. Other rooms are read one by one, with a reason (`chat.admin.reading`)."""

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from accounts import desk
from accounts.desk import Page, chip, moment
from chat.admin.columns import RoomColumn
from chat.admin.memberships import person_named
from chat.admin.rooms import room_named
from chat.models import Message
from chat.selectors import staff as seen
from chat.services import staff

SHOWN = 200


@admin.register(Message)
class MessagePage(RoomColumn, Page):
    title, place = _("Messages"), 7
    search_hint = _("Words, among the newest 100,000 messages (public rooms only)")
    list_display = ("when", "where", "author_shown", "words", "state")
    search_fields = ("text",)
    ordering = ("-pk",)
    list_filter = (
        desk.about(_("Person"), "person", "author_id", person_named),
        desk.about(_("Room"), "room", "room_id", room_named),
        desk.choice(
            _("State"),
            "state",
            lambda: {
                "standing": (_("As written"), Q(deleted_at=None, edited_at=None)),
                "edited": (_("Edited"), Q(deleted_at=None, edited_at__isnull=False)),
                "deleted": (_("Deleted"), Q(deleted_at__isnull=False)),
            },
        ),
    )
    facts = ("when", "where", "author_shown", "whole", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return seen.messages()

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """Within a room by its own numbers, of which there is an index."""
        return ("-seq",) if "room" in request.GET else ("-pk",)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet, search_term: str) -> tuple[QuerySet, bool]:
        found, twice = super().get_search_results(request, queryset, search_term)
        return (seen.recent(found) if search_term else found), twice

    def called(self, row: Message) -> str:
        return f"{staff.room_called(row.room)} · {row.seq}"

    @admin.display(description=_("When"))
    def when(self, row: Message) -> str:
        return moment(row.created_at)

    @admin.display(description=_("Author"))
    def author_shown(self, row: Message) -> str:
        return desk.person_link(row.author)

    @admin.display(description=_("Text"))
    def words(self, row: Message) -> str:
        return Truncator(row.text).chars(SHOWN) or "–"

    @admin.display(description=_("Text"))
    def whole(self, row: Message) -> str:
        return format_html('<div class="said">{}</div>', row.text or "–")

    @admin.display(description=_("State"))
    def state(self, row: Message) -> str:
        if row.deleted_at is not None:
            return chip(_("Deleted"), "danger")
        return chip(_("Edited")) if row.edited_at is not None else "–"
