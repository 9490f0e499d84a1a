"""The settings: every tab at its address, what is changed there and where it is seen, on a phone too."""

import re
import struct
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, Route, expect

from accounts.models import User
from tests.browser.conftest import OpenPage, OpenWindow
from tests.browser.stage import Stage
from tests.browser.test_accessibility import LANGUAGES, findings
from tests.browser.test_languages import english
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person, World

OWNERS = ["profile", "account", "devices", "appearance", "keys", "notifications", "invitations", "tokens", "bots"]
MEMBERS = ["profile", "account", "devices", "appearance", "keys", "notifications", "tokens"]
PHONE = {"viewport": {"width": 390, "height": 760}, "has_touch": True, "is_mobile": True}


def opened(window: OpenWindow, person: Person, tab: str, **options: Any) -> Window:
    page = window(person, **options)
    page.page.goto(f"/settings/{tab}/")
    page.live()
    expect(page.page.locator(".settings-page")).to_be_attached()
    return page


def loaded(page: Page) -> None:
    """What the tab reads from the server is there."""
    expect(page.locator(".settings-page > *").first).to_be_attached()
    expect(page.locator(".settings-wait")).to_have_count(0)


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + bytes((200, 80, 40)) * width) * height
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


# ---- the frame of it ------------------------------------------------------------------------------------------------


