"""A question to answer with yes or no."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from studykit.tui.text.clean import clean
from studykit.tui.text.palette import HEADING, KEY


class ConfirmScreen(ModalScreen[bool]):
    """Gives True for yes."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "dismiss(True)", "yes", show=False),
        Binding("escape,n,q", "dismiss(False)", "no", show=False),
    ]

    def __init__(self, title: str, text: str, yes: str, no: str) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._yes = yes
        self._no = no

    def compose(self) -> ComposeResult:
        """Show it in a box."""
        with Vertical(classes="box"):
            yield Static(Content.styled(clean(self._title), HEADING), classes="box-title", markup=False)
            yield Static(Content(clean(self._text)), markup=False)
            keys = Content.assemble(("enter", KEY), f" {self._yes}   ", ("escape", KEY), f" {self._no}")
            yield Static(keys, classes="box-keys", markup=False)
