"""Close codes. The range is the policy: 4000–4499 come back, 4500–4999 stay away."""

from enum import IntEnum


class Close(IntEnum):
    """Why the server closes a socket; always announced by a `bye` frame."""

    INTERNAL = 4000
    HEARTBEAT_LOST = 4001
    NO_HELLO = 4002
    SESSION_EXPIRED = 4003
    TOO_SLOW = 4008
    FLOODING = 4009
    RESTART = 4012
    OVERLOADED = 4013
    DATABASE_AWAY = 4014
    REPLACED = 4015
    PROTOCOL_VIOLATION = 4500
    UNSUPPORTED_VERSION = 4501
    SESSION_REVOKED = 4503
    ACCOUNT_DISABLED = 4504

    @property
    def may_return(self) -> bool:
        """Whether a client may come back with its cursors."""
        return self < 4500

    @property
    def returns_when(self) -> str:
        """When a client may connect again."""
        if self is Close.SESSION_EXPIRED:
            return "after a new sign-in"
        if self is Close.REPLACED:
            return "when the person asks"
        return "by itself" if self.may_return else "never"
