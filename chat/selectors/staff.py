"""What staff sees without being in a room: all of public rooms; that the others exist, and what they are called."""

from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Count, DateTimeField, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.models import Ban, Membership, Message, Room, RoomLink

PAGE = 50
SEARCHED = 100_000
"""Search looks through so many of the newest messages."""

_DAY_KEPT_S = 60 * 60 * 24 * 20


def rooms() -> QuerySet[Room]:
    """Every room, with `members` and `last_at`, both counted by index for the rows of a page."""
    stints = Membership.objects.filter(room_id=OuterRef("pk"), left_rev=None).order_by().values("room_id")
    members = stints.annotate(count=Count("pk")).values("count")
    last = Message.objects.filter(room_id=OuterRef("pk")).order_by("-seq").values("created_at")[:1]
    return Room.objects.annotate(
        members=Coalesce(Subquery(members, output_field=IntegerField()), 0),
        last_at=Subquery(last, output_field=DateTimeField()),
    )


def memberships() -> QuerySet[Membership]:
    """Who is and was in public rooms."""
    return Membership.objects.select_related("user", "room").filter(room__kind=Room.Kind.PUBLIC)


def messages() -> QuerySet[Message]:
    """What was said in public rooms."""
    return Message.objects.select_related("author", "room").filter(room__kind=Room.Kind.PUBLIC)


def bans() -> QuerySet[Ban]:
    """Who was banned from public rooms."""
    return Ban.objects.select_related("user", "room", "created_by", "lifted_by").filter(room__kind=Room.Kind.PUBLIC)


def links() -> QuerySet[RoomLink]:
    """Links into public rooms."""
    return RoomLink.objects.select_related("room", "created_by").filter(room__kind=Room.Kind.PUBLIC)


def recent(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Those among the newest of all messages, so that a search has an end. One query."""
    last = Message.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return rows.filter(pk__gt=last - SEARCHED)


def page(room_id: int, before: int | None) -> tuple[list[Message], bool]:
    """The last messages of a room (with a smaller seq), the newest first; whether there are older ones. One query."""
    rows = Message.objects.select_related("author").filter(room_id=room_id).order_by("-seq")
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE


def days(count: int) -> list[tuple[date, int]]:
    """How many messages each of the last days had, the oldest first, in the server's time zone.

    Without an index on time: ids grow with it (to within a batch), so the first id of a day is found by halving, some
    twenty reads by primary key. A day that is over is counted once and kept in the cache.
    """
    zone = timezone.get_default_timezone()
    today = timezone.localdate(timezone=zone)
    wanted = [today - timedelta(days=back) for back in range(count - 1, -1, -1)]
    keys = {day: f"messages:{day.isoformat()}" for day in wanted if day != today}
    kept = cache.get_many(keys.values())
    counts = {day: kept[key] for day, key in keys.items() if key in kept}
    fresh = [day for day in wanted if day not in counts]
    firsts: dict[date, int] = {}
    low = 0
    for day in sorted({*fresh, *(day + timedelta(days=1) for day in fresh)}):
        if day > today:
            continue
        midnight = datetime.combine(day, time.min, tzinfo=zone)
        low = firsts[day] = _first_since(midnight, low)
    for day in fresh:
        rows = Message.objects.filter(pk__gte=firsts[day])
        if day != today:
            rows = rows.filter(pk__lt=firsts[day + timedelta(days=1)])
        counts[day] = rows.count()
    cache.set_many({keys[day]: counts[day] for day in fresh if day in keys}, _DAY_KEPT_S)
    return [(day, counts[day]) for day in wanted]


def _first_since(when: datetime, low: int) -> int:
    """An id that parts the messages from `when` on from those before; none below `low` is of the former."""
    ids = Message.objects.order_by("pk").values_list("pk", "created_at")
    newest = Message.objects.order_by("-pk").values_list("pk", flat=True).first()
    high = 1 if newest is None else newest + 1
    while low < high:
        middle = (low + high) // 2
        found = ids.filter(pk__gte=middle, pk__lt=high).first()
        if found is None or found[1] >= when:
            high = middle
        else:
            low = found[0] + 1
    return high
