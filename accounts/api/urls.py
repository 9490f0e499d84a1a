from django.urls import URLPattern, URLResolver, path, register_converter

from accounts.api import openapi  # noqa: F401 (declares the security schemes)
from accounts.api.converters import IdConverter
from accounts.api.me import DevicesView, DeviceView, MeView
from accounts.api.tickets import TicketView
from accounts.api.tokens import TokenRefreshView, TokenRevokeView, TokenView

register_converter(IdConverter, "device")

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/token/", TokenView.as_view()),
    path("auth/token/refresh/", TokenRefreshView.as_view()),
    path("auth/token/revoke/", TokenRevokeView.as_view()),
    path("ws-ticket/", TicketView.as_view()),
    path("me/", MeView.as_view()),
    path("me/devices/", DevicesView.as_view()),
    path("me/devices/<device:device_id>/", DeviceView.as_view()),
]
