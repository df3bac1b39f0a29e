"""Terms and definitions as kramdown and Pandoc write them: a line, and below it `: what it is`."""

import re

from studykit.authoring.blocks import Item, Lines, Mark, Paragraph, Section, Span, Spans

_DEFINED = re.compile(r"(?P<term>[^\n]{1,80})\n(?=:[ \t])")
_LINE = re.compile(r"\n(?=:[ \t])")
_LONGEST_TERM = 80


def split(content: str) -> tuple[str, list[tuple[int, str]]] | None:
    """Return the term and its definitions, each with how many lines below the first line it begins."""
    match = _DEFINED.match(content)
    if match is None:
        return None
    found, line = [], 1
    for text in _LINE.split(content[match.end() :]):
        found.append((line, text[1:].strip()))
        line += text.count("\n") + 1
    return match.group("term").strip(), found


def is_term(block: object) -> bool:
    """Return whether a definition that stands by itself may belong to `block`."""
    return (
        isinstance(block, Paragraph)
        and block.lines[0] == block.lines[1]
        and sum(len(span.text) for span in block.spans) <= _LONGEST_TERM
        and not block.spans[-1].text.endswith(("。", ".", "：", ":", "，", ","))
    )


def item(term: Spans, definition: Spans, below: int, lines: Lines, section: Section | None) -> Item:
    """Return an item: the term, strong as terms in lists are, and the definition so many lines below it."""
    strong = tuple(Span(span.text, span.marks | {Mark.STRONG}) for span in term)
    return Item(lines, (Paragraph(lines, section, (*strong, Span(":" + "\n" * below), *definition)),))