def test_every_tab_has_an_address_and_back_leads_back(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    page.page.goto("/settings/")
    tabs = page.page.locator(".settings-nav a")
    expect(tabs).to_have_count(len(OWNERS))
    expect(page.page.locator('.settings-nav [aria-current="page"]')).to_have_attribute("data-tab", "profile")
    for tab in OWNERS:
        page.page.locator(f'.settings-nav [data-tab="{tab}"]').click()
        expect(page.page).to_have_url(re.compile(f"/settings/{tab}/$"))
        name = page.page.locator('.settings-nav [aria-current="page"] .settings-name').inner_text()
        expect(page.page.locator(".settings-body h2")).to_have_text(name)
        page.expect_title(f"^{name} · ")
    page.page.go_back()
    expect(page.page).to_have_url(re.compile("/settings/tokens/$"))
    page.page.reload()
    expect(page.page.locator(".settings-body h2")).to_have_text("API tokens")
    page.page.goto("/settings/nowhere/")
    expect(page.page.get_by_role("heading", name="No such setting", level=2)).to_be_visible()


def test_members_see_neither_invitations_nor_bots(window: OpenWindow, bob: Person) -> None:
    page = opened(window, bob, "profile").page
    seen = page.locator(".settings-nav a").evaluate_all("(links) => links.map((link) => link.dataset.tab)")
    assert seen == MEMBERS
    page.goto("/settings/bots/")
    expect(page.get_by_role("heading", name="No such setting", level=2)).to_be_visible()


def test_on_a_phone_the_list_leads_to_a_tab_and_back(window: OpenWindow, alice: Person) -> None:
    page = window(alice, **PHONE)
    page.page.goto("/settings/")
    link = page.page.locator('.settings-nav [data-tab="devices"]')
    expect(link).to_be_visible()
    expect(page.page.locator(".settings-page")).to_be_hidden()
    expect(page.page.get_by_role("heading", level=1)).to_have_text("Settings")
    assert (link.bounding_box() or {})["height"] >= 44
    link.click()
    expect(page.page.locator(".settings-page")).to_be_visible()
    expect(link).to_be_hidden()
    expect(page.page.get_by_role("heading", name="Devices", level=1)).to_be_visible()
    page.page.get_by_role("link", name="Back to the settings").click()
    expect(link).to_be_visible()
    expect(link).to_be_focused()
    page.page.go_back()
    expect(page.page.get_by_role("heading", name="Devices", level=1)).to_be_visible()
    wide = page.page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    assert wide <= 0, "nothing is wider than the screen"


# ---- profile --------------------------------------------------------------------------------------------------------


def test_a_name_is_saved_and_seen_on_the_other_device(window: OpenWindow, alice: Person, room: str) -> None:
    page, other = opened(window, alice, "profile"), opened(window, alice, "profile")
    field = page.page.get_by_label("Full name")
    expect(page.page.get_by_role("button", name="Save")).to_have_count(0)
    field.fill("Alice 诺瓦克")
    page.page.get_by_role("button", name="Save").click()
    expect(page.page.locator(".save-word[data-phase=saved]")).to_have_text("Saved")
    expect(other.page.get_by_label("Full name")).to_have_value("Alice 诺瓦克")
    expect(page.page.get_by_role("button", name="Save")).to_have_count(0)
    # Who is writing there is not interrupted.
    other.page.get_by_label("Full name").fill("something else")
    field.fill("Alice Third")
    field.press("Enter")
    expect(page.page.locator(".save-word[data-phase=saved]")).to_be_visible()
    expect(other.page.get_by_label("Full name")).to_have_value("something else")
    other.page.get_by_label("Full name").press("Escape")
    expect(other.page.get_by_label("Full name")).to_have_value("Alice Third")


@pytest.mark.outage
@pytest.mark.refusals(400)
def test_what_is_refused_or_not_sent_stays_in_the_field(window: OpenWindow, alice: Person) -> None:
    page = opened(window, alice, "profile")
    field = page.page.get_by_label("Full name")
    field.fill("a\u200bb")
    field.press("Enter")
    expect(page.page.get_by_role("alert")).to_have_text("A name may not contain invisible or control characters.")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_value("a\u200bb")
    page.page.locator('.settings-nav [data-tab="keys"]').click()
    page.page.locator('.settings-nav [data-tab="profile"]').click()
    expect(field).to_have_value("a\u200bb")
    field.fill("x" * 65)
    expect(page.page.get_by_role("alert")).to_have_text("1 character too many")
    expect(page.page.get_by_role("button", name="Save")).to_be_disabled()
    field.fill("")
    expect(page.page.get_by_role("alert")).to_have_text("This may not be empty.")
    page.context.set_offline(True)
    field.fill("Offline Name")
    field.press("Enter")
    expect(page.page.get_by_role("alert").first).to_have_text(re.compile("Not connected"))
    expect(field).to_have_value("Offline Name")
    page.context.set_offline(False)
    page.page.get_by_role("button", name="Save").click()
    expect(page.page.locator(".save-word[data-phase=saved]")).to_be_visible()


def test_enter_that_ends_a_composition_does_not_save(window: OpenWindow, alice: Person) -> None:
    page = opened(window, alice, "profile")
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.method) if "/me/" in request.url else None)
    field = page.page.get_by_label("Full name")
    field.focus()
    page.devtools.send("Input.imeSetComposition", {"text": "wang", "selectionStart": 4, "selectionEnd": 4})
    expect(field).to_have_value("Alicewang")
    page.page.keyboard.press("Enter")
    page.devtools.send("Input.insertText", {"text": "王"})
    expect(field).to_have_value("Alice王")
    assert "PATCH" not in asked


def test_a_status_goes_by_itself_when_it_was_told_to(
    window: OpenWindow, world: World, alice: Person, bob: Person
) -> None:
    page = opened(window, alice, "profile")
    page.page.get_by_role("button", name="In a meeting").click()
    expect(page.page.get_by_label("What others should know")).to_have_value("In a meeting")
    expect(page.page.get_by_label("Clears")).to_have_value("hour")
    page.page.locator(".settings-status [type=submit]").click()
    expect(page.page.get_by_text(re.compile("Clears by itself in (59 minutes|60 minutes|1 hour)"))).to_be_visible()
    user = world.do(lambda: User.objects.get(pk=alice.id))
    assert user.status == "In a meeting"
    assert abs(user.status_until - timezone.now() - timedelta(hours=1)) < timedelta(minutes=1)
    # Its words are changed, its end stays.
    page.page.get_by_label("What others should know").fill("🌴 待会儿回来")
    page.page.locator(".settings-status [type=submit]").click()
    expect(page.page.get_by_role("button", name="Clear the status")).to_be_visible()
    again = world.do(lambda: User.objects.get(pk=alice.id))
    assert (again.status, again.status_until) == ("🌴 待会儿回来", user.status_until)
    page.page.get_by_label("Clears").select_option("never")
    page.page.locator(".settings-status [type=submit]").click()
    eventually(lambda: world.do(lambda: User.objects.get(pk=alice.id).status_until) is None)
    page.page.get_by_role("button", name="Clear the status").click()
    expect(page.page.get_by_role("button", name="In a meeting")).to_be_visible()
    assert world.do(lambda: User.objects.get(pk=alice.id).status) == ""


