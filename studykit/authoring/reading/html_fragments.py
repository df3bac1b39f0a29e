"""Blocks of HTML inside Markdown: what they show, piece by piece, each with its line."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import TypeAlias

from studykit.authoring.reading.html_tags import TAG

_PIECE = re.compile(r"<!--.*?(?:-->|\Z)|</?[A-Za-z](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|<[!?][^>]*>", re.DOTALL)
_HIDDEN = frozenset(
    {
        "script",
        "style",
        "svg",
        "template",
        "noscript",
        "iframe",
        "figcaption",
        "caption",
        "video",
        "audio",
        "head",
        "object",
        "button",
        "select",
    }
)
_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "big",
        "br",
        "cite",
        "code",
        "del",
        "dfn",
        "em",
        "font",
        "i",
        "img",
        "ins",
        "kbd",
        "mark",
        "q",
        "s",
        "samp",
        "small",
        "span",
        "strong",
        "strike",
        "sub",
        "sup",
        "tt",
        "u",
        "var",
        "wbr",
    ]
)


@dataclass(frozen=True, slots=True)
class Opened:
    """`<details>` begins."""

    line: int


@dataclass(frozen=True, slots=True)
class Closed:
    """`</details>`."""

    line: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What `<summary>` says, still with markup."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Shown:
    """Text of a paragraph, still with inline markup."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Code:
    """What `<pre>` holds."""

    text: str
    line: int
    last: int


Piece: TypeAlias = Opened | Closed | Summary | Shown | Code


def pieces(html: str, first_line: int) -> Iterator[Piece]:
    """Yield what the block shows, in order."""
    reader = _Reader(first_line)
    at = 0
    for match in _PIECE.finditer(html):
        if match.start() > at:
            yield from reader.text(html[at : match.start()])
        yield from reader.tag(match.group())
        at = match.end()
    yield from reader.text(html[at:])
    yield from reader.finished()


class _Reader:
    def __init__(self, first_line: int) -> None:
        self._line = first_line
        self._shown: list[str] = []
        self._start = first_line
        self._hidden: str | None = None
        self._summary = False
        self._pre: int | None = None

    def text(self, text: str) -> Iterator[Piece]:
        if self._hidden is None and text:
            self._show(text)
        self._line += text.count("\n")
        return iter(())

    def _show(self, text: str) -> None:
        if not self._shown and self._pre is None:
            stripped = text.lstrip()
            self._start = self._line + text.count("\n", 0, len(text) - len(stripped))
            text = stripped
        if text:
            self._shown.append(text)

    def tag(self, tag: str) -> Iterator[Piece]:
        found = TAG.match(tag)
        name, closes = (found.group(2).lower(), bool(found.group(1))) if found else ("", False)
        if self._hidden is not None:
            if closes and name == self._hidden:
                self._hidden = None
        elif name in _HIDDEN and not closes and not tag.endswith("/>"):
            yield from self.finished()
            self._hidden = name
        elif self._pre is not None and not (name == "pre" and closes):
            pass
        elif name in _INLINE:
            self._show(tag)
        elif name:
            yield from self._block_tag(name, closes=closes)
        elif self._shown:
            self._shown.append("\n" * tag.count("\n"))
        self._line += tag.count("\n")

    def _block_tag(self, name: str, *, closes: bool) -> Iterator[Piece]:
        yield from self.finished()
        if name == "details":
            yield Closed(self._line) if closes else Opened(self._line)
        elif name == "summary":
            self._summary = not closes
        elif name == "pre" and not closes:
            self._pre = self._line

    def finished(self) -> Iterator[Piece]:
        text = "".join(self._shown)
        self._shown.clear()
        if self._pre is not None:
            yield Code(unescape(text), self._pre, self._line)
            self._pre = None
        elif text.strip() and self._summary:
            yield Summary(text.strip(), self._start)
        elif text.strip():
            yield Shown(text.rstrip(), self._start)
