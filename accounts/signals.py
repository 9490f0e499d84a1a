"""What other apps must hear of. Sent by accounts' services inside their transactions: a receiver that raises undoes
the change.

Each carries `user` (the row as it will be stored). They are sent before the person's head is locked, so a receiver may
lock room heads.
"""

from django.dispatch import Signal

# With `invitation`, the one she came by, or None: `invitation.room_ids` are rooms to bring her into, as far as
# `invitation.created_by` may.
person_created = Signal()
# What others see of her changed; `changed` names it: name, picture, status.
person_renamed = Signal()
# These with `users`, all to whom it happened at once; the first with `before`, the roles they had, by id.
people_role_changed = Signal()
people_deactivated = Signal()
people_reactivated = Signal()
# `user` makes `invitation`: a receiver refuses rooms (`invitation.room_ids`) into which she may bring nobody.
invitation_made = Signal()