def test_today_and_the_week_end_at_midnight_where_the_person_is(window: OpenWindow, alice: Person) -> None:
    page = opened(window, alice, "profile", timezone_id="Asia/Shanghai")
    # Tuesday evening in New York, where clocks go forward on Sunday; Wednesday, one o'clock, in London.
    answers = page.page.evaluate(
        """async () => {
          const { momentOf } = await import("parley/views/settings/spans.js");
          const now = Date.UTC(2026, 2, 4, 1);
          const iso = (at) => at && new Date(at).toISOString();
          const at = (choice, zone) => iso(momentOf(choice, now, zone));
          return [at("today", "America/New_York"), at("week", "America/New_York"), at("today", "Europe/London"),
            at("today", "Asia/Shanghai"), at("half-hour", "UTC"), at("never", "UTC")];
        }"""
    )
    assert answers == [
        "2026-03-04T05:00:00.000Z",
        "2026-03-09T04:00:00.000Z",
        "2026-03-05T00:00:00.000Z",
        "2026-03-04T16:00:00.000Z",
        "2026-03-04T01:30:00.000Z",
        None,
    ]


def test_the_time_zone_is_offered_and_every_clock_follows(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["what time is it"])
    page = opened(window, alice, "profile", timezone_id="Asia/Shanghai")
    field = page.page.get_by_label("Your time zone")
    expect(field).to_have_value("UTC")
    expect(field.locator("option").first).to_have_text("As this browser: Asia/Shanghai")
    expect(field.locator("optgroup")).not_to_have_count(0)
    assert field.locator("option").count() > 300
    expect(field.locator('option[value="America/New_York"]')).to_have_text(re.compile(r"^New York \(UTC−0[45]:00\)$"))
    field.select_option("America/New_York")
    expect(page.page.locator(".save-word[data-phase=saved]")).to_be_visible()
    expect(page.page.get_by_text("This browser is in Asia/Shanghai.")).to_be_visible()
    page.go(room)
    hours = page.page.evaluate(
        """() => { const node = document.querySelector('.message time');
          const utc = new Date(node.dateTime).getUTCHours();
          return (utc - Number(node.textContent.slice(0, 2)) + 24) % 24; }"""
    )
    assert hours in {4, 5}, "New York is four or five hours behind"
    page.page.goto("/settings/profile/")
    page.page.get_by_role("button", name="Use that").click()
    expect(field).to_have_value("Asia/Shanghai")
    field.select_option(label="UTC")
    eventually(lambda: stage.call(alice, "GET", "me/")["time_zone"] == "Etc/UTC")
    expect(page.page.locator("#set-zone-now")).to_contain_text(re.compile(r"\(.*UTC\)"))
    page.page.reload()
    expect(field).to_have_value("Etc/UTC")


