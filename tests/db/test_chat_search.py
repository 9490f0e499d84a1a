"""Finding people and rooms by some letters of a name, by how its 汉字 are read, and by first letters."""

import json
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import QuerySet

from accounts.models import NameKey, User
from accounts.selectors.people import accounts
from accounts.services.bot import bot_create
from accounts.services.standing import user_deactivate
from accounts.services.user import Status, user_create, user_update
from chat.models import Membership, RoomKey
from chat.selectors.people import search
from chat.selectors.rooms import joinable, members
from chat.services.room import room_create, room_update
from tests.accounts import api, sign_in
from tests.chat import room

pytestmark = pytest.mark.django_db


def person(handle: str, name: str, **fields: Any) -> User:
    return user_create(handle=handle, email=f"{handle}@example.org", display_name=name, **fields)


def names(rows: QuerySet[NameKey]) -> list[str]:
    return [row.user.display_name for row in rows]


# ---- who is found


def test_people_are_found_by_letters_readings_and_first_letters(alice: User) -> None:
    person("fangfang", "王芳")
    person("li.na", "李娜")
    person("zeng", "曾国藩")
    for text, who in (
        ("wf", ["王芳"]),
        ("wangfang", ["王芳"]),
        ("@王", ["王芳"]),
        ("芳", ["王芳"]),
        ("ｆａｎｇ", ["王芳"]),
        ("zengg", ["曾国藩"]),
        ("cgf", ["曾国藩"]),
        ("lina", ["李娜"]),
        ("li.n", ["李娜"]),
        ("ali", ["Alice"]),
        ("-", []),
        ("angfang", []),
    ):
        assert names(search(alice, text)) == who, text


def test_each_is_found_once_in_the_order_of_what_matched(alice: User) -> None:
    person("ww", "Wu Wei")
    person("wang", "王芳")
    person("xx", "韦唯")
    assert [(row.key, row.user.display_name) for row in search(alice, "w")] == [
        ("wangfang", "王芳"),
        ("wei", "Wu Wei"),
        ("weiwei", "韦唯"),
    ]


def test_who_is_called_otherwise_is_found_by_that_alone(alice: User) -> None:
    user = person("fang", "王芳")
    user_update(user_id=user.pk, display_name="陈芳")
    assert names(search(alice, "wangfang")) == []
    assert names(search(alice, "chenfang")) == ["陈芳"]
    kept = set(NameKey.objects.filter(user=user).values_list("pk", flat=True))
    user_update(user_id=user.pk, display_name="陈芳", status=Status(text="away"))
    assert set(NameKey.objects.filter(user=user).values_list("pk", flat=True)) == kept


def test_bots_are_found_and_closed_accounts_are_not(alice: User) -> None:
    bot_create(actor=alice, handle="tianqi", name="天气")
    user = person("fang", "王芳")
    assert names(search(alice, "tq")) == ["天气"]
    assert names(search(alice, "wf")) == ["王芳"]
    user_deactivate(user_id=user.pk)
    assert names(search(alice, "wf")) == []


def test_a_guest_finds_whom_she_shares_a_room_with(alice: User, carol: User) -> None:
    fang, fei = person("fang", "王芳"), person("fei", "王菲")
    room(alice, carol, fang)
    assert names(search(carol, "wf")) == ["王芳"]
    assert {row.user for row in search(alice, "wf")} == {fang, fei}


def test_members_of_a_room_are_found_in_the_same_way(alice: User, bob: User) -> None:
    fang, fei = person("fang", "王芳"), person("fei", "王菲")
    at = room(alice, bob, fang)
    assert [row.user for row in members(at, "@wf")] == [fang]
    assert [row.user for row in members(at, "@")] == [alice, bob, fang]
    assert not members(at, "..")
    assert {row.user for row in search(alice, "wf")} == {fang, fei}


def test_administrators_find_accounts_so_too(alice: User) -> None:
    person(
        "fang",
        "王芳",
    )
    for text in ("wf", "wangfang", "fang@", "芳"):
        assert [user.display_name for user in accounts(q=text)] == ["王芳"], text


# ---- rooms


def test_public_rooms_are_found_in_the_same_way(alice: User, bob: User) -> None:
    room_create(actor=alice, kind="public", name="茶馆")
    room_create(actor=alice, kind="public", name="Tea house")
    room_create(actor=alice, kind="private", name="茶话会")
    for text, who in (
        ("cg", ["茶馆"]),
        ("chag", ["茶馆"]),
        ("馆", ["茶馆"]),
        ("house", ["Tea house"]),
        ("th", ["Tea house"]),
    ):
        assert [found.name for found in joinable(bob, text)] == who, text
    assert RoomKey.objects.filter(room__kind="private").count() == 0


def test_a_room_with_another_name_is_found_by_that_alone(alice: User) -> None:
    at = room(alice, kind="public", name="茶馆")
    room_update(actor=alice, room_id=at, name="书店")
    assert [found.name for found in joinable(alice, "sd")] == ["书店"]
    assert not joinable(alice, "cg")


# ---- over HTTP


