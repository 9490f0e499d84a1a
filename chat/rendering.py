"""Markdown → HTML, once, on the server.

CommonMark with strikethrough, tables, bare links and hard line breaks; no raw HTML, no images from outside. Emphasis
works next to 汉字 and CJK punctuation, and a bare link ends before them. Whatever the parser makes of it, the result
goes through nh3's allow list.

What a text can become is bounded, in size and in work: a message is sent to everybody in its room, and one thread
renders all that a process stores.
"""

import re
import time
import unicodedata
from collections.abc import Sequence
from functools import cache
from html import escape
from io import StringIO
from typing import Any

import nh3
from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace, mdTrim
from markdown_it.parser_inline import ParserInline
from markdown_it.renderer import RendererHTML
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_block.table import escapedSplit, getLine
from markdown_it.rules_inline import StateInline, image, link
from markdown_it.rules_inline.state_inline import Scanned
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import STANDARD_TYPES

from chat import mentions

# Ideographs, kana, hangul, bopomofo, and their punctuation and full-width forms.
_CJK = (
    "\u1100-\u11ff\u2e80-\u303f\u3040-\u312f\u3130-\u318f\u31a0-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U0001aff0-\U0001b16f\U00020000-\U0003ffff"
)
_CJK_CHAR = re.compile(f"[{_CJK}]")
_LINK_END = re.compile(f"[\\s{_CJK}“”‘’…—·]")
_LINK_MAX = 2048
_BRACKETS_MAX = 400

# Measured with 8000 characters, in thousands: code of 15 languages 82, lists of links 78, `&` alone 40; what is made to
# be large 234.
HTML_MAX = 128 * 1024
"""Characters. A text that would become more is shown as it was typed."""
# Cells that a message's rows may leave out: so many, and one for so many characters of the text.
_MISSING_MAX = 100
_MISSING_PER = 4
_SCHEME = re.compile(r"(?:^|[^a-z0-9.+-])(https?)$", re.IGNORECASE)

# What may be highlighted. A closed list, because some of Pygments' lexers take seconds over hostile text.
_LANGUAGES = {
    *("bash", "c", "cpp", "csharp", "css", "diff", "docker", "go", "html", "ini", "java", "javascript", "json", "jsx"),
    *("kotlin", "lua", "make", "nginx", "php", "powershell", "python", "ruby", "rust", "scss", "sql", "swift", "toml"),
    *("tsx", "typescript", "xml", "yaml"),
}
_LEXING_S = 0.02
_UNLIKE_CODE = re.compile(r"([^\n]{300,}|\n{5,})")
_ALIASES = {
    "c#": "csharp",
    "c++": "cpp",
    "cs": "csharp",
    "dockerfile": "docker",
    "golang": "go",
    "js": "javascript",
    "makefile": "make",
    "ps1": "powershell",
    "py": "python",
    "rb": "ruby",
    "rs": "rust",
    "sh": "bash",
    "shell": "bash",
    "ts": "typescript",
    "yml": "yaml",
    "zsh": "bash",
}

_TAGS = {
    *("a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre"),
    *("s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul"),
}
_ALIGN = {"align-left", "align-center", "align-right"}
_sanitise = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href", "title"}, "ol": {"start"}, "span": {"data-user"}},
    allowed_classes={
        "code": {f"language-{name}" for name in _LANGUAGES},
        "span": {"mention"} | {name for name in STANDARD_TYPES.values() if name},
        "td": _ALIGN,
        "th": _ALIGN,
    },
    set_tag_attribute_values={"a": {"target": "_blank"}},
    link_rel="noopener noreferrer nofollow",
    url_schemes={"http", "https", "mailto"},
    strip_comments=True,
)

# Nothing that Markdown, linkifying or HTML could see as more than text, on lines it would leave as they are.
_MARKUP = re.compile(r"[\\`*_~\[\]<>&|#!\x00-\x09\x0b-\x1f\x7f-\xa0\u2028\u2029\ufeff\ufdd0-\ufdef\ufffe\uffff]|://")
_BLOCK = re.compile(r"^(?:[ +=-]|\d{1,9}[.)]|$)| $", re.MULTILINE)


def render(text: str, *, mark: bool = False) -> str:
    """The HTML of a message: safe to put into a page, and not above `HTML_MAX`. About 0.3 ms; plain text a few µs; the
    worst that 8000 characters can do about 0.15 s.

    With `mark` what could be mentions is marked, for `mentions.settle`.
    """
    if _MARKUP.search(text) is None and _BLOCK.search(text) is None and text == text.strip():
        return _as_typed(text, mark=mark)
    return render_markdown(text, mark=mark)


def render_markdown(text: str, *, mark: bool = False) -> str:
    """The long way, for any text."""
    env = {
        _ROOM_LEFT: mentions.MENTIONS_MAX if mark else 0,
        _MISSING_LEFT: _MISSING_MAX + len(text) // _MISSING_PER,
    }
    html = str(_markdown.render(text, env))
    if len(html) <= HTML_MAX and (html := sanitise(html).strip()) and len(html) <= HTML_MAX:
        return html
    return sanitise(_as_typed(escape(text.strip(), quote=False), mark=mark))


