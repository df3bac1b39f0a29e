"""From spans back to Markdown for the texts of cards: clean, balanced, and read back as the same spans."""

import re
from itertools import groupby

from studykit.authoring.blocks import Mark, Span, Spans

_SPECIAL = re.compile(r"([\\`*_\[\]<>$~=&{}])")
_MARKUP = ((Mark.STRONG, "**"), (Mark.EMPHASIS, "*"))
_CJK = "[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"
_LINE_END = re.compile(rf"(?<={_CJK})[ \t]*\n+[ \t]*(?={_CJK})")


def markdown_of(spans: Spans) -> str:
    """Return Markdown that reads as `spans`; links become their text, pictures are left out."""
    return _joined("".join(map(_one, _merged(spans)))).strip()


def _one(span: Span) -> str:
    if span.has(Mark.MATH):
        return f"${span.text}$"
    text = _code(span.text) if span.has(Mark.CODE) else span.text
    core = text.strip()
    if not core:
        return text
    before, after = text[: text.index(core[0])], text[len(text.rstrip()) :]
    for mark, sign in _MARKUP:
        if span.has(mark):
            core = f"{sign}{core}{sign}"
    return before + core + after


def _code(text: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * (longest + 1)
    pad = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _merged(spans: Spans) -> list[Span]:
    """Leave out what does not show on a card, and join what then stands side by side."""
    kept = [
        Span(span.text, span.marks - {Mark.LINK, Mark.HIGHLIGHT})
        for span in spans
        if not span.has(Mark.IMAGE)
    ]
    merged: list[Span] = []
    for marks, group in groupby(kept, key=lambda span: span.marks):
        if Mark.MATH in marks:
            merged.extend(group)
        else:
            merged.append(Span("".join(span.text for span in group), marks))
    return merged


def _joined(text: str) -> str:
    """Put the lines of a paragraph on one: with a blank between words, none between Chinese characters."""
    return re.sub(r"[ \t]*\n+[ \t]*", " ", _LINE_END.sub("", text))
