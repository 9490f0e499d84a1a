"""Every HTTP address of the product."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("chat.api.urls")),
    path("", include("accounts.urls")),
    path("", include("chat.urls")),
]
