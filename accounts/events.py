"""What happened to a person, in the past tense."""

from typing import ClassVar

from accounts.payloads import DeviceState, Me
from realtime.protocol.closes import Close
from realtime.protocol.frames import Event, Id


class UserState(Event, frozen=True, kw_only=True):
    """What changed for one person: devices begun or ended, her profile.

    `disabled`: the account was deactivated; every socket of it closes. `chat.events.UserState` adds the rooms.
    """

    type: ClassVar[str] = "user.state"
    user: Id
    devices: list[DeviceState] = []
    me: Me | None = None
    disabled: bool = False

    @property
    def topic(self) -> str:
        return f"user:{self.user}"

    @property
    def closes(self) -> dict[str, int]:
        if self.disabled:
            return {"*": Close.ACCOUNT_DISABLED}
        return {device.id: Close.SESSION_REVOKED for device in self.devices if device.ended}