def test_of_two_changes_made_quickly_the_second_counts(window: OpenWindow, alice: Person) -> None:
    page = opened(window, alice, "profile", timezone_id="Asia/Shanghai")
    field = page.page.get_by_label("Your time zone")
    expect(field.locator('option[value="America/New_York"]')).to_be_attached()
    held: list[Route] = []
    asked: list[str] = []
    page.page.on("request", lambda request: asked.append(request.method) if "/me/" in request.url else None)
    page.page.route("**/api/v1/me/", lambda route: route.continue_() if held else held.append(route))
    with page.page.expect_request("**/api/v1/me/"):
        field.select_option("America/New_York")
    field.select_option("Asia/Tokyo")
    expect(page.page.locator(".save-word[data-phase=saving]")).to_be_visible()
    expect(field).to_have_value("Asia/Tokyo")
    assert asked == ["PATCH"], "one after the other"
    held[0].continue_()
    kept = "() => fetch('/api/v1/me/').then((answer) => answer.json()).then((me) => me.time_zone)"
    eventually(lambda: page.page.evaluate(kept) == "Asia/Tokyo")
    expect(page.page.locator(".save-word[data-phase=saved]")).to_be_visible()
    expect(field).to_have_value("Asia/Tokyo")


def picture(page: Page) -> Locator:
    return page.locator('input[type="file"]')


def test_a_picture_is_looked_at_then_sent_and_seen(
    window: OpenWindow, stage: Stage, alice: Person, tmp_path: Path
) -> None:
    page = opened(window, alice, "profile")
    file = tmp_path / "<b>face<b>.png"
    file.write_bytes(png(400, 300))
    expect(page.page.get_by_text("up to 8 MB")).to_be_visible()
    picture(page.page).set_input_files(file)
    preview = page.page.get_by_role("img", name="How your picture will look")
    expect(preview).to_be_visible()
    middle = preview.evaluate("(node) => [...node.getContext('2d').getImageData(96, 96, 1, 1).data]")
    assert middle == [200, 80, 40, 255]
    page.page.get_by_role("button", name="Cancel").click()
    expect(preview).to_have_count(0)
    assert stage.call(alice, "GET", "me/")["picture"] == ""
    picture(page.page).set_input_files(file)
    page.page.get_by_role("button", name="Use this picture").click()
    shown = page.page.get_by_role("img", name="Your picture")
    expect(shown).to_be_visible()
    eventually(lambda: shown.evaluate("(node) => node.naturalWidth") == 512)
    page.page.get_by_role("button", name="Remove").click()
    page.page.get_by_role("dialog").get_by_role("button", name="Remove").click()
    expect(shown).to_have_count(0)
    assert stage.call(alice, "GET", "me/")["picture"] == ""


def test_what_is_no_picture_is_told_before_anything_is_sent(window: OpenWindow, alice: Person, tmp_path: Path) -> None:
    page = opened(window, alice, "profile")
    sent: list[str] = []
    page.page.on("request", lambda request: sent.append(request.method) if "picture" in request.url else None)
    for name, data, words in (
        ("a.txt", b"words", "Only PNG"),
        ("b.png", b"no picture at all", "cannot be read"),
        ("c.png", png(8, 40), "at least 16"),
        ("d.png", b"\0" * (8 * 1024 * 1024 + 1), "larger than 8 MB"),
        ("e.png", png(5200, 5000), "more than 25"),
    ):
        (tmp_path / name).write_bytes(data)
        picture(page.page).set_input_files(tmp_path / name)
        expect(page.page.get_by_role("alert")).to_contain_text(words)
    assert sent == []


def test_a_dropped_picture_shows_its_progress_and_can_be_stopped(window: OpenWindow, alice: Person) -> None:
    page = opened(window, alice, "profile")
    data = page.page.evaluate_handle(
        """(bytes) => { const data = new DataTransfer();
          data.items.add(new File([new Uint8Array(bytes)], "face.png", { type: "image/png" })); return data; }""",
        list(png(64, 64)),
    )
    page.page.dispatch_event(".picture", "drop", {"dataTransfer": data})
    expect(page.page.get_by_role("button", name="Use this picture")).to_be_visible()
    # The server does not answer yet.
    page.page.route("**/me/picture/", lambda route: None)
    page.page.get_by_role("button", name="Use this picture").click()
    expect(page.page.get_by_role("progressbar")).to_be_visible()
    page.page.locator(".picture").get_by_role("button", name="Cancel").click()
    expect(page.page.get_by_role("progressbar")).to_have_count(0)
    page.page.unroute("**/me/picture/")
    page.page.get_by_role("button", name="Retry").click()
    expect(page.page.get_by_role("img", name="Your picture")).to_be_visible()


