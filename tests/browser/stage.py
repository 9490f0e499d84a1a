"""People, rooms and a past to test on: made by the product's services, or said at once through the REST API."""

import json
import urllib.request
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

from django.contrib.auth import BACKEND_SESSION_KEY
from django.db import transaction
from django.test import Client

from accounts.models import Device, User
from accounts.services.device import device_end
from accounts.services.token import token_issue
from chat.models import Room
from chat.services.membership import member_add, member_remove
from chat.services.message import Draft, messages_append
from chat.services.read import Mark, reads_mark
from chat.services.room import direct_open, room_create, room_update
from realtime.protocol.errors import ParleyError
from tests.world import Person, World


class Stage:
    """Beforehands (`room`, `past`, `read`) and the others' doings while a page is looked at (`say`, `call`)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._tokens: dict[str, str] = {}

    def room(
        self, owner: Person, *members: Person, kind: str = Room.Kind.PRIVATE, name: str = "", topic: str = ""
    ) -> str:
        """A new room; its id."""

        def make() -> str:
            actor = User.objects.get(pk=owner.id)
            entry = room_create(actor=actor, kind=kind, name=name or self.world.unique("room"), topic=topic)
            for member in members:
                member_add(actor=actor, room_id=int(entry.id), user_id=int(member.id))
            return entry.id

        return self.world.do(make)

    def direct(self, one: Person, other: Person) -> str:
        return self.world.do(lambda: direct_open(actor=User.objects.get(pk=one.id), user_id=int(other.id)).id)

    def remove(self, room: str, owner: Person, member: Person) -> None:
        self.world.do(
            lambda: member_remove(actor=User.objects.get(pk=owner.id), room_id=int(room), user_id=int(member.id))
        )

    def archive(self, room: str, owner: Person, *, archived: bool = True) -> None:
        self.world.do(lambda: room_update(actor=User.objects.get(pk=owner.id), room_id=int(room), archived=archived))

    def past(self, room: str, author: Person, texts: Iterable[str]) -> None:
        """Messages by the service, in batches; a running server hears of them a moment later."""

        def store() -> None:
            drafts = [
                Draft(author_id=int(author.id), room_id=int(room), client_id=uuid4(), text=text) for text in texts
            ]
            for start in range(0, len(drafts), 200):
                for answer in messages_append(drafts=drafts[start : start + 200]):
                    if isinstance(answer, ParleyError):
                        raise answer

        self.world.do(store)

    def read(self, room: str, person: Person, seq: int) -> None:
        def mark() -> None:
            (answer,) = reads_mark(marks=[Mark(user_id=int(person.id), room_id=int(room), seq=seq)])
            if isinstance(answer, ParleyError):
                raise answer

        self.world.do(mark)

    def stored(self, room: str) -> list[str]:
        """The texts of a room as the database has them, in order."""

        def texts() -> list[str]:
            messages = Room.objects.get(pk=room).messages.order_by("seq")
            return list(messages.values_list("text", flat=True))

        return self.world.do(texts)

    def end_devices(self, person: Person, *, spare: int = 0) -> None:
        """End her sign-ins, the newest `spare` of them left alone."""

        def end() -> None:
            live = Device.objects.filter(user_id=person.id, ended_at=None, kind=Device.Kind.BROWSER).order_by("-pk")
            for device in live[spare:]:
                device_end(device_id=device.pk, user_id=int(person.id))

        self.world.do(end)

    # ---- through the server ---------------------------------------------------------------------------------------

    def call(self, person: Person, method: str, path: str, body: Any = None) -> Any:
        """The API, as a program of hers: what is committed here rings in the same process at once."""
        token = self._tokens.get(person.id)
        if token is None:
            issue = lambda: token_issue(user=User.objects.get(pk=person.id), label="tests").access  # noqa: E731
            token = self._tokens[person.id] = self.world.do(issue)
        request = urllib.request.Request(
            f"{self.world.a.url}/api/v1/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def say(self, room: str, person: Person, *texts: str) -> None:
        """Messages from somewhere else."""
        for text in texts:
            self.call(person, "POST", f"rooms/{room}/messages/", {"client_id": str(uuid4()), "text": text})

    def prefer(self, room: str, person: Person, **how: Any) -> None:
        """How she keeps a room in her list: `favourite`, `folder`, `notify`, `place`."""
        self.call(person, "PATCH", f"rooms/{room}/preferences/", how)

    def many(self, owner: Person, *members: Person, names: Iterable[str]) -> list[str]:
        """Rooms of hers by the hundred, in one transaction."""

        def make() -> list[str]:
            actor = User.objects.get(pk=owner.id)
            others = [int(member.id) for member in members]
            with transaction.atomic():
                return [
                    room_create(actor=actor, kind=Room.Kind.PRIVATE, name=name, user_ids=others).id for name in names
                ]

        return self.world.do(make)

    def session(self, person: Person) -> str:
        """A signed-in session's cookie, without the page: for tests that are not about signing in."""

        def start() -> str:
            client = Client(headers={"User-Agent": "Chrome/1 Linux"})
            client.force_login(User.objects.get(pk=person.id))
            assert client.session[BACKEND_SESSION_KEY]
            return client.cookies["sessionid"].value

        return self.world.do(start)
