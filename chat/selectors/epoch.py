"""Which life of the database this is."""

from chat.models import Epoch


def epoch_value() -> str:
    """The epoch, empty in a database that was never migrated to the end. One query."""
    return Epoch.objects.filter(pk=1).values_list("value", flat=True).first() or ""