def test_pages_of_what_is_found_follow_each_other(alice: User, bob: User) -> None:
    for number in range(7):
        person(f"w{number}", "王芳" if number % 2 else "吴飞")
    browser = sign_in(bob)
    seen: list[str] = []
    after = ""
    for _ in range(9):
        page = api(browser, "GET", f"people/?q=wf&limit=2&after={after}").json()
        seen += [one["id"] for one in page["people"]]
        after = page["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 7
    assert api(browser, "GET", "people/?q=wf&after=bm9uc2Vuc2U").status_code == 400
    assert api(browser, "GET", "people/?q=wf&after=%00").status_code == 400


def test_without_letters_everybody_is_listed_by_handle(alice: User, bob: User, mallory: User) -> None:
    browser = sign_in(bob)
    for text in ("", "@", "%20"):
        page = api(browser, "GET", f"people/?limit=2&q={text}").json()
        assert [one["handle"] for one in page["people"]] == ["alice", "bob"]
        page = api(browser, "GET", f"people/?limit=2&q={text}&after={page['next']}").json()
        assert [one["handle"] for one in page["people"]] == ["mallory"]


# ---- those who were there before


def test_a_database_of_an_earlier_version_is_searched_too(alice: User, bob: User) -> None:
    fang = person("fang", "王芳")
    at = room(alice, bob, kind="public", name="茶馆")
    held = [
        set(model.objects.values_list(*of)) for model, of in ((NameKey, ("user", "key")), (RoomKey, ("room", "key")))
    ]
    NameKey.objects.all().delete()
    RoomKey.objects.all().delete()
    assert names(search(alice, "wf")) == []
    for name in ("accounts.migrations.0005_name_keys", "chat.migrations.0003_room_keys"):
        import_module(name).fill(apps, None)
    assert [row.user for row in search(alice, "wf")] == [fang]
    assert [found.pk for found in joinable(alice, "cg")] == [at]
    assert held == [
        set(model.objects.values_list(*of)) for model, of in ((NameKey, ("user", "key")), (RoomKey, ("room", "key")))
    ]


# ---- what it costs

MANY = 100_000
PAGE = 51


def fill(alice: User) -> int:
    """So many people, all in one public room, whose handles all begin alike; the room's id."""
    at = room(alice, kind="public", name="everybody")
    columns = [field for field in User._meta.concrete_fields if not field.primary_key]
    theirs = "password = '!'"
    given = {
        "handle": "'p' || i",
        "handle_key": "'p' || i",
        "display_name": "'Person ' || i",
        "email": "'p' || i || '@example.org'",
        "password": "'!'",
    }
    chosen = [given.get(field.column, f'"{field.column}"') for field in columns]
    quoted = ", ".join(f'"{field.column}"' for field in columns)
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {MANY})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Filling may take its time; what is measured comes after it.
            cursor.execute("SET LOCAL statement_timeout = 0")
        into = f"INSERT INTO accounts_user ({quoted})"
        rows = f"SELECT {', '.join(chosen)} FROM n, accounts_user WHERE accounts_user.id = {alice.pk}"
        cursor.execute(f"{numbers} {into} {rows}")
        for key in ("handle", "'person' || substr(handle, 2)", "'wf' || substr(handle, 2)"):
            cursor.execute(
                f"INSERT INTO accounts_namekey (user_id, key) SELECT id, {key} FROM accounts_user WHERE {theirs}"
            )
        stints = [field.column for field in Membership._meta.concrete_fields if not field.primary_key]
        quoted = ", ".join(f'm."{name}"' if name != "user_id" else "u.id" for name in stints)
        cursor.execute(
            f"INSERT INTO chat_membership ({', '.join(stints)}) SELECT {quoted} "
            f"FROM chat_membership m, accounts_user u WHERE m.room_id = {at} AND {theirs}"
        )
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    return at


def touched(rows: QuerySet[Any]) -> int:
    """How many pages of memory PostgreSQL looks at to answer; on SQLite, how many steps its machine takes."""
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
            answer = cursor.fetchone()[0]
            plan = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
            return int(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"])
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        connection.connection.set_progress_handler(step, 100)
        try:
            cursor.execute(sql, params)
            cursor.fetchall()
        finally:
            connection.connection.set_progress_handler(None, 0)
        return steps * 100


def test_a_search_among_a_hundred_thousand_costs_what_one_among_a_few_does(alice: User, bob: User, carol: User) -> None:
    fang = person("fang", "王芳")
    at = fill(alice)
    room(alice, carol, fang)
    most = 3000 if connection.vendor == "postgresql" else 60_000
    for text in ("p", "person", "wf", "p5", "p99999", "wangfang", "nobody"):
        assert touched(search(bob, text)[:PAGE]) < most, text
        assert touched(search(bob, text, after=(f"{text}5", 1000))[:PAGE]) < most, text
    for text in ("wangfang", "p99999", "nobody"):
        assert touched(search(carol, text)[:PAGE]) < most, text
    assert names(search(carol, "wf")) == ["王芳"]
    for text in ("p", "wf", "p99999", "wangfang", "nobody"):
        assert len(members(at, text)[:PAGE]) <= PAGE
    assert [row.user.handle for row in members(at, "p99999")] == ["p99999"]
