from django.urls import URLPattern, URLResolver, path, register_converter

from accounts.api import openapi  # noqa: F401 (declares the security schemes)
from accounts.api.api_tokens import ApiTokensView, ApiTokenView, BotTokensView, BotTokenView
from accounts.api.bots import BotsView, BotView
from accounts.api.converters import IdConverter
from accounts.api.invitations import InvitationsView, InvitationView
from accounts.api.me import DevicesView, DeviceView, MeView, MyPictureView
from accounts.api.people import AccountsView, AccountView, ClosingView
from accounts.api.tickets import TicketView
from accounts.api.tokens import TokenRefreshView, TokenRevokeView, TokenView

register_converter(IdConverter, "device")
register_converter(IdConverter, "number")

urlpatterns: list[URLPattern | URLResolver] = [
    path("auth/token/", TokenView.as_view()),
    path("auth/token/refresh/", TokenRefreshView.as_view()),
    path("auth/token/revoke/", TokenRevokeView.as_view()),
    path("ws-ticket/", TicketView.as_view()),
    path("me/", MeView.as_view()),
    path("me/picture/", MyPictureView.as_view()),
    path("me/devices/", DevicesView.as_view()),
    path("me/devices/<device:device_id>/", DeviceView.as_view()),
    path("me/tokens/", ApiTokensView.as_view()),
    path("me/tokens/<number:token_id>/", ApiTokenView.as_view()),
    path("invitations/", InvitationsView.as_view()),
    path("invitations/<number:invitation_id>/", InvitationView.as_view()),
    path("bots/", BotsView.as_view()),
    path("bots/<number:bot_id>/", BotView.as_view()),
    path("bots/<number:bot_id>/tokens/", BotTokensView.as_view()),
    path("bots/<number:bot_id>/tokens/<number:token_id>/", BotTokenView.as_view()),
    path("admin/people/", AccountsView.as_view()),
    path("admin/people/close/", ClosingView.as_view()),
    path("admin/people/<number:user_id>/", AccountView.as_view()),
]
