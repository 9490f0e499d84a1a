"""What was sent before is found by its key, through the index."""

from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.selectors.sent import sent
from chat.services.message import messages_append
from tests.chat import draft, room, say


def test_only_what_has_the_whole_key_is_found(alice: User, bob: User) -> None:
    lounge, kitchen = room(alice, bob), room(alice, bob)
    client_id, other = uuid4(), uuid4()
    first = say(alice, lounge, "hello", client_id=client_id)
    say(bob, kitchen, "hello", client_id=other)
    found = sent({(lounge, alice.pk, client_id), (lounge, bob.pk, client_id), (lounge, bob.pk, other)})
    assert [(key, row.seq, row.created_rev) for key, row in found.items()] == [
        ((lounge, alice.pk, client_id), first.seq, first.rev)
    ]
    assert sent([]) == {}


def test_it_costs_a_probe_a_key_however_much_was_said(alice: User) -> None:
    lounge = room(alice)
    messages_append(drafts=[draft(alice, lounge) for _ in range(1000)])
    keys = [(lounge, alice.pk, uuid4()) for _ in range(100)]
    with CaptureQueriesContext(connection) as asked:
        sent(keys)
    [query] = asked
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE chat_message")
        cursor.execute(f"{explain} {query['sql']}")
        plan = "\n".join(str(line) for line in cursor.fetchall())
    assert "message_client_id" in plan or "sqlite_autoindex" in plan, plan
