"""Beginning another life of the database."""

from chat.models import Epoch
from chat.models.epoch import new_epoch
from chat.selectors.epoch import epoch_value


def epoch_ensure() -> None:
    """Give a new database its epoch. Two queries at most."""
    Epoch.objects.get_or_create(pk=1)


def epoch_renew() -> str:
    """Replace the epoch: every cursor that clients hold means nothing any more. One or two queries."""
    epoch, _created = Epoch.objects.update_or_create(pk=1, defaults={"value": new_epoch()})
    return epoch.value


def epoch_renew_once(instead_of: str) -> str:
    """Replace this epoch, if it is still that one: of all processes that want to, one does. Two queries."""
    Epoch.objects.filter(pk=1, value=instead_of).update(value=new_epoch())
    return epoch_value()
