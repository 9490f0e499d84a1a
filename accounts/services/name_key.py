"""Keeping what people, and rooms, are found by."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from accounts.models import NameKey, User


def name_keys_store(*, user: User) -> None:
    """What this person, whose row is stored and locked, is found by from now on. At most three queries."""
    keys_replace(held=NameKey.objects.filter(user=user), wanted=NameKey.of(user))


def keys_replace(*, held: QuerySet[Any], wanted: Sequence[Any]) -> None:
    """Make the keys of one thing, whose row is locked, what is wanted. At most three queries."""
    there, keys = set(held.values_list("key", flat=True)), {row.key for row in wanted}
    if there - keys:
        held.exclude(key__in=keys).delete()
    held.model._default_manager.bulk_create([row for row in wanted if row.key not in there])
