"""Where a line of text may end: at spaces, and between Chinese, Japanese and Korean characters."""

import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len, split_graphemes

UNBREAKABLE = "\u00a0"
"""A space at which no line ends: inside a short formula."""

_NEVER_FIRST = frozenset("!%),.:;?]}·ˇ—’”…‰›»、。々〉》」』】〕〗！＂％＇），．：；？］｀｜｝～￠ー")
_NEVER_LAST = frozenset("([{£¥‘“‹«〈《「『【〔〖（［｛￡￥$")


def line_starts(text: str, width: int) -> list[int]:
    """Return where the lines after the first begin when the paragraph `text` is `width` cells wide."""
    width = max(width, 2)
    if cell_len(text) <= width:
        return []
    starts: list[int] = []
    used = 0
    for start, end, cells, hanging in _pieces(text):
        if used and used + cells - hanging > width:
            starts.append(start)
            used = 0
        if cells - hanging > width:
            folds, used = _folded(text[start:end], width)
            starts.extend(start + fold for fold in folds)
        else:
            used += cells
    return starts


def _pieces(text: str) -> Iterator[tuple[int, int, int, int]]:
    """Yield the parts between which a line may end: (start, end, cells, cells of the spaces at its end)."""
    begin = cells = hanging = 0
    previous = ""
    for start, end, size in _graphemes(text):
        grapheme = text[start:end]
        if previous and _may_break(previous, grapheme):
            yield begin, start, cells, hanging
            begin, cells, hanging = start, 0, 0
        cells += size
        hanging = hanging + size if _is_space(grapheme) else 0
        previous = grapheme
    yield begin, len(text), cells, hanging


def _graphemes(text: str) -> Iterator[tuple[int, int, int]]:
    if text.isascii():
        return ((i, i + 1, 1) for i in range(len(text)))
    return iter(split_graphemes(text)[0])


def _may_break(before: str, after: str) -> bool:
    if _is_space(after):
        return False
    if _is_space(before):
        return True
    if not (_is_wide(before) or _is_wide(after)):
        return False
    return after not in _NEVER_FIRST and before not in _NEVER_LAST


def _is_space(grapheme: str) -> bool:
    return grapheme.isspace() and grapheme != UNBREAKABLE


def _is_wide(grapheme: str) -> bool:
    return not grapheme.isascii() and unicodedata.east_asian_width(grapheme[0]) in "WF"


def _folded(piece: str, width: int) -> tuple[list[int], int]:
    """Cut a piece longer than a line; return the cuts and the cells used on the last line."""
    cuts: list[int] = []
    used = 0
    for start, end, size in _graphemes(piece):
        if used + size > width and not piece[start:end].isspace():
            cuts.append(start)
            used = 0
        used += size
    return cuts, used
