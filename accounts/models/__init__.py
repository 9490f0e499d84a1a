"""Who there is: people, the devices they are signed in on, and the head of each person's own log."""

from .device import Device
from .person_head import PersonHead
from .user import User

__all__ = ["Device", "PersonHead", "User"]
