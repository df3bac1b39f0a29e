"""Answering: what the keys do until a card can be graded."""

from textual import on

from studykit.tui.screens.review_card import CardScreen
from studykit.tui.widgets.answer_field import AnswerField


class Answering(CardScreen):
    """The card is asked, and answered."""

    def action_show_answer(self) -> None:
        """Show the answer of a card the learner grades."""
        self._require_trial().show_answer()

    def action_give_up(self) -> None:
        """Show the answer of a card that was not solved."""
        self._require_trial().give_up()

    def action_run(self) -> None:
        """Run what was written."""
        self._require_trial().run()

    def action_cancel(self) -> None:
        """Stop what runs."""
        self._require_trial().cancel()

    def action_hint(self) -> None:
        """Show the hint."""
        self._require_trial().show_hint()

    def action_solution(self) -> None:
        """Show the solution and go on."""
        self._require_trial().show_solution()

    def action_leave_field(self) -> None:
        """Make the keys of the screen work again."""
        self.set_focus(None)

    def action_enter_field(self) -> None:
        """Go back to typing."""
        self._require_trial().view.focus_field()

    def action_open_editor(self) -> None:
        """Write the answer in the learner's own editor."""
        from studykit.tui.editing import answer_in_editor

        trial = self._require_trial()
        answer_in_editor(self._desk, trial.card, trial.view)

    def on_options_decided(self) -> None:
        """Judge what was ticked."""
        self._require_trial().judge_choice()

    def on_options_empty(self) -> None:
        """Say what to do first."""
        self._desk.say("Tick what is right first: press its number.")

    @on(AnswerField.HandedIn)
    def _handed_in(self, message: AnswerField.HandedIn) -> None:
        message.stop()
        trial = self._require_trial()
        trial.hand_in(trial.view.typed)