# ---- devices --------------------------------------------------------------------------------------------------------


def test_devices_come_and_go_as_they_do(window: OpenWindow, stage: Stage, alice: Person, room: str) -> None:
    page = opened(window, alice, "devices")
    rows = page.page.get_by_test_id("devices").locator("li")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text("This device")
    expect(rows.first.get_by_role("button")).to_have_count(0)
    expect(page.page.get_by_text("You are not signed in anywhere else.")).to_be_visible()
    other = window(alice, room)
    expect(rows).to_have_count(2)
    rows.nth(1).get_by_role("button").click()
    ask = page.page.get_by_role("dialog")
    expect(ask).to_contain_text("signed out at once")
    page.page.keyboard.press("Escape")
    expect(ask).to_have_count(0)
    expect(rows.nth(1).get_by_role("button")).to_be_focused()
    rows.nth(1).get_by_role("button").click()
    ask.get_by_role("button", name="Sign out").click()
    expect(rows).to_have_count(1)
    expect(other.banner).to_contain_text("You were signed out on this device.")


def test_everything_else_is_signed_out_at_once(window: OpenWindow, stage: Stage, alice: Person, room: str) -> None:
    others = [window(alice, room) for _ in range(2)]
    stage.call(alice, "GET", "me/")
    page = opened(window, alice, "devices")
    rows = page.page.get_by_test_id("devices").locator("li")
    expect(rows).to_have_count(4)
    expect(page.page.locator('[data-kind="token"]')).to_contain_text("Program")
    page.page.get_by_role("button", name="Sign out everywhere else").click()
    page.page.get_by_role("dialog").get_by_role("button", name="Sign out everywhere else").click()
    expect(page.page.get_by_text("3 devices are signed out.")).to_be_visible()
    expect(rows).to_have_count(1)
    for other in others:
        expect(other.banner).to_be_visible()
    page.live()


@pytest.mark.refusals(500)
def test_a_list_that_cannot_be_read_says_so_and_is_read_again(window: OpenWindow, alice: Person) -> None:
    page = window(alice)
    page.page.route("**/me/devices/", lambda route: route.fulfill(status=500, body="{}"))
    page.page.goto("/settings/devices/")
    expect(page.page.get_by_role("alert")).to_contain_text("Something went wrong")
    page.page.unroute("**/me/devices/")
    page.page.get_by_role("button", name="Retry").click()
    expect(page.page.get_by_test_id("devices").locator("li")).to_have_count(1)


# ---- tokens, bots, invitations --------------------------------------------------------------------------------------


def test_a_token_is_shown_once_works_and_is_revoked(open_page: OpenPage, window: OpenWindow, bob: Person) -> None:
    page = opened(window, bob, "tokens").page
    expect(page.get_by_text("No tokens yet.")).to_be_visible()
    page.get_by_role("button", name="New token").click()
    page.get_by_label("What is it for?").fill("Backup 脚本")
    expect(page.get_by_label("Administer")).to_have_count(0)
    page.get_by_label("Write").check()
    page.get_by_label("Valid for").select_option("7")
    page.get_by_role("button", name="Create").click()
    secret = page.locator(".once-text").inner_text()
    assert secret.startswith("parley_")
    expect(page.get_by_text("it is not shown again")).to_be_visible()
    row = page.get_by_test_id("tokens").locator("li")
    expect(row).to_contain_text("Backup 脚本")
    expect(row).to_contain_text("never used")
    expect(row).to_contain_text("Write")
    page.evaluate("() => (navigator.clipboard.writeText = async (text) => void (window.copied = text))")
    page.get_by_role("button", name="Copy").click()
    eventually(lambda: page.evaluate("() => window.copied") == secret)
    page.get_by_role("button", name="I have saved it").click()
    expect(page.locator(".once")).to_have_count(0)
    assert secret not in page.content()
    ask = (
        """async (secret) => (await fetch("/api/v1/me/", { headers: { Authorization: `Bearer ${secret}` } })).status"""
    )
    nobody = open_page(path="/accounts/login/")
    assert nobody.evaluate(ask, secret) == 200
    page.reload()
    expect(row).to_contain_text("last used")
    row.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(row).to_have_count(0)


