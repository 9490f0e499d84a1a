"""Reading a room one is not in: public ones at once, others for a reason that stays in the audit trail.

A reason opens one room to this sign-in for half an hour; each page looked at meanwhile is an entry too. Nobody is
exempt, superusers neither.
"""

import time
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import desk
from accounts.desk import Page
from accounts.services.audit import REASON_MAX
from chat.models import Room
from chat.selectors.rooms import members
from chat.services.staff import REASON_MIN, room_called, room_open, room_read
from realtime.protocol.errors import ParleyError

OPEN_FOR_S = 30 * 60
MEMBERS = 200
_KEY = "rooms_opened"


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Why do you have to read this?"),
        min_length=REASON_MIN,
        max_length=REASON_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class Reading:
    """The views, beside the page of rooms."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def read(self, request: HttpRequest, room_id: int) -> HttpResponseBase:
        return require_http_methods(["GET", "HEAD", "POST"])(self._read)(request, room_id)

    def shut(self, request: HttpRequest, room_id: int) -> HttpResponseBase:
        return require_POST(self._shut)(request, room_id)

    def _read(self, request: HttpRequest, room_id: int) -> HttpResponseBase:
        room = Room.objects.filter(pk=room_id).first()
        if room is None:
            raise Http404
        public = room.kind == Room.Kind.PUBLIC
        opened = None if public else opened_for(request, room_id)
        if not public and (request.method == "POST" or opened is None):
            return self._ask(request, room)
        before = request.GET.get("before", "")
        rows, more = room_read(
            actor=desk.person(request),
            room=room,
            reason=opened[0] if opened else "",
            before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None,
        )
        stints = list(members(room_id)[: MEMBERS + 1])
        return self.page.shown(
            request,
            "admin/reading.html",
            room=room,
            name=room_called(room),
            public=public,
            opened=opened,
            rows=[(row, desk.moment(row.created_at)) for row in rows],
            older=rows[-1].seq if more else None,
            members=stints[:MEMBERS],
            more_members=len(stints) > MEMBERS,
            left_m=max(1, round((opened[1] - time.time()) / 60)) if opened else None,
        )

    def _ask(self, request: HttpRequest, room: Room) -> HttpResponseBase:
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_bound and form.is_valid():
            try:
                room_open(actor=desk.person(request), room_id=room.pk, reason=form.cleaned_data["reason"])
            except ParleyError as error:
                desk.refuse(form, error)
            else:
                reason = " ".join(form.cleaned_data["reason"].split())
                kept = {key: value for key, value in _opened(request).items() if value[1] > time.time()}
                request.session[_KEY] = {**kept, str(room.pk): [reason, time.time() + OPEN_FOR_S]}
                return HttpResponseRedirect(_address(room.pk))
        name = room_called(room)
        return self.page.shown(request, "admin/reason.html", status=403, room=room, name=name, form=form)

    def _shut(self, request: HttpRequest, room_id: int) -> HttpResponseBase:
        kept = _opened(request)
        if kept.pop(str(room_id), None) is not None:
            request.session[_KEY] = kept
            messages.success(request, _("The room is closed to you again."))
        return HttpResponseRedirect(reverse("admin:chat_room_change", args=[room_id]))


def opened_for(request: HttpRequest, room_id: int) -> tuple[str, float] | None:
    """Why, and until when (seconds since 1970), a room is open to this sign-in; None if it is not."""
    reason, until = _opened(request).get(str(room_id), ("", 0.0))
    return (reason, until) if reason and until > time.time() else None


def _opened(request: HttpRequest) -> dict[str, Any]:
    return dict(request.session.get(_KEY, {}))


def _address(room_id: int) -> str:
    return reverse("admin:chat_room_read", args=[room_id])
