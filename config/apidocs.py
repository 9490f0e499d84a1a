"""`/api/schema/` and `/api/docs/`: the OpenAPI description, and a page to read it that loads nothing from elsewhere."""

from typing import Any

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.request import Request
from rest_framework.response import Response

from config.csp import POLICY


class SchemaView(SpectacularAPIView):
    """The description; `?format=json` or an Accept header chooses between JSON and YAML."""


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI. It styles itself inline, which no other page may."""

    url_name = "schema"

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        response = super().finalize_response(request, response, *args, **kwargs)
        policy = POLICY | {"style-src": "'self' 'unsafe-inline'"}
        response["Content-Security-Policy"] = "; ".join(f"{name} {value}" for name, value in policy.items())
        return response
