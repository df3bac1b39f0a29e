"""Boxes whose first and last line come apart: `:::` containers and `<details>`; and the names of quotes."""

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from studykit.authoring.blocks import Block, Details, Paragraph, Quote, Section, Span, Spans, plain
from studykit.authoring.reading.containers import name_and_title
from studykit.authoring.reading.context import Context, lines_of

if TYPE_CHECKING:
    from markdown_it.token import Token

_DEEPEST = 50
"""So many boxes and lists may be open at a time; further boxes are read as if they were not there."""

_LAYOUT = frozenset(
    [
        "cell",
        "cell-output",
        "center",
        "code-group",
        "col",
        "column",
        "columns",
        "container",
        "div",
        "figure",
        "fragment",
        "grid",
        "left",
        "output",
        "panel-tabset",
        "raw",
        "right",
        "row",
        "tab",
        "tab-item",
        "tab-set",
        "tabs",
        "tabset",
        "v-pre",
    ]
)
"""Containers that only place what they hold."""

_ALERT = re.compile(r"\[!(\w+)\][+-]?[ \t]*([^\n]*)(?:\n|$)")


@dataclass(slots=True)
class _Frame:
    line: int
    section: Section | None
    blocks: list[Block] = field(default_factory=list)
    colons: int = 0
    name: str = ""
    title: str = ""
    summary: Spans | None = None


class Boxes:
    """The boxes that are open among the blocks of one parent; the outermost is the parent itself."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._frames = [_Frame(0, None)]

    @property
    def blocks(self) -> list[Block]:
        """What is in the innermost box so far."""
        return self._frames[-1].blocks

    @property
    def none_open(self) -> bool:
        """Whether the next block stands in the parent itself."""
        return len(self._frames) == 1

    def finished(self) -> tuple[Block, ...]:
        """Return the blocks of the parent."""
        while len(self._frames) > 1:
            self._dissolve()
        return tuple(self._frames[0].blocks)

    def marker(self, token: "Token") -> None:
        """Open the container that `token` begins, or close the one it ends."""
        line, colons = lines_of(token)[0], len(token.markup)
        if not token.info:
            self._close_container(colons, line)
            return
        name, title = name_and_title(token.info)
        summary = self._context.spans(title) if name == "details" else None
        self._open(_Frame(line, self._context.section, [], colons, name, title, summary))

    def open_details(self, line: int) -> None:
        """Open `<details>`."""
        self._open(_Frame(line, self._context.section, summary=()))

    def summary(self, spans: Spans) -> bool:
        """Note the summary of the innermost `<details>`; return whether there is one."""
        frame = self._frames[-1]
        if frame.summary is None:
            return False
        frame.summary = frame.summary or spans
        return True

    def close_details(self, line: int) -> None:
        """Close the innermost `<details>`."""
        for at in reversed(range(1, len(self._frames))):
            if self._frames[at].summary is not None and not self._frames[at].colons:
                self._close(at, line)
                return

    def _open(self, frame: _Frame) -> None:
        if self._context.depth < _DEEPEST:
            self._context.depth += 1
            self._frames.append(frame)

    def _close_container(self, colons: int, line: int) -> None:
        fits = [at for at, frame in enumerate(self._frames) if 0 < frame.colons <= colons]
        same = [at for at in fits if self._frames[at].colons == colons]
        if fits:
            self._close((same or fits)[-1], line)

    def _close(self, at: int, line: int) -> None:
        while len(self._frames) > at + 1:
            self._dissolve()
        frame = self._popped()
        lines, inner = (frame.line, line), tuple(frame.blocks)
        if frame.summary is not None:
            self.blocks.append(Details(lines, frame.section, frame.summary, inner))
        elif frame.name in _LAYOUT or not frame.name:
            self.blocks.extend(inner)
        elif inner:
            title = plain(self._context.spans(frame.title))
            self.blocks.append(Quote(lines, frame.section, inner, frame.name, title))

    def _dissolve(self) -> None:
        """Put what stands in a box that never ends where it stands."""
        frame = self._popped()
        if frame.summary:
            self.blocks.append(Paragraph((frame.line, frame.line), frame.section, frame.summary))
        self.blocks.extend(frame.blocks)

    def _popped(self) -> _Frame:
        self._context.depth -= 1
        return self._frames.pop()


def with_name(quote: Quote) -> Quote | None:
    """Return the quote with the name that `[!TIP]` gives it; nothing if it holds nothing else."""
    first = quote.blocks[0]
    if not isinstance(first, Paragraph) or not first.spans[0].text.startswith("[!"):
        return quote
    match = _ALERT.match(plain(first.spans))
    if match is None:
        return quote
    rest = cut(first.spans, match.end())
    kept = (Paragraph((first.lines[0] + 1, first.lines[1]), first.section, rest),) if rest else ()
    blocks = (*kept, *quote.blocks[1:])
    name, title = match.group(1).lower(), match.group(2).strip()
    return replace(quote, blocks=blocks, name=name, title=title) if blocks else None


def cut(spans: Spans, count: int) -> Spans:
    """Return `spans` without their first `count` characters."""
    rest: list[Span] = []
    for span in spans:
        text = span.text[count:]
        count = max(0, count - len(span.text))
        if text:
            rest.append(Span(text, span.marks))
    return tuple(rest)
