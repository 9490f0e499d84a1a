"""The staff's pages about rooms."""

from .memberships import MembershipPage
from .messages import MessagePage
from .rooms import RoomPage

__all__ = ["MembershipPage", "MessagePage", "RoomPage"]
