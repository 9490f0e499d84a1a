"""What is kept: rooms, their heads, keys, links and bans; memberships as stints, with drafts; messages with their edits
and mentions; and the log's epoch."""

from . import among  # noqa: F401
from .ban import Ban
from .draft import Draft
from .epoch import Epoch
from .membership import Membership
from .mention import Mention
from .message import Message
from .message_edit import MessageEdit
from .room import Room
from .room_head import RoomHead
from .room_key import RoomKey
from .room_link import RoomLink

__all__ = [
    "Ban",
    "Draft",
    "Epoch",
    "Membership",
    "Mention",
    "Message",
    "MessageEdit",
    "Room",
    "RoomHead",
    "RoomKey",
    "RoomLink",
]
