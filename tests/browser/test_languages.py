"""简体中文 everywhere: the language is chosen before one signs in, and nothing on any page stays English."""

import re
from datetime import UTC, datetime
from itertools import chain
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from chat.models import Message, Room
from tests.browser.conftest import OpenPage, OpenWindow
from tests.browser.stage import Stage
from tests.browser.window import Window
from tests.world import Person, World

# All that a page says, also to those who hear it: texts, and what stands in attributes.
SAID = """() => {
  const said = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("script, style, noscript, [hidden], code")) continue;
    const text = walker.currentNode.textContent.trim();
    if (text) said.push(text);
  }
  for (const node of document.querySelectorAll("[aria-label], [title], [placeholder], [alt]"))
    for (const name of ["aria-label", "title", "placeholder", "alt"]) {
      const text = node.getAttribute(name);
      if (text) said.push(text);
    }
  for (const node of document.querySelectorAll("input[type=submit], input[type=button]")) said.push(node.value);
  return said;
}"""
# Names of things, keys, languages and of what is typed (@room) are the same in every language.
SAME = {"Parley", "English", "Enter", "Esc", "Ctrl", "Shift", "room", "here"}
LATIN = re.compile(r"[A-Za-z]{2,}")


def english(page: Page, *names: str) -> list[str]:
    """What on the page is in Latin letters and is neither a name of somebody nor of something."""
    left = []
    for text in page.evaluate(SAID):
        rest = text
        for name in names:
            rest = rest.replace(name, "")
        if [word for word in LATIN.findall(rest) if word not in SAME]:
            left.append(text)
    return left


def _names() -> list[str]:
    """Of everybody and every room there is, longest first: lists show them all, whatever language a name is in."""
    people = User.objects.values_list("display_name", "handle")
    rooms = Room.objects.values_list("name", flat=True)
    return sorted((text for text in (*chain.from_iterable(people), *rooms) if text), key=len, reverse=True)


def _person(world: World, name: str, **fields: Any) -> Person:
    """Somebody whose handle is in 汉字 too; an address cannot be."""
    email = f"{world.unique('person')}@example.org"
    return world.person(name, language="zh-hans", time_zone="Asia/Shanghai", email=email, **fields)


@pytest.fixture
def fang(world: World) -> Person:
    return _person(world, "王芳", role=User.Role.OWNER)


@pytest.fixture
def ming(world: World) -> Person:
    return _person(world, "小明")


