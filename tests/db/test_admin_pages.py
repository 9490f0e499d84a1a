"""The staff's pages: who gets in, what they refuse, and that nothing in them is taken for markup."""

import html
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from django.contrib import admin
from django.test import Client

from accounts.admin.people import PeoplePage
from accounts.desk import Page
from accounts.models import ApiToken, AuditEntry, Device, Invitation, User
from accounts.services.api_token import api_token_create
from accounts.services.invitation import invitation_create
from accounts.services.user import user_create, user_update
from chat.models import Ban, Membership, Message, Room, RoomLink
from chat.services.ban import ban_set
from chat.services.link import link_create
from config.csp import POLICY
from tests.accounts import _nothing_counted, sign_in  # noqa: F401
from tests.admin import LISTS, PEOPLE, ROOMS, do, page, words
from tests.chat import direct, room, say

pytestmark = pytest.mark.django_db

HOSTILE = "\"'><script>alert(1)</script>{{ 7 }}"
HOSTILE_MAIL = '"<script>x</script>"@example.org'


@pytest.fixture
def desk(alice: User) -> Client:
    """The browser of a workspace owner who is staff."""
    return sign_in(alice)


@pytest.fixture
def busy(alice: User, bob: User, carol: User) -> int:
    """A workspace with something on every page; its public room."""
    public = room(alice, bob, kind="public", name="General")
    say(bob, public, "in the open")
    ban_set(actor=alice, room_id=public, user_id=carol.pk, reason="shouting")
    link_create(actor=alice, room_id=public)
    api_token_create(user=bob, name="script", scope=["read"])
    invitation_create(actor=alice)
    AuditEntry.objects.create(actor=alice, action="user.role_set", subject_kind="user", subject_id=str(bob.pk))
    return public


def rows() -> dict[str, int]:
    """One row of every list, by its address."""
    models = (User, Device, ApiToken, Invitation, AuditEntry, Room, Membership, Message, Ban, RoomLink)
    listed = dict(zip(LISTS, (model.objects.order_by("pk") for model in models), strict=True))
    for path in ("chat/membership", "chat/message", "chat/ban", "chat/roomlink"):
        listed[path] = listed[path].filter(room__kind="public")
    return {path: found.last().pk for path, found in listed.items()}


# ---- the door -----------------------------------------------------------------------------------------------------


def test_only_staff_gets_in_and_rank_alone_opens_nothing(alice: User, bob: User, busy: int) -> None:
    User.objects.filter(pk=bob.pk).update(role=User.Role.ADMIN)
    staff, other, nobody = sign_in(alice), sign_in(bob), Client()
    paths = ["", *(f"{path}/" for path in LISTS), *(f"{path}/{pk}/change/" for path, pk in rows().items())]
    for path in (*paths, f"{ROOMS}/{busy}/read/", "accounts/invitation/add/"):
        assert staff.get(f"/admin/{path}").status_code == 200, path
        for client in (other, nobody):
            assert client.get(f"/admin/{path}").status_code == 302, path
            assert client.get(f"/admin/{path}")["Location"].startswith("/admin/login/"), path
    assert do(other, PEOPLE, "deactivate", alice.pk).status_code == 302
    assert User.objects.get(pk=alice.pk).is_active


def test_who_is_no_longer_staff_is_out_with_the_next_request(alice: User, desk: Client) -> None:
    page(desk)
    User.objects.filter(pk=alice.pk).update(is_staff=False)
    assert desk.get("/admin/").status_code == 302


def test_only_our_pages_are_there() -> None:
    assert all(isinstance(one, Page) for one in admin.site._registry.values())
    assert {model._meta.label_lower.replace(".", "/") for model in admin.site._registry} == set(LISTS)


def test_the_admins_own_doors_lead_to_ours(desk: Client) -> None:
    assert desk.get("/admin/password_change/")["Location"] == "/accounts/password/change/"
    assert desk.post("/admin/password_change/", {"new_password1": "x"})["Location"] == "/accounts/password/change/"
    assert desk.get("/admin/logout/")["Location"] == "/accounts/logout/"
    assert Client().get("/admin/login/?next=/admin/")["Location"].startswith("/accounts/login/")


