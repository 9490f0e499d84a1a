"""What is kept: rooms and their heads, memberships as stints, messages with their edits, and the log's epoch."""

from .epoch import Epoch
from .membership import Membership
from .message import Message
from .message_edit import MessageEdit
from .room import Room
from .room_head import RoomHead

__all__ = ["Epoch", "Membership", "Message", "MessageEdit", "Room", "RoomHead"]
