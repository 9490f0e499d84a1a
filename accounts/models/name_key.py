"""What a person is found by."""

from django.db import models
from django.db.models import Q

from accounts.names import KEY_LENGTH, folded, keys

from .user import User


class NameKey(models.Model):
    """One beginning (`accounts.names`) of a person's handle or name. Kept by the services with the name.

    PostgreSQL orders the column by bytes, whatever the database's own order is, as SQLite does: so what begins with a
    text is one stretch of the index.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="name_keys", db_index=False)
    key = models.CharField(max_length=KEY_LENGTH)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="name_key_once")]
        indexes = [models.Index(fields=["key", "user"], name="name_key_begins")]

    def __str__(self) -> str:
        return f"{self.key} of person {self.user_id}"

    @classmethod
    def of(cls, user: User) -> "list[NameKey]":
        """The keys of this person as she is called now, not stored."""
        return [cls(user=user, key=key) for key in keys(user.handle, user.display_name)]


def beginning(text: str, *, since: str = "") -> Q:
    """The keys, of people or of rooms, that begin with what somebody typed, from the key `since` on; none if that is
    punctuation only."""
    begun = folded(text)[:KEY_LENGTH]
    # One lower bound: of two SQLite would take the wrong one.
    return Q(key__gte=max(begun, since), key__lt=f"{begun}\U0010ffff") if begun else Q(pk__in=())