# ---- nothing but deeds --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", LISTS)
def test_no_row_is_added_changed_or_deleted_by_a_form(path: str, desk: Client, busy: int) -> None:
    before = [list(model.objects.order_by("pk").values()) for model in (User, Room, Membership, Message, AuditEntry)]
    pk = rows().get(path, 1)
    body = {"handle": "x", "name": "x", "text": "x", "reason": "x", "is_superuser": "on", "_save": "1", "post": "yes"}
    for address in (f"{path}/{pk}/change/", f"{path}/{pk}/delete/", f"{path}/{pk}/", f"{path}/"):
        desk.post(f"/admin/{address}", {**body, "action": "delete_selected", "_selected_action": [pk], "index": "0"})
    if path != "accounts/invitation":
        assert desk.get(f"/admin/{path}/add/").status_code == 403
        desk.post(f"/admin/{path}/add/", body)
    after = [list(model.objects.order_by("pk").values()) for model in (User, Room, Membership, Message, AuditEntry)]
    assert before == after


def test_hashes_and_keys_cannot_be_read_letter_by_letter(desk: Client, alice: User, bob: User) -> None:
    direct(alice, bob)
    for path, query in (
        (PEOPLE, "password__startswith=a"),
        (PEOPLE, "is_superuser__exact=1"),
        ("accounts/invitation", "hash__startswith=a"),
        ("accounts/apitoken", "hash__startswith=a"),
        ("accounts/device", "refresh_id__startswith=a"),
        (ROOMS, "people_key__startswith=1"),
        (ROOMS, "memberships__user__handle=bob"),
        ("chat/message", "room__memberships__user=1"),
    ):
        assert desk.get(f"/admin/{path}/?{query}").status_code == 400, query


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "query", ["p=x", "p=-1", "o=99", "o=x.y", "q=%00", "person=9" + "9" * 30, "person=x", "room=%27", "role=%00", "e=1"]
)
def test_bad_queries_are_no_faults(path: str, query: str, desk: Client, busy: int) -> None:
    assert desk.get(f"/admin/{path}/?{query}", follow=True).status_code in {200, 400}


@pytest.mark.parametrize("ids", [[], ["x"], ["-1"], ["9" * 40], ["0"], ["\0"], ["²"]])
def test_a_deed_to_no_row_does_nothing(ids: list[str], desk: Client) -> None:
    answer = desk.post(f"/admin/{PEOPLE}/do/deactivate/", {"id": ids, "sure": "1"})
    assert (answer.status_code, answer["Location"]) == (302, f"/admin/{PEOPLE}/")
    assert desk.get(f"/admin/{PEOPLE}/do/deactivate/").status_code == 405
    assert desk.post(f"/admin/{PEOPLE}/do/explode/", {"id": "1"}).status_code == 404


# ---- what they look like from outside -----------------------------------------------------------------------------


def test_every_page_keeps_the_policy_of_all_pages(desk: Client, busy: int, bob: User) -> None:
    answers = [desk.get(f"/admin/{path}/") for path in ("", *LISTS)]
    answers += [desk.get(f"/admin/{path}/{pk}/change/") for path, pk in rows().items()]
    answers += [desk.get(f"/admin/{ROOMS}/{busy}/read/"), do(desk, PEOPLE, "role", bob.pk, sure=False)]
    policy = "; ".join(f"{name} {value}" for name, value in POLICY.items())
    for answer in answers:
        if answer.status_code == 404:
            continue
        text = answer.content.decode()
        assert answer["Content-Security-Policy"] == policy
        assert "no-store" in answer["Cache-Control"]
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", text)
        assert re.findall(r"<script[^>]*>", text) == ['<script type="module" src="/static/desk/desk.js">']
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text)


def _hostile(alice: User, bob: User) -> list[str]:
    """Every text of the workspace wants to be markup; the pages that show it."""
    User.objects.filter(pk=bob.pk).update(display_name=HOSTILE, email=HOSTILE_MAIL, status=HOSTILE, handle="b<i>ob")
    bob.refresh_from_db()
    public = room(alice, kind="public", name=HOSTILE[:60])
    private = room(alice, name=HOSTILE[:60] + " 2")
    Room.objects.filter(pk=public).update(topic=HOSTILE)
    Membership.objects.filter(room_id__in=[public, private]).update(user=bob)
    for place in (public, private):
        say(bob, place, HOSTILE)
    Ban.objects.create(room_id=public, user=bob, reason=HOSTILE, created_by=bob)
    RoomLink.objects.create(room_id=public, hash="x", created_by=bob)
    token, _text = api_token_create(user=bob, name=HOSTILE, scope=["read"])
    Device.objects.filter(pk=token.device_id).update(label=HOSTILE)
    invitation_create(actor=alice, email='"<script>"@example.org')
    entry = AuditEntry(actor=bob, action=HOSTILE[:40], subject_kind="user", subject_id=str(bob.pk))
    entry.subject_name = entry.reason = HOSTILE
    entry.detail = {HOSTILE: HOSTILE}
    entry.save()
    shown = [f"{path}/{pk}/change/" for path, pk in rows().items()]
    shown += [f"{PEOPLE}/{bob.pk}/change/", f"{ROOMS}/{public}/read/", f"{ROOMS}/{public}/change/"]
    shown += [f"accounts/apitoken/{token.pk}/change/", f"chat/message/?person={bob.pk}&room={public}"]
    return ["", *(f"{path}/" for path in LISTS), f"{PEOPLE}/?q=%3Cscript%3E", *shown]


