"""What happens to people, as far as rooms are concerned."""

from collections.abc import Sequence
from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, User
from accounts.signals import (
    invitation_made,
    people_deactivated,
    people_reactivated,
    people_role_changed,
    person_created,
    person_renamed,
)
from chat.selectors.rooms import open_to_newcomers
from chat.services.membership import members_welcome
from chat.services.person import people_show
from chat.services.succession import rooms_inherit
from realtime.protocol.errors import Invalid


@receiver(person_renamed)
def show(user: User, **kwargs: Any) -> None:
    """Who shares a room with her sees how she looks now."""
    people_show(users=[user])


@receiver([people_deactivated, people_reactivated])
def show_all(users: Sequence[User], **kwargs: Any) -> None:
    """Their memberships stay whatever happens; how they look changes."""
    people_show(users=users)


@receiver([people_deactivated, people_role_changed])
def inherit(users: Sequence[User], **kwargs: Any) -> None:
    """Closed accounts and guests lead nothing, so what they owned alone is another's."""
    rooms_inherit(users=[user for user in users if not user.is_active or user.role == User.Role.GUEST])


@receiver(invitation_made)
def refuse_rooms(user: User, invitation: Invitation, **kwargs: Any) -> None:
    """Into which rooms one may bring nobody, or which do not exist, is one answer."""
    wanted = {int(room_id) for room_id in invitation.room_ids}
    if wanted and wanted != open_to_newcomers(user, wanted, invitation.role):
        raise Invalid(_("The request is not valid."), fields={"rooms": [_("You may not invite into these rooms.")]})


@receiver(person_created)
def welcome(user: User, invitation: Invitation | None = None, **kwargs: Any) -> None:
    """Rooms that were archived or lost meanwhile are left out: the invitation is still good for the rest."""
    if invitation is not None and invitation.room_ids:
        room_ids = {int(room_id) for room_id in invitation.room_ids}
        members_welcome(user=user, room_ids=room_ids, inviter=invitation.created_by)
