"""What was left out of a draft, to choose from."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from studykit.authoring.choosing import Key, Offer
from studykit.tui.text.clean import clean_line
from studykit.tui.text.palette import HEADING, KEY, MUTED
from studykit.tui.widgets.deck_list import Row
from studykit.tui.widgets.line_list import LineList

_REASON = 24


class LeftOutScreen(ModalScreen[Key | None]):
    """Gives what to look at; begins with what stands nearest to some lines."""

    AUTO_FOCUS = "LineList"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "take", "look", show=False),
        Binding("escape,q,r", "dismiss", "back", show=False),
    ]

    def __init__(self, offers: Sequence[Offer], lines: tuple[int, int] | None) -> None:
        super().__init__()
        self._offers = offers
        self._lines = lines or (0, 0)

    def compose(self) -> ComposeResult:
        """Show one line for each."""
        with Vertical(classes="box -left-out"):
            title = Content.styled(f"Left out: {len(self._offers)}", HEADING)
            yield Static(title, classes="box-title", markup=False)
            options = LineList(*(Option(_row(offer)) for offer in self._offers), markup=False)
            nearest = (abs((offer.lines or (0, 0))[0] - self._lines[0]) for offer in self._offers)
            options.highlighted = min(enumerate(nearest), key=lambda one: one[1])[0]
            yield options
            keys = Content.assemble(("enter", KEY), " look at it   ", ("escape", KEY), " back to the cards")
            yield Static(keys, classes="box-keys", markup=False)

    @on(OptionList.OptionSelected)
    def _chosen(self, message: OptionList.OptionSelected) -> None:
        message.stop()
        self.dismiss(self._offers[message.option_index].key)

    def action_take(self) -> None:
        """Look at the one under the cursor."""
        self.query_one(LineList).action_select()


def _row(offer: Offer) -> Row:
    front = clean_line(offer.candidate.front) if offer.candidate else offer.id
    line = offer.lines[0] if offer.lines else 0
    reason = Content.styled(offer.reason, MUTED)
    return Row(f"{line:>4}  {front}", "", partial(tuple, (reason,)), (_REASON,))
