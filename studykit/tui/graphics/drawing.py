"""A formula or an image file as a PNG of whole characters, kept on disk within bounds."""

import hashlib
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from studykit.tui.graphics.dialect import spoken
from studykit.tui.graphics.terminal import Cell

_LONGEST = 4_000
_MOST_FILES = 600
_MOST_PIXELS = 40_000_000
_LARGEST_FILE = 20_000_000
_MOST_ROWS = 18
_TEXT = 0.8
"""The size of a formula's letters as a share of the height of a line."""

_LEAST_SCALE = 0.7
"""A formula too wide is made smaller, but no further than this: then it stays text, which scrolls."""

_VERSION = 2


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and how many characters it takes."""

    path: Path
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Studio:
    """Where pictures are made and kept."""

    folder: Path
    cell: Cell

    def formula(self, latex: str, colour: str, columns: int) -> Drawn | None:
        """Return a picture of `latex` at most `columns` wide; None if it cannot be drawn."""
        if len(latex) > _LONGEST:
            return None
        for scale in (1.0, _LEAST_SCALE):
            drawn = self._formula(latex, colour, scale)
            if drawn is None or drawn.columns <= columns:
                return drawn
        return None

    def _formula(self, latex: str, colour: str, scale: float) -> Drawn | None:
        size = self.cell.height * _TEXT * scale
        name = hashlib.sha256(f"{_VERSION} {self.cell} {size} {colour} {latex}".encode()).hexdigest()[:32]
        for kept in self.folder.glob(f"{name}-*.png"):
            columns, rows = map(int, kept.stem.split("-")[1:])
            return Drawn(kept, columns, rows)
        # Whatever the libraries raise over a formula ends here: a future hands it over as a value.
        made = _pool().submit(_png, latex, size, colour, self.cell)
        if made.exception() is not None or (result := made.result()) is None:
            return None
        png, columns, rows = result
        return Drawn(self._keep(f"{name}-{columns}-{rows}.png", png), columns, rows)

    def _keep(self, name: str, png: bytes) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        kept = sorted(self.folder.glob("*.png"), key=lambda path: path.stat().st_mtime_ns)
        for old in kept[: max(0, len(kept) - _MOST_FILES)]:
            old.unlink(missing_ok=True)
        path = self.folder / name
        beside = path.with_suffix(".new")
        beside.write_bytes(png)
        beside.replace(path)
        return path

    def image(self, path: Path, columns: int) -> Drawn | None:
        """Return how an image file fits into `columns`; None if it is no image, or too large."""
        try:
            if path.stat().st_size > _LARGEST_FILE:
                return None
        except OSError:
            return None
        sized = _pool().submit(_size, path)
        if sized.exception() is not None:
            return None
        width, height = sized.result()
        if not 0 < width * height <= _MOST_PIXELS:
            return None
        scale = min(
            1.0,
            columns * self.cell.width / width,
            _MOST_ROWS * self.cell.height / height,
        )
        return Drawn(
            path,
            max(1, round(width * scale / self.cell.width)),
            max(1, round(height * scale / self.cell.height)),
        )


@lru_cache(maxsize=1)
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "pictures")


def _png(latex: str, size: float, colour: str, cell: Cell) -> tuple[bytes, int, int] | None:
    """Draw a formula in the middle of as many whole characters as it needs; None if that goes wrong."""
    import resvg_py
    from ziamath.zmath import Latex

    text = spoken(latex)
    if text is None:
        return None
    svg = Latex(text, size=size, color=colour).svg()
    width, height = _size_of(svg)
    columns, rows = -(-int(width + 1) // cell.width), -(-int(height + 1) // cell.height)
    if rows > _MOST_ROWS:
        return None  # a stretched sign that went astray
    whole_width, whole_height = columns * cell.width, rows * cell.height
    inner = svg[svg.index("<svg") :].replace("<svg", f'<svg y="{(whole_height - height) / 2:.2f}" x="0"', 1)
    outer = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole_width}" height="{whole_height}" '
        f'viewBox="0 0 {whole_width} {whole_height}">{inner}</svg>'
    )
    return bytes(resvg_py.svg_to_bytes(svg_string=outer)), columns, rows


def _size_of(svg: str) -> tuple[float, float]:
    opening = svg[svg.index("<svg") : svg.index(">", svg.index("<svg"))]
    found = {name: float(value) for name, value in re.findall(r'\b(width|height)="([\d.]+)', opening)}
    return found["width"], found["height"]


def warm() -> None:
    """Load what draws formulas, so that the first is not late."""
    import resvg_py  # noqa: F401
    import ziamath  # noqa: F401

    from studykit.tui.graphics.terminal import cell
    from studykit.tui.graphics.widgets import load

    load(cell())


def _size(path: Path) -> tuple[int, int]:
    from PIL import Image

    with Image.open(path, formats=("PNG", "JPEG", "GIF", "WEBP", "BMP")) as image:
        return image.size
