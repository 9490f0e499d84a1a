"""Finding whom a text addresses, in any script, whatever Markdown is around it."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import mentions
from chat.rendering import render, render_markdown, sanitise

PEOPLE = {
    "bob": "2",
    "小波": "3",
    "王芳": "4",
    "bob.smith": "5",
    "민수": "6",
    "ольга": "7",
    "r2": "8",
    "नीता": "9",
    **mentions.WORDS,
}


def _addressed(text: str) -> set[str]:
    return mentions.settle(render(text, mark=True), PEOPLE)[1]


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("@bob", "2"),
        ("hi @bob, there", "2"),
        ("hi @BOB", "2"),
        ("ｈｉ＠ｂｏｂ", ""),
        ("hi ＠ｂｏｂ", "2"),
        ("(@bob)", "2"),
        ("@bob's", "2"),
        ("@bob.", "2"),
        ("@bob...", "2"),
        ("@bob.smith.", "5"),
        ("@bob.smi", ""),
        ("@bobby", ""),
        ("@bob2", ""),
        ("@bob_x", ""),
        ("a@bob.com", ""),
        ("7@bob", ""),
        ("é@bob", ""),
        ("x_@bob", ""),
        ("@@bob", ""),
        ("example.org/@bob", ""),
        ("https://example.org/@bob", ""),
        ("\\@bob", ""),
        ("@ bob", ""),
        ("@b", ""),
        ("请@小波看一下", "3"),
        ("＠王芳早上好", "4"),
        ("。@王芳", "4"),
        ("@bob你好", "2"),
        ("@小波bob", "3"),
        ("@민수야", "6"),
        ("@ольга!", "7"),
        ("щ@ольга", ""),
        ("@नीता", "9"),
        ("@नी", ""),
        ("@room", "room"),
        ("@所有人开会", "room"),
        ("@here", "here"),
        ("@hereby", ""),
    ],
)
def test_whom_a_text_addresses(text: str, whom: str) -> None:
    assert _addressed(text) == ({whom} if whom else set())


@pytest.mark.parametrize(
    "text",
    ["`@bob`", "```\n@bob\n```", "    @bob", "[@bob](https://example.org)", "![@bob](https://example.org/x.png)"],
)
def test_code_and_links_address_nobody(text: str) -> None:
    assert _addressed(f"{text}\n") == set()
    assert "@bob" in render(text, mark=True)
    assert _addressed("@bob") == {"2"}


@pytest.mark.parametrize(
    "text", ["**@bob**", "_@bob_", "~~@bob~~", "> @bob", "- @bob", "# @bob", "| @bob |\n|--|\n|x|"]
)
def test_markup_around_a_mention_does_not_hide_it(text: str) -> None:
    html, whom = mentions.settle(render(text, mark=True), PEOPLE)
    assert whom == {"2"}
    assert '<span class="mention" data-user="2">@bob</span>' in html


def test_the_html_names_the_person_and_shows_what_was_typed() -> None:
    html, whom = mentions.settle(render("请＠小波看看 @BOB & @nobody", mark=True), PEOPLE)
    assert html == (
        '<p>请<span class="mention" data-user="3">＠小波</span>看看 '
        '<span class="mention" data-user="2">@BOB</span> &amp; @nobody</p>'
    )
    assert whom == {"2", "3"}


@pytest.mark.parametrize(
    "text",
    [
        '<span class="mention" data-user="2">@bob</span>',
        '<span class="mention" data-user="@bob">@x</span>',
        '&lt;span class="mention" data-user="@bob"&gt;',
    ],
)
def test_nobody_can_write_the_marks_herself(text: str) -> None:
    assert "<span" not in mentions.settle(render(text, mark=True), {})[0]
    assert mentions.settle(render(text, mark=True), {"2": "2"})[1] == set()


def test_without_marking_nothing_is_marked() -> None:
    for text in ("@bob", "**@bob**"):
        assert "span" not in render(text)
        assert "span" in render(text, mark=True)


def test_a_message_addresses_a_bounded_number() -> None:
    for text in ("@bob " * 200, "**x** " + "@bob " * 200):
        html, _ = mentions.settle(render(text.strip(), mark=True), PEOPLE)
        assert html.count("data-user") == mentions.MENTIONS_MAX
        assert html.count("@bob") == 200


def test_every_key_that_could_be_meant_is_asked_for() -> None:
    assert mentions.keys(render("请@小波看看", mark=True)) == {"小波看看", "小波看", "小波"}
    assert mentions.keys(render("@Bob-", mark=True)) == {"bob"}
    assert mentions.keys(render("nobody", mark=True)) == frozenset()


_TEXTS = st.text(st.sampled_from(list("@＠bo小波王 ._-*`>\n[]()<&\u0301\u093f:/")), max_size=60)


@given(_TEXTS)
def test_settling_leaves_no_mark_and_loses_no_word(text: str) -> None:
    marked = render(text, mark=True)
    html, whom = mentions.settle(marked, PEOPLE)
    assert 'data-user="@' not in html
    assert sanitise(html) == html
    assert re.sub(r"</?span[^>]*>", "", html) == re.sub(r"</?span[^>]*>", "", marked)
    assert whom <= set(PEOPLE.values())
    nobody, none = mentions.settle(marked, {})
    assert (none, nobody) == (set(), re.sub(r'<span class="mention"[^>]*>([^<]*)</span>', r"\1", marked))


@given(st.text(st.sampled_from(list("@＠bo小波王 ,;\u4e00")), min_size=1, max_size=40))
def test_the_short_way_marks_what_the_long_way_marks(text: str) -> None:
    assert mentions.keys(render(text, mark=True)) == mentions.keys(render_markdown(text, mark=True))
