"""Who there is: people, the devices they are signed in on, their tickets, and the head of each person's own log."""

from .device import Device
from .person_head import PersonHead
from .ticket import Ticket
from .user import User

__all__ = ["Device", "PersonHead", "Ticket", "User"]
