"""A list to choose one value from."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from studykit.tui.text.clean import clean_line
from studykit.tui.text.palette import HEADING, KEY
from studykit.tui.widgets.deck_list import Row
from studykit.tui.widgets.line_list import LineList


class ChooseScreen(ModalScreen[str | None]):
    """Gives the chosen value, or None; `look` is told of each value under the cursor."""

    AUTO_FOCUS = "OptionList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "take", "take", show=False),
        Binding("escape,q", "dismiss", "back", show=False),
    ]

    def __init__(self, title: str, choices: Sequence[str], now: str, look: Callable[[str], None]) -> None:
        super().__init__()
        self._title = title
        self._choices = choices
        self._now = now
        self._look = look

    def compose(self) -> ComposeResult:
        """Show them in a box."""
        with Vertical(classes="box -choose"):
            yield Static(Content.styled(clean_line(self._title), HEADING), classes="box-title", markup=False)
            options = LineList(
                *(Option(Row(choice, "", tuple), choice) for choice in self._choices), markup=False
            )
            options.highlighted = self._choices.index(self._now) if self._now in self._choices else 0
            yield options
            keys = Content.assemble(("enter", KEY), " take   ", ("escape", KEY), " leave as it was")
            yield Static(keys, classes="box-keys", markup=False)

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, message: OptionList.OptionHighlighted) -> None:
        message.stop()
        self._look(self._choices[message.option_index])

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.dismiss(self._choices[message.option_index])

    def action_take(self) -> None:
        """Take the value under the cursor."""
        self.query_one(LineList).action_select()
