"""Formulas, in every notation that articles use: a plugin for markdown-it-py.

`$x$`, `` $`x`$ ``, `$$x$$`, `\\(x\\)` and `\\[x\\]` with one backslash or two, `\\begin{align}…\\end{align}`
and fences of `math`. A formula alone on its lines becomes a `math_block`, right after a text line too; any
other becomes `math_inline` where it stands, its `meta` holding where it begins and ends in the text and
whether it is written as display. Dollars of prices and shells are no formulas, see `is_formula`.

Every search is bounded, so that a file full of dollars takes linear time.
"""

import re
from typing import TYPE_CHECKING

from markdown_it.rules_block.state_block import StateBlock
from markdown_it.rules_inline.state_inline import StateInline

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_LONGEST_DISPLAY = 10_000
"""A display formula may be as many characters long; a `$$` that finds no end by then is text."""

_LONGEST_INLINE = 4_000
_ENVIRONMENTS = (
    "equation|align|aligned|alignat|gather|gathered|multline|eqnarray|cases|split|matrix|pmatrix|bmatrix|array|math"
    "|displaymath|dcases"
)
_BEGIN = re.compile(rf"\\begin\{{((?:{_ENVIRONMENTS})\*?)\}}")
_BRACKETS = re.compile(r"\\{1,2}\[")
_AFTER = re.compile(
    r"[ \t]*(?:\((?P<label>[\w:.-]+)\)|\{#(?P<id>[\w:.-]+)[^}\n]*\})?[ \t]*[.,;。，；、]?[ \t]*$",
    re.MULTILINE,
)
_BORDER = re.compile(r"^[ \t>]*(?:`{3}|~{3}|#{1,6}[ \t])", re.MULTILINE)
_CJK = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\u3000-\u303f\uff01-\uff65]")
_CJK_STOP = re.compile("[，。；：！？、“”]")
_COMMAND = re.compile(r"\\[A-Za-z]")
_SIGNS = re.compile(r"[\\^_=<>{}|+*/]")
_RELATION = re.compile(r"[\\^_=<>{}+]")
_PROSE = re.compile(r"[A-Za-z]{2,}[,;]? [A-Za-z]{2,}")
_AMOUNT = re.compile(r"\d[\d,.]*[A-Za-z]? (?:to|and|or|per|for|in|an?|is|was|each)\b|[^\n]*[/:]$")
_WORD = re.compile(r"\s*[A-Za-z]{4,}\s*$")
_SINGLE = re.compile(r"\$((?:[^\\$]++|\\[\s\S])++)\$")
_TICKED = re.compile(r"\$`([^`$]+)`\$")
_DOUBLE = re.compile(r"\$\$((?:[^\\$]++|\\[\s\S]|\$(?!\$))++)\$\$")


