"""What every page has in common: what its template knows, and what it says when a service refuses."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from realtime.protocol.errors import Internal, ParleyError
from realtime.rest import refusal

_PAGES = {401: "403.html", 403: "403.html", 404: "404.html", 429: "429.html"}


def site(request: HttpRequest) -> dict[str, str]:
    """The name of this installation."""
    return {"site_name": settings.SITE_NAME}


class RefusalMiddleware:
    """What a service refuses is a page with the refusal's status, or the one error shape for a program. No fault of
    ours: a 500 is for those who run the server.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, ParleyError) or isinstance(error, Internal):
            return None
        return refused(request, error, _PAGES.get(error.status, "400.html"))


def refused(request: HttpRequest, error: ParleyError, page: str) -> HttpResponse:
    """The answer with a refusal's status: this page, or the one error shape for a program."""
    if request.path.startswith("/api/") or not request.accepts("text/html"):
        return refusal(error)
    return render(request, page, {"message": error.message}, status=error.status)
