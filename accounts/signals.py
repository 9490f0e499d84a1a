"""What other apps must hear of. Sent by accounts' services inside their transactions: a receiver that raises undoes
the change.

Each carries `user` (the row as it will be stored). They are sent before the person's head is locked, so a receiver may
lock room heads.
"""

from django.dispatch import Signal

person_created = Signal()
person_renamed = Signal()
person_deactivated = Signal()
