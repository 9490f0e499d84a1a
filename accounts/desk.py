"""The staff's desk: what every page of the admin has in common.

A page lists rows and shows one. Nothing is edited in a form of its columns: there are deeds, each a service called for
the chosen rows after a page that asks for a reason. Filters and search are those a page declares; a query on any other
column (a hash, a key) is refused, since it would read it letter by letter. Rows are counted up to a bound, so that a
page costs the same with a hundred thousand rows behind it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.templatetags.admin_list import result_headers
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR, ChangeList
from django.core.paginator import Paginator
from django.db.models import Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from accounts import policies
from accounts.models import User
from accounts.services.audit import REASON_MAX
from realtime.protocol.errors import ParleyError

Text = Any
"""A string, maybe lazily translated."""

COUNTED = 10_000
MOST = 500
ACTIONS: dict[str, Text] = {}
"""What entries of the audit trail say, by their action; each app's pages add theirs."""


class BoundedPaginator(Paginator):
    """Counts no further than `COUNTED` rows; `more` says that there are others behind."""

    @cached_property
    def _counted(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: COUNTED + 1].count())

    @cached_property
    def count(self) -> int:
        return min(self._counted, COUNTED)

    @property
    def more(self) -> bool:
        return self._counted > COUNTED


class DeedForm(forms.Form):
    """What a deed is asked with; a deed may ask for more."""

    reason = forms.CharField(
        label=_("Reason"), required=False, max_length=REASON_MAX, widget=forms.Textarea(attrs={"rows": 2})
    )


@dataclass(frozen=True, kw_only=True)
class Deed:
    """Something staff may do to rows. `run` calls a service and answers with what there is to say.

    `single`: to one row at a time. `fits`: whether there is anything to do to this row. `also`: asked for what makes
    the deed's form know the row.
    """

    label: Text
    run: Callable[[User, list[Any], dict[str, Any]], str]
    hint: Text = ""
    form: type[forms.Form] = DeedForm
    danger: bool = False
    single: bool = False
    fits: Callable[[Any], bool] = lambda row: True
    initial: Callable[[Any], dict[str, Any]] | None = None


