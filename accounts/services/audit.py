"""Writing down what staff did."""

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from msgspec import Struct

from accounts.models import AuditEntry, User
from realtime.protocol.errors import Invalid

REASON_MAX = 500


class Subject(Struct, frozen=True):
    """Whom or what a deed was about, and what that was called."""

    kind: str
    id: int
    name: str

    @classmethod
    def of(cls, user: User) -> "Subject":
        return cls("user", user.pk, str(user))


def audit_write(
    *, actor: User | None, action: str, subject: Subject, reason: str = "", detail: dict[str, Any] | None = None
) -> AuditEntry:
    """Add an entry to the audit trail, in the transaction of the deed: neither is without the other. One query.

    `actor` None: the shell. Raises Invalid for a reason that cannot be kept.
    """
    return audit_write_all(actor=actor, action=action, subjects=[subject], reason=reason, detail=detail)[0]


def audit_write_all(
    *,
    actor: User | None,
    action: str,
    subjects: Collection[Subject],
    reason: str = "",
    detail: dict[str, Any] | None = None,
) -> list[AuditEntry]:
    """The same about each of many. As `audit_write`."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("What was done is written down in the transaction that did it.")
    reason = checked_reason(reason)
    return AuditEntry.objects.bulk_create(
        AuditEntry(
            actor=actor,
            action=action,
            subject_kind=subject.kind,
            subject_id=str(subject.id),
            subject_name=subject.name[:200],
            reason=reason,
            detail=detail or {},
        )
        for subject in subjects
    )


def checked_reason(reason: str, *, least: int = 0) -> str:
    """A reason, on one line, of so many characters at least. Raises Invalid."""
    tidy = " ".join(reason.split())
    wrong: Any = ""
    if not tidy.isprintable() or any("\ud800" <= char <= "\udfff" for char in tidy):
        wrong = _("The reason has characters that cannot be stored.")
    elif len(tidy) < least:
        wrong = _("Please write at least ten characters.")
    elif len(tidy) > REASON_MAX:
        wrong = _("The reason is longer than 500 characters.")
    if wrong:
        raise Invalid(wrong, fields={"reason": [wrong]})
    return tidy
