"""Who there is: people and bots, what they are found by, how they come in, the devices they are signed in on, their
tokens and tickets, the head of each one's own log, and what staff did."""

from .api_token import ApiToken
from .audit_entry import AuditEntry
from .device import Device
from .invitation import Invitation
from .name_key import NameKey
from .person_head import PersonHead
from .ticket import Ticket
from .user import User

__all__ = ["ApiToken", "AuditEntry", "Device", "Invitation", "NameKey", "PersonHead", "Ticket", "User"]
