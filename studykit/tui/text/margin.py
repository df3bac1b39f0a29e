"""A text with some of it lit: by a bar in the margin, so that it is seen without colour too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual.content import Content

from studykit.tui.text.blocks import Block
from studykit.tui.text.palette import ACCENT

LIT = Content.styled("▌ ", f"bold {ACCENT}")
DARK = Content("  ")


@dataclass(frozen=True, slots=True)
class Beside:
    """A block with a margin."""

    block: Block
    lit: bool

    @property
    def gap(self) -> bool:
        """As the block has it."""
        return self.block.gap

    @property
    def scrolls(self) -> bool:
        """As the block does."""
        return self.block.scrolls

    @property
    def fill(self) -> str:
        """As the block has it; what is lit stands on a ground of its own."""
        return self.block.fill or ("on $surface" if self.lit else "")

    def around(self, block: Block) -> "Beside":
        """Return the same margin beside another block."""
        return Beside(block, self.lit)

    def lines(self, width: int) -> list[Content]:
        """Return the lines behind the margin."""
        mark = LIT if self.lit else DARK
        return [mark + line for line in self.block.lines(width - mark.cell_length)]


def article_blocks(text: str, lines: tuple[int, int] | None) -> Sequence[Beside]:
    """Return the blocks of a Markdown article; those that reach into `lines` (from 1) are lit."""
    from studykit.tui.text.markdown import placed_blocks

    first, last = lines or (0, -1)
    return [Beside(block, begin <= last and first <= end) for begin, end, block in placed_blocks(text)]


def listing(source: str, lines: tuple[int, int] | None) -> Sequence[Beside]:
    """Return Python source with its line numbers; `lines` (from 1) are lit."""
    from studykit.tui.text.blocks import Fixed
    from studykit.tui.text.clean import clean
    from studykit.tui.text.code import highlighted
    from studykit.tui.text.palette import MUTED

    code = highlighted(clean(source)).split("\n", allow_blank=True)
    size = len(str(len(code)))
    numbered = [Content.styled(f"{i:>{size}}  ", MUTED) + line for i, line in enumerate(code, 1)]
    first, last = lines or (1, 0)  # nothing is lit
    before, here, after = numbered[: first - 1], numbered[first - 1 : last], numbered[last:]
    parts = ((before, False), (here, True), (after, False))
    return [Beside(Fixed(Content("\n").join(part), gap=False), lit) for part, lit in parts if part]


def lit_blocks(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield what is lit."""
    return (block for block in blocks if isinstance(block, Beside) and block.lit)
