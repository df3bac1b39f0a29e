"""From spans back to Markdown for the texts of cards: clean, balanced, and read back as the same spans.

What is written is read again. So nothing is escaped that need not be (`snake_case`, `a * b`), and emphasis
that Markdown could not express where it stands is left out rather than shown as stars.
"""

import re
from collections.abc import Sequence
from itertools import groupby

from studykit.authoring.blocks import Mark, Span, Spans

_NOTHING, _MARKUP, _EVERYTHING = range(3)
"""What is escaped."""

_SIGNS = {Mark.STRONG: "**", Mark.EMPHASIS: "*"}
_SHOWN = frozenset({Mark.STRONG, Mark.EMPHASIS, Mark.CODE, Mark.MATH})
_OPAQUE = frozenset({Mark.CODE, Mark.MATH})
_CODE, _MATH = frozenset({Mark.CODE}), frozenset({Mark.MATH})
_LONG_FORMULA = 1000
_MAY_BE_MARKUP = re.compile(r"[\\`*_\[<&{]|==|~~|:$")
_SPECIAL = re.compile(r"([\\`*_<&{}=~:!])")
_BRACKET = "&#91;"
"""A backslash before a bracket would begin a formula."""

_MAY_BEGIN_BLOCK = re.compile(r"[-+*_>|#:~`!?={\[<]|\d{1,9}[.)]")
_NUMBER = re.compile(r"\d{1,9}(?=[.)](?:\s|$))")
_CJK = "[\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"
_LINE_END = re.compile(rf"(?<={_CJK})[ \t]*\n\s*(?={_CJK})")
_OTHER_LINE_END = re.compile(r"[ \t]*\n\s*")
_DOLLAR = re.compile(r"(?<!\\)\$")


def markdown_of(spans: Spans) -> str:
    """Return Markdown that reads as `spans`; links become their text, pictures are left out."""
    merged = _shown(spans)
    if not merged:
        return ""
    if all(map(_is_plain, merged)) or _is_read_so(merged):
        return _at_start(_written(merged, escaped=_NOTHING))
    plainer = _merge([Span(span.text, span.marks & _OPAQUE) for span in merged])
    attempts = ((merged, _NOTHING), (merged, _MARKUP), (plainer, _NOTHING), (plainer, _MARKUP))
    for attempt, escaped in attempts:
        text = _written(attempt, escaped=escaped)
        if _characters(_read(text)) == _characters(attempt):
            return _at_start(text)
    return _at_start(_written(plainer, escaped=_EVERYTHING))


def _is_plain(span: Span) -> bool:
    """Return whether `span` cannot be read otherwise, whatever stands beside it."""
    return span.has(Mark.CODE) or not (span.marks or _MAY_BE_MARKUP.search(span.text))


def _is_read_so(spans: Sequence[Span]) -> bool:
    """Return whether `spans` are surely read as they are written: plain text, code, plain formulas, and
    emphasis that begins and ends with a letter or digit and stands beside no other.
    """
    emphasised = False
    for span in spans:
        after, emphasised = emphasised, not span.marks.isdisjoint(_SIGNS)
        if span.marks == _CODE:
            continue
        if "$" in span.text or (after and emphasised):
            return False
        if Mark.MATH in span.marks:
            if span.marks != _MATH or not _is_sure_formula(span.text):
                return False
        elif _MAY_BE_MARKUP.search(span.text) or (emphasised and not _is_sure_emphasis(span)):
            return False
    return True


def _is_sure_emphasis(span: Span) -> bool:
    return len(span.marks) == 1 and span.text[0].isalnum() and span.text[-1].isalnum()


def _is_sure_formula(text: str) -> bool:
    from studykit.authoring.reading.maths import is_formula

    return (
        len(text) < _LONG_FORMULA
        and "`" not in text
        and not text.endswith("\\")
        and text == text.strip()
        and is_formula(text)
    )


