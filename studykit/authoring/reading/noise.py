"""What site generators leave in articles and readers never see: a plugin for markdown-it-py.

Dropped inside text: `{: .class}`, `{#id}` after a heading, `{{< shortcode >}}`, `{% tag %}`, references such as
``:numref:`fig_x` `` and `[^1]`, which all leave a `dropped` token, so that lines can still be counted. Dropped as blocks:
front matter and the texts of footnotes. `::: tip Title` and `:::` become `marker` tokens, which are paired when blocks
are built: so a fence inside a container, or a container inside another, needs no look-ahead.
"""

import re
from typing import TYPE_CHECKING

from markdown_it.rules_block.state_block import StateBlock
from markdown_it.rules_inline.state_inline import StateInline

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType

_BRACED = re.compile(
    r"\{\{[<%][^\n]{0,500}?[>%]\}\}|\{%[^\n]{0,500}?%\}|\{:[^{}\n]{0,300}\}|\{[#.][\w:.-]+(?:[ \t][^{}\n]{0,300})?\}"
)
_ROLE = re.compile(r":([a-z][a-z_-]{1,20}):`([^`\n]{1,200})`|\{([a-z][a-z:_-]{1,20})\}`([^`\n]{1,200})`")
_SAID = frozenset(
    {"math", "term", "code", "kbd", "abbr", "strong", "emphasis", "sub", "sup", "py", "func", "class"}
)
_FOOTNOTE = re.compile(r"\[\^([^\]\s]{1,100})\]")
_NOTE_TEXT = re.compile(r"\[\^[^\]\s]{1,100}\]:")
_MARKER = re.compile(r"(:{3,})[ \t]*(.*?)[ \t]*$")
_FENCED = re.compile(r"---[ \t]*$|\+\+\+[ \t]*$")
_KEY = re.compile(r"[\w\u4e00-\u9fff.-]+[ \t]*[:=]|[#\[{]|$")
_LONGEST_FRONT_MATTER = 300


def noise_plugin(md: "MarkdownIt") -> None:
    """Teach `md` to leave out what no reader sees."""
    chains: RuleOptionsType = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    md.block.ruler.before("table", "front_matter", front_matter)
    md.block.ruler.before("table", "marker", marker, chains)
    md.block.ruler.before("reference", "note_text", note_text, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.before("escape", "braced", braced)
    md.inline.ruler.before("escape", "role", role)
    md.inline.ruler.before("link", "footnote", footnote)


def front_matter(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read YAML between `---` or TOML between `+++` at the head of the file."""
    if start or silent or state.level or not (opening := _FENCED.match(_raw(state, 0))):
        return False
    fence = opening.group().rstrip()
    if not _KEY.match(_raw(state, 1) if end > 1 else "x"):
        return False  # a rule, then text
    for line in range(1, min(end, _LONGEST_FRONT_MATTER)):
        text = _raw(state, line).rstrip()
        if text == fence or (text == "..." and fence == "---"):
            token = state.push("front_matter", "", 0)
            token.content = state.src[state.bMarks[1] : state.eMarks[line - 1]] if line > 1 else ""
            token.markup = fence
            token.map = [0, line + 1]
            state.line = line + 1
            return True
    return False


def _raw(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] : state.eMarks[line]]


def marker(state: StateBlock, start: int, _end: int, silent: bool) -> bool:
    """Read the first or the last line of a container."""
    at = state.bMarks[start] + state.tShift[start]
    if not state.src.startswith(":::", at) or state.is_code_block(start):
        return False
    if not silent:
        match = _MARKER.match(state.src, at, state.eMarks[start])
        token = state.push("marker", "", 0)
        token.markup = match.group(1) if match else ":::"
        token.info = match.group(2).rstrip(":").rstrip() if match else ""
        token.map = [start, start + 1]
        state.line = start + 1
    return True


def note_text(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Skip the text of a footnote: its line, the lines that run on, and what is indented below it."""
    at = state.bMarks[start] + state.tShift[start]
    if (
        not state.src.startswith("[^", at)
        or not _NOTE_TEXT.match(state.src, at)
        or state.is_code_block(start)
    ):
        return False
    if silent:
        return True
    line, blank = start + 1, False
    while line < end:
        if state.isEmpty(line):
            blank = True
        elif state.sCount[line] - state.blkIndent < (4 if blank else 1) and (
            blank or state.src[state.bMarks[line] + state.tShift[line]] in "[#>`~-*+:|<"
        ):
            break
        line += 1
    token = state.push("dropped", "", 0)
    token.map = [start, line]
    state.line = line
    return True


def braced(state: StateInline, silent: bool) -> bool:
    """Skip `{: .class}`, `{#id}`, `{{< shortcode >}}` and `{% tag %}`."""
    src, start = state.src, state.pos
    if src[start] != "{":
        return False
    match = _BRACED.match(src, start, state.posMax)
    return match is not None and _drop(state, silent, match)


def role(state: StateInline, silent: bool) -> bool:
    """Skip ``:numref:`fig_x` `` and its kin; of a role whose text is part of the sentence, keep the text."""
    src, start = state.src, state.pos
    if src[start] not in ":{":
        return False
    match = _ROLE.match(src, start, state.posMax)
    if match is None:
        return False
    name, text = match.group(1) or match.group(3), match.group(2) or match.group(4)
    if name.split(":")[0] not in _SAID:
        return _drop(state, silent, match)
    if not silent:
        token = state.push("math_inline" if name == "math" else "code_inline", "", 0)
        token.content = text
        token.meta = {"start": start, "end": match.end(), "display": False}
    state.pos = match.end()
    return True


def footnote(state: StateInline, silent: bool) -> bool:
    """Skip `[^1]`."""
    if not state.src.startswith("[^", state.pos):
        return False
    match = _FOOTNOTE.match(state.src, state.pos, state.posMax)
    return match is not None and _drop(state, silent, match)


def _drop(state: StateInline, silent: bool, match: re.Match[str]) -> bool:
    if not silent:
        state.push("dropped", "", 0).content = match.group()
    state.pos = match.end()
    return True
