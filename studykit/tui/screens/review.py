"""The review: a card, its answer, a grade, the next card."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from studykit.errors import StudykitError
from studykit.library.cards import text_in
from studykit.scheduling.sm2 import Grade
from studykit.tui import faces
from studykit.tui.attempt import Attempt
from studykit.tui.drafts import Draft, Drafts
from studykit.tui.grades import grade_keys, name_of, outcome_text
from studykit.tui.keys import KEYS, Now, allowed
from studykit.tui.outlook import left_text
from studykit.tui.screens.review_answering import Answering
from studykit.tui.screens.review_looking import Looking
from studykit.tui.screens.review_managing import Managing
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
    from textual.timer import Timer

    from studykit.library.cards import Card
    from studykit.tui.app import StudyApp

_LOOK_AHEAD = 3
_PICTURES_AFTER = 0.5
_DRAFT_AFTER = 0.3
"""Seconds without a key after which what was typed is written down."""


class ReviewScreen(Answering, Managing, Looking):
    """Shows one card after another; `check_action` says which keys do something now."""

    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(self, desk: "StudyApp", sitting: Sitting, *, returning: bool = False) -> None:
        super().__init__(desk, sitting)
        self._returning = returning
        self._grade_keys = grade_keys(self._settings.grades)
        self._gone: list[str] = []
        self._drafts = Drafts(sitting.study.home / "drafts")
        self._draft: Draft | None = None
        """What is to be typed again for the card on screen."""

        self._draft_timer: Timer | None = None
        self._trial = self._new_trial()

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
        self.set_timer(_PICTURES_AFTER, self._warm_pictures)

    def _warm_pictures(self) -> None:
        """Load what draws formulas, where the terminal shows pictures."""
        from studykit.tui.graphics.terminal import is_installed, protocol

        if protocol() and is_installed():
            from studykit.tui.graphics.drawing import warm

            self.run_worker(warm, thread=True, group="pictures")

    def on_unmount(self) -> None:
        """Leave nothing running behind, and nothing typed unsaved."""
        self._keep_draft()
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
            self._draft = self._drafts.read(item.card) if faces.has_field(card) else None
            return self._trial_of(item.card, card, self._attempt(card, self._draft))
        return None

    def _attempt(self, card: "Card", draft: Draft | None) -> Attempt:
        began = self._sitting.clock()
        if draft is not None:
            return draft.resumed(card.kind, began)
        return Attempt(kind=card.kind, seed=self._desk.new_seed(), began=began)

    def _trial_of(self, card_id: str, card: "Card", attempt: Attempt) -> Trial:
        return Trial(
            card_id=card_id,
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

    def _usual_seconds(self) -> float | None:
        """Return how long the current card usually takes this learner."""
        try:
            return self._sitting.study.store.usual_seconds(self._sitting.require_current().card)
        except StudykitError as error:
            self._desk.tell("Your data cannot be read", str(error))
            return None

    async def _next(self) -> None:
        """Show the card that is current now, or the summary after the last."""
        self._keep_draft()
        self._errands.cancel()
        self._trial = self._new_trial()
        await self._put_on_screen()
        self._begin()

    async def _again(self) -> None:
        """Show the card on screen anew, as it is written now, with what was done so far."""
        old = self._require_trial()
        self._errands.cancel()
        self._draft = Draft.of(old.attempt, old.view.typed) if old.typed_something else None
        card = self._sitting.study.card(old.card_id)
        self._trial = self._trial_of(old.card_id, card, old.attempt)
        await self._put_on_screen()
        self._begin()

    async def _put_on_screen(self) -> None:
        if self._trial is None:
            return
        self.query_one(GradeBar).display = False
        with self._desk.batch_update():
            await self.query(CardView).remove()
            await self.mount(self._trial.view, after=self.query_one(TopLine))

    def _begin(self) -> None:
        for sentence in self._gone:
            self._desk.say(sentence, severity="warning")
        self._gone.clear()
        if self._trial is None:
            self._desk.show_summary(self._sitting)
            return
        draft, self._draft = self._draft, None
        self._trial.begin(draft.text if draft else "")
        if self._returning and self._is_typing:
            self.set_focus(None)  # the next u takes back one more step, and is not typed
        self._returning = False
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
            entry = entries.get(item.card)
            if entry is not None and entry.kind in ("predict", "compute", "implement", "repair"):
                self.run_worker(lambda card=item.card: self._desk.runs.warm(card), thread=True, group="warm")
                return

    # ---- drafts

    def on_answer_field_edited(self) -> None:
        """Write down what is typed, a moment after the last key."""
        if self._trial is not None and self._trial.view.field is not None:
            self._trial.typed = self._trial.view.typed
        if self._draft_timer is None:
            self._draft_timer = self.set_timer(_DRAFT_AFTER, self._keep_draft)
        else:
            self._draft_timer.reset()

    def _keep_draft(self) -> None:
        """Write down what was typed and not graded; what says nothing is forgotten."""
        if self._draft_timer is not None:
            self._draft_timer.stop()
            self._draft_timer = None
        trial = self._trial
        if trial is None or trial.graded or not trial.has_field:
            return
        draft = Draft.of(trial.attempt, trial.typed)
        if not trial.typed_something and not draft.says_something:
            self._drafts.drop(trial.card_id)
            return
        try:
            self._drafts.keep(trial.card_id, draft)
        except StudykitError as error:
            trial.graded = True  # said once
            self._desk.say(f"{error}", severity="warning")

    def _changed(self) -> None:
        trial = self._trial
        self._keep_draft()
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
        trial.graded = True
        self._drafts.drop(trial.card_id)
        if answered.leech:
            away = " It was suspended." if answered.after.suspended else ""
            self._desk.say(f"{trial.card_id} keeps slipping: a leech. Perhaps it asks for too much.{away}")
        await self._next()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Say whether a key does something now; the key line shows those that do."""
        trial = self._trial
        if trial is None:
            return action in ("home", "quit", "help", "undo")
        return allowed(action, Now(trial, self._is_typing))

    @property
    def _is_typing(self) -> bool:
        return isinstance(self.focused, AnswerField) and not self.focused.disabled
