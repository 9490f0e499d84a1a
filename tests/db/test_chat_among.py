"""`among` finds what `in` finds, with one parameter on PostgreSQL."""

from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from chat.models import Membership, Message
from tests.chat import room, say


def test_it_finds_what_in_finds(alice: User, bob: User) -> None:
    lounge, kitchen = room(alice, bob), room(alice)
    client_id = uuid4()
    say(alice, lounge, "hello", client_id=client_id)
    for name, sought in {
        "room_id": [{lounge, kitchen}, [kitchen], {0}, set()],
        "user_id": [{alice.pk, bob.pk}, {bob.pk}],
    }.items():
        for ids in sought:
            found = set(Membership.objects.filter(**{f"{name}__among": ids}))
            assert found == set(Membership.objects.filter(**{f"{name}__in": ids})), (name, ids)
    assert Message.objects.get(client_id__among={client_id, uuid4()}).text == "hello"
    assert not Message.objects.filter(client_id__among=[uuid4()]).exists()


def test_however_many_they_are_the_query_is_the_same(alice: User) -> None:
    with CaptureQueriesContext(connection) as asked:
        for count in (1, 300):
            list(Membership.objects.filter(room_id__among=range(1, count + 1), user=alice))
    if connection.vendor == "postgresql":
        assert all("ANY(" in query["sql"] for query in asked)
        assert "1,2,3" in asked[1]["sql"]
    else:
        assert " IN (1, 2, 3" in asked[1]["sql"]
