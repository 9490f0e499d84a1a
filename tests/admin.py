"""What tests of the staff's pages need."""

import html
import re
from typing import Any

from django.test import Client

PEOPLE, ROOMS = "accounts/user", "chat/room"
LISTS = (
    PEOPLE,
    "accounts/device",
    "accounts/apitoken",
    "accounts/invitation",
    "accounts/auditentry",
    ROOMS,
    "chat/membership",
    "chat/message",
    "chat/ban",
    "chat/roomlink",
)


def page(client: Client, path: str = "", **query: Any) -> str:
    """A page of the admin that is there."""
    answer = client.get(f"/admin/{path}", query)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def words(text: str) -> str:
    """What a page says, without its markup."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def do(client: Client, of: str, deed: str, *ids: int, sure: bool = True, **given: Any) -> Any:
    """Ask for a deed to these rows and, with `sure`, confirm it; the answer."""
    body = {"id": [str(pk) for pk in ids], **({"sure": "1"} if sure else {}), **given}
    return client.post(f"/admin/{of}/do/{deed}/", body)
