"""What the staff's pages cost does not grow with what is in the workspace."""

import re
import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import desk as desks
from accounts.models import ApiToken, AuditEntry, Device, Invitation, PersonHead, User
from chat.models import Ban, Membership, Message, Room, RoomHead, RoomLink
from chat.selectors import staff
from tests.accounts import _nothing_counted, sign_in  # noqa: F401
from tests.admin import LISTS, ROOMS, page, words

pytestmark = pytest.mark.django_db

MANY_PEOPLE, MANY_MESSAGES = 2_500, 100_000
SLOWEST_S = 1.5
BATCH = 2000


def fill(alice: User, people: int, messages: int) -> int:
    """Bulk rows of every kind: `people` persons with a device each, `messages` messages; a public room's id."""
    now = timezone.now()
    last = User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def at(place: int, count: int) -> Any:
        return now - timedelta(days=20 * (1 - place / count))

    rows = [
        User(
            handle=f"p{n + last:07}",
            handle_key=f"p{n + last:07}",
            display_name=f"Person {n + last}",
            email=f"p{n + last}@example.org",
            password="!",
            date_joined=at(n, people),
        )
        for n in range(people)
    ]
    made = User.objects.bulk_create(rows, BATCH)
    PersonHead.objects.bulk_create([PersonHead(user=one) for one in made], BATCH)
    devices = [Device(user=one, kind="api", scope="read", label="x", created_at=now, last_seen_at=now) for one in made]
    devices = Device.objects.bulk_create(devices, BATCH)
    ApiToken.objects.bulk_create(
        [ApiToken(device=one, hash=uuid.uuid4().hex, prefix="parley_", name="x", created_at=now) for one in devices],
        BATCH,
    )
    Invitation.objects.bulk_create(
        [Invitation(hash=uuid.uuid4().hex, prefix="x", created_by=alice, expires_at=now + timedelta(1)) for _ in made],
        BATCH,
    )
    AuditEntry.objects.bulk_create(
        [
            AuditEntry(actor=alice, action="room.read", subject_kind="user", subject_id=str(one.pk), subject_name="x")
            for one in made
        ],
        BATCH,
    )
    rooms = Room.objects.bulk_create(
        [
            Room(kind=("public", "private")[n % 2], name=f"r{last}.{n}", name_key=f"r{last}.{n}", created_by=alice)
            for n in range(max(2, people // 10))
        ],
        BATCH,
    )
    RoomHead.objects.bulk_create([RoomHead(room=one) for one in rooms], BATCH)
    Membership.objects.bulk_create(
        [
            Membership(room=rooms[n % len(rooms)], user=one, joined_rev=n, rev=n, user_rev=0)
            for n, one in enumerate(made)
        ],
        BATCH,
    )
    Ban.objects.bulk_create([Ban(room=rooms[0], user=one, created_by=alice, created_at=now) for one in made], BATCH)
    RoomLink.objects.bulk_create(
        [RoomLink(room=rooms[0], hash=uuid.uuid4().hex, created_by=one, created_at=now) for one in made], BATCH
    )
    Message.objects.bulk_create(
        [
            Message(
                room=rooms[0],
                seq=n + 1,
                rev=n + 1,
                created_rev=n + 1,
                author=made[n % len(made)],
                client_id=uuid.uuid4(),
                text=f"word{n} of many",
                html="x",
                text_hash=b"x",
                created_at=at(n, messages),
            )
            for n in range(min(messages, BATCH))
        ],
        BATCH,
    )
    if messages > BATCH:
        multiply(rooms[0].pk, messages, timedelta(days=20) / messages)
    if connection.vendor == "postgresql":
        # As autovacuum would: without it the planner takes the tables for empty.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
    return rooms[0].pk


def multiply(room: int, messages: int, apart: timedelta) -> None:
    """The same words again and again, by the database itself, until the room has so many `messages`."""
    columns = [field.column for field in Message._meta.concrete_fields if not field.primary_key]
    postgres = connection.vendor == "postgresql"
    later = f"created_at + %s * interval '{apart.total_seconds()} seconds'"
    moved = {
        "seq": "seq + %s",
        "rev": "rev + %s",
        "created_rev": "created_rev + %s",
        "text": "'word' || (seq + %s - 1) || ' of many'",
        "client_id": "gen_random_uuid()" if postgres else "lower(hex(randomblob(16)))",
        "created_at": later if postgres else f"datetime(created_at, (%s * {apart.total_seconds()}) || ' seconds')",
    }
    chosen = [moved.get(name, f'"{name}"') for name in columns]
    names = ", ".join(f'"{name}"' for name in columns)
    into, table = f"INSERT INTO {Message._meta.db_table} ({names})", Message._meta.db_table
    with connection.cursor() as cursor:
        for offset in range(BATCH, messages, BATCH):
            given = [offset] * sum(column.count("%s") for column in chosen)
            most = min(BATCH, messages - offset)
            cursor.execute(
                f"{into} SELECT {', '.join(chosen)} FROM {table} WHERE room_id = %s AND seq <= %s ORDER BY seq",
                [*given, room, most],
            )


def addresses(room: int, person: int) -> list[str]:
    return [
        "",
        *(f"{path}/" for path in LISTS),
        "accounts/user/?q=person",
        "accounts/user/?q=nobodyhasthis",
        "accounts/user/?role=member&seen=week",
        "accounts/user/?seen=gone",
        "accounts/user/?o=4",
        "accounts/user/?p=2",
        f"accounts/device/?person={person}",
        "accounts/device/?state=live&q=p000",
        "accounts/auditentry/?what=room.read",
        "accounts/invitation/?state=open",
        f"{ROOMS}/?kind=public&q=r",
        "chat/membership/?state=in",
        f"chat/ban/?room={room}&state=standing",
        "chat/roomlink/?state=open&q=p00",
        f"chat/message/?room={room}",
        "chat/message/?q=many",
        "chat/message/?q=nobodysaidthis",
        f"chat/message/?person={person}",
        "chat/message/?state=deleted",
        f"{ROOMS}/{room}/read/",
        f"{ROOMS}/{room}/read/?before=9",
        f"{ROOMS}/{room}/change/",
        f"accounts/user/{person}/change/",
    ]


def costs(client: Client, paths: list[str]) -> Iterator[tuple[str, list[str], float]]:
    """Each page's path, its queries, and how long it took."""
    for path in paths:
        started = time.perf_counter()
        with CaptureQueriesContext(connection) as queries:
            page(client, path)
        yield path, [query["sql"] for query in queries], time.perf_counter() - started


@pytest.mark.timeout(300)
def test_pages_cost_the_same_with_a_hundred_thousand_rows(alice: User, record_property: Any) -> None:
    client = sign_in(alice)
    room = fill(alice, 60, 120)
    person = User.objects.order_by("pk").last().pk
    page(client)  # the days that are over are counted once
    few = [len(queries) for _path, queries, _seconds in costs(client, addresses(room, person))]
    fill(alice, MANY_PEOPLE, 0)
    room = fill(alice, 50, MANY_MESSAGES)
    assert User.objects.count() > MANY_PEOPLE
    cache.clear()
    page(client)
    slow = []
    for before, (path, queries, seconds) in zip(few, costs(client, addresses(room, person)), strict=True):
        # The overview looks for the day's first message by halving: a few reads by primary key more.
        assert len(queries) <= before + (0 if path else 20), (path, before, queries)
        assert len(queries) < 12 or not path, (path, queries)
        counts = [query for query in queries if path and "COUNT(" in query.upper()]
        # Bounded, or of one row of the page by an index.
        assert all(re.search(r"LIMIT \d+\) subquery$|GROUP BY", query) for query in counts), (path, counts)
        record_property(path or "index", round(seconds * 1000))
        if seconds > SLOWEST_S:
            slow.append((path, seconds))
    assert not slow
    assert "More than 10000" in words(page(client, "chat/message/"))
    assert "word99999" in page(client, "chat/message/")


def test_a_list_says_how_many_there_are_up_to_its_bound(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(alice)
    fill(alice, 120, 0)
    assert "121 rows" in words(page(client, "accounts/user/"))
    monkeypatch.setattr(desks, "COUNTED", 100)
    text = page(client, "accounts/user/")
    assert "More than 100" in words(text)
    assert "p=2" in text
    assert "p=3" not in text


def test_search_ends_at_the_newest_messages(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    client = sign_in(alice)
    fill(alice, 10, 100)
    assert "word3 of" in words(page(client, "chat/message/", q="word3 of"))
    monkeypatch.setattr(staff, "SEARCHED", 50)
    assert "Nothing matches" in words(page(client, "chat/message/", q="word3 of"))
    assert "word90 of" in words(page(client, "chat/message/", q="word90 of"))


@pytest.mark.parametrize("count", [0, 1, 7, 500])
def test_days_are_counted_as_a_full_scan_would(count: int, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    if count:
        fill(alice, 3, count)
    # Holes, as deleted batches and sequences leave them.
    doomed = list(Message.objects.order_by("pk").values_list("pk", flat=True))[3::7]
    Message.objects.filter(pk__in=doomed).delete()
    stored = list(Message.objects.values_list("created_at", flat=True))
    found = staff.days(14)
    assert [day for day, _n in found] == sorted(day for day, _n in found)
    assert found[-1][0] == timezone.localdate()
    assert dict(found) == {day: sum(at.date() == day for at in stored) for day, _n in found}
    with CaptureQueriesContext(connection) as queries:
        assert staff.days(14) == found
    assert len(queries) <= 2 * 12 + 3
