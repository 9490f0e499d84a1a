"""The connections to PostgreSQL. What goes and comes by `config.adapters` is what goes and comes by psycopg alone."""

import asyncio
import time
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import InternalError, OperationalError, connection, connections
from django.db.backends.postgresql.psycopg_any import BaseTzLoader
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg.types.array import ListDumper

import chat.services.message
from accounts.models import Device, User
from accounts.services.device import TOUCH_EVERY, device_touch
from chat.models import Message
from chat.rendering import render
from chat.services.message import Appended, messages_append
from config.adapters import MomentLoader, PlainListDumper
from realtime import deadline
from realtime import pool as pools
from realtime.outage import is_away, is_read_only
from tests.chat import draft, room

pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="they are PostgreSQL's"),
    pytest.mark.may_skip,  # SQLite's connections are Django's own
]

MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))
KINDS: dict[str, st.SearchStrategy[Any]] = {
    "bigint": st.integers(-(2**63), 2**63 - 1),
    "text": st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    "bytea": st.binary(),
    "uuid": st.uuids(),
    "timestamptz": MOMENTS,
}


@pytest.fixture
def wire(db: None) -> psycopg.Cursor[Any]:
    connection.ensure_connection()
    return connection.create_cursor()  # type: ignore[no-any-return]


def test_no_query_is_compiled_before_it_runs(wire: psycopg.Cursor[Any]) -> None:
    assert wire.execute("SHOW jit").fetchone() == ("off",)


def test_they_are_used_by_the_connections_of_the_product(wire: psycopg.Cursor[Any]) -> None:
    asked = wire.execute("SELECT %s::bigint[], now()", [[1]])
    assert asked.adapters.get_loader(psycopg.adapters.types["timestamptz"].oid, psycopg.pq.Format.TEXT) is MomentLoader
    assert asked.adapters.get_dumper(list, psycopg.adapt.PyFormat.TEXT) is PlainListDumper


@pytest.mark.parametrize("kind", KINDS)
def test_a_list_arrives_as_it_was(wire: psycopg.Cursor[Any], kind: str) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.lists(st.none() | KINDS[kind]))
    def arrives(sent: list[Any]) -> None:
        rows = wire.execute(f"SELECT * FROM unnest((%s)::{kind}[])", [sent]).fetchall()
        assert [value for (value,) in rows] == sent

    arrives()


@pytest.mark.parametrize(
    "awkward", ["", "NULL", "null", '"', "\\", "{}", "a,b", " ", "\u3000", "'", "%s", "汉字", "\n"]
)
def test_no_text_is_taken_for_something_else(wire: psycopg.Cursor[Any], awkward: str) -> None:
    [(array,)] = wire.execute("SELECT %s::text[]", [[awkward, None, awkward]])
    assert array == [awkward, None, awkward]


@pytest.mark.parametrize(
    ("kind", "sent"),
    [("int", [[1, 2], [3, 4]]), ("bool", [True, False]), ("float8", [1.5]), ("interval", [timedelta(seconds=2)])],
)
def test_what_is_not_plain_goes_psycopgs_way(wire: psycopg.Cursor[Any], kind: str, sent: list[Any]) -> None:
    assert wire.execute(f"SELECT %s::{kind}[]", [sent]).fetchone() == (sent,)


def test_a_text_with_a_nul_is_refused(wire: psycopg.Cursor[Any]) -> None:
    with pytest.raises(psycopg.DataError, match="NUL"):
        wire.execute("SELECT %s", [["a\0b"]])


def test_a_moment_is_the_one_that_was_stored(wire: psycopg.Cursor[Any]) -> None:
    @settings(max_examples=60, deadline=None)
    @given(MOMENTS)
    def arrives(moment: datetime) -> None:
        [(read,)] = wire.execute("SELECT %s::timestamptz", [moment])
        assert (read, read.tzinfo) == (moment, UTC)

    arrives()


def test_another_zone_and_another_style_are_read_too(wire: psycopg.Cursor[Any]) -> None:
    moment = datetime(2026, 3, 1, 4, 5, 6, 700000, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    for setting in ("TIME ZONE 'Asia/Kolkata'", "TIME ZONE 'America/St_Johns'"):
        wire.execute(f"SET LOCAL {setting}")
        [(read,)] = wire.execute("SELECT %s::timestamptz", [moment])
        assert (read, read.tzinfo) == (moment, UTC)
    with pytest.raises(psycopg.DataError):
        wire.execute("SELECT 'infinity'::timestamptz").fetchone()


def test_the_shape_on_the_wire_is_psycopgs(wire: psycopg.Cursor[Any]) -> None:
    keys: list[UUID | None] = [uuid4(), None]
    for sent in ([1, -2, None], keys, [None], []):
        context = psycopg.adapt.Transformer(wire)
        theirs, ours = (
            kind(list, context).upgrade(sent, psycopg.adapt.PyFormat.TEXT) for kind in (ListDumper, PlainListDumper)
        )
        assert bytes(ours.dump(sent)) == bytes(theirs.dump(sent))
        assert ours.oid == theirs.oid
    assert issubclass(MomentLoader, BaseTzLoader)


def test_what_a_call_computes_is_no_waiting_but_all_its_waiting_counts(db: None) -> None:
    with deadline.within(0.5), connection.cursor() as cursor:
        time.sleep(0.6)
        cursor.execute("SELECT pg_sleep(0.3)")
        with pytest.raises(OperationalError, match="did not answer in time"):
            cursor.execute("SELECT pg_sleep(0.3)")
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_slow_rendering_is_no_database_that_is_away(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    lounge = room(alice)
    monkeypatch.setattr(pools, "CALL_S", 0.5)

    def slowly(text: str, *, mark: bool) -> str:
        time.sleep(0.6)
        return render(text, mark=mark)

    def append() -> object:
        try:
            [answer] = messages_append(drafts=[draft(alice, lounge)])
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(0.1)")
            return answer
        finally:
            connections.close_all()

    monkeypatch.setattr(chat.services.message, "render", slowly)
    pool = pools.DatabasePool(1)
    answer = asyncio.run(pool.run(append, writes=True))
    assert isinstance(answer, Appended)
    assert (pool.writing.open, Message.objects.filter(room_id=lounge).count()) == (False, 1)
    pool.stop()


@pytest.mark.django_db(transaction=True)
def test_a_server_that_may_only_be_read_is_away_for_writing(alice: User) -> None:
    lounge = room(alice)
    long_ago = datetime.now(UTC) - 2 * TOUCH_EVERY
    device = Device.objects.create(user=alice, created_at=long_ago, last_seen_at=long_ago)
    pools._write()
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
    with pytest.raises(InternalError) as refused:
        messages_append(drafts=[draft(alice, lounge), draft(alice, lounge)])
    assert is_read_only(refused.value)
    assert is_away(refused.value)
    device_touch(device=device)
    device.refresh_from_db()
    assert device.last_seen_at == long_ago, "who only reads is let in, and not noted"
    with pytest.raises(OperationalError, match="only be read"):
        pools._write()
    pools._read()
