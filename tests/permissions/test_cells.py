"""Every cell of the table, at service level: through the API and the callables that sockets ask, in this process."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.accounts import sign_in
from tests.permissions import cells, table
from tests.permissions.judge import Anywhere, Door, Scopes
from tests.permissions.people import NOBODY, Cast
from tests.permissions.stage import SECRET, Request, Stage
from tests.permissions.workspace import Workspace


@pytest.fixture(autouse=True)
def _place(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures have somewhere to go, and everybody is seen to be there."""
    settings.MEDIA_ROOT = str(tmp_path)
    monkeypatch.setattr("chat.services.here._online", lambda users: users)
    cache.clear()


def told(wrong: list[str]) -> str:
    return "\n".join([f"{len(wrong)} cells are not as the table says", *wrong])


@pytest.mark.django_db
@pytest.mark.parametrize("kind", cells.ROOMS)
def test_everybody_is_told_what_the_table_says_of_a_room(kind: str) -> None:
    cast = Cast(table.ROOM_COLUMNS)
    stage = Stage(kind, cast)
    cast.close()
    wrong = Door(cast).room(cells.ROOMS[kind], stage)
    assert not wrong, told(wrong)


@pytest.mark.django_db
def test_everybody_is_told_what_the_table_says_of_the_workspace() -> None:
    cast = Cast(table.WORKSPACE_COLUMNS, owner=True)
    workspace = Workspace(cast)
    cast.close()
    door = Door(cast)
    wrong = door.wrong(cells.WORKSPACE, Anywhere(door, workspace).judge)
    assert not wrong, told(wrong)


@pytest.mark.django_db
def test_a_token_goes_as_far_as_the_table_says() -> None:
    cast = Cast(table.ROOM_COLUMNS, owner=True)
    stage, workspace = Stage("private", cast), Workspace(cast)
    door = Door(cast)
    wrong = door.wrong(cells.TOKENS, Scopes(door, stage, workspace).judge)
    assert not wrong, told(wrong)


@pytest.mark.django_db
def test_an_invitation_does_not_tell_which_rooms_there_are() -> None:
    cast = Cast(table.ROOM_COLUMNS)
    rooms = {kind: Stage(kind, cast).room() for kind in cells.ROOMS} | {"nowhere": NOBODY}
    door = Door(cast)
    invite = {kind: Request("POST", "invitations/", {"role": "guest", "rooms": [room]}) for kind, room in rooms.items()}
    answers = {kind: door.ask("admin", request) for kind, request in invite.items()}
    good = {kind for kind, answer in answers.items() if answer.words == "2xx"}
    assert good == {"public", "announcement"}
    assert len({(answer.status, answer.body) for kind, answer in answers.items() if kind not in good}) == 1


# ---- pages


class Pages:
    """Browsers of everybody, and the addresses that a row of pages stands for."""

    def __init__(self) -> None:
        self.cast = Cast(table.ROOM_COLUMNS, owner=True)
        self.stages = {kind: Stage(kind, self.cast) for kind in ("private", "direct", "group", "public")}
        workspace = Workspace(self.cast)
        self.door = Door(self.cast)
        self.cast.close()
        self.browsers = {"anonymous": Client()}
        for who in table.PAGE_COLUMNS.split():
            if who not in {"anonymous", "closed"}:
                self.browsers[who] = sign_in(self.cast.users[who])
        self.browsers["closed"] = Client()
        self.browsers["closed"].post(
            "/accounts/login/", {"login": self.cast.users["closed"].handle, "password": "correct horse battery"}
        )
        answer = self.browsers["member"].put("/api/v1/me/picture/", workspace.picture, "image/png")
        assert answer.status_code == 200, answer.content
        self.picture = answer.json()["picture"].split("/")[2]

    def addresses(self, row: cells.Row) -> Iterator[str]:
        match row.variant:
            case "(every list)":
                yield from self.lists()
            case "(every row)":
                yield from self.rows(5)
            case _:
                kind = {"(a public one)": "public", "(a pair's)": "direct", "(a group's)": "group"}
                room = self.stages[kind.get(row.variant, "private")].room()
                yield row.what.format(room=room, picture=self.picture)

    @staticmethod
    def lists() -> Iterator[str]:
        for model in admin.site._registry:
            yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")

    def rows(self, most: int) -> Iterator[str]:
        request = RequestFactory().get("/")
        request.user = self.cast.users["staff"]
        for model, page in admin.site._registry.items():
            rows = page.get_queryset(request).order_by("-pk")
            for pk in rows.values_list("pk", flat=True)[:most]:
                yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])

    @staticmethod
    def messages() -> Iterator[str]:
        """Where a message, a stint, an edit or a draft of any room would be, also those that no list shows."""
        for model in admin.site._registry:
            if model._meta.app_label == "chat":
                for pk in model._default_manager.order_by("-pk").values_list("pk", flat=True)[:50]:
                    yield reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])

    def judge(self, cell: cells.Cell) -> str:
        said = set()
        for address in self.addresses(cell.row):
            answer = self.browsers[cell.who].get(address)
            if answer.status_code == 302:
                there = answer["Location"]
                if "/login/" not in there and not (there == "/" and cell.row.what == "/admin/"):
                    said.add(f"302 to {there}")
                    continue
            said.add("ok" if answer.status_code == 200 else str(answer.status_code))
        return said.pop() if len(said) == 1 else f"now this, now that: {said}"


@pytest.mark.django_db
def test_pages_open_to_whom_the_table_says_and_the_admin_shows_nothing_said_in_private() -> None:
    pages = Pages()
    wrong = pages.door.wrong(cells.PAGES, pages.judge)
    assert not wrong, told(wrong)
    staff = pages.browsers["staff"]
    shown = 0
    searched = [f"{address}?q=secret" for address in pages.lists()]
    for address in {*pages.lists(), *searched, *pages.rows(50), *pages.messages()}:
        text = staff.get(address).content.decode()
        for kind in ("private", "direct", "group"):
            said = f"{SECRET} {pages.stages[kind].name}"
            assert said not in text, f"{address} shows what was said in a {kind} room"
        shown += f"{SECRET} {pages.stages['public'].name}" in text
    assert shown, "what is said in public is seen, so that the rest of this means something"
