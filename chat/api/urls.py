from django.urls import URLPattern, URLResolver, path, register_converter

from chat.api.bans import BansView, BanView
from chat.api.links import JoinByLinkView, LinkSeenView, LinksView, LinkView
from chat.api.memberships import MembershipsView, MembershipView
from chat.api.mentions import MentionsView
from chat.api.messages import HistoryView, MessagesView, MessageView
from chat.api.people import PeopleView, SharedRoomsView
from chat.api.rooms import (
    BrowseView,
    DirectView,
    DraftView,
    GroupsView,
    JoinView,
    LeaveView,
    PreferencesView,
    ReadView,
    ReceiptsView,
    RewindView,
    RoomsView,
    RoomView,
)


class IdConverter:
    """What every id and seq is: at most 18 digits, so it fits the database's integers."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(IdConverter, "id")

urlpatterns: list[URLPattern | URLResolver] = [
    path("rooms/", RoomsView.as_view()),
    path("rooms/browse/", BrowseView.as_view()),
    path("rooms/join/", JoinByLinkView.as_view()),
    path("rooms/join/preview/", LinkSeenView.as_view()),
    path("rooms/<id:room_id>/", RoomView.as_view()),
    path("rooms/<id:room_id>/join/", JoinView.as_view()),
    path("rooms/<id:room_id>/leave/", LeaveView.as_view()),
    path("rooms/<id:room_id>/read/", ReadView.as_view()),
    path("rooms/<id:room_id>/read/rewind/", RewindView.as_view()),
    path("rooms/<id:room_id>/receipts/", ReceiptsView.as_view()),
    path("rooms/<id:room_id>/preferences/", PreferencesView.as_view()),
    path("rooms/<id:room_id>/draft/", DraftView.as_view()),
    path("rooms/<id:room_id>/bans/", BansView.as_view()),
    path("rooms/<id:room_id>/bans/<id:user_id>/", BanView.as_view()),
    path("rooms/<id:room_id>/links/", LinksView.as_view()),
    path("rooms/<id:room_id>/links/<id:link_id>/", LinkView.as_view()),
    path("rooms/<id:room_id>/memberships/", MembershipsView.as_view()),
    path("rooms/<id:room_id>/memberships/<id:user_id>/", MembershipView.as_view()),
    path("rooms/<id:room_id>/messages/", MessagesView.as_view()),
    path("rooms/<id:room_id>/messages/<id:seq>/", MessageView.as_view()),
    path("rooms/<id:room_id>/messages/<id:seq>/history/", HistoryView.as_view()),
    path("direct/", DirectView.as_view()),
    path("groups/", GroupsView.as_view()),
    path("mentions/", MentionsView.as_view()),
    path("people/", PeopleView.as_view()),
    path("people/<id:user_id>/rooms/", SharedRoomsView.as_view()),
]
