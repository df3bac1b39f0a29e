"""Emphasis that works beside Chinese, Japanese and Korean: a plugin for markdown-it-py that stands alone.

    from markdown_it import MarkdownIt
    md = MarkdownIt().use(cjk_emphasis_plugin)

CommonMark decides by white space and punctuation whether `**` opens or closes. Where words are not set apart
by spaces that loses spans (`**“X”**是`, `**重点。**后面`: punctuation inside, a letter outside, so nothing
may close) and makes wrong ones (`**A（b）**和**C（d）**` emphasises `和`). See commonmark-spec issue 650. Two
amendments mend it, and change nothing where no such character stands beside the delimiter:

1. A CJK punctuation mark counts as a letter: it neither forbids nor is a boundary by itself.
2. A CJK character on the outer side counts as a boundary, as white space and punctuation do. This is what
   helps with characters that are punctuation everywhere, such as “ ” and `.

`_` keeps asking for punctuation or white space on its outer side, as CommonMark does inside words.
"""

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace
from markdown_it.rules_inline.state_inline import Delimiter, StateInline

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_SYMBOLS = range(0x2300, 0x2C00)  # whatever is wide among them is an emoji
_EMOJI = range(0x1F000, 0x1FB00)
_SELECTORS = frozenset([*map(chr, range(0xFE00, 0xFE10)), *map(chr, range(0xE0100, 0xE01F0))])


def cjk_emphasis_plugin(md: "MarkdownIt") -> None:
    """Replace the rules for `*`, `_` and `~~` of `md` by ones that know about CJK."""
    md.inline.ruler.at("emphasis", emphasis)
    md.inline.ruler.at("strikethrough", strikethrough)


def emphasis(state: StateInline, silent: bool) -> bool:
    """Push each marker of a run of `*` or `_` as text, and note it as a delimiter."""
    marker = state.src[state.pos]
    if silent or marker not in "*_":
        return False
    opens, closes, length = _scan(state, state.pos, splits_words=marker == "*")
    for _ in range(length):
        _push(state, marker, length, opens=opens, closes=closes)
    state.pos += length
    return True


def strikethrough(state: StateInline, silent: bool) -> bool:
    """Push each `~~` as text, and note it as a delimiter."""
    if silent or state.src[state.pos] != "~":
        return False
    opens, closes, length = _scan(state, state.pos, splits_words=True)
    if length < 2:
        return False
    if length % 2:
        state.push("text", "", 0).content = "~"
    for _ in range(length // 2):
        _push(state, "~~", 0, opens=opens, closes=closes)
    state.pos += length
    return True


def _push(state: StateInline, text: str, length: int, *, opens: bool, closes: bool) -> None:
    state.push("text", "", 0).content = text
    place = len(state.tokens) - 1
    state.delimiters.append(Delimiter(ord(text[0]), length, place, -1, opens, closes))


def _scan(state: StateInline, start: int, *, splits_words: bool) -> tuple[bool, bool, int]:
    """Return whether the run of markers at `start` may open and close, and how long it is."""
    src, end = state.src, start + 1
    while end < state.posMax and src[end] == src[start]:
        end += 1
    after = src[end] if end < state.posMax else " "
    before = _before(src, start)
    space_before, mark_before, cjk_before = _nature(before)
    space_after, mark_after, cjk_after = _nature(after)
    hard_before, hard_after = mark_before and not cjk_before, mark_after and not cjk_after
    left = not space_after and (not hard_after or space_before or mark_before or cjk_before)
    right = not space_before and (not hard_before or space_after or mark_after or cjk_after)
    opens = left and (splits_words or not right or mark_before)
    closes = right and (splits_words or not left or mark_after)
    return opens, closes, end - start


def _before(src: str, start: int) -> str:
    """Return the character before `start`; a variation selector belongs to the one before it."""
    at = start - 1
    if at > 0 and src[at] in _SELECTORS:
        at -= 1
    return src[at] if at >= 0 else " "


@lru_cache(maxsize=4096)
def _nature(char: str) -> tuple[bool, bool, bool]:
    """Return whether `char` is white space, a punctuation mark, and CJK."""
    return isWhiteSpace(ord(char)), isMdAsciiPunct(ord(char)) or isPunctChar(char), is_cjk(char)


def is_cjk(char: str) -> bool:
    """Return whether `char` fills a cell of a CJK font, full or half; emoji do not count."""
    if char < "\u1100" or unicodedata.east_asian_width(char) not in "WFH":
        return False
    code = ord(char)
    # Python calls unassigned characters wide.
    return code not in _SYMBOLS and code not in _EMOJI and unicodedata.category(char) != "Cn"