def _characters(spans: Sequence[Span]) -> list[tuple[str, frozenset[Mark]]]:
    """Return each character with its marks; a blank shows none."""
    return [(char, span.marks) for span in spans for char in span.text if not char.isspace()]


def _read(text: str) -> Spans:
    from studykit.authoring.reading.parser import parser
    from studykit.authoring.reading.spans import spans_of

    return spans_of(parser(), text, {})


def _shown(spans: Spans) -> list[Span]:
    """Leave out what does not show on a card, put lines on one, and join what then stands side by side."""
    merged = _merge([Span(span.text, span.marks & _SHOWN) for span in spans if not span.has(Mark.IMAGE)])
    joined = [Span(_on_one_line(span.text), span.marks) for span in merged]
    while joined and not (text := joined[0].text.lstrip()):
        joined.pop(0)
    if joined:
        joined[0] = Span(text, joined[0].marks)
    while joined and not (text := joined[-1].text.rstrip()):
        joined.pop()
    if joined:
        joined[-1] = Span(text, joined[-1].marks)
    return joined


def _merge(spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for marks, group in groupby(spans, key=lambda span: span.marks):
        if Mark.MATH in marks:
            merged.extend(group)
        elif text := "".join(span.text for span in group):
            merged.append(Span(text, marks))
    return merged


def _on_one_line(text: str) -> str:
    """Join lines: with a blank between words, with none between Chinese characters."""
    return _OTHER_LINE_END.sub(" ", _LINE_END.sub("", text)) if "\n" in text else text


def _written(spans: Sequence[Span], *, escaped: int) -> str:
    pieces: list[str] = []
    opened: list[Mark] = []
    for before, span in zip([Span(""), *spans], spans, strict=False):
        wanted = [mark for mark in _SIGNS if mark in span.marks]
        while any(mark not in wanted for mark in opened):
            _close(pieces, opened.pop())
        text = _core(span, escaped=escaped)
        if before.has(Mark.MATH) and (span.has(Mark.MATH) or text[:1].isdigit()):
            text = f" {text}"  # or the dollar would close nothing
        inside = text.lstrip(" ") if len(opened) < len(wanted) else text
        pieces.append(text[: len(text) - len(inside)])
        for mark in wanted:
            if mark not in opened:
                opened.append(mark)
                pieces.append(_SIGNS[mark])
        pieces.append(inside)
    for mark in reversed(opened):
        _close(pieces, mark)
    return "".join(pieces)


def _close(pieces: list[str], mark: Mark) -> None:
    """Close `mark`, before the blanks at its end."""
    text = pieces.pop()
    inside = text.rstrip(" ")
    pieces += [inside, _SIGNS[mark], text[len(inside) :]]


def _core(span: Span, *, escaped: int) -> str:
    if span.has(Mark.MATH):
        dollars = "$$" if _DOLLAR.search(span.text) else "$"
        return f"{dollars}{span.text}{dollars}"
    if span.has(Mark.CODE):
        return _code(span.text)
    if escaped:
        text = _SPECIAL.sub(r"\\\1", span.text).replace("$", r"\$")
        return text if escaped == _MARKUP else text.replace("[", _BRACKET)
    return _DOLLAR.sub(r"\\$", span.text)


def _code(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    pad = (
        " " if text[:1] == "`" or text[-1:] == "`" or (text[:1] == text[-1:] == " " and text.strip()) else ""
    )
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _at_start(text: str) -> str:
    """Keep the first characters from beginning a list, a heading or another block."""
    if not _MAY_BEGIN_BLOCK.match(text) or _is_one_paragraph(text):
        return text
    number = _NUMBER.match(text)
    return f"{number.group()}\\{text[number.end() :]}" if number else f"\\{text}"


def _is_one_paragraph(text: str) -> bool:
    from studykit.authoring.reading.parser import parser

    return [token.type for token in parser().parse(text, {})][:1] == ["paragraph_open"]
