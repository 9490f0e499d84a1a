"""What a handshake says: where it comes from, and what it offers as proof."""

from collections.abc import Collection, Mapping
from typing import Any

from django.http import parse_cookie
from django.http.request import validate_host
from msgspec import Struct

from realtime.product import Credentials
from realtime.protocol.frames import PACKED_SUBPROTOCOL, SUBPROTOCOL

Scope = Mapping[str, Any]


class Door(Struct, frozen=True, kw_only=True):
    """How handshakes are judged; from the settings. `secure`: pages come over https."""

    origins: Collection[str] = ()
    hosts: Collection[str] = ()
    secure: bool = False
    session_cookie: str = "sessionid"
    trusted_proxies: int = 0

    def lets_in(self, scope: Scope) -> bool:
        """Whether the origin is one of ours; a cookie counts only with an origin, programs need none.

        Without configured origins it must be the very host the handshake was sent to, scheme and port included.
        """
        origin = header(scope, b"origin")
        if origin is None:
            return self._cookie(scope) is None or bearer(scope) is not None
        if self.origins:
            return origin in self.origins
        host = header(scope, b"host") or ""
        name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
        return origin == f"{'https' if self.secure else 'http'}://{host}" and validate_host(name, list(self.hosts))

    def credentials(self, scope: Scope, ticket: str | None) -> Credentials:
        """A ticket wins over a bearer token, a bearer token over the session cookie."""
        if ticket is not None:
            return Credentials(ticket=ticket)
        if (token := bearer(scope)) is not None:
            return Credentials(bearer=token)
        return Credentials(session=self._cookie(scope))

    def offers_identity(self, scope: Scope) -> bool:
        """Whether the handshake itself carries a proof of who it is."""
        return bearer(scope) is not None or self._cookie(scope) is not None

    def address(self, scope: Scope) -> str:
        """The client's address: proxies of ours append to X-Forwarded-For, so it is counted from the right."""
        peer = (scope.get("client") or ["unknown"])[0]
        if self.trusted_proxies:
            chain = [part.strip() for part in (header(scope, b"x-forwarded-for") or "").split(",") if part.strip()]
            if len(chain) >= self.trusted_proxies:
                return chain[-self.trusted_proxies]
        return str(peer)

    def _cookie(self, scope: Scope) -> str | None:
        # Django's own parser: the standard library's gives up at another program's strange cookie.
        return parse_cookie(header(scope, b"cookie") or "").get(self.session_cookie)


def header(scope: Scope, name: bytes) -> str | None:
    """A header of the handshake."""
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


def bearer(scope: Scope) -> str | None:
    """The token of `Authorization: Bearer …`."""
    scheme, _, token = (header(scope, b"authorization") or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


def subprotocol(scope: Scope) -> tuple[str | None, bool]:
    """(the one to answer with, whether the client speaks ours): the first of ours it names; none offered is JSON."""
    offered = scope.get("subprotocols") or []
    for name in offered:
        if name in (SUBPROTOCOL, PACKED_SUBPROTOCOL):
            return name, True
    return None, not offered