def _as_typed(html: str, *, mark: bool) -> str:
    """A paragraph of what has nothing to escape, or was."""
    return "<p>" + (mentions.mark(html) if mark else html).replace("\n", "<br>\n") + "</p>"


def sanitise(html: str) -> str:
    """Only what a message may contain; of its own output it changes nothing."""
    return _sanitise.clean(html)


_ROOM_LEFT = "mentions left"
_MISSING_LEFT = "cells left out"


class _State(StateInline):
    def __init__(self, src: str, md: MarkdownIt, env: EnvType, outTokens: list[Token]) -> None:  # noqa: N803
        super().__init__(src, md, env, outTokens)
        # Each unmatched bracket is looked at once per level of nesting: thousands of them are no links, but slow.
        self.may_link = "](" in src and src.count("[") <= _BRACKETS_MAX

    def scanDelims(self, start: int, canSplitWord: bool) -> Scanned:  # noqa: N802, N803
        """CommonMark's rule of flanking, except that a CJK neighbour counts as a boundary and CJK marks as letters.

        Chinese puts no space around words: in `**加粗。**后文` the closing mark stands between 。 and 后. This is the
        amendment known as markdown-cjk-friendly; for text without CJK characters nothing changes.
        """
        marker, pos = self.src[start], start
        while pos < self.posMax and self.src[pos] == marker:
            pos += 1
        before = self.src[start - 1] if start > 0 else " "
        after = self.src[pos] if pos < self.posMax else " "
        before_cjk, after_cjk = _is_cjk(before), _is_cjk(after)
        before_space, after_space = isWhiteSpace(ord(before)), isWhiteSpace(ord(after))
        before_punct = not before_cjk and _is_punct(before)
        after_punct = not after_cjk and _is_punct(after)
        left = not after_space and (not after_punct or before_space or before_punct or before_cjk)
        right = not before_space and (not before_punct or after_space or after_punct or after_cjk)
        can_open = left and (canSplitWord or not right or before_punct or (before_cjk and _is_punct(before)))
        can_close = right and (canSplitWord or not left or after_punct or (after_cjk and _is_punct(after)))
        return Scanned(can_open, can_close, pos - start)


def _is_cjk(char: str) -> bool:
    # A variation selector or a combining mark belongs to what it follows; alone it is no boundary.
    return _CJK_CHAR.match(char) is not None and not unicodedata.combining(char)


def _is_punct(char: str) -> bool:
    return isMdAsciiPunct(ord(char)) or isPunctChar(char)


class _Inline(ParserInline):
    def parse(self, src: str, md: MarkdownIt, env: EnvType, tokens: list[Token]) -> list[Token]:
        state = _State(src, md, env, tokens)
        self.tokenize(state)
        for rule in self.ruler2.getRules(""):
            rule(state)
        return state.tokens


_links = LinkifyIt()


def _bare_link(state: StateInline, silent: bool) -> bool:
    """A bare http(s) link; only its own stretch of text, which no CJK character belongs to, is looked at."""
    pos = state.pos
    if not state.src.startswith("://", pos) or state.linkLevel > 0:
        return False
    scheme = _SCHEME.search(state.src[max(0, pos - 8) : pos])
    if scheme is None or not state.pending.endswith(scheme[1]):
        return False
    start = pos - len(scheme[1])
    stretch = state.src[start : min(state.posMax, start + _LINK_MAX)]
    if end := _LINK_END.search(stretch):
        stretch = stretch[: end.start()]
    found = _links.match_at_start(stretch)
    if found is None:
        return False
    url = found.url.rstrip("*_~")
    target = state.md.normalizeLink(url)
    if not state.md.validateLink(target):
        return False
    if not silent:
        state.pending = state.pending[: -len(scheme[1])]
        opening = state.push("link_open", "a", 1)
        opening.attrs = {"href": target}
        state.push("text", "", 0).content = state.md.normalizeLinkText(url)
        state.push("link_close", "a", -1)
    state.pos += len(url) - len(scheme[1])
    return True


def _mention(state: StateInline, silent: bool) -> bool:
    """What could be a mention; not in a link, where a click already means something else."""
    if not state.env.get(_ROOM_LEFT) or state.linkLevel > 0 or mentions.MARK.match(state.src, state.pos) is None:
        return False
    run = mentions.run_at(state.src, state.pos, state.posMax)
    if not run:
        return False
    if not silent:
        state.env[_ROOM_LEFT] -= 1
        token = state.push("mention", "span", 0)
        token.markup, token.content = state.src[state.pos], run
    state.pos += 1 + len(run)
    return True


def _link(state: StateInline, silent: bool) -> bool:
    return isinstance(state, _State) and state.may_link and link(state, silent)


