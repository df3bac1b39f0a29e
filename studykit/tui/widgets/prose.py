"""A text of a card."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.geometry import Size
from textual.selection import Selection
from textual.widgets import Static

from studykit.tui.text.blocks import Block
from studykit.tui.text.drawable import drawable
from studykit.tui.text.page import Page

if TYPE_CHECKING:
    from studykit.tui.graphics.placing import Hung

_NARROWEST_PICTURE = 10


class Prose(Static):
    """Shows blocks of text; long lines of code are scrolled sideways with `scroll_code`.

    Where the terminal shows pictures, display formulas and images become some: a moment later, and the text
    stands there until then.
    """

    DEFAULT_CSS = """
    Prose > .picture { position: absolute; }
    """

    def __init__(self, blocks: Sequence[Block] = (), **names: str) -> None:
        self._blocks = tuple(blocks)
        self._page = Page(blocks)
        super().__init__(self._page, markup=False, id=names.get("id"), classes=names.get("classes"))
        self._shift = 0
        self._asked = 0
        """Counts what is asked to be drawn: only the last is hung."""

        self._asked_for: object = None

    def show(self, blocks: Sequence[Block]) -> None:
        """Replace the text."""
        self._blocks = tuple(blocks)
        self._put(Page(blocks))
        self._asked += 1
        self._asked_for = None
        self._take_pictures_down()
        self._draw_pictures()

    def _put(self, page: Page) -> None:
        self._page = page
        self._shift = 0
        self.update(page)

    # ---- pictures

    def on_resize(self) -> None:
        """Fit pictures to the width."""
        self._draw_pictures()

    def _draw_pictures(self) -> None:
        """Begin to draw what can be drawn and was not yet at this width and in these colours."""
        if not any(map(drawable, self._blocks)) or not self.is_attached:
            return
        from studykit.tui.graphics.terminal import is_installed, protocol

        width = self.content_size.width
        wanted = (self._blocks, width, self.app.theme)
        if width < _NARROWEST_PICTURE or wanted == self._asked_for or not protocol() or not is_installed():
            return
        from studykit.tui.graphics.placing import hang

        if self._asked_for is None:
            self.app.theme_changed_signal.subscribe(self, lambda _: self._draw_pictures())
        self._asked_for = wanted
        self._asked += 1
        hang(self, self._blocks, self._asked)

    def hung(self, number: int, hung: "Hung") -> None:
        """Show the pictures that were drawn."""
        if number != self._asked or not self.is_attached or not hung.pictures:
            return
        from studykit.tui.graphics.widgets import picture

        with self.app.batch_update():
            self._put(Page(hung.blocks))
            self._take_pictures_down()
            for place, drawn in hung.pictures:
                block = hung.blocks[place]
                x = block.lines(self.content_size.width)[0].cell_length
                widget = picture(self.app, drawn)
                widget.styles.offset = (x, self.row_of(block))
                self.mount(widget)

    def _take_pictures_down(self) -> None:
        if len(self.children):
            self.query(".picture").remove()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002
        """Be as high as the text, with pictures over it or not."""
        return self._page.height(width)

    # ---- looking

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
