"""Pages around signing in. allauth's views do the work; `accounts.urls` names the ones we serve."""

from typing import Any

from allauth.account import views as account
from allauth.account.models import EmailAddress
from allauth.core.internal import ratelimit
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from accounts.selectors.invitation import invitation_by_token
from accounts.services.user import user_update
from realtime.protocol.errors import Invalid, NotFound, ParleyError

# What services call a field, and what the form does.
_FIELDS = {"handle": "username", "password": "password1"}


@require_POST
def language_set(request: HttpRequest) -> HttpResponseBase:
    """Another language: kept in a cookie, and for a signed-in person in her preferences."""
    if request.user.is_authenticated:
        try:
            user_update(user_id=request.user.pk, language=request.POST.get(LANGUAGE_QUERY_PARAMETER, ""))
        except Invalid:
            return redirect("/")
    return set_language(request)


class JoinView(account.SignupView):  # type: ignore[misc]
    """Signing up: with the token of an invitation, or (where the settings let anybody) without."""

    def dispatch(self, request: HttpRequest, *args: Any, token: str = "", **kwargs: Any) -> HttpResponseBase:
        self.token = token
        request.invitation = invitation_by_token(token) if token else None  # type: ignore[attr-defined]
        if token and request.invitation is None and not request.user.is_authenticated:  # type: ignore[attr-defined]
            return _void(request)
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "token": self.token}

    def get_initial(self) -> dict[str, Any]:
        invitation = self.request.invitation
        return {**super().get_initial(), **({"email": invitation.email} if invitation and invitation.email else {})}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "invitation": self.request.invitation}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except NotFound:
            return _void(self.request)
        except ParleyError as error:
            for name, texts in (error.fields or {"": [error.message]}).items():
                field = _FIELDS.get(name, name)
                form.add_error(field if field in form.fields else None, [str(text) for text in texts])
            refused: HttpResponse = self.form_invalid(form)
            return refused
        return answer


join = JoinView.as_view()


class EmailView(account.EmailView):  # type: ignore[misc]
    """One's address, and the one it is to become. It becomes that by its link and by nothing else."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "action_primary" in request.POST:
            return redirect("account_email")
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        wanted = EmailAddress.objects.filter(user=user).exclude(email=user.email).first()
        return {**super().get_context_data(**kwargs), "new_emailaddress": wanted}


email = EmailView.as_view()
# Each question for a challenge begins a session, so they are counted too.
passkey = ratelimit.decorator(app="allauth.mfa", action="webauthn_login", limit_get=True)(LoginWebAuthnView.as_view())


@never_cache
def _void(request: HttpRequest) -> HttpResponse:
    """Revoked, expired, used up, or never there: the same page."""
    return render(request, "account/invitation_void.html", status=404)
