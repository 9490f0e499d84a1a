"""What was begun and not sent: on every device, through reloads and outages, and never lost."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.servers import eventually
from tests.world import Person

SIGN = "unsent draft"


def held(stage: Stage, person: Person, room: str) -> str:
    """What the server keeps of her draft."""

    def read() -> str:
        from chat.models import Draft

        row = Draft.objects.filter(membership__room_id=room, membership__user_id=person.id).first()
        return row.text if row else ""

    return stage.world.do(read)


def jot(stage: Stage, person: Person, room: str, text: str) -> None:
    """As another device of hers does."""
    stage.call(person, "PUT", f"rooms/{room}/draft/", {"text": text})


def test_a_draft_is_on_the_other_device_and_in_its_list(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    desk, phone = window(alice, room), window(alice, other)
    desk.composer.fill("half a sen")
    eventually(lambda: held(stage, alice, room) == "half a sen")
    expect(phone.link(room)).to_contain_text(SIGN)
    phone.go(room)
    expect(phone.composer).to_have_value("half a sen")
    # It goes on there; the first device's field, which nobody touched since, shows it.
    phone.composer.press_sequentially("tence")
    expect(desk.composer).to_have_value("half a sentence")
    phone.composer.press("Enter")
    desk.shows("half a sentence")
    expect(desk.composer).to_have_value("")
    phone.go(other)
    expect(phone.link(room)).not_to_contain_text(SIGN)
    eventually(lambda: held(stage, alice, room) == "" or stage.stored(room) == ["half a sentence"])


def test_what_is_being_written_here_is_never_replaced_and_the_others_words_are_kept_beside_it(
    window: OpenWindow, stage: Stage, alice: Person, room: str
) -> None:
    page = window(alice, room)
    page.composer.press_sequentially("mine")
    jot(stage, alice, room, "from the phone")
    offer = page.page.locator(".aside")
    expect(offer).to_contain_text("from the phone")
    expect(page.composer).to_have_value("mine")
    page.composer.press_sequentially(" and more")
    eventually(lambda: held(stage, alice, room) == "mine and more")
    page.reload(room)
    expect(offer).to_contain_text("from the phone")
    expect(page.composer).to_have_value("mine and more")
    offer.get_by_role("button", name="Add it").click()
    expect(page.composer).to_have_value("mine and more\nfrom the phone")
    expect(offer).to_have_count(0)


@pytest.mark.outage
def test_a_draft_without_a_connection_goes_to_the_server_later(
    window: OpenWindow, stage: Stage, alice: Person, room: str
) -> None:
    page = window(alice, room)
    page.cut()
    expect(page.page.locator('.frame[data-phase="backoff"]')).to_be_attached()
    page.composer.fill("on the train")
    page.page.wait_for_timeout(400)
    assert held(stage, alice, room) == ""
    page.mend()
    eventually(lambda: held(stage, alice, room) == "on the train")


def test_two_tabs_do_not_overwrite_each_other(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    one = window(alice, room)
    two = window(room=room, beside=one)
    two.composer.press_sequentially("written in the second")
    eventually(lambda: held(stage, alice, room) == "written in the second")
    expect(one.composer).to_have_value("written in the second")
    one.go(other)
    one.go(room)
    expect(one.composer).to_have_value("written in the second")
    expect(two.composer).to_have_value("written in the second")


def test_nothing_goes_to_the_server_while_a_composition_runs(
    window: OpenWindow, stage: Stage, alice: Person, room: str
) -> None:
    page = window(alice, room)
    page.composer.focus()
    page.devtools.send("Input.imeSetComposition", {"text": "nihao", "selectionStart": 5, "selectionEnd": 5})
    jot(stage, alice, room, "from the phone")
    page.page.wait_for_timeout(2000)
    assert page.composer.input_value() == "nihao"
    assert held(stage, alice, room) == "from the phone"
    page.devtools.send("Input.insertText", {"text": "你好"})
    eventually(lambda: held(stage, alice, room) == "你好")
    expect(page.page.locator(".aside")).to_contain_text("from the phone")


def test_a_half_typed_edit_outlives_a_reload_and_another_room(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, ["as it was"])
    other = stage.room(alice, bob)
    page = window(alice, room)
    box = page.page.locator(".editor textarea")
    page.tool("as it was", "Edit")
    expect(box).to_have_value("as it was")
    box.press_sequentially(", or nearly")
    page.reload(room)
    expect(box).to_have_value("as it was, or nearly")
    page.go(other)
    page.go(room)
    expect(box).to_have_value("as it was, or nearly")
    box.press("Enter")
    page.shows("as it was, or nearly")
    # Given up, it is gone.
    page.tool("or nearly", "Edit")
    box.press_sequentially("!")
    box.press("Escape")
    page.reload(room)
    expect(box).to_have_count(0)
    assert page.page.evaluate("() => Object.keys(localStorage).filter((key) => key.includes('.edit.'))") == []


def test_a_half_typed_edit_waits_for_the_next_sign_in(
    window: OpenWindow, stage: Stage, alice: Person, room: str
) -> None:
    stage.past(room, alice, ["as it was"])
    page = window(alice, room)
    page.tool("as it was", "Edit")
    page.page.locator(".editor textarea").press_sequentially(", or nearly")
    stage.end_devices(alice)
    expect(page.banner).to_contain_text("kept here for your next sign-in")
    session = stage.session(alice)
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": stage.world.a.url}])
    page.enter(room)
    expect(page.page.locator(".editor textarea")).to_have_value("as it was, or nearly")


@pytest.mark.outage
@pytest.mark.refusals(404)
def test_what_was_written_for_a_room_one_has_left_is_shown_and_can_be_copied(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    page = window(bob, room, permissions=["clipboard-read", "clipboard-write"])
    name = page.page.locator("main").get_attribute("aria-label")
    page.cut()
    page.say("too late for this room")
    stage.remove(room, alice, bob)
    page.mend()
    notice = page.page.locator(".stranded")
    expect(notice).to_contain_text(f"you are no longer in {name}")
    expect(notice).to_contain_text("too late for this room")
    page.enter(other)
    expect(notice).to_contain_text("too late for this room")
    notice.get_by_role("button", name="Copy").click()
    expect(page.page.get_by_text("Copied.")).to_be_visible()
    assert page.page.evaluate("() => navigator.clipboard.readText()") == "too late for this room"
    notice.get_by_role("button", name="Delete").click()
    expect(notice).to_have_count(0)
    expect(page.page.get_by_text(re.compile("too late"))).to_have_count(0)
