"""The admin's site: the pages that are ours, in the order of their `place`, and the dashboard.

It is entered through the same door as everything else, and what other apps would register is left out: a page that is
not a `Page` could change rows behind the services' back.
"""

from collections.abc import Callable, Iterable
from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from accounts.desk import Page, day, moment, person
from accounts.models import Invitation, User
from accounts.selectors.invitation import in_force, invitations
from chat.selectors.staff import days
from realtime import census

DAYS = 14
LISTED = 6
COUNTED = 100_000


class Site(AdminSite):
    """The staff's desk."""

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        if admin_class is not None and issubclass(admin_class, Page):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)

    # ---- the door

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        enter: Callable[..., HttpResponse] = secure_admin_login(super().login)
        return enter(request, extra_context)

    def logout(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account_change_password")

    password_change_done = password_change  # type: ignore[assignment]

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return redirect("admin:index")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every page is shown in the time zone of who reads it."""
        return super().admin_view(_in_her_zone(view), cacheable)

    # ---- every page

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        pages = sorted((page for page in self._registry.values() if isinstance(page, Page)), key=lambda one: one.place)
        nav = [(page.title, page.home(), page.opts.app_label) for page in pages]
        here = max((url for _title, url, _app in nav if request.path.startswith(url)), key=len, default=request.path)
        return {
            "nav": nav,
            "here": here,
            "home": reverse("admin:index"),
            "has_permission": self.has_permission(request),
        }

    # ---- the first page

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """A dozen cheap queries: counts with a bound, rows by primary key, days from the cache."""
        current = census.current()
        counts = current.counts() if current is not None else []
        online = census.online(counts)
        per_day = days(DAYS)
        pending = invitations(person(request)).filter(in_force())
        context = {
            **self.each_context(request),
            "online": len(online),
            "sockets": sum(count.sockets for count in counts),
            "processes": sorted(counts, key=lambda count: count.process),
            "accounts": bounded(User.objects.filter(is_active=True, is_bot=False)),
            "today": per_day[-1][1],
            "bars": list(bars(per_day)),
            "most": max(count for _day, count in per_day),
            "newest": [(user, day(user.date_joined)) for user in User.objects.order_by("-pk")[:LISTED]],
            "pending": bounded(Invitation.objects.filter(pk__in=pending.values("pk"))),
            "invitations": [(row, moment(row.expires_at)) for row in pending[:LISTED]],
        }
        return TemplateResponse(request, "admin/index.html", context)


def bounded(rows: Any) -> int:
    """How many there are, counting no further than `COUNTED`."""
    return int(rows.order_by().values("pk")[:COUNTED].count())


def bars(per_day: Iterable[tuple[Any, int]]) -> Iterable[dict[str, Any]]:
    """Where each day's bar stands, in a drawing 100 high with 40 to a day."""
    per_day = list(per_day)
    most = max(1, *(count for _day, count in per_day))
    for place, (when, count) in enumerate(per_day):
        high = max(2, round(100 * count / most)) if count else 0
        yield {
            "day": when,
            "count": count,
            "x": place * 40 + 6,
            "middle": place * 40 + 20,
            "y": 100 - high,
            "high": high,
        }


def _in_her_zone(view: Any) -> Any:
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        zone = getattr(request.user, "time_zone", "UTC")
        with timezone.override(ZoneInfo(zone)):
            response: HttpResponseBase = view(request, *args, **kwargs)
            if isinstance(response, TemplateResponse):
                response.render()
        return response

    return shown
