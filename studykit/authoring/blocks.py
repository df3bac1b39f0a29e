"""What an article is made of: blocks with the lines they stand on, and spans of text with their marks.

The reader (`studykit.authoring.article`) makes them from Markdown, notebooks and HTML; every rule reads them
and never the raw text, so that a `$` in code or a `**` beside Chinese is decided once, in one place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

Lines: TypeAlias = tuple[int, int]
"""First and last line in the file, counted from 1, both included."""


class Mark(StrEnum):
    """What markup says about a span."""

    STRONG = "strong"
    EMPHASIS = "emphasis"
    CODE = "code"
    MATH = "math"
    LINK = "link"
    IMAGE = "image"
    HIGHLIGHT = "highlight"


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text with the same marks, as read, without markup (`MATH`: LaTeX without delimiters)."""

    text: str
    marks: frozenset[Mark] = frozenset()

    def has(self, mark: Mark) -> bool:
        """Whether `mark` lies on this span."""
        return mark in self.marks


Spans: TypeAlias = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its place: the title is plain text without its number ("3.1", "（一）")."""

    title: str
    level: int
    line: int
    path: tuple[str, ...]
    """The titles from the outermost heading down to this one."""


@dataclass(frozen=True, slots=True)
class _Block:
    lines: Lines
    section: Section | None


@dataclass(frozen=True, slots=True)
class Heading(_Block):
    """A heading; `section` is the section that it opens."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Paragraph(_Block):
    """Text. A line break is a newline inside a span."""

    spans: Spans


@dataclass(frozen=True, slots=True)
class Math(_Block):
    """A display formula on lines of its own, in any of the notations."""

    latex: str
    label: str | None = None
    """What names it: `\\tag{…}`, `\\label{…}`, `:label:`, `(eq)` after the dollars."""


@dataclass(frozen=True, slots=True)
class Fence(_Block):
    """A block of code; `lines` includes the fences, `first_line` is that of the code itself."""

    code: str
    language: str
    """Lower case, as `python`, `pycon`, `bash`; empty if unnamed. `{.python .input}` is `python`."""
    info: str
    first_line: int


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a list, with everything in it; a nested list is one of its blocks."""

    lines: Lines
    blocks: "tuple[Block, ...]"

    @property
    def spans(self) -> Spans:
        """The text of its first paragraph."""
        first = self.blocks[0] if self.blocks else None
        return first.spans if isinstance(first, Paragraph) else ()


@dataclass(frozen=True, slots=True)
class List(_Block):
    """A list."""

    items: tuple[Item, ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Table(_Block):
    """A table: cells are spans; every row has as many as the header."""

    header: tuple[Spans, ...]
    rows: tuple[tuple[Spans, ...], ...]
    row_lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Quote(_Block):
    """A block quote, an alert (`> [!TIP]`) or a container (`::: tip title`)."""

    blocks: "tuple[Block, ...]"
    name: str | None = None
    """`tip`, `note`, `warning` …; None for a plain quote."""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Details(_Block):
    """`<details>`: a question that hides its answer."""

    summary: Spans
    blocks: "tuple[Block, ...]"


Block: TypeAlias = Heading | Paragraph | Math | Fence | List | Table | Quote | Details


@dataclass(frozen=True, slots=True)
class Article:
    """An article as read."""

    name: str
    """The file's name, for messages."""
    title: str
    language: str
    """`zh` or `en`: what most of its prose is written in."""
    blocks: tuple[Block, ...]
    """Top level, in order. Front matter, comments and tables of contents are not among them."""
    source: tuple[str, ...]
    """The lines as they stand in the file: `source[n - 1]` is line n."""

    def quote(self, lines: Lines) -> str:
        """The words of the file at `lines`."""
        return "\n".join(self.source[lines[0] - 1 : lines[1]])


def walk(blocks: tuple[Block, ...]) -> Iterator[Block]:
    """Yield each block and everything inside it, in the order of the file."""
    for block in blocks:
        yield block
        match block:
            case List(items=items):
                for item in items:
                    yield from walk(item.blocks)
            case Quote(blocks=inner) | Details(blocks=inner):
                yield from walk(inner)


def plain(spans: Spans) -> str:
    """The words alone: what a reader would read aloud."""
    return "".join(span.text for span in spans if not span.has(Mark.IMAGE))
