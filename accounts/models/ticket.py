"""A ticket that opens one socket."""

from django.db import models

from .device import Device


class Ticket(models.Model):
    """Good once, until `expires_at` by the database's clock. Only the hash is kept; the row is deleted by its use."""

    hash = models.CharField(max_length=64, unique=True)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="+", db_index=False)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"ticket of device {self.device_id}"