def _image(state: StateInline, silent: bool) -> bool:
    return isinstance(state, _State) and state.may_link and image(state, silent)


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, unless its rows leave out too many cells: each is completed, and 1500 characters could be 65 000 cells.

    After the first such table the text has no others; or each of its lines would be looked at as the head of one.
    """
    left = state.env[_MISSING_LEFT]
    if left < 0 or not table(state, start, end, True):
        return False
    if silent:
        return True
    left = state.env[_MISSING_LEFT] = left - _missing(state, start, end, left)
    return left >= 0 and table(state, start, end, False)


def _missing(state: StateBlock, start: int, end: int, enough: int) -> int:
    """How many cells the rows of the table at `start` leave out; above `enough` it counts no further."""
    columns = _cells(getLine(state, start))
    ends = state.md.block.ruler.getRules("blockquote")
    missing = 0
    for line in range(start + 2, end):
        row = getLine(state, line)
        if missing > enough or not mdTrim(row) or state.sCount[line] < state.blkIndent or state.is_code_block(line):
            break
        if any(rule(state, line, end, True) for rule in ends):
            break
        missing += max(0, columns - _cells(row))
    return missing


def _cells(row: str) -> int:
    cells = escapedSplit(mdTrim(row))
    return len(cells) - (cells[0] == "") - (len(cells) > 1 and cells[-1] == "")


class _Renderer(RendererHTML):
    def image(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        """Nothing is loaded from outside: a picture is a link to it."""
        token = tokens[idx]
        source = str(token.attrs.get("src", ""))
        label = self.renderInlineAsText(token.children, options, env) if token.children else ""
        depth = sum(part.nesting for part in tokens[:idx] if part.tag == "a")
        return escape(label or source) if depth else f'<a href="{escape(source)}">{escape(label or source)}</a>'

    def mention(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        return mentions.span(tokens[idx].markup, tokens[idx].content)

    def renderInlineAsText(self, tokens: Sequence[Token] | None, options: OptionsDict, env: EnvType) -> str:  # noqa: N802
        """What describes a picture has no mentions."""
        return "".join(
            token.markup + token.content
            if token.type == "mention"
            else super(_Renderer, self).renderInlineAsText([token], options, env)
            for token in tokens or ()
        )

    def _aligned(self, tokens: Sequence[Token], idx: int, options: OptionsDict, env: EnvType) -> str:
        token = tokens[idx]
        style = str(token.attrs.pop("style", ""))
        if style.startswith("text-align:"):
            token.attrs["class"] = f"align-{style.removeprefix('text-align:')}"
        return self.renderToken(tokens, idx, options, env)

    th_open = _aligned
    td_open = _aligned


_formatter: HtmlFormatter[str] = HtmlFormatter(nowrap=True)


@cache
def _lexer(name: str) -> Lexer:
    return get_lexer_by_name(name, stripnl=False, ensurenl=False)


def _highlighted(code: str, language: str, attrs: str) -> str:
    name = language.casefold()
    name = _ALIASES.get(name, name)
    if name not in _LANGUAGES:
        return f"<pre><code>{escape(code, quote=False)}</code></pre>"
    inner = _coloured(code, _lexer(name))
    return f'<pre><code class="language-{name}">{inner}</code></pre>'


def _coloured(code: str, lexer: Lexer) -> str:
    """What is like code in colours; lines of hundreds of characters, where lexers are slow, stay as they are."""
    deadline = time.perf_counter() + _LEXING_S
    parts = []
    for number, part in enumerate(_UNLIKE_CODE.split(code)):
        tokens = None if number % 2 else _tokens(part, lexer, deadline)
        if tokens is None and not number % 2:
            return escape(code, quote=False)
        parts.append(escape(part, quote=False) if tokens is None else _formatted(tokens))
    return "".join(parts)


def _tokens(code: str, lexer: Lexer, deadline: float) -> list[tuple[Any, str]] | None:
    """The tokens of the code, or None if the lexer takes too long: its patterns are quadratic over hostile text."""
    tokens = []
    for token in lexer.get_tokens(code):
        tokens.append(token)
        if time.perf_counter() > deadline:
            return None
    return tokens


def _formatted(tokens: list[tuple[Any, str]]) -> str:
    out = StringIO()
    _formatter.format(tokens, out)
    return out.getvalue()


def _parser() -> MarkdownIt:
    options: dict[str, Any] = {"html": False, "breaks": True, "linkify": False, "maxNesting": 20}
    parser = MarkdownIt("js-default", options | {"highlight": _highlighted}, renderer_cls=_Renderer)
    parser.inline = _Inline()
    for name, rule in {"linkify": _bare_link, "link": _link, "image": _image}.items():
        parser.inline.ruler.at(name, rule)
    parser.inline.ruler.push("mention", _mention)
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})
    parser.inline.add_terminator_char("＠")
    # A definition would vanish from what was typed, and a pile of them is slow.
    parser.disable(["reference", "html_block", "html_inline"])
    return parser


_markdown = _parser()
