"""`python -m bench.reads fill N`: bring a database to N messages. `… time`: time reads, a JSON object a line.

Part of the workload `growth`. A bench of the database and of what Django makes of its answers, in one process.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import django

ROOMS = (10, 100, 1000)
WHAT = ("history page", "unread", "room list", "replay")
AUTHORS = 50
UNREAD = 5
MISSED = 2
# What `hello` may carry.
CURSORS = 500
LONGEST_S = 1.0
TIMES = 60

# Half of the messages are in the first room, the others in turn; numbers follow from what is there already.
FILL = """
INSERT INTO chat_message
    (room_id, seq, rev, created_rev, author_id, client_id, text, html, mentioned, text_hash, created_at)
SELECT room, seq, seq + %(base)s, seq + %(base)s, %(author)s + n %% %(authors)s, gen_random_uuid(),
       said, '<p>' || said || '</p>', '', ''::bytea, now() - interval '1 second' * (%(last)s - n)
FROM (
    SELECT n, 'message ' || n || ' of those that make a database large' AS said,
           CASE WHEN n %% 2 = 0 THEN %(first)s ELSE %(first)s + 1 + (n / 2) %% %(others)s END AS room,
           CASE WHEN n %% 2 = 0 THEN n / 2 + 1 ELSE n / 2 / %(others)s + 1 END AS seq
    FROM generate_series(%(from)s, %(last)s - 1) AS n
) AS numbered
"""
HEADS = """
UPDATE chat_roomhead SET last_seq = found.seq, rev = found.seq + %(base)s, changed_at = now() - interval '1 hour'
FROM (SELECT room_id, max(seq) AS seq FROM chat_message GROUP BY room_id) AS found
WHERE found.room_id = chat_roomhead.room_id
"""
READ = """
UPDATE chat_membership SET read_seq = greatest(0, head.last_seq - %(unread)s)
FROM chat_roomhead AS head WHERE head.room_id = chat_membership.room_id
"""
BASE = 10


def fill(size: int) -> None:
    """Messages up to `size`, and people in 10, 100 and 1 000 rooms if there are none yet."""
    from django.db import connection

    from accounts.models import Device, PersonHead, User
    from chat.models import Membership, Message, Room, RoomHead

    if not User.objects.exists():
        names = [f"in{rooms}" for rooms in ROOMS] + [f"author{n}" for n in range(AUTHORS)]
        users = User.objects.bulk_create(
            User(handle=name, handle_key=name, display_name=name, email=f"{name}@example.org", password="!")
            for name in names
        )
        PersonHead.objects.bulk_create(PersonHead(user=user, rev=2) for user in users)
        Device.objects.bulk_create(Device(user=user, kind=Device.Kind.TOKEN, user_rev=1) for user in users)
        made = Room.objects.bulk_create(
            Room(kind="public", name=f"Room {n}", name_key=f"room {n}", created_by=users[0], rev=1)
            for n in range(max(ROOMS))
        )
        RoomHead.objects.bulk_create(RoomHead(room=room, rev=BASE) for room in made)
        Membership.objects.bulk_create(
            Membership(room=room, user=user, joined_rev=2 + place, rev=2 + place, user_rev=2)
            for place, (user, count) in enumerate(zip(users, ROOMS, strict=False))
            for room in made[:count]
        )
    first = Room.objects.order_by("pk").values_list("pk", flat=True)[0]
    author = User.objects.filter(handle__startswith="author").order_by("pk").values_list("pk", flat=True)[0]
    numbers = {
        "base": BASE,
        "author": author,
        "authors": AUTHORS,
        "first": first,
        "others": max(ROOMS) - 1,
        "from": Message.objects.count(),
        "last": size,
        "unread": UNREAD,
    }
    with connection.cursor() as cursor:
        for statement in (FILL, HEADS, READ):
            cursor.execute(statement, numbers)


def readings(rooms: int) -> dict[str, Callable[[], Any]]:
    """What is timed, as the person who is in so many rooms."""
    from django.db.models import Q
    from django.test import Client

    from accounts import tokens
    from accounts.models import Device, User
    from chat.models import RoomHead
    from chat.selectors import log
    from chat.selectors.entries import read_positions
    from realtime.product import Identity

    user = User.objects.get(handle=f"in{rooms}")
    device = Device.objects.get(user=user)
    client = Client(
        headers={"authorization": f"Bearer {tokens.write('access', tokens.Claims(user.pk, device.pk, 'b'))}"}
    )
    heads = dict(RoomHead.objects.filter(room__memberships__user=user).order_by("pk").values_list("pk", "rev"))
    large = min(heads)
    cursors = {f"room:{pk}": heads[pk] - MISSED for pk in list(heads)[:CURSORS]}
    identity = Identity(str(user.pk), str(device.pk))

    def get(path: str) -> Any:
        answer = client.get(path)
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.content[:300]!r}")
        return answer.content

    return {
        "history page": lambda: get(f"/api/v1/rooms/{large}/messages/?limit=50"),
        "unread": lambda: read_positions(Q(user_id=user.pk)),
        "room list": lambda: get("/api/v1/rooms/"),
        "replay": lambda: log.replay(identity, cursors, 2000),
    }


class Counter:
    """Counts statements. (Django's own list of queries is emptied with every request.)"""

    def __init__(self) -> None:
        self.statements = 0

    def __call__(self, execute: Callable[..., Any], *statement: Any) -> Any:
        self.statements += 1
        return execute(*statement)


def timed() -> None:
    """Time each reading."""
    from django.conf import settings
    from django.db import connection

    settings.ALLOWED_HOSTS = ["*"]
    for rooms in ROOMS:
        for what, read in readings(rooms).items():
            read()
            asked = Counter()
            with connection.execute_wrapper(asked):
                read()
            taken: list[float] = []
            began = time.monotonic()
            while len(taken) < TIMES and (time.monotonic() - began < LONGEST_S or len(taken) < 10):
                before = time.perf_counter()
                read()
                taken.append(round((time.perf_counter() - before) * 1000, 3))
            print(json.dumps({"what": what, "rooms": rooms, "queries": asked.statements, "ms": taken}))


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    match sys.argv[1:]:
        case ["fill", size]:
            fill(int(size))
        case ["time"]:
            timed()
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main()
