"""Beginning another life of the database."""

from chat.models import Epoch
from chat.models.epoch import new_epoch


def epoch_ensure() -> None:
    """Give a new database its epoch. Two queries at most."""
    Epoch.objects.get_or_create(pk=1)


def epoch_renew() -> str:
    """Replace the epoch: every cursor that clients hold means nothing any more. One or two queries."""
    epoch, _created = Epoch.objects.update_or_create(pk=1, defaults={"value": new_epoch()})
    return epoch.value
