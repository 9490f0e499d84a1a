"""Telling those who share rooms with people that they look different."""

from collections import defaultdict
from collections.abc import Sequence

from accounts.models import User
from accounts.payloads import person
from chat.events import PersonUpdated
from chat.models import Membership
from realtime.publish import Whisper, whisper_on_commit


def people_show(*, users: Sequence[User]) -> None:
    """Say how they look now, to the sockets in their rooms, after COMMIT. One query."""
    rooms: defaultdict[int, list[str]] = defaultdict(list)
    stints = Membership.objects.filter(user__in=users, left_rev=None).order_by("room_id")
    for user_id, room_id in stints.values_list("user_id", "room_id"):
        rooms[user_id].append(f"room:{room_id}")
    whisper_on_commit(
        *(
            Whisper(
                payload=PersonUpdated(person=person(user)),
                topics=tuple(rooms[user.pk]),
                about=str(user.pk),
                key=f"person:{user.pk}",
            )
            for user in users
            if user.pk in rooms
        )
    )
