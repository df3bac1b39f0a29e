"""How a screen looks, as text that can be compared and read: what stands where, and in which style.

A picture holds the characters once, and for every cell its style in the dark and in the light theme, whose
characters must be the same. Pictures lie under `tests/fixtures/tui/snapshots`; `make snapshots` writes them
anew, and as SVG to `build/snapshots` to be looked at.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import unified_diff
from itertools import groupby
from string import ascii_letters, digits

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip

_NAMES = ascii_letters + digits + "".join(map(chr, range(0xC0, 0x180)))
_ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse", "strike")


@dataclass(frozen=True)
class Look:
    """A screen in one theme: its lines, and for each of them the style of every cell."""

    lines: tuple[str, ...]
    styles: tuple[tuple[str, ...], ...]

    def part(self, region: Region) -> "Look":
        """Return what is in a region."""
        rows, columns = slice(region.y, region.bottom), slice(region.x, region.right)
        lines = ("".join(list(_cells(line))[columns]) for line in self.lines[rows])
        return Look(tuple(lines), tuple(row[columns] for row in self.styles[rows]))


def look_of(app: App[None]) -> Look:
    """Return what is on screen now."""
    strips = app.screen._compositor.render_strips()
    return Look(tuple(strip.text.rstrip() for strip in strips), tuple(map(_styles, strips)))


def _styles(strip: Strip) -> tuple[str, ...]:
    return tuple(style for text, given, _ in strip for style in [_style_text(given)] * cell_len(text))


def _style_text(style: Style | None) -> str:
    if style is None:
        return "plain"
    words = [name for name in _ATTRIBUTES if getattr(style, name)]
    return " ".join([*words, _colour(style.color), "on", _colour(style.bgcolor)])


def _colour(colour: Color | None) -> str:
    if colour is None or colour.is_default:
        return "default"
    return colour.triplet.hex if colour.triplet else colour.name


def picture(dark: Look, light: Look) -> str:
    """Return both looks of a screen as one text."""
    assert dark.lines == light.lines, diff("\n".join(dark.lines), "\n".join(light.lines), "dark", "light")
    rows = [list(zip(*both, strict=True)) for both in zip(dark.styles, light.styles, strict=True)]
    names: dict[tuple[str, ...], str] = {}
    for pair in (pair for row in rows for pair in row):
        names.setdefault(pair, _NAMES[len(names)])
    legend = (f"{name}  {pair[0]:<36}  {pair[1]}" for pair, name in names.items())
    runs = ("".join(_runs([names[pair] for pair in row])) for row in rows)
    return "\n".join(
        [*dark.lines, "", "---- styles: dark, light", *legend, "", "---- cells", *_folded(runs), ""]
    )


def _runs(names: Sequence[str]) -> Iterator[str]:
    """Yield `a12`: the style and for how many cells; the last one goes on to the edge."""
    groups = [(name, len(list(cells))) for name, cells in groupby(names)]
    for name, count in groups[:-1]:
        yield f"{name}{count} "
    yield groups[-1][0]


def _folded(rows: Iterator[str]) -> Iterator[str]:
    """Yield the rows with their numbers, equal neighbours as one."""
    first = 1
    for row, same in groupby(rows):
        last = first + len(list(same)) - 1
        yield f"{first}: {row}" if first == last else f"{first}-{last}: {row}"
        first = last + 1


def diff(before: str, after: str, old: str = "as it was", new: str = "as it is") -> str:
    """Return what differs, line by line."""
    return "\n".join(unified_diff(before.splitlines(), after.splitlines(), old, new, lineterm="", n=2))


def unreadable(look: Look, least: float) -> set[str]:
    """Return the words whose colour is closer to that behind them than `least`, a WCAG contrast ratio."""
    found = set()
    for line, styles in zip(look.lines, look.styles, strict=True):
        for style, word in _words(line, styles):
            if contrast(style) < least:
                found.add(f"{word!r} is {style}: {contrast(style):.2f}")
    return found


def _words(line: str, styles: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each style with the text it is the style of, where there is anything to read."""
    cells = [(style, character) for character, style in zip(_cells(line), styles, strict=False)]
    for style, group in groupby(cells, key=lambda cell: cell[0]):
        text = "".join(character for _, character in group)
        if any(character.isalnum() for character in text):
            yield style, text.strip()


def _cells(line: str) -> Iterator[str]:
    """Yield a string for each cell; a wide character takes two."""
    for character in line:
        yield character
        yield from [""] * (cell_len(character) - 1)


def contrast(style: str) -> float:
    """Return the contrast ratio of a style, as the Web Content Accessibility Guidelines 2 define it."""
    front, _on, back = style.split()[-3:]
    light, dark = sorted((_luminance(front), _luminance(back)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
