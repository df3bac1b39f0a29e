"""The Markdown parser of cards: CommonMark with tables and formulas (`$...$`, `$$...$$`), without HTML."""

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

from studykit.authoring.reading.cjk_emphasis import cjk_emphasis_plugin

_DOLLAR = "$"
_BACKSLASH = "\\"


def parser() -> MarkdownIt:
    """Return a parser whose formulas are tokens of the types `formula` and `formula_block`."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    markdown.disable(["html_block", "html_inline"])
    markdown.use(cjk_emphasis_plugin)
    markdown.inline.ruler.before("escape", "formula", _formula)
    markdown.block.ruler.before(
        "fence", "formula_block", _formula_block, {"alt": ["paragraph", "blockquote", "list"]}
    )
    return markdown


def _formula(state: StateInline, silent: bool) -> bool:
    """`$x$` or `$$x$$`: no space inside the marks, no digit after them, so that prices stay prices."""
    text, start = state.src, state.pos
    if text[start] != _DOLLAR:
        return False
    width = 2 if text.startswith("$$", start) else 1
    end = _closing(text, start + width, _DOLLAR * width, state.posMax)
    if end < 0 or not text[start + width : end].strip():
        return False
    if width == 1 and (
        text[start + 1].isspace() or text[end - 1].isspace() or text[end + 1 : end + 2].isdigit()
    ):
        return False
    if not silent:
        token = state.push("formula", "", 0)
        token.content = text[start + width : end]
    state.pos = end + width
    return True


def _closing(text: str, at: int, mark: str, limit: int) -> int:
    while at < limit:
        if text[at] == _BACKSLASH:
            at += 2
        elif text.startswith(mark, at):
            return at
        else:
            at += 1
    return -1


def _formula_block(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Lines from one that begins with `$$` to one that ends with `$$`."""
    if state.is_code_block(first) or not _line(state, first).startswith("$$"):
        return False
    lines: list[str] = []
    for number in range(first, last):
        line = _line(state, number)
        body = line[2:] if number == first else line
        if body.endswith("$$") and (number > first or len(line) > 3):
            lines.append(body[:-2])
            break
        if not line or "$$" in body:
            return False
        lines.append(body)
    else:
        return False
    if silent:
        return True
    state.line = first + len(lines)
    token = state.push("formula_block", "", 0)
    token.content = "\n".join(lines).strip()
    token.map = [first, state.line]
    return True


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]].rstrip()
