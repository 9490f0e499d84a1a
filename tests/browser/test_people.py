"""Everybody one may see: found by any reading of the name, with what they say of themselves, a click from a word."""

import re

from playwright.sync_api import expect

from accounts.models import NameKey, User
from tests.browser.conftest import OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.world import Person, World

WIDE = {"viewport": {"width": 1440, "height": 900}}


def rows(page: Window) -> list[str]:
    names: list[str] = page.page.locator(".long-rows .name").all_inner_texts()
    return names


def test_people_are_listed_found_and_written_to(
    window: OpenWindow, stage: Stage, world: World, alice: Person, bob: Person, mallory: Person, room: str
) -> None:
    fang = world.person("aa-fang", display_name="王芳")
    stage.call(bob, "PATCH", "me/", {"status": "On the train"})
    page = window(alice, room, **WIDE)
    his = window(bob, room)
    page.page.get_by_role("link", name="People").click()
    search = page.page.locator("#people-text")
    expect(search).to_be_focused()
    page.expect_title("People")

    search.fill(bob.handle)
    line = page.page.locator(f'[data-key="{bob.id}"]')
    expect(line).to_contain_text("On the train")
    expect(line.locator(".presence")).to_have_attribute("data-presence", "online")
    his.page.close()
    # By how 王芳 is read.
    search.fill("wangf")
    expect(page.page.locator(f'[data-key="{fang.id}"]')).to_be_visible()
    search.fill("nobody is called that")
    expect(page.page.get_by_text("Nobody by that name.")).to_be_visible()

    search.fill(mallory.handle)
    page.page.locator(f'[data-key="{mallory.id}"] .person').click()
    expect(page.page).to_have_url(re.compile(f"/people/{mallory.id}/$"))
    card = page.page.locator(".card-person")
    expect(card.locator(".card-name")).to_have_text("Mallory")
    expect(card).to_contain_text("None yet.")
    expect(search).to_have_value(mallory.handle)
    page.page.go_back()
    expect(card).to_have_count(0)
    page.page.go_forward()
    card.get_by_role("button", name="Message").click()
    expect(page.page.locator("main h1")).to_have_text("Mallory")
    # The address of somebody is good on its own.
    page.page.goto(f"/people/{bob.id}/")
    expect(card.locator(".card-name")).to_have_text("Bob")
    expect(card.locator(".shared a")).to_have_count(1)


def test_everybody_is_reached_by_scrolling_and_few_are_in_the_page(
    window: OpenWindow, world: World, alice: Person
) -> None:
    prefix = world.unique("crowd")

    def fill() -> None:
        crowd = User.objects.bulk_create(
            User(
                handle=f"{prefix}-{number:03}",
                handle_key=f"{prefix}-{number:03}",
                display_name=f"Crowd {number:03}",
                email=f"{prefix}-{number:03}@example.org",
                password="!",
            )
            for number in range(180)
        )
        NameKey.objects.bulk_create(key for user in crowd for key in NameKey.of(user))

    world.do(fill)
    page = window(alice, **WIDE)
    page.page.goto("/people/")
    page.page.locator("#people-text").fill(prefix)
    expect(page.page.locator(".long-rows .name").first).to_have_text("Crowd 000")
    seen: set[str] = set()
    most = 0
    for _step in range(60):
        names = rows(page)
        seen |= set(names)
        most = max(most, len(names))
        if "Crowd 179" in seen:
            break
        page.page.locator(".long-list").evaluate("(node) => { node.scrollTop += 500; }")
        page.page.wait_for_function(
            "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
        )
    print(f"180 people: at most {most} rows in the page")
    assert len([name for name in seen if name.startswith("Crowd")]) == 180
    assert most <= 45


def test_a_guest_sees_whom_she_shares_a_room_with_and_invites_nobody(
    window: OpenWindow, stage: Stage, alice: Person, bob: Person, carol: Person, mallory: Person
) -> None:
    stage.room(alice, bob, carol)
    page = window(carol, **WIDE)
    page.page.goto("/people/")
    expect(page.page.locator("main")).to_contain_text("You see the people you share a room with.")
    for person, count in ((alice, 1), (bob, 1), (mallory, 0)):
        expect(page.page.locator(f'[data-key="{person.id}"]')).to_have_count(count)
    expect(page.page.get_by_role("link", name="Invite people")).to_have_count(0)
    page.page.goto(f"/people/{mallory.id}/")
    expect(page.page.get_by_text("There is no such person, or you may not see them.")).to_be_visible()

    hers = window(alice, **WIDE)
    hers.page.goto("/people/")
    hers.page.get_by_role("link", name="Invite people").click()
    expect(hers.page).to_have_url(re.compile("/settings/invitations/$"))


def test_on_a_phone_a_person_is_a_screen_of_her_own(window: OpenWindow, alice: Person, bob: Person, room: str) -> None:
    page = window(alice, room, viewport={"width": 390, "height": 760}, has_touch=True, is_mobile=True)
    page.page.goto("/people/")
    page.page.locator("#people-text").fill(bob.handle)
    page.page.locator(f'[data-key="{bob.id}"] .person').tap()
    expect(page.page.locator(".card-name")).to_have_text("Bob")
    expect(page.page.locator(".long-rows")).to_be_hidden()
    page.page.go_back()
    expect(page.page.locator(".long-rows")).to_be_visible()
    expect(page.page.locator("#people-text")).to_have_value(bob.handle)
