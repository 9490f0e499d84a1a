"""The workspace with somebody in every role, and what each row of the table asks there."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image

from accounts.models import User
from accounts.services.api_token import api_token_create
from accounts.services.bot import bot_create
from accounts.services.invitation import invitation_create
from accounts.services.standing import user_deactivate
from accounts.services.token import token_issue
from chat.services.room import room_create
from tests.permissions.cells import Row
from tests.permissions.people import NOBODY, Cast
from tests.permissions.stage import Request
from tests.world import PASSWORD

ROLES = {
    "friend": User.Role.MEMBER,
    "friend2": User.Role.MEMBER,
    "stranger": User.Role.MEMBER,
    "gone": User.Role.MEMBER,
    "guest_target": User.Role.GUEST,
    "admin_target": User.Role.ADMIN,
    "owner_target": User.Role.OWNER,
    "member_target": User.Role.MEMBER,
    "rising": User.Role.MEMBER,
    "closed_target": User.Role.MEMBER,
}


class Workspace:
    """Two friends with whom everybody shares a room, a stranger, and those whom administrators change."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.others = {name: cast.person(f"the{name}", role=role) for name, role in ROLES.items()}
        owner = cast.users["owner"]
        together = [self.others["friend"], self.others["friend2"], *cast.users.values()]
        room_create(actor=owner, kind="private", name=f"friends {cast.nonce}", user_ids=[user.pk for user in together])
        self.invitation = invitation_create(actor=owner)[0].pk
        self.bot = bot_create(actor=owner, handle=f"robot{cast.nonce}")
        self.bot_token = api_token_create(user=self.bot, name="the bot's", scope=["read"])[0].pk
        # Of the stranger's it is asked whether others may end them.
        whose = {**cast.users, "another": self.others["stranger"]}
        tokens = {who: api_token_create(user=user, name="own", scope=["read"])[0] for who, user in whose.items()}
        self.tokens = {who: str(token.pk) for who, token in tokens.items()}
        self.devices = {
            who: str(tokens[who].device_id) if user.is_bot else token_issue(user=user, label="spare").device
            for who, user in whose.items()
        }
        for name in ("gone", "closed_target"):
            user_deactivate(user_id=self.others[name].pk)
        self.picture = _png()

    def id(self, name: str) -> str:
        return str(self.others[name].pk)

    def request(self, row: Row, who: str, *, lost: bool = False, nobody: bool = False) -> Request:
        """What the row asks. `lost`: of something that does not exist; `nobody`: about nobody there is."""
        whose = "another" if row.variant == "(another's)" else who
        path = row.what.format(
            device=NOBODY if lost else self.devices.get(whose, "1"),
            token=NOBODY if lost else self._token(row, whose),
            invitation=NOBODY if lost else self.invitation,
            bot=self.bot.pk,
            user=NOBODY if nobody else self._target(row),
        )
        body = _BODIES.get(f"{row.kind} {row.what}", lambda *_: None)
        return Request(row.kind, path, body(self, row, who, nobody))

    def _token(self, row: Row, whose: str) -> Any:
        return self.bot_token if row.what.startswith("bots/") else self.tokens.get(whose, "1")

    def _target(self, row: Row) -> str:
        name = {
            "(an administrator)": "admin_target",
            "(an owner)": "owner_target",
            "(an owner, closed)": "owner_target",
            "(made owner)": "rising",
            "(closed)": "member_target",
            "(reopened)": "closed_target",
        }.get(row.variant, "guest_target")
        return self.id(name)

    def command(self, row: Row, who: str) -> dict[str, Any]:
        """The payload of the row's command."""
        payloads: dict[str, dict[str, Any]] = {"presence.set": {"state": "away"}, "presence.watch": {"users": []}}
        return payloads.get(row.what, {})

    def subject(self, row: Row) -> User:
        """The person a list is searched for."""
        if "friend" in row.variant:
            return self.others["friend"]
        return self.others["gone" if "closed" in row.variant else "stranger"]


def _png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (32, 32), "teal").save(file, "PNG")
    return file.getvalue()


def _sign_in(at: Workspace, row: Row, who: str, nobody: bool) -> Any:
    user = at.cast.users.get(who)
    return {"login": user.handle if user else "nobody", "password": PASSWORD}


def _account(at: Workspace, row: Row, who: str, nobody: bool) -> Any:
    return {
        "(made owner)": {"role": "owner"},
        "(closed)": {"active": False},
        "(an owner, closed)": {"active": False},
        "(reopened)": {"active": True},
        "(an administrator)": {"role": "guest"},
    }.get(row.variant, {"role": "member"})


def _closing(at: Workspace, row: Row, who: str, nobody: bool) -> Any:
    people = ["guest_target", "member_target"] + (["owner_target"] if row.variant else [])
    return {"people": [at.id(name) for name in people]}


def _whom(at: Workspace, row: Row, who: str, nobody: bool) -> Any:
    name = {"(the friend)": "friend", "(a closed account)": "gone"}.get(row.variant, "stranger")
    return {"user": NOBODY if nobody else at.id(name)}


def _group(at: Workspace, row: Row, who: str, nobody: bool) -> Any:
    third = ["stranger"] if "stranger" in row.variant else []
    return {"users": [at.id("friend"), at.id("friend2"), *(NOBODY if nobody else at.id(name) for name in third)]}


def _room(at: Workspace, row: Row, who: str, nobody: bool) -> Any:
    people = [at.id("stranger")] if row.variant else []
    return {"kind": "private", "name": f"made by {who} {at.cast.nonce}{len(people)}", "people": people}


_BODIES: dict[str, Callable[[Workspace, Row, str, bool], Any]] = {
    "PATCH me/": lambda at, row, who, nobody: {"status": f"here, says {who}"},
    "PUT me/picture/": lambda at, row, who, nobody: at.picture,
    "POST me/tokens/": lambda at, row, who, nobody: {"name": "new", "scopes": ["read"]},
    "POST auth/token/": _sign_in,
    "POST auth/token/refresh/": lambda at, row, who, nobody: {"refresh": at.cast.refreshes.get(who, "none")},
    "POST auth/token/revoke/": lambda at, row, who, nobody: {},
    "POST invitations/": lambda at, row, who, nobody: {"role": "guest" if row.variant == "(a guest)" else "admin"},
    "POST bots/": lambda at, row, who, nobody: {"handle": f"b{len(who)}{who}"},
    "PATCH bots/{bot}/": lambda at, row, who, nobody: {"name": f"renamed by {who}"},
    "POST bots/{bot}/tokens/": lambda at, row, who, nobody: {"name": "new", "scopes": ["read"]},
    "PATCH admin/people/{user}/": _account,
    "POST admin/people/close/": _closing,
    "POST rooms/": _room,
    "POST direct/": _whom,
    "POST groups/": _group,
}
