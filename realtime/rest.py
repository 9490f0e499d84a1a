"""The second door of the same protocol: what every endpoint of `/api/v1/` shares.

Strict input as typed structs, structs as answers, one error shape, keyset pages. Throttles are in
`realtime.throttles`, the OpenAPI side in `realtime.openapi`. REST framework's settings name classes of this module,
so it may not import `rest_framework.views`.
"""

import binascii
import logging
import math
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import IO, Any, TypeVar

import msgspec
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions as drf
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from realtime.outage import is_away
from realtime.protocol import errors, json
from realtime.wording import error_shape

BODY_LIMIT = 128 * 1024

T = TypeVar("T", bound=msgspec.Struct)
Row = TypeVar("Row", bound=Model)
log = logging.getLogger(__name__)


# ---- in -----------------------------------------------------------------------------------------------------------


class StrictJSONParser(BaseParser):
    """JSON as `realtime.protocol.json` takes it: no duplicate keys, NaN, lone surrogates or depth beyond 16."""

    media_type = "application/json"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        text = stream.read(BODY_LIMIT + 1)
        if len(text) > BODY_LIMIT:
            raise errors.TooLarge(_("The request is larger than 128 KiB."))
        return json.loads(text)


def body(request: Request, shape: type[T]) -> T:
    """The request's JSON as a struct. Raises Invalid (with fields) or TooLarge."""
    return json.decode(shape, request.data)


def query(request: Request, shape: type[T]) -> T:
    """The query string as a struct, numbers read from text. Raises Invalid, for repeated names too."""
    values: dict[str, str] = {}
    for name, texts in request.query_params.lists():
        if len(texts) != 1:
            raise errors.Invalid(_("The request is not valid."), fields={name: [_("This is given more than once.")]})
        values[name] = texts[0]
    return json.decode(shape, values, strict=False)


# ---- out ----------------------------------------------------------------------------------------------------------


def _plain(value: Any) -> Any:
    if isinstance(value, Promise):
        return str(value)
    raise NotImplementedError(f"no JSON for {type(value)}")


_encoder = msgspec.json.Encoder(enc_hook=_plain)


class StructRenderer(BaseRenderer):
    """Structs and plain values as JSON."""

    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return b"" if data is None else _encoder.encode(data)


def respond(answer: msgspec.Struct | None = None, *, status: int = 200) -> Response:
    """A struct as the answer; None is 204."""
    response = Response(answer, status=204 if answer is None else status)
    response["Cache-Control"] = "private, no-store"
    return response


class ErrorAnswer(msgspec.Struct, frozen=True, omit_defaults=True):
    """What every refusal looks like, here and in the socket's `error` frames.

    `code` is for programs, `message` and `fields` (name → reasons) are sentences in the reader's language; `retry`:
    the same request may succeed later, after `retry_ms` if given.
    """

    code: str
    message: str
    retry: bool
    retry_ms: int | None = None
    fields: dict[str, list[str]] | None = None


# ---- errors -------------------------------------------------------------------------------------------------------


def exception_handler(exc: Exception, context: Mapping[str, Any]) -> Response:
    """Whatever went wrong, in the one shape, with the right status and `Retry-After`; nothing of ours shows."""
    error = translated(exc)
    if isinstance(error, errors.Internal):
        log.error("unhandled in %s", type(context.get("view")).__name__, exc_info=exc)
    status = exc.status_code if isinstance(exc, drf.APIException) and error.status == 400 else error.status
    response = Response(error_shape(error), status=status)
    response["Cache-Control"] = "private, no-store"
    if error.retry_ms is not None:
        response["Retry-After"] = str(math.ceil(error.retry_ms / 1000))
    if isinstance(error, errors.Unauthenticated):
        response["WWW-Authenticate"] = "Bearer"
    return response


def translated(exc: Exception) -> errors.ParleyError:
    """The error of the tree that tells a client what `exc` means for her."""
    match exc:
        case errors.ParleyError():
            return exc
        case drf.Throttled():
            return errors.RateLimited(
                _("Too many requests."), retry_ms=max(1, math.ceil((getattr(exc, "wait", None) or 1) * 1000))
            )
        case drf.NotAuthenticated() | drf.AuthenticationFailed():
            return errors.Unauthenticated(_("You are not signed in, or the credentials are no longer valid."))
        case drf.PermissionDenied() if "CSRF" in str(exc.detail):
            return errors.Forbidden(_("The request does not carry this page's CSRF token; reload the page."))
        case drf.PermissionDenied() | PermissionDenied():
            return errors.Forbidden(_("You may not do this."))
        case drf.NotFound() | Http404():
            return errors.NotFound(_("There is no such thing."))
        case drf.MethodNotAllowed():
            return errors.Invalid(_("This address does not take this method."))
        case drf.UnsupportedMediaType():
            return errors.Invalid(_("The request must be JSON."))
        case drf.NotAcceptable():
            return errors.Invalid(_("The answer can only be JSON."))
        case RequestDataTooBig():
            return errors.TooLarge(_("The request is larger than 128 KiB."))
        case drf.ParseError() | drf.ValidationError() | BadRequest() | SuspiciousOperation():
            return errors.Invalid(_("The request is not valid."))
        case _ if is_away(exc):
            return errors.Unavailable(_("The database is away for the moment."), retry_ms=1000)
        case _:
            return errors.Internal(_("Something went wrong on our side."), retry_ms=1000)


@csrf_exempt
def no_such_address(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """What answers below `/api/` where nothing else does."""
    return refusal(errors.NotFound(_("There is no such address.")))


def refusal(error: errors.ParleyError) -> HttpResponse:
    """The answer of what is no view of REST framework's."""
    answer = HttpResponse(_encoder.encode(error_shape(error)), content_type="application/json", status=error.status)
    answer["Cache-Control"] = "private, no-store"
    return answer


# ---- pages --------------------------------------------------------------------------------------------------------


def first(rows: QuerySet[Row], limit: int) -> tuple[list[Row], bool]:
    """At most `limit` rows, and whether there are more; one query."""
    found = list(rows[: limit + 1])
    return found[:limit], len(found) > limit


def cursor(key: str | int) -> str:
    """An opaque cursor: `after` this key."""
    return urlsafe_b64encode(str(key).encode()).decode().rstrip("=")


def cursor_key(text: str) -> str:
    """The key in a cursor. Raises Invalid."""
    try:
        return b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode().replace("\0", "")
    except (binascii.Error, ValueError):
        raise _no_cursor() from None


def cursor_number(text: str) -> int:
    """The number in a cursor. Raises Invalid."""
    key = cursor_key(text)
    if not key.isascii() or not key.isdigit() or len(key) > 18:
        raise _no_cursor()
    return int(key)


def _no_cursor() -> errors.Invalid:
    return errors.Invalid(_("The request is not valid."), fields={"after": [_("This is not a cursor.")]})


def address(request: Any) -> str:
    """The caller's address. `X-Forwarded-For` counts only behind `TRUSTED_PROXIES` proxies, from the right."""
    meta = request.META
    hops = [hop.strip() for hop in meta.get("HTTP_X_FORWARDED_FOR", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXIES
    if trusted and len(hops) >= trusted:
        return str(hops[-trusted])
    return str(meta.get("REMOTE_ADDR") or "")
