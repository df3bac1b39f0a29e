"""A text of a card."""

from collections.abc import Sequence

from textual.selection import Selection
from textual.widgets import Static

from studykit.tui.text.blocks import Block
from studykit.tui.text.page import Page


class Prose(Static):
    """Shows blocks of text; long lines of code are scrolled sideways with `scroll_code`."""

    def __init__(self, blocks: Sequence[Block] = (), **names: str) -> None:
        self._page = Page(blocks)
        super().__init__(self._page, markup=False, id=names.get("id"), classes=names.get("classes"))
        self._shift = 0

    def show(self, blocks: Sequence[Block]) -> None:
        """Replace the text."""
        self._page = Page(blocks)
        self._shift = 0
        self.update(self._page)

    def scroll_code(self, columns: int) -> bool:
        """Scroll wide code by `columns`; return whether there was anything to scroll."""
        widest = self._page.overflow(self.content_size.width)
        shift = min(max(0, self._shift + columns), widest)
        if shift == self._shift:
            return False
        self._shift = shift
        self._page = self._page.shifted(shift)
        self.update(self._page, layout=False)
        return True

    def row_of(self, block: Block) -> int:
        """Return on which line of the widget `block` begins."""
        return self._page.row_of(block, self.content_size.width)

    @property
    def plain(self) -> str:
        """What is on screen, as plain text."""
        return self._page.text(self.content_size.width)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the text under a mouse selection, for copying."""
        return selection.extract(self.plain), "\n"
