"""Whom a text addresses: finding `@handle` in any script, and saying in the HTML who that is.

It takes two steps, because who is in the room is only known under its lock and rendering is too slow for that:
`mark` makes spans of what could be mentions, `settle` names the people in them and undoes the others.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping

from accounts.models.user import handle_key

ROOM, HERE = "room", "here"
# The words that no handle may be (`accounts.validators`).
WORDS = {handle_key(word): ROOM for word in ("all", "channel", "everyone", "room", "所有人")} | {"here": HERE}
MENTIONS_MAX = 50
"""In one message; what goes beyond is text."""

MARK = re.compile("[@＠]")
_RUN_MAX = 40
_SPAN = re.compile(r'<span class="mention" data-user="@([^"]+)">([@＠])[^<]*</span>')
# Scripts that put no space between words: a handle may begin and end anywhere in them.
_UNSPACED = re.compile(
    "[\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u303c\u3041-\u312f\u3131-\u318f\u31a0-\u31bf"
    "\u31f0-\u31ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_PUNCTUATION = frozenset("_-.")


def run_at(text: str, pos: int, end: int) -> str:
    """What follows the mark at `pos` and could hold a handle; "" if nobody is addressed there."""
    start = pos
    while start and text[start - 1] == "_":
        start -= 1
    before = text[start - 1] if start else " "
    if before in "@＠/" or (_UNSPACED.match(before) is None and unicodedata.category(before)[0] in "LNM"):
        return ""
    stop = pos + 1
    limit = min(end, stop + _RUN_MAX)
    while stop < limit and _in_handle(text[stop]):
        stop += 1
    return text[pos + 1 : stop].rstrip("_-.")


def span(mark: str, run: str) -> str:
    """What could be a mention. A run has letters, digits and `_-.` only: nothing to escape."""
    return f'<span class="mention" data-user="@{run}">{mark}{run}</span>'


def mark(text: str) -> str:
    """Plain text, which has nothing to escape, with spans around what could be mentions."""
    parts, at, found = [], 0, 0
    for match in MARK.finditer(text):
        if match.start() < at or found == MENTIONS_MAX:
            continue
        if run := run_at(text, match.start(), len(text)):
            found += 1
            parts += [text[at : match.start()], span(match[0], run)]
            at = match.end() + len(run)
    return "".join(parts) + text[at:] if parts else text


def keys(html: str) -> frozenset[str]:
    """All the handles, as keys, that what is marked could mean."""
    return frozenset(key for run, _mark in _SPAN.findall(html) for _handle, key in _handles(run))


def settle(html: str, people: Mapping[str, str]) -> tuple[str, set[str]]:
    """The HTML with those of `people` ({key: id, or ROOM, or HERE}) named who are addressed, and who they are."""
    addressed: set[str] = set()

    def name(match: re.Match[str]) -> str:
        run, sign = match[1], match[2]
        for handle, key in _handles(run):
            if (who := people.get(key)) is not None:
                addressed.add(who)
                return f'<span class="mention" data-user="{who}">{sign}{handle}</span>{run[len(handle) :]}'
        return sign + run

    return _SPAN.sub(name, html), addressed


def _handles(run: str) -> Iterator[tuple[str, str]]:
    """The beginnings of a run that could be a handle, with their keys, the longest first.

    A handle ends with the run, or beside a letter of a script without spaces: in `@小波看看` the handle may be any of
    小波看看, 小波看, 小波.
    """
    for length in range(len(run), 1, -1):
        handle = run[:length]
        if length < len(run):
            following = run[length]
            if unicodedata.category(following)[0] == "M" or handle[-1] in _PUNCTUATION:
                continue
            if _UNSPACED.match(following) is None and _UNSPACED.match(handle[-1]) is None:
                continue
        yield handle, handle_key(handle)


def _in_handle(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LM" or category == "Nd" or char in _PUNCTUATION
