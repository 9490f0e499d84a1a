"""The error tree: what every service may raise and every client may be told.

Two places translate it: `realtime.rest` into HTTP, the consumer into `error` frames. Both use the one shape
`{code, message, retry, retry_ms?, fields?}`.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class ParleyError(Exception):
    """Something a client may be told.

    `message` is a sentence for a person (may be lazily translated), `fields` names the parts of the request that
    are wrong, `retry_ms` is how long to wait before the same request may succeed.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retry: ClassVar[bool] = False

    def __init__(
        self,
        message: Any = "",
        *,
        fields: Mapping[str, Sequence[Any]] | None = None,
        retry_ms: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields
        self.retry_ms = retry_ms

    def as_dict(self) -> dict[str, Any]:
        """The wire shape, with lazy texts rendered in the active language."""
        shape: dict[str, Any] = {"code": self.code, "message": str(self.message), "retry": self.retry}
        if self.retry_ms is not None:
            shape["retry_ms"] = self.retry_ms
        if self.fields:
            shape["fields"] = {name: [str(text) for text in texts] for name, texts in self.fields.items()}
        return shape


class Invalid(ParleyError):
    """The request is malformed or a value is out of range."""

    code, status = "invalid", 400


class Unauthenticated(ParleyError):
    """Nobody is signed in, or the credentials are no longer valid."""

    code, status = "unauthenticated", 401


class Forbidden(ParleyError):
    """The person is known and may see the thing, but may not do this to it."""

    code, status = "forbidden", 403


class NotFound(ParleyError):
    """There is no such thing, or this person may not know that there is."""

    code, status = "not_found", 404


class Conflict(ParleyError):
    """The request contradicts what is stored."""

    code, status = "conflict", 409


class TooLarge(ParleyError):
    """The request is larger than the limit it names."""

    code, status = "too_large", 413


class RateLimited(ParleyError):
    """Too many requests; `retry_ms` says when the next one will be taken."""

    code, status, retry = "rate_limited", 429, True


class Internal(ParleyError):
    """A fault of ours. The details are in the log, never in the answer."""

    code, status, retry = "internal", 500, True


class Unavailable(ParleyError):
    """A part of the system is away (the database, mostly). The same request may be sent again; if the first one was
    cut off at its COMMIT, the second finds that out by its `client_id`."""

    code, status, retry = "unavailable", 503, True
