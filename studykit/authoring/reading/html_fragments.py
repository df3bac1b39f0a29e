"""Blocks of HTML inside Markdown: what they show, piece by piece, each with its lines."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from typing import TypeAlias

from studykit.authoring.blocks import Lines
from studykit.authoring.reading.html_tags import HIDDEN_TAGS, INLINE_TAGS, LANGUAGE, TAG

_PIECE = re.compile(
    r"<!--.*?(?:-->|\Z)|</?[A-Za-z](?:[^<>\"']|\"[^\"<>]*\"|'[^'<>]*')*+>|<[!?][^<>]*>", re.DOTALL
)
_HEADING = re.compile(r"h[1-6]")
_CELLS = frozenset({"td", "th"})


@dataclass(frozen=True, slots=True)
class Opened:
    """`<details>` begins."""

    line: int


@dataclass(frozen=True, slots=True)
class Closed:
    """`</details>`."""

    line: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Text, still with inline markup, and the tag it stands in where that matters: `summary`, `h2`."""

    text: str
    line: int
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """What `<pre>` holds."""

    text: str
    lines: Lines
    first_line: int
    language: str


@dataclass(slots=True)
class Rows:
    """A table: for each row its line and the texts of its cells."""

    lines: Lines
    rows: list[tuple[int, list[str]]] = field(default_factory=list)


@dataclass(slots=True)
class Points:
    """A list: the text of each item and its line."""

    lines: Lines
    ordered: bool
    items: list[Shown] = field(default_factory=list)


Piece: TypeAlias = Opened | Closed | Shown | Code | Rows | Points


def pieces(html: str, first_line: int) -> Iterator[Piece]:
    """Yield what the block shows, in order."""
    html = html.rstrip()
    reader = _Reader(first_line)
    at = 0
    for match in _PIECE.finditer(html):
        if match.start() > at:
            reader.text(html[at : match.start()])
        yield from reader.tag(match.group())
        at = match.end()
    reader.text(html[at:])
    yield from reader.rest()


class _Reader:
    def __init__(self, first_line: int) -> None:
        self._line = self._start = first_line
        self._texts: list[str] = []
        self._tag = ""
        self._hidden: str | None = None
        self._pre: Code | None = None
        self._open: Rows | Points | None = None

    def text(self, text: str) -> None:
        """Take the text between two tags."""
        if self._hidden is None:
            self._take(text)
        self._line += text.count("\n")

    def _take(self, text: str) -> None:
        if not self._texts and self._pre is None:
            stripped = text.lstrip()
            self._start = self._line + text.count("\n", 0, len(text) - len(stripped))
            text = stripped
        if text:
            self._texts.append(text)

    def tag(self, tag: str) -> Iterator[Piece]:
        """Take a tag or a comment, and yield what it ends."""
        found = TAG.match(tag)
        name, closes = (found.group(2).lower(), bool(found.group(1))) if found else ("", False)
        if self._hidden is not None:
            if closes and name == self._hidden:
                self._hidden = None
        elif self._pre is not None and name != "pre":
            self._name_language(tag)
        elif name in HIDDEN_TAGS and not closes and not tag.endswith("/>"):
            yield from self._flushed()
            self._hidden = name
        elif name in INLINE_TAGS:
            self._take(tag)
        elif name:
            yield from self._flushed()
            yield from self._block(name, tag, closes=closes)
        elif self._texts:
            self._texts.append("\n" * tag.count("\n"))
        self._line += tag.count("\n")

    def _name_language(self, tag: str) -> None:
        if self._pre and (found := LANGUAGE.search(tag)) and not self._pre.language:
            self._pre = Code("", self._pre.lines, self._pre.first_line, found.group(1))

    def _block(self, name: str, tag: str, *, closes: bool) -> Iterator[Piece]:
        match name:
            case "details":
                yield from self._closed()
                yield Closed(self._line) if closes else Opened(self._line)
            case "summary":
                self._tag = "" if closes else name
            case "pre" if not closes:
                found = LANGUAGE.search(tag)
                self._pre = Code("", (self._line, 0), self._line, found.group(1) if found else "")
            case "table" | "ul" | "ol":
                yield from self._list_or_table(name, closes=closes)
            case "tr" | "td" | "th" | "li" if not closes:
                self._part(name)
            case _ if _HEADING.fullmatch(name):
                self._tag = "" if closes else name

    def _list_or_table(self, name: str, *, closes: bool) -> Iterator[Piece]:
        if closes:
            yield from self._closed()
        elif self._open is None:
            lines = (self._line, self._line)
            self._open = Rows(lines) if name == "table" else Points(lines, name == "ol")

    def _part(self, name: str) -> None:
        match self._open:
            case Rows(rows=rows) if name == "tr":
                rows.append((self._line, []))
            case Rows(rows=rows) if name in _CELLS and rows:
                rows[-1][1].append("")
            case Points(items=items) if name == "li":
                items.append(Shown("", self._line))

    def _flushed(self) -> Iterator[Piece]:
        """Put what was collected where it belongs."""
        text = "".join(self._texts)
        self._texts.clear()
        if self._pre is not None:
            if text.strip():
                yield _code(self._pre, text, self._line)
            self._pre = None
        elif text.strip():
            yield from self._placed(text.strip())

    def _placed(self, text: str) -> Iterator[Piece]:
        match self._open:
            case Rows(rows=rows):
                if not rows:
                    rows.append((self._start, []))
                cells = rows[-1][1]
                cells.append(f"{cells.pop() if cells else ''} {' '.join(text.split())}".strip())
            case Points(items=items):
                last = items.pop() if items else Shown("", self._start)
                items.append(
                    Shown(f"{last.text} {text}", last.line) if last.text else Shown(text, self._start)
                )
            case _:
                yield Shown(text, self._start, self._tag)

    def _closed(self) -> Iterator[Piece]:
        yield from self._flushed()
        if self._open is not None:
            self._open.lines = (self._open.lines[0], self._line)
            yield self._open
            self._open = None

    def rest(self) -> Iterator[Piece]:
        """Yield what the block ended in."""
        yield from self._closed()


def _code(pre: Code, text: str, last: int) -> Code:
    first = pre.lines[0]
    if text.startswith("\n"):
        text, first = text[1:], first + 1
    return Code(unescape(text), (pre.lines[0], max(first, last)), first, pre.language)