def test_a_token_without_a_name_is_refused_in_our_words(window: OpenWindow, bob: Person) -> None:
    page = opened(window, bob, "tokens").page
    page.get_by_role("button", name="New token").click()
    field = page.locator("#token-name")
    page.get_by_role("button", name="Create").click()
    expect(page.locator("#token-name-fault")).to_have_text("This may not be empty.")
    expect(field).to_be_focused()
    field.fill("Backup")
    expect(page.locator("#token-name-fault")).to_have_count(0)


@pytest.mark.refusals(400)
def test_a_refused_token_keeps_what_was_typed(window: OpenWindow, bob: Person) -> None:
    page = opened(window, bob, "tokens").page
    page.get_by_role("button", name="New token").click()
    page.get_by_label("What is it for?").fill("a\u200bb")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_contain_text("invisible")
    expect(page.get_by_label("What is it for?")).to_have_value("a\u200bb")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="New token")).to_be_focused()


@pytest.mark.refusals(409)
def test_a_bot_is_made_named_given_a_token_and_closed(window: OpenWindow, world: World, alice: Person) -> None:
    handle = world.unique("weather")
    page = opened(window, alice, "bots").page
    page.get_by_role("button", name="New bot").click()
    page.get_by_label("Handle").fill(alice.handle)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("alert")).to_have_text("This handle is taken.")
    page.get_by_label("Handle").fill(handle)
    page.get_by_role("button", name="Create").click()
    row = page.get_by_test_id("bots").locator("li", has_text=f"@{handle}").first
    expect(row).to_contain_text("Alice is responsible")
    row.get_by_label("Name").fill("天气")
    row.get_by_role("button", name="Save").click()
    expect(row.locator(".row-title").first).to_contain_text("天气")
    row.get_by_role("button", name="New token").click()
    row.get_by_label("What is it for?").fill("cron")
    row.get_by_role("button", name="Create").click()
    expect(row.locator(".once-text")).to_have_text(re.compile("^parley_"))
    row.get_by_role("button", name="I have saved it").click()
    expect(row.get_by_test_id("tokens").locator("li")).to_have_count(1)
    row.get_by_role("button", name="Deactivate").click()
    page.get_by_role("dialog").get_by_role("button", name="Deactivate").click()
    expect(row).to_contain_text("Deactivated")
    expect(row.get_by_label("Name")).to_have_count(0)
    row.get_by_role("button", name="Activate again").click()
    expect(row.locator(".chip", has_text="Deactivated")).to_have_count(0)


def test_an_invitation_leads_in_and_is_revoked(
    open_page: OpenPage, window: OpenWindow, stage: Stage, world: World, alice: Person, room: str
) -> None:
    name, others = world.unique("welcome"), world.unique("others")
    stage.room(alice, name=name)
    stage.room(world.person("dora"), alice, name=others)
    page = opened(window, alice, "invitations").page
    page.get_by_role("button", name="Invite people").click()
    expect(page.get_by_role("checkbox", name=name)).to_be_visible()
    expect(page.get_by_role("checkbox", name=others)).to_have_count(0)
    page.get_by_label("Guest").check()
    page.get_by_label("For how many people").select_option("5")
    page.get_by_role("checkbox", name=name).check()
    page.get_by_role("button", name="Create the link").click()
    link = page.locator(".once-text").inner_text()
    row = page.get_by_test_id("invitations").locator("li").first
    expect(row).to_contain_text("Guest")
    expect(row).to_contain_text("not used yet · 5 uses left")
    expect(row).to_contain_text("by Alice")
    expect(row).to_contain_text(name)
    guest = open_page(path=link)
    expect(guest.get_by_text("Alice invites you.")).to_be_visible()
    page.get_by_role("button", name="I have saved it").click()
    row.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("The invitation is revoked.")).to_be_visible()
    page.get_by_label("Show inactive invitations too").check()
    expect(page.locator('[data-state="revoked"]').first).to_contain_text("Revoked")


