"""Signing in, out and back in: the pages of allauth that we serve, by allauth's names, and the language switch."""

from allauth.account import views as allauth
from django.urls import URLPattern, URLResolver, path, re_path
from django.views.generic import RedirectView

from accounts.views import language_set

to_reset = RedirectView.as_view(pattern_name="account_reset_password")

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/setlang/", language_set, name="set_language"),
    path("accounts/login/", allauth.login, name="account_login"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/signup/", allauth.signup, name="account_signup"),
    path("accounts/password/change/", allauth.password_change, name="account_change_password"),
    # Who has no password yet (none is ever set for her) gets one the way one gets a forgotten one.
    path(
        "accounts/password/set/",
        RedirectView.as_view(pattern_name="account_reset_password"),
        name="account_set_password",
    ),
    path("accounts/password/reset/", allauth.password_reset, name="account_reset_password"),
    path("accounts/password/reset/done/", allauth.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^accounts/password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "accounts/password/reset/key/done/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
