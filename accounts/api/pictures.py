"""Handing out pictures of people."""

from typing import Any

from django.core.files.storage import default_storage
from django.http import Http404, HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts import pictures
from accounts.payloads import PICTURE_SIZES


class SizeConverter:
    """A size that pictures are kept in."""

    regex = "|".join(str(size) for size in PICTURE_SIZES)

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


class NameConverter:
    """16 random bytes as text, and nothing that could be a path."""

    regex = "[A-Za-z0-9_-]{22}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PictureView(APIView):
    """A picture of somebody. Its name is unguessable and stands in what one may read of her; it never changes."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        # Whatever an <img> says it takes, it is given the picture.
        return super().perform_content_negotiation(request, force=True)

    @extend_schema(exclude=True)
    def get(self, request: Request, name: str, size: int) -> HttpResponse:
        """The file, for anybody who is signed in."""
        try:
            with default_storage.open(pictures.path(name, size)) as file:
                data = file.read()
        except FileNotFoundError:
            raise Http404 from None
        answer = HttpResponse(data, content_type="image/webp")
        answer["Cache-Control"] = "private, max-age=31536000, immutable"
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
        answer["Cross-Origin-Resource-Policy"] = "same-origin"
        return answer
