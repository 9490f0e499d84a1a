"""Reading the heads of people's own logs."""

from accounts.models import PersonHead


def person_rev(user_id: int) -> int:
    """The last rev of a person's log; 0 if nothing happened yet. One query."""
    return PersonHead.objects.filter(pk=user_id).values_list("rev", flat=True).first() or 0