def maths_plugin(md: "MarkdownIt") -> None:
    """Teach `md` to read formulas."""
    md.block.ruler.before(
        "table", "math_block", math_block, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    md.inline.ruler.before("escape", "math_dollars", math_dollars)
    md.inline.ruler.before("escape", "math_brackets", math_brackets)


def math_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """Read a formula that has its lines to itself."""
    first = _line(state, start)
    if first[:1] not in ("$", "\\") or state.is_code_block(start):
        return False
    found = _delimiters(first)
    if found is None:
        return False
    opening, closing = found
    if silent and opening == "$$" and _is_open(state, start):
        return False
    last = _last_line(state, start, end, opening, closing)
    if last is None:
        return False
    if not silent:
        _push_block(state, start, last, opening, closing)
    return True


def _is_open(state: StateBlock, line: int) -> bool:
    """Return whether `$$` at `line` ends what the paragraph before it began."""
    end = state.bMarks[line]
    begin = max(state.bMarks[state.line], end - _LONGEST_DISPLAY)
    return state.parentType == "paragraph" and state.src.count("$$", begin, end) % 2 == 1


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _delimiters(line: str) -> tuple[str, str] | None:
    """Return what encloses the formula that begins `line`; nothing encloses an environment."""
    if line.startswith("$$"):
        return "$$", "$$"
    if brackets := _BRACKETS.match(line):
        return brackets.group(), brackets.group()[:-1] + "]"
    if begin := _BEGIN.match(line):
        return "", rf"\end{{{begin.group(1)}}}"
    return None


def _last_line(state: StateBlock, start: int, end: int, opening: str, closing: str) -> int | None:
    """Return the line that closes the formula with nothing but a label or a full stop after it."""
    src, begin = state.src, state.bMarks[start] + state.tShift[start] + len(opening)
    stop = src.find(closing, begin, begin + _LONGEST_DISPLAY)
    if stop < 0 or not _AFTER.match(src, stop + len(closing)) or _BORDER.search(src, begin, stop):
        return None
    last = start + src.count("\n", begin, stop)
    if last >= end or (opening and last == start and not src[begin:stop].strip()):
        return None
    inside = range(start + 1, last + 1) if state.blkIndent else ()
    if any(state.sCount[line] < state.blkIndent and not state.isEmpty(line) for line in inside):
        return None
    return last


def _push_block(state: StateBlock, start: int, last: int, opening: str, closing: str) -> None:
    lines = [_line(state, line) for line in range(start, last + 1)]
    end = lines[-1].find(closing, len(opening) if start == last else 0)
    after = _AFTER.match(lines[-1], end + len(closing))
    lines[-1] = lines[-1][: end if opening else end + len(closing)]
    lines[0] = lines[0][len(opening) :]
    token = state.push("math_block", "math", 0)
    token.content = "\n".join(lines).strip()
    token.markup = opening
    token.map = [start, last + 1]
    token.info = (after.group("label") or after.group("id") or "") if after else ""
    state.line = last + 1


def math_dollars(state: StateInline, silent: bool) -> bool:
    """Read `$x$`, `` $`x`$ `` and `$$x$$` inside text."""
    src, start = state.src, state.pos
    if src[start] != "$":
        return False
    stop = min(state.posMax, start + _LONGEST_INLINE)
    if src.startswith("$$", start):
        match = _DOUBLE.match(src, start, stop)
        if match and match.group(1).strip():
            return _push_inline(state, silent, match.group(1), "$$", match.end())
        if not silent:
            state.append_pending("$$")
        state.pos += 2
        return True
    match = _TICKED.match(src, start, stop)
    if match:
        return _push_inline(state, silent, match.group(1), "$", match.end())
    match = _SINGLE.match(src, start, stop)
    if match is None or not is_formula(match.group(1)):
        return False
    if src[match.end() : match.end() + 1].isdigit() and match.end() < state.posMax:
        return False
    return _push_inline(state, silent, match.group(1), "$", match.end())


def math_brackets(state: StateInline, silent: bool) -> bool:
    r"""Read `\(x\)` and `\[x\]` inside text, and `\\(x\\)`, `\\[x\\]`, which some sites need."""
    src, start = state.src, state.pos
    if src[start] != "\\":
        return False
    slashes = "\\\\" if src.startswith("\\\\", start) else "\\"
    inside = start + len(slashes) + 1
    bracket = src[inside - 1 : inside]
    if bracket not in ("(", "["):
        return False
    closing = slashes + (")" if bracket == "(" else "]")
    end = src.find(closing, inside, min(state.posMax, inside + _LONGEST_INLINE))
    if end < 0:
        return False
    body = src[inside:end]
    if not body.strip() or "$" in body or not _bracketed(body, slashes + bracket):
        return False
    return _push_inline(state, silent, body, slashes + bracket, end + len(closing))


def _bracketed(body: str, opening: str) -> bool:
    r"""Tell a formula from escaped brackets: `\[1\]`, `\(below\)`."""
    if opening.endswith("["):
        return _RELATION.search(body) is not None
    return _may_be_formula(body) and (opening == "\\\\(" or not _WORD.match(body))


def _push_inline(state: StateInline, silent: bool, body: str, markup: str, end: int) -> bool:
    if not silent:
        token = state.push("math_inline", "math", 0)
        token.content = body.strip()
        token.markup = markup
        token.meta = {"start": state.pos, "end": end, "display": markup not in ("$", "\\(", "\\\\(")}
    state.pos = end
    return True


def is_formula(body: str) -> bool:
    """Tell a formula between single dollars from what lies between two prices or shell variables."""
    if "`" in body:
        return False
    if body[0].isspace() or body[-1].isspace():
        # `$ x $` is a formula of a careless writer; `$5 and $10` has a blank on one side only.
        if not (body[0].isspace() and body[-1].isspace() and body.strip()):
            return False
        return (bool(_SIGNS.search(body)) and _may_be_formula(body)) or len(body.strip()) == 1
    return _may_be_formula(body)


def _may_be_formula(body: str) -> bool:
    if _CJK.search(body) and not _cjk_belongs(body):
        return False
    if "\\" in body or "{" in body:
        return True
    return not _AMOUNT.match(body) and not (_PROSE.search(body) and not _SIGNS.search(body))


def _cjk_belongs(body: str) -> bool:
    r"""Return whether Chinese in `body` stands in braces (`\text{损失}`, `x_{输入}`), or among commands."""
    outside, depth = [], 0
    for char in body:
        depth += (char == "{") - (char == "}")
        if depth <= 0:
            outside.append(char)
    bare = "".join(outside)
    return not _CJK.search(bare) or (bool(_COMMAND.search(bare)) and not _CJK_STOP.search(bare))
