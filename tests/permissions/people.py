"""Everybody in the table, with the credentials of a program each."""

from secrets import token_hex
from typing import Any

from accounts.models import User
from accounts.services.api_token import api_token_create
from accounts.services.bot import bot_create
from accounts.services.standing import user_deactivate
from accounts.services.token import token_issue
from tests.world import PASSWORD

NOBODY = str(2**50)
"""The id of a person, room, link … that there is not."""

_ROLES = {
    "outsider": User.Role.GUEST,
    "guest": User.Role.GUEST,
    "ousted": User.Role.GUEST,
    "admin": User.Role.ADMIN,
}


class Cast:
    """People by the name of their column. `password`: as it is stored, where servers have to know it."""

    def __init__(self, columns: str, *, password: str = "", owner: bool = False) -> None:
        self.nonce = token_hex(3)
        self._password = password
        self.users: dict[str, User] = {}
        self.bearers: dict[str, str] = {}
        self.refreshes: dict[str, str] = {}
        for who in columns.split():
            if who in {"anonymous", "bot"}:
                continue
            role = User.Role.OWNER if owner and who == "owner" else _ROLES.get(who, User.Role.MEMBER)
            self.users[who] = self.person(who, role=role, is_staff=who == "staff")
        if "bot" in columns.split():
            self.users["bot"] = bot_create(actor=self.users["owner"], handle=f"bot{self.nonce}")
        for who in self.users:
            self.bearers[who], self.refreshes[who] = self.credentials(who)

    def person(self, name: str, **fields: Any) -> User:
        """Somebody of this name, whom nobody else has in this run."""
        handle = f"{name}{self.nonce}"
        user = User.objects.create_user(handle, f"{handle}@example.org", None if self._password else PASSWORD, **fields)
        if self._password:
            user.password = self._password
            user.save(update_fields=["password"])
        return user

    def credentials(self, who: str) -> tuple[str, str]:
        """A new (bearer, refresh token) of hers."""
        user = self.users[who]
        if user.is_bot:
            return api_token_create(user=user, name="tests", scope=["admin"])[1], "none"
        pair = token_issue(user=user, label="tests")
        return pair.access, pair.refresh

    def close(self) -> None:
        """Close the account that is to be closed: once everything else is as it should be."""
        user_deactivate(user_id=self.users["closed"].pk)

    def id(self, who: str) -> str:
        return str(self.users[who].pk)
