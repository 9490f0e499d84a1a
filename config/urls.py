"""Every HTTP address of the product."""

from django.contrib import admin
from django.urls import include, path, re_path

from config import health
from config.apidocs import DocsView, SchemaView
from realtime.rest import no_such_address

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
    path("admin/", admin.site.urls),
    path("api/v1/", include("accounts.api.urls")),
    path("api/v1/", include("chat.api.urls")),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", DocsView.as_view(), name="docs"),
    re_path(r"^api/", no_such_address),
    path("", include("accounts.urls")),
    path("", include("chat.urls")),
]
