"""Everything that is known of one card."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from studykit.tui.screens.article import ReadingScreen
from studykit.tui.text.blocks import Block


class CardInfoScreen(ReadingScreen):
    """Standing, forecast, forgetting curve, and every answer to a card."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("i", "leave", show=False)]

    @property
    def heading(self) -> tuple[str, str]:
        """The card."""
        return self.card_id, "card info"

    def read(self) -> Sequence[Block]:
        """Look everything up."""
        from studykit.tui.card_history import info, known

        return info(known(self.study, self.card_id, self.desk.clock()))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Nothing is lit here."""
        return action != "next_lit"
