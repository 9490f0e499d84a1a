"""Telling those who share rooms with a person that she looks different."""

from accounts.models import User
from accounts.payloads import person
from chat.events import PersonUpdated
from chat.models import Membership
from realtime.publish import Whisper, whisper_on_commit


def person_show(*, user: User) -> None:
    """Say how she looks now, to the sockets in her rooms, after COMMIT. One query."""
    stints = Membership.objects.filter(user=user, left_rev=None).order_by("room_id")
    rooms = tuple(f"room:{room_id}" for room_id in stints.values_list("room_id", flat=True))
    if rooms:
        shown = Whisper(
            payload=PersonUpdated(person=person(user)), topics=rooms, about=str(user.pk), key=f"person:{user.pk}"
        )
        whisper_on_commit(shown)
