"""A small workspace to look around in: four people, four rooms, a direct conversation, a group, a few messages."""

import secrets
from argparse import ArgumentParser
from typing import Any, NamedTuple
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User
from accounts.services.user import Status, user_create, user_update
from chat.models import Room
from chat.services.membership import member_add
from chat.services.message import Appended, Draft, messages_append
from chat.services.preference import room_prefer
from chat.services.room import direct_open, group_open, room_create

# Without letters and digits that look alike: somebody will type these from a screen.
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


class Person(NamedTuple):
    handle: str
    name: str
    email: str
    role: User.Role
    language: str = "en"
    status: str = ""


PEOPLE = (
    Person("alice", "Alice Novak", "alice@example.org", User.Role.OWNER),
    Person("bob", "Bob Lindqvist", "bob@example.org", User.Role.MEMBER, status="🚆 On the train until four"),
    Person("carol", "Carol Okafor", "carol@example.org", User.Role.GUEST),
    Person("王芳", "王芳", "wangfang@example.org", User.Role.MEMBER, "zh-hans", "🏠 今天在家办公"),
)

CODE = """Found it: the retry kept no id, so each attempt was a new message. Now:

```python
def send(text: str, client_id: UUID) -> Ack:
    \"\"\"Safe to call again with the same client_id.\"\"\"
    return post("/messages/", text=text, client_id=client_id)
```"""

# (kind, name, topic, announcement, members, [(author, text, the number of the message it answers)])
ROOMS = (
    (
        Room.Kind.PUBLIC,
        "announcements",
        "Only the owners of this room write here",
        True,
        ("bob", "carol", "王芳"),
        (("alice", "**Version 1 is out.** 第一版发布了！ Thank you, everybody.", None),),
    ),
    (
        Room.Kind.PUBLIC,
        "general",
        "What everybody should know",
        False,
        ("bob", "carol", "王芳"),
        (
            ("alice", "Welcome to **Parley**! This workspace is yours: look around, nothing here can break.", None),
            ("bob", "Good morning. Is the meeting still at ten?", None),
            ("alice", "Yes, room 3. Short agenda: the release, then _who writes the notes_.", 2),
            ("王芳", "早上好！我在线上参加，会议记录我来写。", 3),
            ("carol", "Thanks for the invitation, @alice. Where do I find the minutes of last week?", None),
        ),
    ),
    (
        Room.Kind.PRIVATE,
        "release",
        "Version 1, day by day",
        False,
        ("bob", "王芳"),
        (
            ("bob", "Some messages arrived twice yesterday after the train went into the tunnel.", None),
            ("王芳", CODE, 1),
            ("bob", "Confirmed: twenty tunnels, no duplicates. Merged.", 2),
            ("alice", "Lovely. Left to do:\n\n- release notes\n- cake", None),
        ),
    ),
    (
        Room.Kind.PUBLIC,
        "中文茶馆",
        "随便聊聊",
        False,
        ("王芳", "bob"),
        (
            ("王芳", "**欢迎。**这里说中文，写错了也没关系。", None),
            ("alice", "谢谢！我的中文还不太好，请多多指教。", 1),
            ("王芳", "没问题，慢慢来：`print('你好')`", 2),
        ),
    ),
)
GROUP = (
    ("bob", "Lunch at the market at half past twelve?", None),
    ("王芳", "我三点前都有会，替我带一份饺子吧。", 1),
    ("alice", "Dumplings for three, then. :-)", 2),
)
DIRECT = (
    ("王芳", "Alice，文档的中文版我已经校对完了。", None),
    ("alice", "That was quick, thank you! I will publish it **this afternoon**.", 1),
)


class Command(BaseCommand):
    """`manage.py demo`: all of it or nothing, and only where nobody is yet."""

    help = "Fill an empty database with a demo workspace and print its passwords once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--first-run", action="store_true", help="where there are people already, leave them alone and succeed"
        )

    def handle(self, *args: Any, first_run: bool, **options: Any) -> None:
        if User.objects.exists():
            if first_run:
                return
            raise CommandError("There are people in this database already; the demo is for an empty one.")
        with transaction.atomic():
            passwords = {person.handle: password() for person in PEOPLE}
            people = {person.handle: create(person, passwords[person.handle]) for person in PEOPLE}
            alice = people["alice"]
            for kind, name, topic, announcement, members, messages in ROOMS:
                room = int(room_create(actor=alice, kind=kind, name=name, topic=topic, announcement=announcement).id)
                for handle in members:
                    member_add(actor=alice, room_id=room, user_id=people[handle].pk)
                say(room, people, messages)
                if name == "release":
                    room_prefer(actor=alice, room_id=room, favourite=True)
            colleagues = [people["bob"].pk, people["王芳"].pk]
            say(int(group_open(actor=alice, user_ids=colleagues).id), people, GROUP)
            say(int(direct_open(actor=alice, user_id=people["王芳"].pk).id), people, DIRECT)
        self.report(passwords)

    def report(self, passwords: dict[str, str]) -> None:
        """Who there is, and the passwords that nobody will see again."""
        lines = ["", "A demo workspace is ready. Its passwords are random and shown only now:", ""]
        for person in PEOPLE:
            may = ", may open /admin/" if person.handle == "alice" else ""
            lines.append(f"    {passwords[person.handle]}   {person.handle} ({person.name}, {person.role}{may})")
        lines += [
            "",
            f"Sign in at http://127.0.0.1:{settings.PORT}/ with the handle, in two browsers, and talk.",
            "To set another password: .venv/bin/python manage.py changepassword alice",
            "",
        ]
        self.stdout.write("\n".join(lines))


def password() -> str:
    """Three groups of four: 59 bits."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))


def create(person: Person, secret: str) -> User:
    owner = person.role == User.Role.OWNER
    user = user_create(
        handle=person.handle,
        email=person.email,
        password=secret,
        display_name=person.name,
        language=person.language,
        role=person.role,
        is_staff=owner,
    )
    if person.status:
        user_update(user_id=user.pk, status=Status(text=person.status))
    if owner:
        user.is_superuser = True
        user.save(update_fields=["is_superuser"])
    return user


def say(room_id: int, people: dict[str, User], messages: tuple[tuple[str, str, int | None], ...]) -> None:
    """Append the messages one by one, as people do. Raises what the service refuses."""
    for author, text, reply_to in messages:
        draft = Draft(author_id=people[author].pk, room_id=room_id, client_id=uuid4(), text=text, reply_to=reply_to)
        (answer,) = messages_append(drafts=[draft])
        if not isinstance(answer, Appended):
            raise answer
