"""What site generators leave in articles and readers never see: a plugin for markdown-it-py.

Inside text `{: .class}`, `{#id}` after a heading, `{{< shortcode >}}`, `{% tag %}` and references such as
``:numref:`fig_x` `` and `[^1]` leave a `dropped` token. The texts of footnotes are dropped as blocks. Code
that Jekyll or Hugo highlights is a fence like any other.
"""

import re
from typing import TYPE_CHECKING

from markdown_it.rules_block.state_block import StateBlock
from markdown_it.rules_inline.state_inline import StateInline

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_BRACED = re.compile(
    r"\{\{[<%][^\n]{0,500}?[>%]\}\}|\{%[^\n]{0,500}?%\}|\{:[^{}\n]{0,300}\}"
    r"|\{[#.][\w:.-]+(?:[ \t][^{}\n]{0,300})?\}"
)
_ROLE = re.compile(r":([a-z][a-z_-]{1,20}):`([^`\n]{1,200})`|\{([a-z][a-z:_-]{1,20})\}`([^`\n]{1,200})`")
_SAID = frozenset(
    {"math", "term", "code", "kbd", "abbr", "strong", "emphasis", "sub", "sup", "py", "func", "class"}
)
"""Roles whose text is part of the sentence."""

_FOOTNOTE = re.compile(r"\[\^([^\]\s]{1,100})\]")
_NOTE_TEXT = re.compile(r"\[\^[^\]\s]{1,100}\]:")
_HIGHLIGHT = re.compile(
    r"\{(?:%-?|\{[<%])[ \t]*(highlight|code)(?:[ \t]+\"?([\w+#.-]+))?[^\n]*?(?:%\}|[>%]\}\})[ \t]*$"
)
_HIGHLIGHT_END = r"^[ \t>]*\{{(?:%-?|\{{[<%])[ \t]*(?:end{name}|/{name})\b[^\n]*$"
_WIKI = re.compile(r"(!)?\[\[(?![\d\W])([^\[\]|,\n]{1,200})(?:\|([^\[\]\n]{1,200}))?\]\]")
_SLIDE = re.compile(r"\[(\*\*[^\[\]]{1,500}\*\*)\](?![(\[])")
_LONGEST_CODE = 50_000
_OTHER_BLOCK = "[#>`~-*+:|<"


def noise_plugin(md: "MarkdownIt") -> None:
    """Teach `md` to leave out what no reader sees."""
    md.block.ruler.before("table", "liquid_code", liquid_code, {"alt": ["paragraph", "reference"]})
    md.block.ruler.before("reference", "note_text", note_text, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.before("escape", "braced", braced)
    md.inline.ruler.before("escape", "role", role)
    md.inline.ruler.before("link", "footnote", footnote)
    md.inline.ruler.before("link", "wiki", wiki)
    md.inline.ruler.before("link", "slide", slide)


def liquid_code(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read `{% highlight python %}` to `{% endhighlight %}`, and the same between `{{<` and `>}}`."""
    src, at = state.src, state.bMarks[start] + state.tShift[start]
    if not src.startswith(("{%", "{{"), at) or state.is_code_block(start):
        return False
    opening = _HIGHLIGHT.match(src[at : state.eMarks[start]])
    if opening is None:
        return False
    ending = re.compile(_HIGHLIGHT_END.format(name=opening.group(1)), re.MULTILINE)
    closing = ending.search(src, at, min(len(src), at + _LONGEST_CODE))
    last = start + src.count("\n", at, closing.start()) if closing else end
    if last >= end:
        return False
    if not silent:
        token = state.push("fence", "code", 0)
        token.info = opening.group(2) or ""
        token.content = state.getLines(start + 1, last, state.sCount[start], True)
        token.map = [start, last + 1]
        state.line = last + 1
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
    last, blank = start + 1, False
    while last < end and (state.isEmpty(last) or _runs_on(state, last, after_blank=blank)):
        blank = blank or state.isEmpty(last)
        last += 1
    token = state.push("dropped", "", 0)
    token.map = [start, last]
    state.line = last
    return True


def _runs_on(state: StateBlock, line: int, *, after_blank: bool) -> bool:
    indent = state.sCount[line] - state.blkIndent
    if after_blank or indent > 0:
        return indent >= 4 or (not after_blank and indent > 0)
    return indent == 0 and state.src[state.bMarks[line] + state.tShift[line]] not in _OTHER_BLOCK


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


def wiki(state: StateInline, silent: bool) -> bool:
    """Read `[[Page|text]]` as its text, and skip `![[picture.png]]`."""
    src, start = state.src, state.pos
    if not src.startswith(("[[", "![["), start):
        return False
    match = _WIKI.match(src, start, state.posMax)
    if match is None:
        return False
    if match.group(1):
        return _drop(state, silent, match)
    if not silent:
        state.push("link_open", "a", 1)
        state.push("text", "", 0).content = match.group(3) or match.group(2)
        state.push("link_close", "a", -1)
    state.pos = match.end()
    return True


def slide(state: StateInline, silent: bool) -> bool:
    """Read `[**text**]`, which d2l takes over onto slides, without its brackets."""
    if not state.src.startswith("[**", state.pos):
        return False
    match = _SLIDE.match(state.src, state.pos, state.posMax)
    if match is None:
        return False
    if not silent:
        end = state.posMax
        state.pos, state.posMax = match.start(1), match.end(1)
        state.md.inline.tokenize(state)
        state.posMax = end
    state.pos = match.end()
    return True


def _drop(state: StateInline, silent: bool, match: re.Match[str]) -> bool:
    if not silent:
        state.push("dropped", "", 0).content = match.group()
    state.pos = match.end()
    return True