@pytest.mark.refusals(404)
def test_an_invitation_by_mail_is_for_one_address(open_page: OpenPage, window: OpenWindow, alice: Person) -> None:
    page = opened(window, alice, "invitations").page
    page.get_by_role("button", name="Invite people").click()
    expect(page.get_by_label("For how many people")).to_be_visible()
    page.get_by_label("E-mail address").fill("new@example.org")
    expect(page.get_by_label("For how many people")).to_have_count(0)
    page.get_by_label("Language of the mail").select_option("zh-hans")
    page.get_by_role("button", name="Send the invitation").click()
    expect(page.get_by_text("It is on its way to new@example.org.")).to_be_visible()
    expect(page.get_by_test_id("invitations").locator("li").first).to_contain_text("not used yet · 1 use left")


@pytest.mark.refusals(400)
def test_a_wrong_address_is_named_at_its_field(window: OpenWindow, alice: Person) -> None:
    page = opened(window, alice, "invitations").page
    page.get_by_role("button", name="Invite people").click()
    field = page.get_by_label("E-mail address")
    field.fill("nobody")
    page.get_by_role("button", name="Send the invitation").click()
    expect(field).to_be_focused()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#invite-email-fault")).to_be_visible()
    expect(page.get_by_label("E-mail address")).to_have_value("nobody")


# ---- this browser ---------------------------------------------------------------------------------------------------


def test_light_dark_and_density_hold_at_once_in_every_tab_and_from_the_first_paint(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["one", "two"])
    page = opened(window, alice, "appearance", color_scheme="light")
    tab = window(room=room, beside=page)
    root = tab.page.locator("html")
    canvas = "() => getComputedStyle(document.body).backgroundColor"
    light = tab.page.evaluate(canvas)
    page.page.get_by_label("Dark", exact=True).check()
    expect(root).to_have_attribute("data-theme", "dark")
    dark = tab.page.evaluate(canvas)
    assert dark != light
    row = tab.page.locator(".room-link").first
    cozy = (row.bounding_box() or {})["height"]
    page.page.get_by_label("Compact").check()
    expect(root).to_have_attribute("data-density", "compact")
    assert (row.bounding_box() or {})["height"] < cozy
    # The server paints it: also on its own pages, and before any script.
    tab.page.route("**/*.js", lambda route: route.abort())
    tab.page.goto("/accounts/password/change/")
    expect(root).to_have_attribute("data-theme", "dark")
    assert tab.page.evaluate(canvas) == dark
    page.page.get_by_label("System").check()
    expect(page.page.locator("html")).not_to_have_attribute("data-theme", re.compile("."))
    page.page.emulate_media(color_scheme="dark")
    assert page.page.evaluate(canvas) == dark


def test_the_language_is_changed_and_stays(window: OpenWindow, alice: Person) -> None:
    page = opened(window, alice, "appearance").page
    page.get_by_label("简体中文").check()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.locator(".settings-body h2")).to_have_text("外观")


def test_what_enter_does_is_chosen_and_the_sheet_is_shown(window: OpenWindow, alice: Person, room: str) -> None:
    page = opened(window, alice, "keys")
    page.page.get_by_label("Ctrl and Enter sends").check()
    page.page.get_by_label("Let single keys act").uncheck()
    kept = page.page.evaluate(
        """async () => { const { sendKeys, singleKeys } = await import("parley/views/choices.js");
          return [sendKeys.value, singleKeys.value]; }"""
    )
    assert kept == ["mod-enter", "off"]
    page.page.reload()
    expect(page.page.get_by_label("Ctrl and Enter sends")).to_be_checked()
    page.page.get_by_role("button", name="Show all keys").click()
    expect(page.page.get_by_role("dialog")).to_be_visible()


