"""What names are found by: how they are written, how their 汉字 are read, and first letters. Pure.

A key is what somebody may begin to type: for 王芳 王芳, wangfang, wf, and from the second character on 芳, fang; for
Alice Novak alicenovak, an, novak. A 汉字 with several readings (曾: ceng, zeng) gives a key with each.
"""

import os
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import combinations, pairwise, product
from typing import NamedTuple

KEY_LENGTH = 64
KEYS_MAX = 80
_TOKENS_MAX = 12
_SPELLINGS_MAX = 16
_SPELLINGS_WITHIN_MAX = 4
# ü as it is typed on a keyboard, as in passports, and by those who do not know better.
_ROUNDED = ("v", "u", "yu")


class _Token(NamedTuple):
    """A word, or a 汉字; `spellings` with Latin letters, the usual one first."""

    written: str
    spellings: tuple[str, ...]
    read: bool


def folded(text: str) -> str:
    """What of a text counts when names are looked for: its letters, digits and signs, without case, accents, width."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(char for char in plain if unicodedata.category(char)[0] in "LNS")


def keys(*names: str) -> list[str]:
    """What these names of one thing are found by, in order; what is the beginning of another key is left out."""
    found: dict[str, None] = {}
    for name in names:
        tokens = _tokens(name)
        tails = [tokens[start:] for start in range(len(tokens))]
        for tail in tails:
            found["".join(token.written for token in tail)[:KEY_LENGTH]] = None
        for tail in tails:
            most = _SPELLINGS_MAX if len(tail) == len(tokens) else _SPELLINGS_WITHIN_MAX
            found |= dict.fromkeys(key[:KEY_LENGTH] for key in _spelt(tail, most))
    some = sorted(list(found)[:KEYS_MAX])
    return [key for key, following in pairwise([*some, ""]) if not following.startswith(key)]


def _spelt(tokens: Sequence[_Token], most: int) -> Iterator[str]:
    """With Latin letters, then by first letters, of all or of the 汉字 only; at most so many of each."""
    firsts = [tuple(dict.fromkeys(one[0] for one in token.spellings)) for token in tokens]
    if any(token.read for token in tokens):
        yield from _combined([token.spellings for token in tokens], most)
        if not all(token.read for token in tokens):
            pairs = zip(tokens, firsts, strict=True)
            yield from _combined([first if token.read else token.spellings for token, first in pairs], most)
    if len(tokens) > 1:
        yield from _combined(firsts, most)


def _combined(choices: Sequence[Sequence[str]], most: int) -> Iterator[str]:
    """One of each, joined: the usual ones, then those with one unusual choice, then two, up to a bound."""
    left = most
    for unusual in range(len(choices) + 1):
        for places in combinations(range(len(choices)), unusual):
            for chosen in product(*(some[1:] if at in places else some[:1] for at, some in enumerate(choices))):
                yield "".join(chosen)
                left -= 1
                if not left:
                    return


def _tokens(name: str) -> list[_Token]:
    tokens: list[_Token] = []
    word = ""
    for char in f"{unicodedata.normalize('NFKC', name).casefold()} ":
        spellings = _readings(char) if _is_han(char) else ()
        if not spellings and unicodedata.category(char)[0] in "LNSM":
            word += char
            continue
        if plain := folded(word):
            tokens.append(_Token(plain, (plain,), read=False))
        word = ""
        if spellings:
            tokens.append(_Token(char, spellings, read=True))
    return tokens[:_TOKENS_MAX]


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or char == "\u3007" or "\U00020000" <= char <= "\U0003ffff"


def _readings(char: str) -> tuple[str, ...]:
    """Without tones, the usual one first; none of what has no reading."""
    found: list[str] = []
    for syllable in _library()(char):
        found += [syllable.replace("v", way) for way in _ROUNDED] if "v" in syllable else [syllable]
    return tuple(dict.fromkeys(found))


@cache
def _library() -> Callable[[str], list[str]]:
    """Loaded when the first 汉字 asks for it, and without its phrases, which take 45 MB and matter to texts only."""
    os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
    from pypinyin import Style, pinyin

    def readings(char: str) -> list[str]:
        found: list[list[str]] = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
        return found[0] if found else []

    return readings
