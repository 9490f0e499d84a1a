"""What others see of a person: name, picture, status. Pictures are handed out to who is signed in, only."""

import re
import time
from io import BytesIO
from typing import Any

import msgspec
import pytest
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from PIL import Image

from accounts import payloads, pictures, signals
from accounts.events import UserState
from accounts.models import User
from accounts.services.api_token import api_token_create
from accounts.services.user import Status, user_picture_set, user_update
from realtime.protocol.errors import Invalid, NotFound
from tests.accounts import _nothing_counted, api, heard, sign_in  # noqa: F401

pytestmark = pytest.mark.django_db

HOUR_MS = 3_600_000


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Any) -> Any:
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def told() -> Any:
    """What other apps were told: (handle, what changed)."""
    said: list[Any] = []

    def note(sender: Any, user: User, changed: set[str], **kwargs: Any) -> None:
        assert connection.in_atomic_block
        said.append((user.handle, changed))

    signals.person_renamed.connect(note)
    yield said
    signals.person_renamed.disconnect(note)


def drawing(kind: str = "PNG", size: tuple[int, int] = (200, 300)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, "teal").save(out, kind)
    return out.getvalue()


def upload(client: Client, data: bytes, kind: str = "image/png", **headers: str) -> Any:
    return client.generic("PUT", "/api/v1/me/picture/", data, content_type=kind, headers=headers)


def files(folder: Any) -> list[Any]:
    return [path for path in folder.rglob("*") if path.is_file()]


# ---- pictures ----


def test_a_picture_is_set_seen_and_taken_away(bob: User, carol: User, media: Any, told: Any) -> None:
    client = sign_in(bob)
    with heard() as events:
        answer = upload(client, drawing())
    assert answer.status_code == 200
    address = answer.json()["picture"]
    assert re.fullmatch(r"/pictures/[\w-]{22}/96\.webp", address)
    assert [event.me.picture for event in events if isinstance(event, UserState)] == [address]
    assert told == [("bob", {"picture"})]
    bob.refresh_from_db()
    assert payloads.person(bob).picture == address
    for other in (client, sign_in(carol)):
        for size in (96, 512):
            seen = other.get(address.replace("96.webp", f"{size}.webp"))
            assert (seen.status_code, seen["Content-Type"]) == (200, "image/webp")
            assert Image.open(BytesIO(seen.content)).size == (size, size)
    with heard():
        assert api(client, "DELETE", "me/picture/").json()["picture"] == ""
    assert client.get(address).status_code == 404
    assert files(media) == []


def test_another_picture_has_another_name_and_the_old_one_is_gone(bob: User, media: Any) -> None:
    client = sign_in(bob)
    with heard():
        first = upload(client, drawing()).json()["picture"]
    with heard():
        second = upload(client, drawing("JPEG"), "image/jpeg").json()["picture"]
    assert first != second
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    assert len(files(media)) == 2


def test_a_change_that_fails_leaves_the_old_picture_and_no_files(bob: User, media: Any) -> None:
    with heard():
        user_picture_set(user_id=bob.pk, picture=drawing())
    bob.refresh_from_db()

    def refuse(**kwargs: Any) -> None:
        raise RuntimeError

    signals.person_renamed.connect(refuse)
    try:
        with heard(), pytest.raises(RuntimeError):
            user_picture_set(user_id=bob.pk, picture=drawing("GIF"))
    finally:
        signals.person_renamed.disconnect(refuse)
    assert User.objects.get(pk=bob.pk).picture == bob.picture
    assert sorted(default_storage.path(pictures.path(bob.picture, size)) for size in (96, 512)) == sorted(
        str(path) for path in files(media)
    )


def test_pictures_are_for_who_is_signed_in(bob: User) -> None:
    with heard():
        address = upload(sign_in(bob), drawing()).json()["picture"]
    refused = Client().get(address)
    assert (refused.status_code, refused.json()["code"]) == (401, "unauthenticated")
    _, token = api_token_create(user=bob, name="x", scope=["read"])
    program = Client().get(address, headers={"Authorization": f"Bearer {token}", "Accept": "image/avif"})
    assert (program.status_code, program["Content-Type"]) == (200, "image/webp")