def test_the_account_tab_leads_to_the_servers_pages_and_back(window: OpenWindow, alice: Person) -> None:
    page = opened(window, alice, "account").page
    for name, title in (("Password", "Change password"), ("E-mail", "E-mail address"), ("Passkeys", "Two steps")):
        page.locator(".doors a", has_text=name).first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text(title)
        page.get_by_role("link", name="Settings").click()
        expect(page).to_have_url(re.compile("/settings/account/$"))
        expect(page.locator(".doors a")).to_have_count(3)


# ---- everyone -------------------------------------------------------------------------------------------------------


@pytest.fixture
def furnished(stage: Stage, world: World, alice: Person, bob: Person, room: str) -> Person:
    """Alice with one of everything in her settings."""
    stage.call(alice, "PATCH", "me/", {"status": "<i>busy</i>", "status_until": 4_000_000_000_000})
    stage.call(alice, "POST", "invitations/", {"role": "guest", "rooms": [room], "uses": None})
    stage.call(alice, "POST", "bots/", {"handle": world.unique("bot"), "name": "<b>机器人</b>"})
    return alice


@pytest.mark.timeout(150)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_serious_on_any_tab(
    window: OpenWindow, stage: Stage, furnished: Person, language: str, scheme: str
) -> None:
    stage.call(furnished, "PATCH", "me/", {"language": language})
    page = opened(window, furnished, "profile", color_scheme=scheme, language=language).page
    names = [
        furnished.email,
        furnished.handle,
        furnished.name,
        "API",
        "PNG",
        "JPEG",
        "WebP",
        "GIF",
        "MB",
        "Shift",
        "Ctrl",
    ]
    for tab in ["", *OWNERS]:
        page.goto(f"/settings/{tab}{tab and '/'}")
        loaded(page)
        opener = page.locator(".actions.start .button.primary")
        if tab in {"tokens", "bots", "invitations"}:
            opener.click()
        for width in (390, 1024, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert findings(page) == [], (tab, width)
            wide = page.evaluate(
                "() => { const it = document.querySelector('.settings'); return it.scrollWidth - it.clientWidth; }"
            )
            assert wide <= 0, (tab, width)
        if language == "zh-hans" and tab in {"appearance", "keys", "notifications", "account"}:
            inside = page.locator(".settings")
            page.evaluate("(node) => document.body.replaceChildren(node)", inside.element_handle())
            assert english(page, *names, "https", "Parley") == [], tab


def test_tab_goes_through_the_settings_in_order_and_is_always_seen(window: OpenWindow, alice: Person) -> None:
    page = opened(window, alice, "profile").page
    page.locator(".settings-nav a").first.focus()
    seen: list[dict[str, Any]] = []
    for _ in range(30):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => { const node = document.activeElement;
              // A tile shows the ring of what is chosen in it.
              const { outlineStyle, outlineWidth } = getComputedStyle(node.closest(".kind") ?? node);
              const box = node.getBoundingClientRect();
              return { what: node.id || node.textContent.trim().slice(0, 30),
                inside: Boolean(node.closest(".settings-body")),
                ring: outlineStyle !== "none" && parseFloat(outlineWidth) >= 1,
                seen: box.bottom > 0 && box.top < innerHeight }; }"""
        )
        if seen and not stop["inside"] and seen[-1]["inside"]:
            break
        seen.append(stop)
    inside = [stop for stop in seen if stop["inside"]]
    assert {"set-name", "set-status", "set-until", "set-zone"} <= {stop["what"] for stop in inside}
    assert [stop for stop in inside if not (stop["ring"] and stop["seen"])] == []
