"""What the parts of the review share: the sitting, and the card on screen."""

from pathlib import Path
from typing import TYPE_CHECKING

from textual.screen import Screen

from studykit.tui.errands import Errands
from studykit.tui.sitting import Sitting
from studykit.tui.trial import Trial
from studykit.tui.widgets.card_view import CardView

if TYPE_CHECKING:
    from studykit.tui.app import StudyApp


class CardScreen(Screen[None]):
    """A screen with a card on it."""

    def __init__(self, desk: "StudyApp", sitting: Sitting) -> None:
        super().__init__()
        self._desk = desk
        self._sitting = sitting
        self._settings = sitting.study.settings
        self._errands = Errands(self)
        self._trial: Trial | None = None

    @property
    def card_id(self) -> str:
        """The card on screen."""
        return self._require_trial().card_id

    @property
    def picture_folder(self) -> Path | None:
        """Where the images of the card's deck lie."""
        deck = self._sitting.study.library.decks().get(self.card_id.rpartition("/")[0])
        return None if deck is None else deck.path.parent

    @property
    def _view(self) -> CardView:
        return self._require_trial().view

    def _require_trial(self) -> Trial:
        if self._trial is None:
            raise LookupError("no card is on screen")
        return self._trial

    async def _next(self) -> None:
        """Show the card that is current now."""
        raise NotImplementedError

    async def _again(self) -> None:
        """Show the card on screen anew, with what was done so far."""
        raise NotImplementedError
