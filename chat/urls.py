"""The chat frame's addresses: every view of it has one, and all are the same page."""

from django.urls import URLPattern, URLResolver, path

from chat import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.frame, name="home"),
    path("rooms/<int:room>/", views.frame, name="room"),
    path("rooms/<int:room>/<int:seq>/", views.frame, name="message"),
]