def test_the_pages_before_signing_in_speak_chinese_once_it_is_chosen(open_page: OpenPage, fang: Person) -> None:
    page = open_page(path="/accounts/login/")
    assert english(page), "first it is English, so that this test can see English"
    page.get_by_role("button", name="简体中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.get_by_role("heading")).to_have_text("登录")
    assert english(page) == []

    page.locator('input[name="login"]').fill(fang.handle)
    page.locator('input[name="password"]').fill("不对")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_be_visible()
    assert english(page, fang.handle) == []

    page.goto("/accounts/password/reset/")
    expect(page.get_by_role("heading")).to_be_visible()
    assert english(page) == []
    page.locator('input[name="email"]').fill(fang.email)
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/done/"))
    assert english(page, fang.email) == []


@pytest.mark.refusals(404)
def test_pages_that_are_not_there_say_so_in_the_readers_language(window: OpenWindow, fang: Person) -> None:
    page = window(fang)
    page.page.goto("/nowhere/")
    expect(page.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(page.page.get_by_role("heading")).to_be_visible()
    assert english(page.page) == []


def test_a_browser_that_asks_for_chinese_is_answered_in_chinese(open_page: OpenPage) -> None:
    page = open_page(path="/accounts/login/", language="zh-hans")
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    assert english(page) == []


def test_a_whole_conversation_shows_no_english_and_chinese_dates(
    window: OpenWindow, stage: Stage, world: World, fang: Person, ming: Person
) -> None:
    name = world.unique("发布")
    names = (name, *world.do(_names))
    room = stage.room(fang, ming, name=name, topic="第一版")
    stage.past(room, fang, ["很久以前", "前些天", "今天的会议十点开始", "带蛋糕来"])

    def backdate() -> None:
        for seq, at in ((1, datetime(2024, 2, 3, 20, 30, tzinfo=UTC)), (2, datetime(2025, 11, 5, 1, 0, tzinfo=UTC))):
            Message.objects.filter(room_id=int(room), seq=seq).update(created_at=at)

    world.do(backdate)
    hers, his = window(fang, room), window(ming, room)
    page = hers.page
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    # 20:30 in Greenwich is the next morning in Shanghai.
    expect(page.locator(".day-name time").first).to_have_text("2024年2月4日周日")
    expect(hers.message("很久以前").locator("time")).to_have_text("04:30")
    expect(hers.message("很久以前").locator("time")).to_have_attribute("datetime", "2024-02-03T20:30:00.000Z")
    assert "2024年2月4日星期日" in (hers.message("很久以前").locator("time").get_attribute("title") or "")
    expect(page.locator(".day-name time").last).to_have_text("今天")
    assert english(page, *names) == []

    # Everything one can open.
    for opener in ("前往会话或联系人", "新建聊天室", "新建私信"):
        page.get_by_role("button", name=opener).first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        expect(page.get_by_role("dialog").get_by_role("heading")).to_be_visible()
        assert english(page, *names) == []
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(".members").click()
    expect(page.locator(".pane .long-rows .person")).to_have_count(2)
    assert english(page, *names) == []
    page.get_by_role("tab", name="详情").click()
    expect(page.locator(".pane .info")).to_be_visible()
    assert english(page, *names) == []
    page.keyboard.press("Escape")
    expect(page.locator(".pane")).to_have_count(0)
    page.locator(".me-button").click()
    expect(page.get_by_role("menuitem", name="退出登录")).to_be_visible()
    assert english(page, *names) == []
    page.keyboard.press("Escape")

    # Everything that happens.
    his.composer.press_sequentially("好")
    expect(hers.typing).to_have_text("小明正在输入…")
    his.composer.press_sequentially("的")
    his.page.keyboard.press("Enter")
    hers.sees("好的")
    hers.tool("带蛋糕来", "编辑")
    assert english(page, *names) == []
    page.locator(".editor textarea").fill("带两个蛋糕来")
    page.keyboard.press("Enter")
    expect(his.message("两个").locator(".edited")).to_have_text("（已编辑）")
    his.tool("今天的会议", "回复")
    expect(his.page.locator(".replying-text")).to_have_text("回复王芳：今天的会议十点开始")
    assert english(his.page, *names) == []
    his.say("收到")
    hers.sees("收到")
    hers.menu("两个", "删除", more="更多")
    assert english(page, *names) == []
    page.get_by_role("dialog").get_by_role("button", name="删除").click()
    expect(his.page.locator(".tombstone")).to_have_text("此消息已删除。")

    his.cut()
    his.say("没有网络")
    expect(his.banner).to_contain_text("正在重新连接…")
    expect(his.banner.get_by_role("button")).to_have_text("立即重试")
    assert english(his.page, *names) == []
    stage.call(fang, "PATCH", f"rooms/{room}/", {"archived": True})
    his.mend()
    failed = his.page.locator('.message[data-state="failed"]')
    expect(failed.get_by_role("alert")).to_contain_text("归档")
    assert english(his.page, *names) == []


def test_the_language_is_switched_in_the_menu_and_stays(window: OpenWindow, alice: Person, room: str) -> None:
    page = window(alice, room)
    expect(page.page.locator("html")).to_have_attribute("lang", "en")
    page.composer.fill("half a sentence")
    page.page.locator(".me-button").click()
    page.page.get_by_role("menuitem", name="Language").click()
    page.page.get_by_role("menuitemradio", name="简体中文").click()
    expect(page.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    page.drawn(room)
    expect(page.composer).to_have_value("half a sentence")
    expect(page.page.get_by_role("button", name="发送")).to_be_visible()
    again = window(alice, room)
    expect(again.page.locator("html")).to_have_attribute("lang", "zh-Hans")


def test_every_key_of_the_catalogues_is_shown_in_its_language(window: OpenWindow, alice: Person, room: str) -> None:
    page: Window = window(alice, room)
    keys = page.page.evaluate(
        """async () => {
          const [{ default: en }, { default: zh }] = await Promise.all(
            [import("parley/locale/en.js"), import("parley/locale/zh-hans.js")]);
          return [Object.keys(en), Object.keys(zh)];
        }"""
    )
    assert keys[0]
    assert sorted(keys[0]) == sorted(keys[1])