class Tags(HTMLParser):
    """Every tag of a page, with the names of its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[tuple[str, ...]] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add((tag, *(name for name, _value in attrs)))


def injected(text: str) -> list[tuple[str, ...]]:
    """Tags that no template of ours has."""
    tags = Tags()
    tags.feed(text)
    strange = {"i", "iframe", "style", "object"}
    return [
        one
        for one in tags.found
        if one[0] in strange
        or any(name.startswith("on") or not name.isprintable() for name in one[1:])
        or (one[0] == "script" and set(one[1:]) != {"type", "src"})
        or (one[0] == "img" and set(one[1:]) != {"src", "alt", "width", "height"})
    ]


def test_no_text_of_anybody_becomes_markup(desk: Client, alice: User, bob: User) -> None:
    pages = _hostile(alice, bob)
    seen = ""
    assert injected("<p>x</p><img src=x onerror=alert(1)><script>1</script>"), "it would be found"
    for path in pages:
        text = page(desk, path)
        assert "<script>" not in text, path
        assert "<i>" not in text, path
        assert not injected(text), path
        seen += text
    assert seen.count("&lt;script&gt;alert(1)&lt;/script&gt;") > 20, "the texts were on the pages"
    private = Room.objects.get(kind="private")
    reason = desk.get(f"/admin/{ROOMS}/{private.pk}/read/").content.decode()
    assert "&lt;script&gt;" in reason
    assert "<script>" not in reason
    asked = do(desk, PEOPLE, "role", bob.pk, sure=False).content.decode()
    refused = do(desk, PEOPLE, "role", bob.pk, role=HOSTILE, reason=HOSTILE).content.decode()
    opened = desk.post(f"/admin/{ROOMS}/{private.pk}/read/", {"reason": HOSTILE}, follow=True).content.decode()
    for text in (asked, refused, opened):
        assert "&lt;script&gt;alert(1)" in text
        assert "<script>" not in text


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_speaks_the_readers_language(language: str, alice: User, busy: int) -> None:
    user_update(user_id=alice.pk, language=language)
    client = sign_in(alice)
    texts = [words(page(client, f"{path}/" if path else "")) for path in ("", *LISTS)]
    texts += [words(page(client, f"{path}/{pk}/change/")) for path, pk in rows().items()]
    for text in texts:
        assert ("总览" in text) == (language == "zh-hans")
        assert ("Overview" in text) == (language == "en")
    people = texts[1]
    assert ("最近在线" in people) == (language == "zh-hans")
    assert ("Last seen" in people) == (language == "en")


GENDERED = re.compile(r"\b(?:s?he|hers?|his|him|(?:her|him)self)\b|她|(?<!其)他(?!人)", re.IGNORECASE)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_nobody_is_taken_for_a_woman_or_a_man(language: str, alice: User, bob: User, busy: int) -> None:
    user_update(user_id=alice.pk, language=language)
    client = sign_in(alice)
    paths = ["", "accounts/invitation/add/", *(f"{path}/" for path in LISTS)]
    paths += [f"{path}/{pk}/change/" for path, pk in rows().items()]
    texts = [words(page(client, path)) for path in [*paths, f"{PEOPLE}/{bob.pk}/change/"]]
    texts += [words(do(client, PEOPLE, deed, bob.pk, sure=False).content.decode()) for deed in PeoplePage.deeds]
    for text in texts:
        assert not GENDERED.findall(text), text


def test_the_button_says_that_it_gives_a_right(desk: Client, bob: User) -> None:
    row = f"{PEOPLE}/{bob.pk}/change/"
    assert "Let them open the admin…" in words(page(desk, row))
    do(desk, PEOPLE, "staff", bob.pk)
    assert "Stop letting them open the admin…" in words(page(desk, row))


def test_times_are_those_of_the_reader(desk: Client, alice: User, busy: int) -> None:
    at = Message.objects.get().created_at.replace(hour=20, minute=30)
    Message.objects.update(created_at=at)
    assert f"{at:%Y-%m-%d} 20:30" in (before := page(desk, "chat/message/"))
    assert "Times in UTC" in words(before)
    user_update(user_id=alice.pk, time_zone="Asia/Shanghai")
    assert f"{at + timedelta(days=1):%Y-%m-%d} 04:30" in (after := page(desk, "chat/message/"))
    assert "Times in Asia/Shanghai" in words(after)


# ---- finding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "bob"}, "bob"),
        ({"q": "Carol"}, "carol"),
        ({"q": "alice@"}, "alice"),
        ({"role": "guest"}, "carol"),
        ({"account": "staff"}, "alice"),
        ({"account": "closed"}, "mallory"),
        ({"seen": "week"}, "alice"),
        ({"seen": "gone", "role": "guest"}, "carol"),
    ],
)
def test_people_are_found(
    query: dict[str, Any], found: str, desk: Client, bob: User, carol: User, mallory: User
) -> None:
    User.objects.filter(pk=mallory.pk).update(is_active=False)
    text = words(page(desk, f"{PEOPLE}/", **query).partition("<tbody>")[2].partition("</tbody>")[0])
    assert re.findall(r"@(\w+) ", text) == [found]


def asked(text: str, typed: str) -> list[tuple[str, str]]:
    """What the browser would ask for if these words replaced those in the search field of this page."""
    form = text.partition('role="search"')[2].partition("</form>")[0]
    fields = re.findall(r'<input type="(\w+)" name="(\w+)"(?: id="\w+")? value="([^"]*)"', form)
    return [(name, typed if kind == "search" else html.unescape(value)) for kind, name, value in fields]


def listed(text: str) -> list[str]:
    return re.findall(r"@(\w+) ", words(text.partition("<tbody>")[2].partition("</tbody>")[0]))


def test_a_second_search_is_for_the_second_words(desk: Client, bob: User, carol: User) -> None:
    first = page(desk, f"{PEOPLE}/", q="bob")
    assert listed(first) == ["bob"]
    assert asked(first, "alice") == [("q", "alice")]
    assert listed(page(desk, f"{PEOPLE}/?{urlencode(asked(first, 'alice'))}")) == ["alice"]
    assert listed(page(desk, f"{PEOPLE}/?{urlencode(asked(first, ''))}")) == ["alice", "bob", "carol"]


def test_search_filters_order_and_pages_go_together(
    desk: Client, bob: User, carol: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin.site._registry[User], "list_per_page", 1)
    for name in ("anna", "anton", "berta"):
        user_create(handle=name, email=f"{name}@example.org", display_name=name, role="guest")
    second = page(desk, f"{PEOPLE}/", q="an", role="guest", o="-0", p="2")
    assert listed(second) == ["anna"], "a later page is of the same search"
    links = [html.unescape(link) for link in re.findall(r'href="(\?[^"]+)"', second)]
    assert dict(parse_qsl(next(one for one in links if "p=1" in one)[1:])) == {
        "q": "an",
        "role": "guest",
        "o": "-0",
        "p": "1",
    }
    other = next(dict(parse_qsl(one[1:])) for one in links if "role=member" in one)
    assert other == {"q": "an", "role": "member", "o": "-0"}, "another filter keeps the words and begins at page one"
    again = asked(second, "berta")
    assert sorted(again) == [("o", "-0"), ("q", "berta"), ("role", "guest")]
    assert listed(page(desk, f"{PEOPLE}/?{urlencode(again)}")) == ["berta"]


def test_when_somebody_was_seen_is_told_by_the_day(desk: Client, bob: User) -> None:
    sign_in(bob)
    at = Device.objects.get(user=bob).last_seen_at
    for path in (f"{PEOPLE}/?q=bob", f"{PEOPLE}/{bob.pk}/change/"):
        text = page(desk, path)
        assert f"{at:%Y-%m-%d}" in text
        assert not re.search(r"\d\d:\d\d", words(text))


def test_the_overview_counts(desk: Client, alice: User, bob: User, busy: int) -> None:
    for number in range(4):
        say(bob, busy, f"more {number}")
    text = words(page(desk))
    assert "5 Messages today" in text or "Messages today 5" in text
    assert "Open accounts 3" in text
    assert "Active invitations 1" in text
