"""The review: a card, its answer, a grade, the next card."""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import Screen

from studykit.errors import StudykitError
from studykit.library.cards import text_in
from studykit.scheduling.sm2 import Grade
from studykit.tui.attempt import Attempt
from studykit.tui.errands import Errands
from studykit.tui.grades import grade_keys, name_of, outcome_text
from studykit.tui.keys import KEYS, Now, allowed
from studykit.tui.outlook import left_text
from studykit.tui.sitting import Sitting
from studykit.tui.text.clean import clean_line
from studykit.tui.text.palette import CAUTION, MUTED
from studykit.tui.trial import Trial
from studykit.tui.widgets.answer_field import AnswerField
from studykit.tui.widgets.card_view import CardView
from studykit.tui.widgets.grade_bar import GradeBar
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.top_line import TopLine, bar
from studykit.wording import CHANGED

if TYPE_CHECKING:
    from studykit.tui.app import StudyApp

_LOOK_AHEAD = 3


class ReviewScreen(Screen[None]):
    """Shows one card after another; `check_action` says which keys do something now."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(self, desk: "StudyApp", sitting: Sitting) -> None:
        super().__init__()
        self._desk = desk
        self._sitting = sitting
        self._settings = sitting.study.settings
        self._grade_keys = grade_keys(self._settings.grades)
        self._errands = Errands(self)
        self._gone: list[str] = []
        self._trial = self._new_trial()

    @property
    def card_id(self) -> str:
        """The card on screen."""
        return self._require_trial().card_id

    def compose(self) -> ComposeResult:
        """Show the first card at once."""
        yield TopLine()
        if self._trial is not None:
            yield self._trial.view
        yield GradeBar(self._grade_keys)
        yield KeyLine()

    def on_mount(self) -> None:
        """Get the first card going."""
        self._begin()

    def on_unmount(self) -> None:
        """Leave nothing running behind."""
        if self._errands.busy:
            self._errands.cancel()
            self._desk.runs.cancel()

    # ---- from card to card

    def _new_trial(self) -> Trial | None:
        """Take the current card; one that is gone from the library is left out, with a word about it."""
        study = self._sitting.study
        while (item := self._sitting.current) is not None:
            try:
                card = study.card(item.card)
            except StudykitError as error:
                self._gone.append(f"{item.card} was left out: {error}")
                self._sitting.drop()
                continue
            attempt = Attempt(kind=card.kind, seed=self._desk.new_seed(), began=self._sitting.clock())
            return Trial(
                card_id=item.card,
                card=card,
                attempt=attempt,
                view=CardView(card, self._settings.language, attempt.seed),
                clock=self._sitting.clock,
                scheme=self._settings.grades,
                runs=lambda: self._desk.runs,
                errands=self._errands,
                usual_seconds=self._usual_seconds,
                say=self._desk.say,
                changed=self._changed,
            )
        return None

    def _usual_seconds(self) -> float | None:
        """Return how long the current card usually takes this learner."""
        try:
            return self._sitting.study.store.usual_seconds(self._sitting.require_current().card)
        except StudykitError as error:
            self._desk.tell("Your data cannot be read", str(error))
            return None

    async def _next(self) -> None:
        """Show the card that is current now, or the summary after the last."""
        self._errands.cancel()
        self._trial = self._new_trial()
        if self._trial is not None:
            self.query_one(GradeBar).display = False
            with self._desk.batch_update():
                await self.query(CardView).remove()
                await self.mount(self._trial.view, after=self.query_one(TopLine))
        self._begin()

    def _begin(self) -> None:
        for sentence in self._gone:
            self._desk.say(sentence, severity="warning")
        self._gone.clear()
        if self._trial is None:
            self._desk.show_summary(self._sitting)
            return
        self._trial.begin()
        self._show_place(self._trial)
        self._warm_up()
        self.refresh_bindings()

    def _show_place(self, trial: Trial) -> None:
        item = self._sitting.require_current()
        title = self._sitting.study.library.decks()[item.deck].title
        place = Content.assemble(
            (clean_line(text_in(title, self._settings.language)), "bold"),
            (f"  {trial.card.kind}", MUTED),
            ("  again today" if item.state == "drill" else "", CAUTION),
            (f"  {CHANGED}" if item.changed else "", CAUTION),
        )
        done, left = len(self._sitting.given), self._sitting.remaining
        progress = bar(done, done + sum(left.values())) + Content.styled(f"  {left_text(left)}", MUTED)
        self.query_one(TopLine).show(place, progress)

    def _warm_up(self) -> None:
        """Start what runs code in the background when such a card is near."""
        entries = self._sitting.study.library.entries()
        for item in self._sitting.session.queue[:_LOOK_AHEAD]:
            if entries[item.card].kind in ("predict", "compute", "implement", "repair"):
                self.run_worker(lambda card=item.card: self._desk.runs.warm(card), thread=True, group="warm")
                return

    def _changed(self) -> None:
        trial = self._trial
        if trial is not None and trial.attempt.shown and not self.query_one(GradeBar).display:
            self.set_focus(None)
            with self._desk.telling("Your data cannot be read"):
                self._show_grades(trial)
            self.call_after_refresh(trial.view.bring_answer_into_sight)
        self.refresh_bindings()

    # ---- grading

    def _show_grades(self, trial: Trial) -> None:
        item, proposal = self._sitting.require_current(), trial.attempt.proposal
        today = self._sitting.study.calendar.day_of(self._sitting.clock())
        outcomes = {
            grade: outcome_text(grade, (memory.due - today).days, drill=item.state == "drill")
            for grade, memory in self._sitting.preview().items()
        }
        grade, reason = (proposal.grade, proposal.reason) if proposal else (None, "")
        if grade is not None:
            reason = f"{name_of(grade, self._settings.grades)}: {reason}"
        self.query_one(GradeBar).show(outcomes, grade, reason)

    async def action_number(self, number: int) -> None:
        """Tick an option, or grade, whichever the card waits for."""
        trial = self._trial
        if trial is None or not trial.attempt.shown:
            self._view.options.pick(number - 1)
            return
        for key in self._grade_keys:
            if key.key == str(number):
                await self._grade(key.grade)

    async def action_accept(self) -> None:
        """Take the proposed grade."""
        proposal = self._require_trial().attempt.proposal
        if proposal is not None and proposal.grade is not None:
            await self._grade(proposal.grade)

    @on(GradeBar.Graded)
    async def _clicked_grade(self, message: GradeBar.Graded) -> None:
        message.stop()
        await self._grade(message.grade)

    async def _grade(self, grade: Grade) -> None:
        trial = self._trial
        if trial is None or not trial.attempt.shown:
            return
        try:
            answered = self._sitting.answer(grade, trial.attempt, machine_graded=trial.machine_graded)
        except StudykitError as error:
            self._desk.tell("The answer was not saved", f"{error}\n\nThe card stays: grade it again.")
            return
        if answered.leech:
            away = " It was suspended." if answered.after.suspended else ""
            self._desk.say(f"{trial.card_id} keeps slipping: a leech. Perhaps it asks for too much.{away}")
        await self._next()

    # ---- answering

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

    # ---- managing

    async def action_undo(self) -> None:
        """Take back the last step and return to its card."""
        try:
            undone = self._sitting.undo()
        except StudykitError as error:
            self._desk.tell("Nothing was taken back", str(error))
            return
        if undone is None:
            self._desk.say("There is nothing to undo.")
            return
        self._desk.say_undone(undone)
        await self._next()

    async def action_bury(self) -> None:
        """Put the card off until tomorrow."""
        await self._put_away(self._sitting.bury, "Buried until tomorrow")

    async def action_skip(self) -> None:
        """Put a card that cannot run here off until tomorrow, without a grade."""
        await self._put_away(self._sitting.bury, "Skipped for today, without a grade")

    async def action_suspend(self) -> None:
        """Put the card away for good."""
        await self._put_away(self._sitting.suspend, "Suspended: it will not come again")

    async def _put_away(self, step: Callable[[], str], what: str) -> None:
        try:
            card = step()
        except StudykitError as error:
            self._desk.tell("That was not saved", str(error))
            return
        self._desk.say(f"{what}: {card} (u brings it back)")
        await self._next()

    def action_flag(self) -> None:
        """Mark the card for later."""
        try:
            flagged = self._sitting.flag()
        except StudykitError as error:
            self._desk.tell("That was not saved", str(error))
            return
        self._desk.say("Flagged." if flagged else "No longer flagged.")

    def action_home(self) -> None:
        """Go to the list of decks; everything is saved already."""
        self._desk.show_home()

    def action_quit(self) -> None:
        """Leave; everything is saved already."""
        self._desk.exit()

    def action_help(self) -> None:
        """Show every key."""
        self._desk.show_help()

    # ---- looking around

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

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Say whether a key does something now; the key line shows those that do."""
        trial = self._trial
        if trial is None:
            return action in ("home", "quit", "help", "undo")
        return allowed(action, Now(trial, self._is_typing))

    @property
    def _is_typing(self) -> bool:
        return isinstance(self.focused, AnswerField) and not self.focused.disabled

    @property
    def _view(self) -> CardView:
        return self._require_trial().view

    def _require_trial(self) -> Trial:
        if self._trial is None:
            raise LookupError("no card is on screen")
        return self._trial
