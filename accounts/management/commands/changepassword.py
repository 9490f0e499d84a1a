"""Django's `changepassword`, which here also ends the person's sign-ins, sockets included."""

import getpass
from typing import Any

from django.contrib.auth.management.commands import changepassword

from accounts.models import User
from accounts.services.device import devices_end_all


class Command(changepassword.Command):
    """As Django's."""

    def handle(self, *args: Any, **options: Any) -> str | None:
        # Two steps, for one transaction would hold locks while somebody types. Who signs in between them knows the
        # new password, and has to sign in once more.
        answer = super().handle(*args, **options)
        devices_end_all(user_id=User.objects.get(handle=options["username"] or getpass.getuser()).pk)
        return answer