def test_a_picture_is_nothing_but_a_picture_for_a_browser(bob: User) -> None:
    client = sign_in(bob)
    with heard():
        seen = client.get(upload(client, drawing()).json()["picture"])
    assert seen["X-Content-Type-Options"] == "nosniff"
    assert seen["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert seen["Cache-Control"] == "private, max-age=31536000, immutable"
    assert seen["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path",
    [
        "/pictures/../../manage.py/96.webp",
        "/pictures/%2e%2e%2f%2e%2e%2fmanage/96.webp",
        f"/pictures/{'a' * 22}/97.webp",
        f"/pictures/{'a' * 21}/96.webp",
        f"/pictures/{'a' * 22}/96.png",
        f"/pictures/{'a' * 22}/96.webp",
    ],
)
def test_what_is_no_picture_is_not_found(bob: User, path: str) -> None:
    assert sign_in(bob).get(path).status_code == 404


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"", "image/png", 400),
        (b"<svg/>", "image/svg+xml", 400),
        (b"<script>", "image/png", 400),
        (b"x" * (pictures.BYTES_MAX + 5), "image/png", 413),
        (b"{}", "application/json", 400),
        (b"a=b", "application/x-www-form-urlencoded", 400),
    ],
)
def test_a_bad_upload_is_refused(bob: User, media: Any, data: bytes, kind: str, status: int) -> None:
    answer = upload(sign_in(bob), data, kind)
    assert answer.status_code == status, answer.content
    if status == 400:
        assert list(answer.json()["fields"]) == ["picture"]
    assert files(media) == []
    assert User.objects.get(pk=bob.pk).picture == ""


def test_uploads_are_limited(bob: User) -> None:
    client = sign_in(bob)
    statuses = [upload(client, b"x").status_code for _ in range(21)]
    assert (statuses[0], statuses[-1]) == (400, 429)


def test_a_closed_person_gets_no_picture(bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(NotFound):
        user_picture_set(user_id=bob.pk, picture=drawing())


def test_a_picture_costs_three_queries_to_hand_out(bob: User) -> None:
    client = sign_in(bob)
    with heard():
        address = upload(client, drawing()).json()["picture"]
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    assert len(queries) <= 2, [query["sql"] for query in queries]


# ---- status ----


def test_a_status_is_set_and_seen_until_it_ends(bob: User, told: Any) -> None:
    client = sign_in(bob)
    until = int(time.time() * 1000) + HOUR_MS
    me = api(client, "PATCH", "me/", {"status": " 在度假 🏖️ ", "status_until": until}).json()
    assert (me["status"], me["status_until"]) == ("在度假 🏖️", until)
    assert told == [("bob", {"status"})]
    bob.refresh_from_db()
    assert payloads.person(bob).status == "在度假 🏖️"
    User.objects.filter(pk=bob.pk).update(status_until=timezone.now())
    bob.refresh_from_db()
    seen = payloads.person(bob)
    assert (seen.status, seen.status_until) == ("", None)


def test_a_status_stays_until_one_says_otherwise(bob: User) -> None:
    client = sign_in(bob)
    assert api(client, "PATCH", "me/", {"status": "busy"}).json()["status_until"] is None
    assert api(client, "PATCH", "me/", {"name": "Robert"}).json()["status"] == "busy"
    assert api(client, "PATCH", "me/", {"status": ""}).json()["status"] == ""


def test_the_same_again_changes_nothing(bob: User, told: Any) -> None:
    user_update(user_id=bob.pk, status=Status(text="busy"))
    with heard() as events:
        user_update(user_id=bob.pk, status=Status(text=" busy "), display_name="Bob")
    assert (events, told) == ([], [("bob", {"status"})])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "x" * 81}, "status"),
        ({"status": "a\u202eb"}, "status"),
        ({"status": "a\x07b"}, "status"),
        ({"status": 1}, "status"),
        ({"status": None}, "status"),
        ({"status_until": 1}, "status_until"),
        ({"status": "x", "status_until": 1}, "status_until"),
        ({"status": "x", "status_until": -1}, "status_until"),
        ({"status": "x", "status_until": 10**18}, "status_until"),
        ({"status": "x", "status_until": "tomorrow"}, "status_until"),
        ({"picture": "x"}, "picture"),
        ({"is_bot": True}, "is_bot"),
        ({"bot": True}, "bot"),
    ],
)
def test_a_bad_status_names_its_field(bob: User, body: dict[str, Any], field: str) -> None:
    answer = api(sign_in(bob), "PATCH", "me/", body)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    stored = User.objects.get(pk=bob.pk)
    assert (stored.status, stored.status_until, stored.picture, stored.is_bot) == ("", None, "", False)


def test_a_moment_that_has_passed_is_refused_by_the_service(bob: User) -> None:
    with pytest.raises(Invalid):
        user_update(user_id=bob.pk, status=Status(text="x", until=timezone.now()))


def test_what_is_not_there_is_not_said_of_a_person(bob: User) -> None:
    assert set(msgspec.to_builtins(payloads.person(bob))) == {"id", "handle", "name"}
