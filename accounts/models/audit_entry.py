"""What staff did, and why."""

from typing import Any, ClassVar, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone


class AppendOnly(Exception):
    """The audit trail is only ever added to."""


class AuditRows(models.QuerySet["AuditEntry"]):
    """Rows are added and read. (PostgreSQL refuses the rest by itself, see the migration.)"""

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def delete(self) -> NoReturn:
        raise AppendOnly

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    def update_or_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly

    # What Django's collector calls.
    _raw_delete = delete  # type: ignore[assignment]
    delete.alters_data = True  # type: ignore[attr-defined]


class AuditEntry(models.Model):
    """One deed, as it was: `subject_name` is what the subject was called then, `detail` what the deed was about.

    `actor` is None for the shell. `action` is "<subject>.<past tense>"; its words are the admin's (`accounts.desk`).
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    action = models.CharField(max_length=40)
    subject_kind = models.CharField(max_length=20)
    subject_id = models.CharField(max_length=20)
    subject_name = models.CharField(max_length=200)
    reason = models.CharField(max_length=500, blank=True)
    detail = models.JSONField(default=dict)

    objects: ClassVar[models.Manager["AuditEntry"]] = AuditRows.as_manager()

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject_kind} {self.subject_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnly
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnly
