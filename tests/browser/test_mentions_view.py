"""Where one was addressed, and what one has begun: two lists across all rooms."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.test_accessibility import LANGUAGES, WIDTHS, findings
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person


def mentions(page: Window) -> Locator:
    page.page.get_by_role("link", name="Mentions").click()
    expect(page.page.get_by_role("heading", level=1, name="Mentions")).to_be_visible()
    return page.page.locator(".found")


def test_the_newest_comes_first_with_its_room_author_and_words_and_leads_there(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    stage.past(room, bob, ["before", f"@{alice.handle} the **first**", *[f"after {n}" for n in range(80)]])
    stage.past(other, bob, ["@room the second", "not for her"])
    stage.read(room, alice, 82)
    page = window(alice, room)
    found = mentions(page)
    expect(found).to_have_count(2)
    expect(found.first).to_contain_text("the second")
    expect(found.first).to_contain_text(bob.name)
    expect(found.first).to_contain_text("New")
    expect(found.last.locator("strong")).to_have_text("first")
    expect(found.last).not_to_contain_text("New")
    expect(page.page.get_by_role("heading", name="Today")).to_be_visible()
    page.expect_title("Mentions · ")

    found.last.get_by_role("link").first.click()
    page.drawn(room)
    expect(page.page).to_have_url(re.compile(f"/rooms/{room}/2/"))
    expect(page.message("the first")).to_be_in_viewport()
    page.page.go_back()
    expect(found).to_have_count(2)
    # What was read meanwhile is not new any more.
    stage.read(other, alice, 2)
    expect(found.first).not_to_contain_text("New")


def test_it_lives_new_ones_come_and_deleted_ones_go(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    page = window(alice, room)
    found = mentions(page)
    expect(page.page.get_by_text("Nobody has mentioned you yet")).to_be_visible()
    stage.say(room, bob, f"@{alice.handle} here I am", "nothing")
    expect(found).to_have_count(1)
    expect(page.page.get_by_text("Nobody has mentioned you yet")).to_have_count(0)
    # An edit may address her too, and another one change the words.
    stage.call(bob, "PATCH", f"rooms/{room}/messages/2/", {"text": f"nothing, @{alice.handle}"})
    expect(found).to_have_count(2)
    stage.call(bob, "PATCH", f"rooms/{room}/messages/1/", {"text": f"@{alice.handle} there I was"})
    expect(found.last).to_contain_text("there I was")
    stage.call(bob, "DELETE", f"rooms/{room}/messages/2/")
    expect(found).to_have_count(1)
    # While the line was cut.
    page.cut()
    stage.say(room, bob, "@room you missed this")
    page.mend()
    expect(found).to_have_count(2)
    expect(found.first).to_contain_text("you missed this")


def test_older_ones_are_read_as_one_scrolls(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, [f"@{alice.handle} number {n}" for n in range(70)])
    page = window(alice, room)
    found = mentions(page)
    expect(found.first).to_contain_text("number 69")
    assert found.count() < 70
    body = page.page.locator(".view-body")

    def down() -> bool:
        body.evaluate("(node) => (node.scrollTop = node.scrollHeight)")
        return found.count() == 70

    eventually(down)
    expect(found.last).to_contain_text("number 0")
    expect(page.page.get_by_role("button", name="Show earlier")).to_have_count(0)


@pytest.mark.refusals(503)
def test_a_failure_is_said_and_can_be_tried_again(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, [f"@{alice.handle} hello"])
    page = window(alice, room)
    failing = True

    def answer(route: object) -> None:
        if failing:
            route.fulfill(status=503, json={"code": "unavailable", "message": "The database is away.", "retry": True})  # type: ignore[attr-defined]
        else:
            route.continue_()  # type: ignore[attr-defined]

    page.page.route("**/api/v1/mentions/**", answer)
    found = mentions(page)
    alert = page.page.get_by_role("alert")
    expect(alert).to_contain_text("The database is away.")
    expect(found).to_have_count(0)
    expect(page.page.get_by_text("Nobody has mentioned you yet")).to_have_count(0)
    failing = False
    alert.get_by_role("button", name="Retry").click()
    expect(found).to_have_count(1)
    expect(alert).to_have_count(0)


def test_drafts_are_listed_thrown_away_and_had_back(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    other = stage.room(alice, bob)
    page = window(alice, room)
    drafts = page.page.get_by_role("link", name="Drafts")
    page.composer.fill("begun here")
    expect(drafts).not_to_contain_text("1")  # not while one writes it
    page.go(other)
    expect(drafts).to_contain_text("1")
    drafts.click()
    found = page.page.locator(".found")
    expect(found).to_have_count(1)
    expect(found).to_contain_text("begun here")
    found.get_by_role("button", name="Discard").click()
    expect(found).to_contain_text("Discarded.")
    expect(drafts).not_to_contain_text("1")
    found.get_by_role("button", name="Undo").click()
    expect(drafts).to_contain_text("1")
    found.get_by_role("link").click()
    page.drawn(room)
    expect(page.composer).to_have_value("begun here")
    page.composer.fill("")
    page.go(other)
    drafts.click()
    expect(page.page.get_by_text("No drafts")).to_be_visible()


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_serious_in_either_list(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str, language: str
) -> None:
    stage.call(alice, "PATCH", "me/", {"language": language})
    stage.past(room, bob, [f"@{alice.handle} hello", f"@{alice.handle}\n\n```\ncode\n```"])
    stage.call(alice, "PUT", f"rooms/{room}/draft/", {"text": "begun"})
    page = window(alice, language=language)
    for path in ("/mentions/", "/drafts/"):
        page.page.goto(path)
        page.live()
        expect(page.page.locator(".found").first).to_be_visible()
        for width in WIDTHS:
            page.page.set_viewport_size({"width": width, "height": 800})
            assert findings(page.page) == [], f"{path} at {width}"
