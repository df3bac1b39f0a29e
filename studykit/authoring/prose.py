"""Text as the rules read it: sentences with their lines, and pieces of them with their markup.

A rule finds things with patterns over plain characters and then needs the same piece as Markdown. So a
paragraph is one string in which line breaks are gone, beside the spans and lines that each character came
from; code and formulas are opaque, so that a full stop inside them ends no sentence.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, pairwise

from studykit.authoring.blocks import Lines, Mark, Paragraph, Section, Span, Spans
from studykit.authoring.markdown import markdown_of
from studykit.authoring.once import once

CJK = r"\u3400-\u9fff\uf900-\ufaff"
_WIDE = re.compile(rf"[{CJK}\u3000-\u303f\uff00-\uffef]")
_CHARACTER = re.compile(f"[{CJK}]")
_WORD = re.compile("[A-Za-z]+")
_UNSAID = re.compile(r"[\W_]+")
_BREAK = re.compile(r"[ \t]*\n[ \t]*")

_OPAQUE = frozenset({Mark.CODE, Mark.MATH})
_EMPHATIC = frozenset({Mark.STRONG, Mark.EMPHASIS, Mark.HIGHLIGHT})
_TELLING = re.compile(r"[\\`*_$<>\[\]{}#|~=&!^:]|^\s*(?:[-+]|\d+[.)])|\n")
"""What might mean something in Markdown: a text without it is its own Markdown."""
_VEIL = "\ue000"
"""Stands for each character of code or of a formula while sentences are sought."""

_ENDS = re.compile(r"""[。！？!?…]+[”’」』"')）】*]*|(?<![.\s])\.(?:["')”’\]]+)?(?=\s|$)""")
_NEXT = re.compile(r"\s*(\S)")
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|al|resp|approx|Fig|Figs|Eq|Eqs|Sec|Ch|No|Dr|Mr|Mrs|St|ca|w\.r\.t|"
    r"a\.k\.a)|(?-i:(?<![\w/])[A-Z]))\.$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Prose:
    """A run of text with its spans and lines."""

    spans: Spans
    first_line: int
    section: Section | None
    breaks: tuple[int, ...] = ()
    """Offsets at which the next line of the file begins."""
    leads: bool = False
    """Whether it is the first text of its section."""

    @once
    def text(self) -> str:
        """The words alone."""
        return "".join(span.text for span in self.spans)

    @once
    def veiled(self) -> str:
        """The words, with every character of code and formulas replaced by one that no pattern matches."""
        if not self.marks & _OPAQUE:
            return self.text
        return "".join(_VEIL * len(s.text) if s.marks & _OPAQUE else s.text for s in self.spans)

    @once
    def marks(self) -> frozenset[Mark]:
        """The marks that lie on any of it."""
        return frozenset[Mark]().union(*[span.marks for span in self.spans if span.marks])

    @once
    def markdown(self) -> str:
        """The text as Markdown."""
        return _markdown(self.spans)

    @once
    def bare(self) -> str:
        """The text as Markdown without its emphasis."""
        if not self.marks & _EMPHATIC:
            return self.markdown
        plainer = tuple(Span(span.text, span.marks - _EMPHATIC) for span in self.spans)
        return _markdown(plainer)

    @once
    def is_chinese(self) -> bool:
        """Whether the words (not the code) are Chinese."""
        return is_chinese(self.veiled)

    @property
    def lines(self) -> Lines:
        """The lines of the file it stands on."""
        return self.first_line, self.first_line + len(self.breaks)

    def cut(self, start: int, end: int) -> "Prose":
        """The piece from `start` to `end`, without the spaces around it."""
        text = self.text
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        if start == 0 and end == len(text) and not any(at in (0, end) for at in self.breaks):
            return self
        # The spans before are left out by their ends, not one by one: a paragraph may be a book.
        first = bisect_right(self._ends_of_spans, start)
        at = self._ends_of_spans[first - 1] if first else 0
        spans = _cut(self.spans[first : bisect_left(self._ends_of_spans, end) + 1], start - at, end - at)
        if not self.breaks:
            return Prose(spans, self.first_line, self.section, (), self.leads and start == 0)
        before = bisect_right(self.breaks, start)
        inside = tuple(at - start for at in self.breaks[before : bisect_left(self.breaks, end)])
        return Prose(spans, self.first_line + before, self.section, inside, self.leads and start == 0)

    @once
    def _ends_of_spans(self) -> "list[int]":
        return list(accumulate(len(span.text) for span in self.spans))

    def sentences(self) -> "list[Prose]":
        """Its sentences, each with its lines."""
        return list(self._sentences)

    @once
    def _sentences(self) -> "tuple[Prose, ...]":
        edges = [0, *self._ends(), len(self.text)]
        pieces = (self.cut(a, b) for a, b in pairwise(edges) if b > a)
        return tuple(piece for piece in pieces if piece.text)

    def marked(self, *marks: Mark) -> "list[tuple[int, int]]":
        """Where text lies that has one of `marks`; neighbouring spans are one place."""
        places: list[tuple[int, int]] = []
        if self.marks.isdisjoint(marks):
            return places
        at = 0
        for span in self.spans:
            end = at + len(span.text)
            if not span.marks.isdisjoint(marks):
                if places and places[-1][1] == at:
                    places[-1] = (places[-1][0], end)
                else:
                    places.append((at, end))
            at = end
        return places

    def _ends(self) -> Iterator[int]:
        depth = 0
        veiled = self.veiled
        seen = 0
        brackets = "(" in veiled or "（" in veiled or ")" in veiled or "）" in veiled
        for match in _ENDS.finditer(veiled):
            if brackets:
                depth += _nesting(veiled[seen : match.start()])
                seen = match.start()
            is_dot = match.group().startswith(".")
            if is_dot and _ABBREVIATION.search(veiled[: match.start() + 1][-12:]):
                continue
            following = _NEXT.match(veiled, match.end())
            if following and following.group(1).islower() and not self.is_chinese:
                continue
            # Inside brackets a full stop ends nothing, unless the brackets never close.
            if (
                depth > 0
                and "）" not in match.group()
                and ")" not in match.group()
                and _closes(veiled[match.end() :])
            ):
                continue
            yield match.end()


@lru_cache(maxsize=4096)
def prose_of(block: Paragraph, *, leads: bool = False) -> Prose:
    """`block` as prose."""
    if leads:
        return replace(prose_of(block), leads=True)
    return prose(block.spans, block.lines[0], block.section)


def prose(spans: Spans, first_line: int, section: Section | None, *, leads: bool = False) -> Prose:
    """Join the lines of `spans`: with nothing between two Chinese characters, else with a space."""
    kept = [span for span in spans if not span.has(Mark.IMAGE)]
    if not any("\n" in span.text for span in kept):
        return Prose(tuple(span for span in kept if span.text), first_line, section, (), leads)
    whole = "".join(span.text for span in kept)
    unwrapped: list[Span] = []
    breaks: list[int] = []
    read = written = 0
    for span in kept:
        pieces, position, length = [], 0, 0
        for match in _BREAK.finditer(span.text):
            start, end = read + match.start(), read + match.end()
            glue = "" if _both_wide(whole[start - 1 : start], whole[end : end + 1]) else " "
            pieces.append(span.text[position : match.start()] + glue)
            length += len(pieces[-1])
            breaks.append(written + length)
            position = match.end()
        text = "".join(pieces) + span.text[position:]
        read, written = read + len(span.text), written + len(text)
        if text:
            unwrapped.append(Span(text, span.marks))
    return Prose(tuple(unwrapped), first_line, section, tuple(breaks), leads)


def is_chinese(text: str) -> bool:
    """Whether `text` is Chinese: a word of English is about as long as two characters."""
    if text.isascii():
        return False
    chinese = len(_CHARACTER.findall(text))
    return chinese * 2 > len(_WORD.findall(text))


def squeezed(text: str) -> str:
    """`text` as compared: lower case, without spaces, punctuation and markup."""
    return _UNSAID.sub("", text.casefold())


def _markdown(spans: Spans) -> str:
    if not any(span.marks for span in spans) and not _TELLING.search(text := "".join(s.text for s in spans)):
        return text.strip()
    return markdown_of(spans).strip()


def _cut(spans: Spans, start: int, end: int) -> Spans:
    found = []
    at = 0
    for span in spans:
        if at >= end:
            break
        after = at + len(span.text)
        if start < after:
            # Half a formula is none: what is opaque stays whole.
            whole = (start <= at and after <= end) or span.marks & _OPAQUE
            found.append(span if whole else Span(span.text[max(start - at, 0) : end - at], span.marks))
        at = after
    return tuple(found)


def _both_wide(before: str, after: str) -> bool:
    return bool(_WIDE.match(before) and _WIDE.match(after))


def _nesting(text: str) -> int:
    return sum(text.count(c) for c in "(（") - sum(text.count(c) for c in ")）")


def _closes(rest: str) -> bool:
    closing = re.search("[)）]", rest[:120])
    return closing is not None and not re.search("[(（]", rest[: closing.start()])
