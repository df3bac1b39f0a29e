"""Looking around while reviewing: the article, the snippet, the card's history, and scrolling."""

from typing import TYPE_CHECKING

from studykit.tui.screens.review_card import CardScreen

if TYPE_CHECKING:
    from studykit.library.entries import DeckEntry


class Looking(CardScreen):
    """What can be looked at from a card."""

    def action_article(self) -> None:
        """Open the article where the card comes from."""
        if self._deck.article is None:
            self._desk.say("This deck has no article.")
            return
        self._look_up(solution=False)
        self._desk.show_article(self.card_id)

    def action_snippet(self) -> None:
        """Open the code that the card is about."""
        if self._sitting.study.library.snippet_path(self.card_id) is None:
            self._desk.say("This deck has no snippet.")
            return
        self._look_up(solution=True)
        self._desk.show_snippet(self.card_id)

    def action_info(self) -> None:
        """Show everything that is known of the card."""
        self._desk.show_card_info(self.card_id)

    def action_picture(self) -> None:
        """Draw what the snippet has to show."""
        if self._sitting.study.library.snippet_path(self.card_id) is None:
            self._desk.say("This deck has no snippet that could draw.")
            return
        self._require_trial().draw_picture()

    def _look_up(self, *, solution: bool) -> None:
        """Count looking up the answer before giving one."""
        what = self._require_trial().look_up(solution=solution)
        if what:
            self._desk.say(f"You look it up before answering: it counts as {what}.")

    @property
    def _deck(self) -> "DeckEntry":
        return self._sitting.study.library.decks()[self.card_id.rpartition("/")[0]]

    def action_page(self, direction: int) -> None:
        """Scroll the card by a page."""
        scroll = self._view.scroll_page_down if direction > 0 else self._view.scroll_page_up
        scroll(animate=False)

    def action_scroll_card(self, direction: int) -> None:
        """Scroll the card by a line."""
        scroll = self._view.scroll_down if direction > 0 else self._view.scroll_up
        scroll(animate=False)

    def action_scroll_code(self, columns: int) -> None:
        """Scroll wide code sideways."""
        self._view.scroll_code(columns)
