"""Pages around signing in. allauth's views do the work; `accounts.urls` names the ones we serve."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from accounts.services.user import user_update
from realtime.protocol.errors import Invalid


@require_POST
def language_set(request: HttpRequest) -> HttpResponseBase:
    """Another language: kept in a cookie, and for a signed-in person in her preferences."""
    if request.user.is_authenticated:
        try:
            user_update(user_id=request.user.pk, language=request.POST.get(LANGUAGE_QUERY_PARAMETER, ""))
        except Invalid:
            return redirect("/")
    return set_language(request)
