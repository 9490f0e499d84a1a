"""Tickets: a socket's one-time proof of who opens it."""

import secrets
from datetime import timedelta
from hashlib import sha256

from django.db.models.functions import Now

from accounts.models import Device, Ticket

TICKET_LIFE = timedelta(seconds=30)


def ticket_issue(*, device: Device) -> str:
    """32 random bytes as text, good once within 30 seconds. Clears away what expired; two queries."""
    ticket = secrets.token_urlsafe(32)
    Ticket.objects.filter(expires_at__lt=Now() - TICKET_LIFE).delete()
    Ticket.objects.create(hash=_hash(ticket), device=device, expires_at=Now() + TICKET_LIFE)
    return ticket


def ticket_use(*, ticket: str) -> int | None:
    """The id of the device that got this ticket, once; None for what is unknown, used or expired.

    Two queries. The delete decides, so of two processes that see the row only one gets an answer.
    """
    rows = Ticket.objects.filter(hash=_hash(ticket), expires_at__gt=Now())
    device_id = rows.values_list("device_id", flat=True).first()
    return device_id if device_id is not None and rows.delete()[0] else None


def _hash(ticket: str) -> str:
    return sha256(ticket.encode()).hexdigest()
