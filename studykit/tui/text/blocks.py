"""The parts of a text, each able to lay itself out at a given width."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from textual.content import EMPTY_CONTENT, Content

from studykit.tui.text.palette import MUTED
from studykit.tui.text.wrap import UNBREAKABLE, line_starts

Align = Literal["left", "center", "right"]

_GUTTER = 2
_NARROWEST_COLUMN = 8


class Block(Protocol):
    """A part of a text."""

    @property
    def gap(self) -> bool:
        """Whether an empty line stands before it."""

    @property
    def scrolls(self) -> bool:
        """Whether lines too wide for the screen are scrolled sideways instead of being wrapped."""

    @property
    def fill(self) -> str:
        """The style of the whole width of its lines."""

    def lines(self, width: int) -> list[Content]:
        """Return its lines; only those of a block that scrolls may be wider than `width`."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Running text: a paragraph, a heading, an item of a list."""

    content: Content
    first: Content = EMPTY_CONTENT
    """Stands before the first line: a bullet, a number."""
    rest: Content = EMPTY_CONTENT
    """Stands before the other lines, as wide as `first`."""
    gap: bool = True
    scrolls: bool = False
    fill: str = ""

    def lines(self, width: int) -> list[Content]:
        """Wrap at `width`, between the characters of Chinese text too."""
        room = width - self.rest.cell_length
        wrapped = [line for part in self.content.split("\n", allow_blank=True) for line in wrap(part, room)]
        return [(self.rest if i else self.first) + _spaced(line) for i, line in enumerate(wrapped)]


@dataclass(frozen=True, slots=True)
class Fixed:
    """Lines that keep their shape: code, a formula of its own."""

    content: Content
    before: Content = EMPTY_CONTENT
    gap: bool = True
    scrolls: bool = True
    fill: str = ""

    def lines(self, width: int) -> list[Content]:  # noqa: ARG002 - its shape does not depend on the width
        """Return the lines as they are."""
        return [self.before + line for line in self.content.split("\n", allow_blank=True)]


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across."""

    before: Content = EMPTY_CONTENT
    gap: bool = True
    scrolls: bool = False
    fill: str = ""

    def lines(self, width: int) -> list[Content]:
        """Return the line."""
        return [self.before + Content.styled("─" * max(1, width - self.before.cell_length), MUTED)]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, the first of them the header; cells wrap when the table is too wide."""

    rows: tuple[tuple[Content, ...], ...]
    aligns: tuple[Align, ...]
    before: Content = EMPTY_CONTENT
    gap: bool = True
    scrolls: bool = True
    fill: str = ""

    def lines(self, width: int) -> list[Content]:
        """Lay the columns out, as wide as they need to be and `width` allows."""
        widths = self._widths(width - self.before.cell_length)
        header, *body = self.rows
        ruler = Content.styled((" " * _GUTTER).join("─" * size for size in widths), MUTED)
        tall = any(len(wrap(cell, size)) > 1 for row in body for cell, size in zip(row, widths, strict=True))
        lines = [*self._row([cell.stylize("bold") for cell in header], widths), ruler]
        for i, row in enumerate(body):
            lines.extend([Content("")] if i and tall else [])
            lines.extend(self._row(row, widths))
        return [self.before + line for line in lines]

    def _widths(self, room: int) -> list[int]:
        widths = [max(row[i].cell_length for row in self.rows) for i in range(len(self.aligns))]
        excess = sum(widths) + _GUTTER * (len(widths) - 1) - room
        while excess > 0 and max(widths) > _NARROWEST_COLUMN:
            widest = widths.index(max(widths))
            widths[widest] -= 1
            excess -= 1
        return [max(1, size) for size in widths]

    def _row(self, cells: Sequence[Content], widths: Sequence[int]) -> list[Content]:
        wrapped = [wrap(cell, size) for cell, size in zip(cells, widths, strict=True)]
        height = max(map(len, wrapped))
        columns = [
            [_padded(part, size, align) for part in [*parts, *[Content("")] * (height - len(parts))]]
            for parts, size, align in zip(wrapped, widths, self.aligns, strict=True)
        ]
        return [Content(" " * _GUTTER).join(parts) for parts in zip(*columns, strict=True)]


def wrap(content: Content, width: int) -> list[Content]:
    """Return the lines of one paragraph at `width`."""
    starts = line_starts(content.plain, width)
    return [line.rstrip() for line in content.divide(starts)] if starts else [content]


def _spaced(line: Content) -> Content:
    """Return the line with ordinary spaces, now that it is known where it ends."""
    if UNBREAKABLE not in line.plain:
        return line
    return Content(line.plain.replace(UNBREAKABLE, " "), list(line.spans))


def _padded(content: Content, width: int, align: Align) -> Content:
    space = width - content.cell_length
    match align:
        case "left":
            return content.pad_right(space)
        case "right":
            return content.pad_left(space)
        case "center":
            return content.pad(space // 2, space - space // 2)
