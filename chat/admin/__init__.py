"""The staff's pages about rooms."""

from .bans import BanPage
from .links import RoomLinkPage
from .memberships import MembershipPage
from .messages import MessagePage
from .rooms import RoomPage

__all__ = ["BanPage", "MembershipPage", "MessagePage", "RoomLinkPage", "RoomPage"]
