"""How people keep rooms in their lists."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.services.person_head import person_revs_next
from chat import payloads
from chat.events import UserState
from chat.models import Membership
from chat.selectors import access
from chat.services.wording import checked_folder
from realtime.protocol.errors import Invalid
from realtime.publish import publish_on_commit

PLACE_MAX = 1_000_000


def room_prefer(
    *,
    actor: User,
    room_id: int,
    favourite: bool | None = None,
    folder: str | None = None,
    notify: str | None = None,
    place: int | None = None,
) -> payloads.Preferences:
    """Change what is given of one's preferences for a room; what is the same already takes no rev.

    Locks her head, then her membership. Raises NotFound, Forbidden, Invalid.
    """
    wanted: dict[str, object] = {
        "favourite": favourite,
        "folder": None if folder is None else checked_folder(folder),
        "notify": notify,
        "place": place,
    }
    if notify is not None and notify not in Membership.Notify.values:
        raise Invalid(_("The request is not valid."), fields={"notify": [_("all, mentions or none.")]})
    if place is not None and abs(place) > PLACE_MAX:
        raise Invalid(_("The request is not valid."), fields={"place": [_("This is too large.")]})
    stint = access.entered(person=actor, room_id=room_id)
    if not _changes(stint, wanted):
        return payloads.preferences(stint)
    with transaction.atomic():
        rev = person_revs_next(user_ids=[actor.pk])[actor.pk]
        stints = Membership.objects.select_for_update(no_key=True).filter(room_id=room_id, user=actor, left_rev=None)
        locked = stints.first()
        if locked is None:
            raise access.no_such_room()
        changes = _changes(locked, wanted)
        for name, value in changes.items():
            setattr(locked, name, value)
        locked.user_rev = rev
        locked.save(update_fields=[*changes, "user_rev"])
        shape = payloads.preferences(locked)
        publish_on_commit(UserState(user=str(actor.pk), prev=rev - 1, rev=rev, preferences=[shape]))
    return shape


def _changes(stint: Membership, wanted: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in wanted.items() if value is not None and getattr(stint, name) != value}
