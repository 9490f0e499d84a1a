"""The chat frame's addresses: every view of it has one, and all are the same page."""

from django.urls import URLPattern, URLResolver, path

from chat import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.frame, name="home"),
    path("rooms/join/", views.join, name="room_join"),
    path("rooms/<int:room>/", views.frame, name="room"),
    path("rooms/<int:room>/<int:seq>/", views.frame, name="message"),
    path("_styles/", views.styles, name="styles"),
    path("mentions/", views.frame, name="mentions"),
    path("drafts/", views.frame, name="drafts"),
    path("browse/", views.frame, name="browse"),
    path("people/", views.frame, name="people"),
    path("people/<int:person>/", views.frame, name="person"),
    path("settings/", views.frame, name="settings"),
    path("settings/<slug:tab>/", views.frame, name="settings_tab"),
]
