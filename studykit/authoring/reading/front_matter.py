"""Front matter: what a site generator is told at the head of a file. A plugin for markdown-it-py."""

import re
from typing import TYPE_CHECKING

from markdown_it.rules_block.state_block import StateBlock

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_FENCE = re.compile(r"(---|\+\+\+)[ \t]*$")
_KEY = re.compile(r"[\w\u4e00-\u9fff\"'.-]+[ \t]*[:=]|#|\[")
_LONGEST = 500
"""Lines; a `---` that is followed by none in so many is a rule."""


def front_matter_plugin(md: "MarkdownIt") -> None:
    """Teach `md` to read YAML between `---` or TOML between `+++` at the head of the file."""
    md.block.ruler.before("table", "front_matter", front_matter)


def front_matter(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read front matter into a token of that name."""
    if start or silent or state.level:
        return False
    opening = _FENCE.match(_line(state, 0))
    if opening is None:
        return False
    fence = opening.group(1)
    inside = range(1, min(end, _LONGEST))
    first = next((text for line in inside if (text := _line(state, line)).strip()), "")
    last = next((line for line in inside if _closes(_line(state, line), fence)), None)
    if last is None or not (_KEY.match(first) or _closes(first, fence)):
        return False
    token = state.push("front_matter", "", 0)
    token.content = state.src[state.bMarks[1] : state.bMarks[last]]
    token.markup = fence
    token.map = [0, last + 1]
    state.line = last + 1
    return True


def _closes(text: str, fence: str) -> bool:
    text = text.rstrip()
    return text == fence or (text == "..." and fence == "---")


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] : state.eMarks[line]]
