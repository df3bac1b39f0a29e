"""A card alone: both faces, and every answer to it."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from studykit.tui.text.blocks import Block
from studykit.tui.text.palette import KEY
from studykit.tui.widgets.prose import Prose


class WholeCardScreen(ModalScreen[None]):
    """Shows a text that scrolls, in a box, until it is closed."""

    AUTO_FOCUS = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "close", show=False),
        Binding("space", "page", "page", show=False),
        # Before the list that scrolls takes them.
        Binding("left", "scroll_code(-8)", show=False, priority=True),
        Binding("right", "scroll_code(8)", show=False, priority=True),
    ]

    def __init__(self, blocks: Sequence[Block]) -> None:
        super().__init__()
        self._blocks = blocks

    def compose(self) -> ComposeResult:
        """Show it in a box."""
        with Vertical(classes="box -whole"):
            with VerticalScroll():
                yield Prose(self._blocks)
            keys = Content.assemble(("escape", KEY), " close   ", ("space", KEY), " on")
            yield Static(keys, classes="box-keys", markup=False)

    def action_page(self) -> None:
        """Scroll by a page."""
        self.query_one(VerticalScroll).scroll_page_down(animate=False)

    def action_scroll_code(self, columns: int) -> None:
        """Scroll wide code sideways."""
        self.query_one(Prose).scroll_code(columns)
