"""Signing up, in, out and back in: allauth's pages that we serve, by its names; pictures; the language switch."""

from allauth.account import views as allauth
from django.urls import URLPattern, URLResolver, include, path, re_path, register_converter
from django.views.generic import RedirectView

from accounts.api.pictures import NameConverter, PictureView, SizeConverter
from accounts.views import email, join, language_set, passkey

register_converter(NameConverter, "picture")
register_converter(SizeConverter, "size")

to_reset = RedirectView.as_view(pattern_name="account_reset_password")

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/setlang/", language_set, name="set_language"),
    path("accounts/login/", allauth.login, name="account_login"),
    path("accounts/logout/", allauth.logout, name="account_logout"),
    path("accounts/inactive/", allauth.account_inactive, name="account_inactive"),
    path("accounts/signup/", join, name="account_signup"),
    re_path(r"^join/(?P<token>[A-Za-z0-9_-]{32})/$", join, name="join"),
    path("pictures/<picture:name>/<size:size>.webp", PictureView.as_view(), name="picture"),
    path("accounts/reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("accounts/email/", email, name="account_email"),
    path("accounts/confirm-email/", allauth.email_verification_sent, name="account_email_verification_sent"),
    re_path(r"^accounts/confirm-email/(?P<key>[-:\w]+)/$", allauth.confirm_email, name="account_confirm_email"),
    path("accounts/2fa/webauthn/login/", passkey, name="mfa_login_webauthn"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
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
