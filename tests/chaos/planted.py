"""Bugs for the servers under test, to show that the checker sees them. Chosen by PARLEY_PLANTED, only under
`tests.chaos.server`."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

COMMIT_LATE_S = 0.4


def ack_before_commit() -> None:
    """The answers of a batch are given first; it is committed a moment later."""
    from django.db import connection, transaction

    from chat import commands

    store = commands.messages_append

    def later(drafts: Sequence[Any]) -> None:
        time.sleep(COMMIT_LATE_S)
        try:
            store(drafts=drafts)
        finally:
            connection.close()

    def promise(*, drafts: Sequence[Any]) -> Any:
        with transaction.atomic():
            answers = store(drafts=drafts)
            transaction.set_rollback(True)
        threading.Thread(target=later, args=(drafts,), daemon=True).start()
        return answers

    commands.messages_append = promise


def no_gap_repair() -> None:
    """What no doorbell brought is never read."""
    from realtime.positions import PositionCheck
    from realtime.repair import Repairs

    async def look_away(positions: Any, *, everything: bool = False) -> None:
        """The database is not asked."""

    Repairs.close_gap = lambda repairs, topic, wait_s: None  # type: ignore[method-assign]
    PositionCheck.check = look_away  # type: ignore[method-assign]


def delivered_as_it_comes() -> None:
    """A bell is delivered whatever came before it."""
    from realtime.topic import Topic

    accept = Topic.accept

    def deliver(topic: Any, bell: Any) -> bool:
        if topic.position is None or bell.steps is None:
            return accept(topic, bell)
        for step in bell.steps:
            topic.apply(step)
        return True

    Topic.accept = deliver  # type: ignore[method-assign]


def double_delivery() -> None:
    """Now and then a burst is written twice."""
    from realtime.consumer import SocketConsumer

    feed = SocketConsumer.feed
    count = 0

    def twice(socket: Any, topic: str, batch: Any) -> None:
        nonlocal count
        count += 1
        feed(socket, topic, batch)
        if count % 40 == 0:
            feed(socket, topic, batch)

    SocketConsumer.feed = twice  # type: ignore[method-assign]


def resurrected_membership() -> None:
    """Which rooms somebody is in is read once and remembered, also when she was removed and comes back."""
    import config.product
    from realtime.topic import Topic

    # The callables were handed over when the module was imported; what they call is looked up at each call.
    log = config.product.log
    known: dict[str, Any] = {}
    topics = log.topics

    def remembered(identities: Any) -> list[dict[str, int]]:
        answers = []
        for identity, now in zip(identities, topics(identities), strict=True):
            known.setdefault(identity.user, {}).update(now)
            answers.append({**known[identity.user], **now})
        return answers

    log.topics = remembered
    Topic.admits = lambda topic, user, head: True  # type: ignore[method-assign]


def reopened_stint() -> None:
    """Who comes into a room again gets her old stint back."""
    from chat.models import Membership
    from chat.services import membership

    begin = membership.stints_open

    def reopen(*, room: Any, head: Any, people: Any) -> Any:
        rows = begin(room=room, head=head, people=people)
        for row in rows:
            old = Membership.objects.filter(room=room, user=row.user).exclude(pk=row.pk).first()
            if old is not None:
                Membership.objects.filter(pk=row.pk).delete()
                Membership.objects.filter(pk=old.pk).update(left_rev=None, rev=row.rev, user_rev=row.user_rev)
        return rows

    membership.stints_open = reopen


BUGS: dict[str, Callable[[], None]] = {
    plant.__name__: plant
    for plant in (
        ack_before_commit,
        no_gap_repair,
        delivered_as_it_comes,
        double_delivery,
        resurrected_membership,
        reopened_stint,
    )
}
