"""Oneself: profile, preferences, and where one is signed in."""

from typing import Annotated

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from msgspec import UNSET, Meta, Struct, UnsetType
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import payloads
from accounts.selectors.device import device_of, devices_live
from accounts.selectors.person_head import person_rev
from accounts.services.device import device_end
from accounts.services.user import user_update
from realtime.protocol.errors import NotFound
from realtime.rest import body, respond


class MeChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is left out stays as it is. `language`: `en` or `zh-hans`; `time_zone`: a name of the IANA database."""

    name: Annotated[str, Meta(max_length=256)] | UnsetType = UNSET
    language: Annotated[str, Meta(max_length=16)] | UnsetType = UNSET
    time_zone: Annotated[str, Meta(max_length=64)] | UnsetType = UNSET


class MeView(APIView):
    """The person who asks."""

    @extend_schema(operation_id="me_read", responses=payloads.Me, tags=["me"])
    def get(self, request: Request) -> Response:
        """Who am I?"""
        rev = person_rev(request.user.pk)
        return respond(payloads.me(request.user, rev))

    @extend_schema(operation_id="me_change", request=MeChange, responses=payloads.Me, tags=["me"])
    def patch(self, request: Request) -> Response:
        """Change name, language or time zone."""
        given = body(request, MeChange)
        user = user_update(
            user_id=request.user.pk,
            display_name=None if given.name is UNSET else given.name,
            language=None if given.language is UNSET else given.language,
            time_zone=None if given.time_zone is UNSET else given.time_zone,
        )
        return respond(payloads.me(user, person_rev(user.pk)))


class DevicesView(APIView):
    """Where one is signed in."""

    @extend_schema(operation_id="devices_list", responses=payloads.Devices, tags=["me"])
    def get(self, request: Request) -> Response:
        """The live devices, the most recently seen first."""
        devices = [payloads.device_state(device) for device in devices_live(request.user)]
        return respond(payloads.Devices(current=str(request.auth.pk), devices=devices))


class DeviceView(APIView):
    """One device of one's own."""

    @extend_schema(operation_id="device_end", responses={204: None}, tags=["me"])
    def delete(self, request: Request, device_id: int) -> Response:
        """Sign a device out; its sockets close. Again is no error."""
        if not device_of(request.user, device_id):
            raise NotFound(_("There is no such device."))
        device_end(device_id=device_id, user_id=request.user.pk)
        return respond()
