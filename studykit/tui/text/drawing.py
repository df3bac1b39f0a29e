"""Curves and matrices drawn with characters, each line told apart by its name and not by colour alone."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from textual.content import Content

from studykit.tui.text.palette import MUTED

Curve = Sequence[tuple[float, float]]
T = TypeVar("T")

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
_BLANK = 0x2800
_COLOURS = (
    "$text-primary",
    "$text-warning",
    "$text-success",
    "$text-error",
    "$text-secondary",
    "$text-accent",
)
_SHADES = " ░▒▓█"
_MOST_WIDE = 96
_LARGEST = 1e300
_LABEL = 9
_MARKS = "abcdefghij"


@dataclass(frozen=True, slots=True)
class Plot:
    """Curves in one frame; each has its colour and, at its end, its letter."""

    curves: Mapping[str, Curve]
    height: int = 12
    x_ends: tuple[str, str] = ("", "")
    y_range: tuple[float, float] | None = None
    gap: bool = True
    scrolls: bool = False
    fill: str = ""

    def lines(self, width: int) -> list[Content]:
        """Return the drawing, with its scale at the left and its names below."""
        curves = {name: _finite(curve) for name, curve in self.curves.items()}
        points = [point for curve in curves.values() for point in curve]
        if not points:
            return [Content.styled("nothing to draw", MUTED)]
        columns = max(10, min(width, _MOST_WIDE) - _LABEL - 2)
        low, high = self.y_range or _span([y for _, y in points])
        left, right = _span([x for x, _ in points])
        canvas = _Canvas(columns, self.height)
        for number, curve in enumerate(curves.values()):
            scaled = [((x - left) / (right - left), (y - low) / (high - low)) for x, y in curve]
            canvas.draw(scaled, number)
        if len(curves) > 1:
            for number, curve in enumerate(curves.values()):
                canvas.mark((curve[-1][1] - low) / (high - low) if curve else 0.0, number)
        return [*self._framed(canvas, low, high), *self._below(left, right, columns), *self._legend(curves)]

    def _framed(self, canvas: "_Canvas", low: float, high: float) -> list[Content]:
        rows = canvas.rows()
        labels = {0: number(high), len(rows) - 1: number(low)}
        return [Content.styled(f"{labels.get(i, ''):>{_LABEL}} │", MUTED) + row for i, row in enumerate(rows)]

    def _below(self, left: float, right: float, columns: int) -> list[Content]:
        first, last = self.x_ends if any(self.x_ends) else (number(left), number(right))
        space = max(1, columns - len(first) - len(last))
        rule = " " * _LABEL + " └" + "─" * columns
        return [
            Content.styled(rule, MUTED),
            Content.styled(" " * (_LABEL + 2) + first + " " * space + last, MUTED),
        ]

    def _legend(self, curves: Mapping[str, Curve]) -> list[Content]:
        if len(curves) < 2:
            name = next(iter(curves))
            return [Content.styled(" " * (_LABEL + 2) + name, MUTED)] if name else []
        names = [
            Content.assemble(
                (f"{_MARKS[i % len(_MARKS)]} ", f"bold {_COLOURS[i % len(_COLOURS)]}"), (name, MUTED)
            )
            for i, name in enumerate(curves)
        ]
        return [Content(" " * (_LABEL + 2)) + Content("   ").join(names)]


@dataclass(frozen=True, slots=True)
class Heat:
    """A matrix as shades, dark for small and full for large; rows of two cells for every number."""

    name: str
    rows: Sequence[Sequence[float]]
    gap: bool = True
    scrolls: bool = False
    fill: str = ""

    def lines(self, width: int) -> list[Content]:
        """Return the shades, thinned out where there are more numbers than room."""
        most = max(1, (min(width, _MOST_WIDE) - 2) // 2)
        rows = [_thinned(row, most) for row in _thinned(self.rows, 24)]
        values = [value for row in rows for value in row if _drawable(value)]
        if not values:
            return [Content.styled("nothing to draw", MUTED)]
        low, high = _span(values)
        shape = f"{len(self.rows)} × {len(self.rows[0])}"
        scale = f"{self.name}   {shape}   {number(min(values))} {_SHADES[1:]} {number(max(values))}"
        return [Content.styled(scale, MUTED), *(Content("  " + _shaded(row, low, high)) for row in rows)]


def _shaded(row: Sequence[float], low: float, high: float) -> str:
    steps = len(_SHADES) - 1
    shares = [(value - low) / (high - low) if _drawable(value) else None for value in row]
    signs = ["?" if share is None else _SHADES[min(steps, int(share * (steps + 0.999)))] for share in shares]
    return "".join(sign * 2 for sign in signs)


def _mark(number: int) -> str:
    return _MARKS[number % len(_MARKS)]


def _colour(number: int) -> str:
    return _COLOURS[number % len(_COLOURS)]


class _Canvas:
    """Dots of braille: two to a column, four to a row."""

    def __init__(self, columns: int, rows: int) -> None:
        self._dots = [[0] * columns for _ in range(rows)]
        self._owner = [[-1] * columns for _ in range(rows)]
        self._marks: dict[tuple[int, int], int] = {}
        self._width, self._height = columns * 2, rows * 4

    def draw(self, points: Sequence[tuple[float, float]], owner: int) -> None:
        """Draw a line through `points`, whose coordinates are from 0 to 1."""
        spots = [(x * (self._width - 1), (1 - y) * (self._height - 1)) for x, y in points]
        for (x0, y0), (x1, y1) in zip(spots, [*spots[1:], *spots[-1:]], strict=True):
            steps = min(4 * self._height, max(1, math.ceil(max(abs(x1 - x0), abs(y1 - y0)))))
            for step in range(steps + 1):
                self._dot(x0 + (x1 - x0) * step / steps, y0 + (y1 - y0) * step / steps, owner)

    def mark(self, y: float, owner: int) -> None:
        """Put the letter of a line at its end."""
        row = min(len(self._dots) - 1, max(0, round((1 - y) * (len(self._dots) - 1))))
        column = len(self._dots[0]) - 1
        while (row, column) in self._marks and column:
            column -= 1
        self._marks[row, column] = owner

    def _dot(self, x: float, y: float, owner: int) -> None:
        column, row = round(x), round(y)
        if 0 <= column < self._width and 0 <= row < self._height:
            self._dots[row // 4][column // 2] |= _DOTS[row % 4][column % 2]
            self._owner[row // 4][column // 2] = owner

    def rows(self) -> list[Content]:
        """Return the drawing line by line."""
        return [
            Content.assemble(*(self._cell(y, x) for x in range(len(row)))) for y, row in enumerate(self._dots)
        ]

    def _cell(self, y: int, x: int) -> tuple[str, str]:
        if (mark := self._marks.get((y, x))) is not None:
            return _mark(mark), f"bold {_colour(mark)}"
        owner = self._owner[y][x]
        return chr(_BLANK + self._dots[y][x]) if owner >= 0 else " ", _colour(owner)


def number(value: float) -> str:
    """Return a number in at most nine characters."""
    return f"{value:.4g}" if abs(value) < 1e5 or not math.isfinite(value) else f"{value:.2e}"


def _finite(curve: Curve) -> list[tuple[float, float]]:
    return [(x, y) for x, y in curve if _drawable(x) and _drawable(y)]


def _drawable(value: float) -> bool:
    return abs(value) < _LARGEST  # NaN is not


def _span(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    if high > low:
        return low, high
    room = max(0.5, abs(low) / 1000)  # a larger number is not changed by a half
    return low - room, high + room


def _thinned(values: Sequence[T], most: int) -> Sequence[T]:
    if len(values) <= most:
        return values
    return [values[i * len(values) // most] for i in range(most)]
