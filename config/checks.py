"""What `check --deploy` knows of Parley's settings: such as are each good, and together are not what anybody means."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Tags, Warning, register
from django.http.request import split_domain_port, validate_host


@register(Tags.security, deploy=True)
def proxies_are_counted(**_: Any) -> list[CheckMessage]:
    """Parley speaks no TLS itself: https means that somebody stands in front."""
    if not settings.SECURE or settings.TRUSTED_PROXIES:
        return []
    return [
        Warning(
            "ORIGINS has https://, so a proxy stands in front, and TRUSTED_PROXIES is 0: everybody has its address, "
            "and limits by address count all people as one.",
            hint="TRUSTED_PROXIES=1 for one nginx.",
            id="parley.W001",
        )
    ]


@register(Tags.security, deploy=True)
def origins_are_hosts(**_: Any) -> list[CheckMessage]:
    """A page that cannot be asked for is nobody's origin."""
    hosts = {origin: split_domain_port(urlsplit(origin).netloc.lower())[0] for origin in settings.ORIGINS}
    return [
        Warning(
            f"{origin} is in ORIGINS, but ALLOWED_HOSTS does not know its host: every page there is refused.",
            hint=f"Add {host} to ALLOWED_HOSTS.",
            id="parley.W002",
        )
        for origin, host in hosts.items()
        if not validate_host(host, settings.ALLOWED_HOSTS)
    ]