class Listing(ChangeList):
    """The rows of a page as text, by column; and how to get to the next ones."""

    @property
    def columns(self) -> list[dict[str, Any]]:
        return list(result_headers(self))

    @property
    def cells(self) -> Iterator[dict[str, Any]]:
        page: Any = self.model_admin
        names = [(getattr(page, str(name)), getattr(page, str(name)).short_description) for name in self.list_display]
        for row in self.result_list:
            yield {
                "pk": row.pk,
                "url": page.address(row),
                "name": page.called(row),
                "values": [(label, column(row)) for column, label in names],
            }

    @property
    def filters(self) -> list[dict[str, Any]]:
        found = []
        for spec in self.filter_specs:
            choices = list(spec.choices(self))
            chosen = next((one["display"] for one in choices[1:] if one["selected"]), None)
            found.append({"title": spec.title, "chosen": chosen, "choices": choices})
        return found

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What another search keeps of this address: filters and order, but neither the old words nor the page."""
        return [(name, value) for name, values in self.filter_params.items() if name != SEARCH_VAR for value in values]

    @property
    def around(self) -> list[tuple[Any, str]]:
        """Page numbers (or an ellipsis) and their addresses."""
        numbers = self.paginator.get_elided_page_range(self.page_num, on_each_side=1, on_ends=1)
        return [(number, self.get_query_string({PAGE_VAR: number})) for number in numbers]


class Page(admin.ModelAdmin):
    """A list of rows, and each by itself. Every member of the staff may look."""

    title: Text = ""
    group: Text = ""
    place = 0
    search_hint: Text = ""
    facts: ClassVar[Sequence[str]] = ()
    """The methods whose answers make the page of one row."""
    deeds: ClassVar[dict[str, Deed]] = {}
    subject_kind = ""

    actions = None
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = BoundedPaginator
    sortable_by: ClassVar[tuple[str, ...]] = ()

    # ---- who may

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(request.user.is_staff)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def may_act(self, request: HttpRequest) -> bool:
        """Whether to offer deeds at all; the services judge each."""
        return policies.can_administer(person(request))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Only the parameters of the filters this page declares; they take them, so that none becomes a look-up."""
        return lookup in {one.parameter_name for one in self.list_filter}  # type: ignore[union-attr]

    # ---- what it shows

    def called(self, row: Any) -> str:
        """What a row is called, for those who may look at this page."""
        return str(row)

    def address(self, row: Model) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])

    def links(self, request: HttpRequest, row: Any) -> list[tuple[Text, str]]:
        """What else there is about a row: words and address."""
        return []

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return Listing

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        may = self.may_act(request)
        deeds = [(name, deed) for name, deed in self.deeds.items() if may and not deed.single]
        return super().changelist_view(request, {"page": self, "deeds": deeds, **(extra_context or {})})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        named = [(getattr(self, name).short_description, getattr(self, name)) for name in self.facts]
        links = self.links(request, row)
        if self.subject_kind:
            trail = reverse("admin:accounts_auditentry_changelist")
            subject = urlencode({"subject": f"{self.subject_kind}:{row.pk}"})
            links = [*links, (_("Audit trail"), f"{trail}?{subject}")]
        deeds = self.deeds.items() if self.may_act(request) else ()
        return self.shown(
            request,
            "admin/row.html",
            row=row,
            name=self.called(row),
            facts=[(label, shown) for label, fact in named if (shown := fact(row)) is not None],
            links=links,
            deeds=[(name, deed) for name, deed in deeds if deed.fits(row)],
            **(extra_context or {}),
        )

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Django's own log is empty; ours is the audit trail."""
        raise Http404

    def shown(self, request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> TemplateResponse:
        """One of our templates, with what every page knows."""
        known = {**self.admin_site.each_context(request), "opts": self.opts, "page": self}
        return TemplateResponse(request, template, known | context, status=status)

    # ---- what it does

    def get_urls(self) -> list[Any]:
        do = self.admin_site.admin_view(require_POST(self.do_view))
        name = f"{self.opts.app_label}_{self.opts.model_name}_do"
        return [path("do/<slug:deed>/", do, name=name), *super().get_urls()]

    def do_view(self, request: HttpRequest, deed: str) -> HttpResponse:
        """Ask about a deed, then do it. The rows are `id`, as often as there are rows."""
        found = self.deeds.get(deed)
        if found is None or not self.may_act(request):
            raise Http404
        ids = {int(text) for text in request.POST.getlist("id") if text.isascii() and text.isdigit() and len(text) < 19}
        rows = list(self.get_queryset(request).filter(pk__in=ids).order_by("pk")) if 0 < len(ids) <= MOST else []
        rows = [row for row in rows if found.fits(row)]
        if not rows or (found.single and len(rows) > 1):
            messages.warning(request, _("There is nothing to do for these rows: select others."))
            return HttpResponseRedirect(self.home())
        form = found.form(request.POST) if "sure" in request.POST else self._asked(found, rows)
        if form.is_bound and form.is_valid():
            try:
                messages.success(request, found.run(person(request), rows, form.cleaned_data))
            except ParleyError as error:
                refuse(form, error)
            else:
                return HttpResponseRedirect(self.address(rows[0]) if "one" in request.POST else self.home())
        back = self.address(rows[0]) if "one" in request.POST else self.home()
        names = [self.called(row) for row in rows]
        return self.shown(
            request,
            "admin/deed.html",
            deed=found,
            form=form,
            rows=rows,
            names=names,
            back=back,
            one="one" in request.POST,
        )

    def _asked(self, deed: Deed, rows: list[Any]) -> forms.Form:
        return deed.form(initial=deed.initial(rows[0]) if deed.initial else None)

    def home(self) -> str:
        """The address of the list."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")


def refuse(form: forms.Form, error: ParleyError) -> None:
    """Show a service's refusal where the form has the field, else above it."""
    for field, texts in (error.fields or {}).items():
        if field in form.fields:
            for text in texts:
                form.add_error(field, str(text))
    if not form.errors:
        form.add_error(None, str(error.message))


def person(request: HttpRequest) -> User:
    """Who asks; pages of the admin are only reached by somebody who is signed in."""
    assert isinstance(request.user, User)
    return request.user


# ---- filters ------------------------------------------------------------------------------------------------------


def choice(
    title: Text, parameter: str, options: Callable[[], dict[str, tuple[Text, Q]]]
) -> type[admin.SimpleListFilter]:
    """A filter of a few named conditions; an unknown one is no filter."""

    class Choice(admin.SimpleListFilter):
        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Text]]:
            return [(name, label) for name, (label, _condition) in options().items()]

        def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
            chosen = options().get(self.value() or "")
            return queryset if chosen is None else queryset.filter(chosen[1])

    Choice.title, Choice.parameter_name = title, parameter
    return Choice


