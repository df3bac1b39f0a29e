"""Boxes beside the text: `::: tip Title`, and `!!! note "Title"` of MkDocs. A plugin for markdown-it-py.

The first and the last line of a `:::` container become `marker` tokens, which are paired when blocks are
built: so a fence inside a container, or a container inside another, needs no look-ahead.
"""

import re
from typing import TYPE_CHECKING

from markdown_it.rules_block.state_block import StateBlock

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType

_MARKER = re.compile(r"(:{3,})[ \t]*(.*?)[ \t:]*$")
_INDENTED = re.compile(r"(?:!!!|\?\?\?)\+?[ \t]+(\w[\w-]*)(?:[ \t]+[\w-]+)*(?:[ \t]+\"([^\"]*)\")?[ \t]*$")
_INFO = re.compile(r"\{?\.?([\w-]+)(?:[^\s\[\]}]*\})?(?:\[([^\]]*)\]|[ \t]+(.*))?$")
_ATTRIBUTE = re.compile(r"\btitle=(?:\"([^\"]*)\"|'([^']*)')")
_TITLE_NAMES = frozenset({"admonition", "callout"})
_INDENT = 4


def containers_plugin(md: "MarkdownIt") -> None:
    """Teach `md` to read containers."""
    chains: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("table", "marker", marker, chains)
    md.block.ruler.before("table", "admonition", admonition, chains)


def name_and_title(info: str) -> tuple[str, str]:
    """Return name and title of a container: `tip Title`, `note[Title]`, `{.callout-tip title="Title"}`."""
    match = _INFO.match(info)
    if match is None:
        return "", info
    name, title = match.group(1).lower(), match.group(2) or match.group(3) or ""
    if attribute := _ATTRIBUTE.search(info):
        title = attribute.group(1) or attribute.group(2) or ""
    return name.removeprefix("callout-"), title.strip().rstrip("}")


def marker(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """Read the first or the last line of a `:::` container."""
    at = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith(":::", at) or state.is_code_block(start):
        return False
    match = _MARKER.match(state.src[at : state.eMarks[start]])
    if match is None:
        return False
    if not silent:
        token = state.push("marker", "", 0)
        token.markup, token.info = match.group(1), match.group(2)
        token.map = [start, start + 1]
        state.line = start + 1
    return True


def admonition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read `!!! note "Title"` with the indented blocks below it."""
    at = state.bMarks[start] + state.tShift[start]
    if state.src[at : at + 3] not in ("!!!", "???") or state.is_code_block(start):
        return False
    match = _INDENTED.match(state.src[at : state.eMarks[start]])
    indent = state.blkIndent + _INDENT
    if match is None or start + 1 >= end or state.sCount[start + 1] < indent:
        return False
    if silent:
        return True
    last = start + 1
    while last < end and (state.isEmpty(last) or state.sCount[last] >= indent):
        last += 1
    _push(state, match, start, last)
    return True


def _push(state: StateBlock, match: re.Match[str], start: int, last: int) -> None:
    token = state.push("admonition_open", "div", 1)
    token.info, token.content = match.group(1).lower(), match.group(2) or ""
    token.map = [start, last]
    outer = state.blkIndent, state.lineMax, state.parentType
    state.blkIndent, state.lineMax, state.parentType = state.blkIndent + _INDENT, last, "container"
    state.md.block.tokenize(state, start + 1, last)
    state.blkIndent, state.lineMax, state.parentType = outer
    state.push("admonition_close", "div", -1)
    state.line = last
