"""Highlighted source code.

Python, which is nearly all there is, is read by one tolerant pattern that costs nothing to load; other
languages go to Pygments when a card first shows one.
"""

import builtins
import keyword
import re

from textual.content import Content, Span

from studykit.tui.text.palette import MUTED

_PYTHON = re.compile(
    r"""
    (?P<comment>\#[^\n]*)
  | (?P<string>(?i:\b[rbfu]{1,2})?
      (?:'''.*?(?:'''|\Z)|\"\"\".*?(?:\"\"\"|\Z)|'(?:\\.|[^'\\\n])*'?|"(?:\\.|[^"\\\n])*"?))
  | (?P<number>\b(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.[\d_]*)?(?:[eE][+-]?\d+)?)j?\b)
  | (?P<decorator>^[ \t]*@[\w.]+)
  | (?P<define>\b(?:def|class)[ ]+)(?P<defined>\w+)
  | (?P<word>\b[^\W\d]\w*)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_KEYWORDS = frozenset(keyword.kwlist)
_BUILTINS = frozenset(name for name in dir(builtins) if not name.startswith("_"))
_KEYWORD = "bold $text-primary"
_STYLES = {
    "comment": f"italic {MUTED}",
    "string": "$text-success",
    "number": "$text-warning",
    "decorator": "$text-secondary",
    "define": _KEYWORD,
    "defined": "bold $text-accent",
}
_PYTHON_NAMES = frozenset(("py", "python", "python3", "pycon"))
_LONGEST = 20_000
"""Longer code is shown without colours."""


def highlighted(source: str, language: str = "python") -> Content:
    """Return `source` (already clean) with the colours of `language`; an unknown one has none."""
    source = source.expandtabs(4).rstrip("\n")
    if len(source) > _LONGEST or not language:
        return Content(source)
    if language in _PYTHON_NAMES:
        return Content(source, _python_spans(source))
    return _by_pygments(source, language)


def _python_spans(source: str) -> list[Span]:
    spans = []
    for match in _PYTHON.finditer(source):
        for name, style in _STYLES.items():
            start, end = match.span(name)
            if start >= 0:
                spans.append(Span(start, end, style))
        if word := match["word"]:
            if word in _KEYWORDS:
                spans.append(Span(*match.span(), _KEYWORD))
            elif word in _BUILTINS:
                spans.append(Span(*match.span(), "$text-secondary"))
    return spans


def _by_pygments(source: str, language: str) -> Content:
    from textual.highlight import highlight

    return highlight(source, language=language)
