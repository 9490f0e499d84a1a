"""Two people talk, in two browsers."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.servers import eventually
from tests.world import Person


def test_two_people_sign_in_through_the_page_and_talk(
    open_page: OpenPage, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    hers, his = Window(open_page(alice), alice), Window(open_page(bob), bob)
    # There is one room, so signing in leads to it.
    hers.drawn(room)
    his.drawn(room)

    hers.composer.press_sequentially("Hel")
    expect(his.typing).to_have_text("Alice is writing…")
    hers.composer.press_sequentially("lo, Bob")
    hers.composer.press("Enter")
    his.shows("Hello, Bob")
    expect(his.typing).to_have_text("")
    his.composer.press_sequentially("H")
    expect(hers.typing).to_have_text("Bob is writing…")
    his.composer.press_sequentially("ello, **Alice**")
    his.composer.press("Enter")
    hers.shows("Hello, Bob", "Hello, Alice")
    expect(hers.message("Hello, Alice").locator("strong")).to_have_text("Alice")
    hers.say("How is the", "weather?")
    his.shows("Hello, Bob", "Hello, Alice", "How is the", "weather?")
    expect(his.message("Hello, Bob").locator(".author")).to_have_text("Alice")

    assert stage.stored(room) == ["Hello, Bob", "Hello, **Alice**", "How is the", "weather?"]


def test_an_edit_a_reply_and_a_deletion_reach_both_and_outlive_a_reload(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, ["The meeting is at ten", "Bring cake"])
    hers, his = window(alice, room), window(bob, room)

    hers.edit("at ten", "The meeting is at eleven")
    for one in (hers, his):
        expect(one.message("at eleven")).to_have_count(1)
        expect(one.message("at eleven").locator(".edited")).to_have_text("(edited)")
        expect(one.message("at ten")).to_have_count(0)
        expect(one.message("Bring cake").locator(".edited")).to_have_count(0)

    his.tool("at eleven", "Reply")
    expect(his.page.locator(".replying-text")).to_have_text("Replying to Alice: The meeting is at eleven")
    expect(his.composer).to_be_focused()
    his.say("Good")
    for one in (hers, his):
        quote = one.message("Good").locator(".quote")
        expect(quote).to_have_text(re.compile("Alice.*The meeting is at eleven"))
    expect(his.page.locator(".replying")).to_have_count(0)

    hers.delete("Bring cake")
    gone = "This message was deleted."
    for one in (hers, his):
        expect(one.page.locator(".tombstone")).to_have_text(gone)
        expect(one.message("Bring cake")).to_have_count(0)
        assert [text for text in one.texts() if "cake" in text] == []

    # What was deleted is nowhere: not in the page, not in what the server has.
    assert "Bring cake" not in stage.stored(room)
    # And in a quote of it neither.
    hers.delete("at eleven")
    for one in (hers, his):
        expect(one.message("Good").locator(".quote")).to_have_text(re.compile(gone))
        assert "eleven" not in one.page.content()

    for one in (hers, his):
        one.reload(room)
        one.shows(gone, gone, "Good")


def test_only_the_author_is_offered_to_edit_and_delete(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, alice, ["mine"])
    hers, his = window(alice, room), window(bob, room)
    for page, offered in ((hers, 1), (his, 0)):
        page.tool("mine", "More")
        expect(page.message("mine").get_by_role("button", name="Edit", exact=True)).to_have_count(offered)
        expect(page.page.locator(".popover .choice", has_text="Copy text")).to_be_visible()
        expect(page.page.locator(".popover .choice", has_text="Delete")).to_have_count(offered)


def test_a_reload_keeps_the_draft_the_place_and_the_messages(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, [f"message {number}" for number in range(1, 151)])
    stage.read(room, alice, 150)
    page = window(alice, room)
    page.sees("message 150")
    anchor = page.scroll(-1600)
    assert anchor != "message 150"
    page.composer.press_sequentially("half a sen")
    # What comes above takes the author's line from the message that was the first: settled, then measured.
    page.page.wait_for_load_state("networkidle")
    before = page.top(anchor)
    page.reload(room)
    expect(page.composer).to_have_value("half a sen")
    page.sees(anchor)
    # The page draws what it holds first and what it is told next: the place counts once both are there.
    eventually(lambda: abs(page.top(anchor) - before) <= 1, within=3)
    print(f"reload: the anchor moved by {abs(page.top(anchor) - before):.2f} px")
    page.composer.press("Control+A")
    page.composer.press("Delete")
    page.reload(room)
    expect(page.composer).to_have_value("")


def test_a_quote_and_what_is_read_aloud_have_words_and_no_marks(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, room: str
) -> None:
    stage.past(room, bob, ["**加粗。**后文 & `code` <b>\n\n- item", "```python\nx = 1\n```"])
    page = window(alice, room)
    page.tool("加粗", "Reply")
    expect(page.page.locator(".replying-text")).to_have_text("Replying to Bob: 加粗。后文 & code <b> item")
    page.say("an answer")
    page.sees("an answer")
    expect(page.page.locator(".quote-text")).to_have_text("加粗。后文 & code <b> item")
    expect(page.message("x = 1").locator("article")).to_have_accessible_name(re.compile(r"^Bob, \d\d:\d\d: x = 1$"))
    stage.say(room, bob, "_aloud_")
    expect(page.page.get_by_test_id("announcer")).to_have_text("Bob: aloud")
