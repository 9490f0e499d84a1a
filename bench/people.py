"""`python -m bench.people FILE --people N --rooms R --each K`: members of rooms, listed for the load client.

Person i is in the K rooms from i × K on, around the circle of R: R = K = 1 is one room for all, R = N / 2 and K = 1
are pairs. With `--together` the first so many share one more room, which is their first. With `--messages` each room
holds so many; with `--behind` each person's cursors lie so many before the end. `--door` is how they sign in: with a
bearer token, a ticket (good for 30 s), or a session. Prints the epoch.

Rows are made in bulk, as the services would leave them. Called again for the same people it makes new credentials only.
"""

import argparse
import json
import os
from importlib import import_module
from pathlib import Path
from uuid import UUID

import django


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    for name in ("people", "rooms", "each", "together", "messages", "behind", "targets"):
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--door", default="bearer", choices=("bearer", "ticket", "session"))
    return parser.parse_args()


def make(people: int, rooms: int, each: int, together: int, messages: int) -> None:
    """Fill an empty database."""
    from accounts.models import Device, PersonHead, User
    from chat.models import Membership, Message, Room, RoomHead
    from chat.rendering import render

    users = User.objects.bulk_create(
        (
            User(
                handle=f"p{n}", handle_key=f"p{n}", display_name=f"Person {n}", email=f"p{n}@example.org", password="!"
            )
            for n in range(people)
        ),
        batch_size=1000,
    )
    PersonHead.objects.bulk_create((PersonHead(user=user, rev=each + 1) for user in users), batch_size=1000)
    Device.objects.bulk_create(
        (Device(user=user, kind=Device.Kind.TOKEN, label="bench", user_rev=each + 1) for user in users),
        batch_size=1000,
    )
    first = [users[:together]] if together else []
    inside: list[list[User]] = first + [[] for _ in range(rooms)]
    for number, user in enumerate(users):
        for place in range(each):
            inside[len(first) + (number * each + place) % rooms].append(user)
    stored = Room.objects.bulk_create(
        Room(kind="public", name=f"Room {n}", name_key=f"room {n}", created_by=users[0], rev=1)
        for n in range(len(inside))
    )
    RoomHead.objects.bulk_create(
        RoomHead(room=room, rev=1 + len(members) + messages, last_seq=messages)
        for room, members in zip(stored, inside, strict=True)
    )
    Membership.objects.bulk_create(
        (
            Membership(room=room, user=user, joined_rev=rev, rev=rev, user_rev=1)
            for room, members in zip(stored, inside, strict=True)
            for rev, user in enumerate(members, start=2)
        ),
        batch_size=1000,
    )
    text = "something that was said before, a hundred bytes long or so, as most of what people say to each other"
    html = render(text)
    Message.objects.bulk_create(
        (
            Message(
                room=room,
                seq=seq,
                rev=1 + len(members) + seq,
                created_rev=1 + len(members) + seq,
                author=members[seq % len(members)],
                client_id=UUID(int=room.pk << 64 | seq),
                text=text,
                html=html,
                text_hash=b"",
            )
            for room, members in zip(stored, inside, strict=True)
            for seq in range(1, messages + 1)
        ),
        batch_size=1000,
    )


def credentials(door: str) -> dict[int, str]:
    """What each person shows at the door, by her id."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from accounts import tokens
    from accounts.auth import DEVICE_KEY
    from accounts.models import Device
    from accounts.services.ticket import ticket_issue

    devices = Device.objects.select_related("user").order_by("pk")
    if door == "ticket":
        return {device.user_id: f"ticket:{ticket_issue(device=device)}" for device in devices}
    if door == "bearer":
        return {
            device.user_id: f"bearer:{tokens.write('access', tokens.Claims(device.user_id, device.pk, 'bench'))}"
            for device in devices
        }
    store = import_module(settings.SESSION_ENGINE).SessionStore
    shown = {}
    for device in devices:
        session = store()
        session[SESSION_KEY] = str(device.user_id)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = device.user.get_session_auth_hash()
        session[DEVICE_KEY] = device.pk
        session.save()
        shown[device.user_id] = f"session:{session.session_key}"
    return shown


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from accounts.models import User
    from chat.models import Membership
    from chat.selectors.epoch import epoch_value

    args = arguments()
    if not User.objects.exists():
        make(args.people, args.rooms, args.each, args.together, args.messages)
    shown = credentials(args.door)
    rooms: dict[int, list[tuple[int, int]]] = {}
    stints = Membership.objects.order_by("pk").values_list("user_id", "room_id", "room__head__rev")
    for user_id, room_id, rev in stints:
        rooms.setdefault(user_id, []).append((room_id, rev))
    with args.file.open("w") as file:
        for number, user_id in enumerate(User.objects.order_by("pk").values_list("pk", flat=True)):
            mine = rooms[user_id]
            cursors = {str(room): rev - args.behind for room, rev in mine} if args.behind else None
            fields = (number % max(1, args.targets), mine[0][0], shown[user_id], json.dumps(cursors) if cursors else "")
            file.write("\t".join(map(str, fields)) + "\n")
    print(epoch_value())


if __name__ == "__main__":
    main()
