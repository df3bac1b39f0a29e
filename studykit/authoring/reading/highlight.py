"""`==marked text==`: a plugin for markdown-it-py."""

import re
from typing import TYPE_CHECKING

from markdown_it.rules_inline.state_inline import StateInline

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_MARKED = re.compile(r"(?<![A-Za-z0-9=!<>])==(?=[^\s=])([^\n=]{1,500}?)(?<=[^\s=])==(?![A-Za-z0-9=])")


def highlight_plugin(md: "MarkdownIt") -> None:
    """Teach `md` that `==text==` is marked; `a == b` and `a==b` stay what they are."""
    md.inline.ruler.before("link", "highlight", highlight)


def highlight(state: StateInline, silent: bool) -> bool:
    """Read `==text==` with the markup inside it."""
    start = state.pos
    if not state.src.startswith("==", start):
        return False
    match = _MARKED.match(state.src, start, state.posMax)
    if match is None:
        return False
    if not silent:
        end = state.posMax
        state.push("mark_open", "mark", 1).markup = "=="
        state.pos, state.posMax = match.start(1), match.end(1)
        state.md.inline.tokenize(state)
        state.posMax = end
        state.push("mark_close", "mark", -1).markup = "=="
    state.pos = match.end()
    return True
