"""A text laid out: what a widget shows."""

from collections.abc import Sequence

from rich.segment import Segment
from textual.content import Content
from textual.css.styles import RulesMap
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual

from studykit.tui.text.blocks import Block


class Page(Visual):
    """Blocks below one another; lines of code too wide for it are shown from column `shift`."""

    def __init__(self, blocks: Sequence[Block], shift: int = 0) -> None:
        self._blocks = tuple(blocks)
        self._shift = shift
        self._laid_out: tuple[int, list[tuple[Content, Block | None]]] = (-1, [])

    def shifted(self, shift: int) -> "Page":
        """Return the same page scrolled sideways."""
        page = Page(self._blocks, max(0, shift))
        page._laid_out = self._laid_out
        return page

    def overflow(self, width: int) -> int:
        """Return how many columns of its widest line do not fit."""
        sizes = (line.cell_length for line, block in self._lines(width) if block and block.scrolls)
        return max(0, max(sizes, default=0) - width)

    def row_of(self, block: Block, width: int) -> int:
        """Return the number of the first line of `block`; 0 if it is not here."""
        return next((row for row, (_, one) in enumerate(self._lines(width)) if one is block), 0)

    def text(self, width: int) -> str:
        """Return its lines as plain text."""
        return "\n".join(line.plain for line, _ in self._lines(width))

    def render_strips(
        self, width: int, height: int | None, style: Style, options: RenderOptions
    ) -> list[Strip]:
        """Return the lines as Textual draws them."""
        lines = self._lines(width)[:height]
        return [self._strip(y, line, block, width, style, options) for y, (line, block) in enumerate(lines)]

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:  # noqa: ARG002
        """Return the width at which nothing need be wrapped."""
        return max((line.cell_length for line, _ in self._lines(container_width)), default=0)

    def height(self, width: int) -> int:
        """Return the number of lines at `width`."""
        return len(self._lines(width))

    def get_height(self, rules: RulesMap, width: int) -> int:  # noqa: ARG002
        """Return the number of lines at `width`."""
        return len(self._lines(width))

    def _lines(self, width: int) -> list[tuple[Content, Block | None]]:
        if self._laid_out[0] != width:
            lines: list[tuple[Content, Block | None]] = []
            for block in self._blocks:
                if block.gap and lines:
                    lines.append((Content(""), None))
                lines.extend((line, block) for line in block.lines(width))
            self._laid_out = (width, lines)
        return self._laid_out[1]

    def _strip(
        self, y: int, line: Content, block: Block | None, width: int, style: Style, options: RenderOptions
    ) -> Strip:
        if options.selection and options.selection_style and (span := options.selection.get_span(y)):
            line = line.stylize(options.selection_style, span[0], span[1] if span[1] >= 0 else len(line))
        base = style + options.get_style(block.fill) if block and block.fill else style
        segments: list[Segment] = []
        x = 0
        for text, part in line.render(base, end="", parse_style=options.get_style):
            segments.append(Segment(text, (base + part).rich_style_with_offset(x, y)))
            x += len(text)
        strip = Strip(segments, line.cell_length)
        if block and block.scrolls and line.cell_length > width:
            strip = _window(strip, self._shift, width, base)
        return strip.extend_cell_length(width, base.rich_style)


def _window(strip: Strip, shift: int, width: int, style: Style) -> Strip:
    """Return the part of a long line that is in sight, with a mark where it goes on."""
    shift = min(shift, strip.cell_length - width)
    more_left, more_right = shift > 0, strip.cell_length > shift + width
    mark = (style + Style(bold=True)).rich_style
    parts = [
        *([Strip([Segment("‹", mark)], 1)] if more_left else []),
        strip.crop(shift + more_left, shift + width - more_right),
        *([Strip([Segment("›", mark)], 1)] if more_right else []),
    ]
    return Strip.join(parts)
