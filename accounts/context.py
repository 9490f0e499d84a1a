"""What every template may say."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The name of this installation, and whether anybody may sign up."""
    return {"site_name": settings.SITE_NAME, "open_signup": settings.SIGNUP != "invitation"}
