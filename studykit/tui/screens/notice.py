"""A message that must not be missed."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from studykit.tui.text.clean import clean
from studykit.tui.text.palette import KEY, WRONG


class NoticeScreen(ModalScreen[None]):
    """Shows a title and a text until it is closed."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,escape,space,q", "dismiss", "close")]

    def __init__(self, title: str, text: str) -> None:
        super().__init__()
        self._title = title
        self._text = text

    def compose(self) -> ComposeResult:
        """Show it in a box."""
        with Vertical(classes="box"):
            yield Static(Content.styled(clean(self._title), WRONG), classes="box-title", markup=False)
            yield Static(Content(clean(self._text)), markup=False)
            yield Static(Content.assemble(("enter", KEY), " close"), classes="box-keys", markup=False)
