"""`manage.py new_epoch`: after a restore, so that clients drop what the lost days told them."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from chat.services.epoch import epoch_renew


class Command(BaseCommand):
    help = "Give the database a new epoch. Run it after restoring a backup, before serving: clients start afresh."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(_("The database's epoch is now %s.") % epoch_renew())