def about(title: Text, parameter: str, column: str, name: Callable[[int], str | None]) -> type[admin.SimpleListFilter]:
    """The rows of one person, or one room: only there where a link brought one. One query, if so."""

    class About(admin.SimpleListFilter):
        def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Text]]:
            value = request.GET.get(parameter, "")
            if not (value.isascii() and value.isdigit() and len(value) < 19):
                return []
            called = name(int(value))
            return [(value, called)] if called is not None else [(value, f"#{value}")]

        def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
            chosen = [value for value, _label in self.lookup_choices]
            return queryset.filter(**{column: int(chosen[0])}) if chosen else queryset

    About.title, About.parameter_name = title, parameter
    return About


# ---- shapes of values ---------------------------------------------------------------------------------------------


def moment(when: datetime | None) -> str:
    """Date and time, in the reader's zone."""
    if when is None:
        return "–"
    here = timezone.localtime(when)
    text = here.strftime("%Y-%m-%d %H:%M")
    return format_html('<time datetime="{}">{}</time>', here.isoformat(timespec="seconds"), text)


def day(when: datetime | None) -> str:
    """The date alone: when somebody was seen is nobody's business to the minute."""
    if when is None:
        return "–"
    return format_html("<time>{}</time>", timezone.localtime(when).date().isoformat())


def chip(text: Text, tone: str = "") -> str:
    """A word in a coloured frame; the word says it, not the colour."""
    return format_html('<span class="chip {}">{}</span>', tone, text)


def chips(pairs: Iterable[tuple[Text, str]]) -> str:
    return format_html("{}" * len(found), *found) if (found := [chip(*pair) for pair in pairs]) else ""


def linked(address: str, text: Text) -> str:
    return format_html('<a href="{}">{}</a>', address, text)


def person_link(user: User) -> str:
    return linked(reverse("admin:accounts_user_change", args=[user.pk]), user)


class Link(Protocol):
    """What lets somebody in until it is revoked, a time has come, or it was used so often."""

    created_by: User
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    uses: int
    uses_left: int | None


class LinkColumns:
    """Whether it lets anybody in, since when and until when, and how many it has let in."""

    @admin.display(description=_("State"))
    def state(self, row: Link) -> str:
        if row.revoked_at is not None:
            return chip(_("Revoked"))
        if row.expires_at is not None and row.expires_at <= timezone.now():
            return chip(_("Expired"))
        return chip(_("Used up")) if row.uses_left == 0 else chip(_("In force"), "good")

    @admin.display(description=_("Used"))
    def used(self, row: Link) -> str:
        return f"{row.uses} / ∞" if row.uses_left is None else f"{row.uses} / {row.uses + row.uses_left}"

    @admin.display(description=_("Made by"))
    def by(self, row: Link) -> str:
        return person_link(row.created_by)

    @admin.display(description=_("Made"))
    def made(self, row: Link) -> str:
        return moment(row.created_at)

    @admin.display(description=_("Valid until"))
    def expires(self, row: Link) -> str:
        return moment(row.expires_at)
