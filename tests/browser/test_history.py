"""What a message said before: in the right pane, with what changed, and as it changes."""

import re

from playwright.sync_api import Route, expect

from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.world import Person

VERSIONS = """() => {
  const written = (part) => {
    const sign = { INS: "+", DEL: "-" }[part.nodeName] ?? "";
    return sign + part.textContent + sign;
  };
  const all = document.querySelectorAll(".version .wording");
  return [...all].map((node) => [...node.childNodes].map(written).join(""));
}"""


def test_edited_opens_the_versions_with_what_changed_and_another_edit_arrives(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["We meet at ten.", "我们明天开会"])
    stage.call(bob, "PATCH", f"rooms/{room}/messages/1/", {"text": "We meet at eleven."})
    stage.call(bob, "PATCH", f"rooms/{room}/messages/2/", {"text": "我们后天开会"})
    page = window(alice, room)
    edited = page.message("eleven").get_by_role("button", name="(edited)")
    top = page.top("eleven")
    edited.click()
    pane = page.page.locator("#pane")
    expect(pane.get_by_role("heading", name="Edit history")).to_be_visible()
    expect(pane.locator(".version")).to_have_count(2)
    assert page.page.evaluate(VERSIONS) == ["We meet at -ten-+eleven+.", "We meet at ten."]
    assert page.page.url.endswith(f"/rooms/{room}/?pane=history%3A1")
    expect(pane.locator(".version time").first).to_have_attribute("title", re.compile(r"\d{4}"))
    if page.page.viewport_size["width"] >= 1200:
        assert abs(page.top("eleven") - top) <= 1

    stage.call(bob, "PATCH", f"rooms/{room}/messages/1/", {"text": "We meet at noon, not at eleven."})
    expect(pane.locator(".version")).to_have_count(3)
    assert page.page.evaluate(VERSIONS)[0] == "We meet at +noon, not at +eleven."

    page.menu("后天", "Edit history")
    expect(pane.locator(".version")).to_have_count(2)
    assert page.page.evaluate(VERSIONS) == ["我们-明天-+后天+开会", "我们明天开会"]
    page.page.go_back()
    expect(pane.locator(".version")).to_have_count(3)
    page.page.reload()
    expect(pane.locator(".version")).to_have_count(3)

    stage.call(bob, "DELETE", f"rooms/{room}/messages/1/")
    expect(pane).to_contain_text("deleted")
    expect(pane.locator(".version")).to_have_count(0)
    assert "noon" not in pane.inner_text()


def test_a_message_that_was_never_edited_and_one_that_is_not_there(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["as it was"])
    page = window(alice, room)
    page.sees("as it was")
    page.page.goto(f"/rooms/{room}/?pane=history%3A1")
    expect(page.page.locator("#pane")).to_contain_text("has not been edited")
    expect(page.page.locator("#pane .version")).to_have_count(1)


def test_a_history_that_cannot_be_read_is_read_again_on_demand(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["first"])
    stage.call(bob, "PATCH", f"rooms/{room}/messages/1/", {"text": "second"})
    page = window(alice, room)
    page.sees("second")
    broken = True

    def answer(route: Route) -> None:
        if broken:
            route.fulfill(status=200, content_type="text/plain", body="not what was asked for")
        else:
            route.continue_()

    page.page.route("**/history/", answer)
    page.message("second").get_by_role("button", name="(edited)").click()
    retry = page.page.locator("#pane").get_by_role("button", name="Retry")
    expect(retry).to_be_visible()
    broken = False
    retry.click()
    expect(page.page.locator("#pane .version")).to_have_count(2)
