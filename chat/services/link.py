"""Links that let people into a room."""

import secrets
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from chat import payloads, policies
from chat.models import RoomLink
from chat.selectors import access
from chat.selectors.entries import room_entries
from chat.selectors.links import usable
from chat.services.head import head_lock
from chat.services.membership import enter
from realtime.protocol.errors import Conflict, Forbidden, Invalid, NotFound


def link_create(
    *, actor: User, room_id: int, expires_at: datetime | None = None, uses: int | None = None
) -> payloads.RoomLink:
    """A new link into a room; only this answer has its token. Raises NotFound, Forbidden, Invalid, Conflict."""
    now = timezone.now()
    if expires_at is not None and expires_at <= now:
        raise Invalid(_("The request is not valid."), fields={"expires_at": [_("This is in the past.")]})
    room, membership = access.managed(person=actor, room_id=room_id)
    if not policies.can_link(actor, membership, room):
        raise Forbidden(_("Only those who lead the room may make links to it."))
    if room.archived_at is not None:
        raise Conflict(_("The room is archived."))
    token = secrets.token_urlsafe(24)
    row = RoomLink.objects.create(
        room=room, hash=_hash(token), created_by=actor, created_at=now, expires_at=expires_at, uses_left=uses
    )
    return payloads.room_link(row, token)


def link_revoke(*, actor: User, room_id: int, link_id: int) -> None:
    """A link is good for nothing any more; again is no change. Raises NotFound, Forbidden."""
    room, membership = access.managed(person=actor, room_id=room_id)
    if not policies.can_link(actor, membership, room):
        raise Forbidden(_("Only those who lead the room may make links to it."))
    if not RoomLink.objects.filter(pk=link_id, room_id=room_id).exists():
        raise NotFound(_("There is no such link."))
    RoomLink.objects.filter(pk=link_id, revoked_at=None).update(revoked_at=timezone.now())


def link_join(*, actor: User, token: str) -> payloads.RoomEntry:
    """Enter a room by a link, also as a guest; who is in it already uses nothing up.

    Locks the head, then the link. Raises NotFound (whatever is wrong with the link), Forbidden for who is banned.
    """
    with transaction.atomic():
        room_id = link_seen(token=token).room_id
        head = head_lock(room_id=room_id)
        link = link_seen(token=token, lock=True)
        if access.stint(room_id=room_id, user_id=actor.pk) is None:
            enter(room=link.room, head=head, person=actor)
            left = {} if link.uses_left is None else {"uses_left": F("uses_left") - 1}
            RoomLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1, **left)
    return room_entries(user_id=actor.pk, room_ids=[room_id])[0]


def link_seen(*, token: str, lock: bool = False) -> RoomLink:
    """The link of a token that is good now, with its room. Two queries. Raises NotFound."""
    if link := usable(_hash(token), lock=lock):
        return link
    raise NotFound(_("This link is not good any more."))


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "replace")).hexdigest()
