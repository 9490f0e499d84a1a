"""Oneself: profile, preferences, and where one is signed in."""

from datetime import UTC, datetime
from typing import IO, Annotated, Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, Meta, Struct, UnsetType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import payloads, scopes
from accounts.pictures import BYTES_MAX
from accounts.selectors.device import device_of, devices_live
from accounts.selectors.person_head import person_rev
from accounts.services.device import device_end, devices_end_all
from accounts.services.user import Status, user_picture_set, user_update
from realtime.protocol.errors import Invalid, NotFound
from realtime.rest import body, respond
from realtime.throttles import PersonThrottle


class MeChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. `language`: `en` or `zh-hans`; `time_zone`: a name of the IANA database;
    `status_until` (milliseconds since 1970, null: until one says otherwise) belongs to the `status` beside it."""

    name: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    language: Annotated[str, Meta(max_length=16)] | UnsetType = UNSET
    time_zone: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET
    status: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    status_until: Annotated[int, Meta(ge=0, le=253_402_300_799_000)] | UnsetType | None = UNSET


class MeView(APIView):
    """The person who asks."""

    @extend_schema(operation_id="me_read", responses=payloads.Me, tags=["me"])
    def get(self, request: Request) -> Response:
        """Who am I?"""
        rev = person_rev(request.user.pk)
        return respond(payloads.me(request.user, rev))

    @extend_schema(operation_id="me_change", request=MeChange, responses=payloads.Me, tags=["me"])
    def patch(self, request: Request) -> Response:
        """Change name, language, time zone or status."""
        given = body(request, MeChange)
        user = user_update(
            user_id=request.user.pk,
            display_name=None if given.name is UNSET else given.name,
            language=None if given.language is UNSET else given.language,
            time_zone=None if given.time_zone is UNSET else given.time_zone,
            status=_status(given),
        )
        return respond(payloads.me(user, person_rev(user.pk)))


def _status(given: MeChange) -> Status | None:
    if given.status is UNSET:
        if given.status_until is UNSET:
            return None
        raise Invalid(
            _("The request is not valid."), fields={"status_until": [_("This goes together with a status only.")]}
        )
    until = given.status_until
    moment = None if until is UNSET or until is None else datetime.fromtimestamp(until / 1000, UTC)
    return Status(text=given.status, until=moment)


class PictureParser(BaseParser):
    """The picture itself, whatever it claims to be: what it is, is seen in it."""

    media_type = "*/*"

    def parse(self, stream: IO[bytes], media_type: str | None = None, parser_context: Any = None) -> Any:
        return stream.read(BYTES_MAX + 1)


class PictureThrottle(PersonThrottle):
    scope = "picture"


class MyPictureView(APIView):
    """One's own picture."""

    parser_classes = (PictureParser,)
    throttle_classes = (PersonThrottle, PictureThrottle)

    @extend_schema(
        operation_id="picture_set",
        request={"image/*": {"type": "string", "format": "binary"}},
        responses=payloads.Me,
        tags=["me"],
    )
    def put(self, request: Request) -> Response:
        """PNG, JPEG, WebP or GIF, up to 8 MiB and 25 million pixels; its middle is kept, 96 and 512 pixels square."""
        # Without a body the parser is not asked, and the data is an empty form.
        upload: Any = request.data or b""
        user = user_picture_set(user_id=request.user.pk, picture=upload)
        return respond(payloads.me(user, person_rev(user.pk)))

    @extend_schema(operation_id="picture_remove", responses=payloads.Me, tags=["me"])
    def delete(self, request: Request) -> Response:
        """No picture any more."""
        user = user_picture_set(user_id=request.user.pk, picture=None)
        return respond(payloads.me(user, person_rev(user.pk)))


class DevicesView(APIView):
    """Where one is signed in."""

    token_scope = {"DELETE": scopes.SIGNED_IN}

    @extend_schema(operation_id="devices_list", responses=payloads.Devices, tags=["me"])
    def get(self, request: Request) -> Response:
        """The live devices, the most recently seen first."""
        devices = [payloads.device_state(device) for device in devices_live(request.user)]
        return respond(payloads.Devices(current=str(request.auth.pk), devices=devices))

    @extend_schema(operation_id="devices_end", responses=payloads.Ended, tags=["me"])
    def delete(self, request: Request) -> Response:
        """Sign out everywhere else: every other device ends, API tokens too, and their sockets close."""
        ended = devices_end_all(user_id=request.user.pk, spare=request.auth.pk)
        return respond(payloads.Ended(ended=ended))


class DeviceView(APIView):
    """One device of one's own."""

    token_scope = scopes.SIGNED_IN

    @extend_schema(operation_id="device_end", responses={204: None}, tags=["me"])
    def delete(self, request: Request, device_id: int) -> Response:
        """Sign a device out; its sockets close. Again is no error."""
        if not device_of(request.user, device_id):
            raise NotFound(_("There is no such device."))
        device_end(device_id=device_id, user_id=request.user.pk)
        return respond()
