"""The staff's pages about people."""

from .api_tokens import ApiTokenPage
from .audit import AuditPage
from .devices import DevicePage
from .invitations import InvitationPage
from .people import PeoplePage

__all__ = ["ApiTokenPage", "AuditPage", "DevicePage", "InvitationPage", "PeoplePage"]
