"""A quiz: one question after the other, marked at the end; what was typed when the time is up counts."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen

from studykit.library.cards import Implement, Predict, Repair, text_in
from studykit.quiz.drawing import needs_posing
from studykit.quiz.marking import Answer, Graded, Ticked, Written
from studykit.quiz.score import Outcome
from studykit.quiz.sitting import mark_sitting
from studykit.running.exercises import Posed
from studykit.scheduling.sm2 import Grade
from studykit.tui import editing, faces
from studykit.tui.errands import Errands
from studykit.tui.exam import DeskBench, Exam, clock_text
from studykit.tui.grades import GradeKey
from studykit.tui.keys import MOVING
from studykit.tui.text.clean import clean_line
from studykit.tui.text.palette import CAUTION, MUTED
from studykit.tui.widgets.answer_field import AnswerField
from studykit.tui.widgets.card_view import CardView
from studykit.tui.widgets.grade_bar import GradeBar
from studykit.tui.widgets.key_line import KeyLine
from studykit.tui.widgets.top_line import TopLine, bar

if TYPE_CHECKING:
    from collections.abc import Callable

    from studykit.library.cards import Card
    from studykit.running.verdicts import Result
    from studykit.tui.app import StudyApp
    from studykit.tui.runs import Failure

SELF_GRADES = (GradeKey("1", Grade.WRONG, "I had it wrong"), GradeKey("2", Grade.GOOD, "I had it right"))

_TICK = 1.0
_HURRY = 60
"""Seconds left from which the clock stands out."""


class QuizScreen(Screen[None]):
    """Asks; `done` is called with the result."""

    KEYS = "Quiz"
    AUTO_FOCUS = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]  # noqa: RUF012 - as Textual declares it
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space,enter", "show_answer", "show answer", key_display="space"),
        Binding("ctrl+r", "hand_in", "next"),
        Binding("escape", "leave_field", "leave the field"),
        Binding("tab", "enter_field", "type"),
        Binding("ctrl+e", "open_editor", "editor", priority=True),
        Binding("n", "go(1)", "next"),
        Binding("b", "go(-1)", "back"),
        Binding("f,q", "finish", "finish"),
        Binding("question_mark,f1", "help", "help", key_display="?"),
        *(Binding(str(n), f"number({n})", show=False) for n in range(1, 10)),
        *MOVING,
    ]

    def __init__(self, desk: "StudyApp", exam: Exam, done: "Callable[[Exam, Outcome], None]") -> None:
        super().__init__()
        self._desk = desk
        self._study = desk.study
        self._exam = exam
        self._done = done
        self._errands = Errands(self)
        self._shown = False
        """The answer to a card that the learner grades is on screen."""

        self._marking = False
        self._card, self._view = self._current()

    def compose(self) -> ComposeResult:
        """Show the first question at once."""
        yield TopLine()
        yield self._view
        yield GradeBar(SELF_GRADES)
        yield KeyLine()

    def on_mount(self) -> None:
        """Start the clock."""
        self._exam.began = self._desk.clock()
        if self._exam.minutes is not None:
            self.set_interval(_TICK, self.tick)
        self._begin()

    def on_unmount(self) -> None:
        """Leave nothing running behind."""
        if self._errands.busy:
            self._errands.cancel()
            self._desk.runs.cancel()

    # ---- from question to question

    def _current(self) -> "tuple[Card, CardView]":
        question = self._exam.current
        card = self._study.card(question.card)
        return card, CardView(card, self._study.settings.language, question.seed)

    async def _show_question(self) -> None:
        self._errands.cancel()
        self._shown = False
        self._card, self._view = self._current()
        self.query_one(GradeBar).display = False
        with self._desk.batch_update():
            await self.query(CardView).remove()
            await self.mount(self._view, after=self.query_one(TopLine))
        self._begin()

    def _begin(self) -> None:
        question = self._exam.current
        posed = self._exam.posed.get(question.card)
        if posed is not None:
            self._view.pose(posed)
        self._restore(self._exam.answers.get(question.card))
        self._view.focus_field()
        if posed is None and needs_posing(question.kind):
            card, seed = question.card, question.seed
            what = "drawing new numbers" if faces.needs_drawing(self._card) else "getting ready"
            verdict = self._view.verdict
            self._errands.start(
                lambda: self._desk.runs.pose(card, seed),
                self._posed,
                lambda tick, seconds: verdict.spin(tick, seconds, what),
            )
        self.tick()
        self.refresh_bindings()

    def _posed(self, outcome: "Posed | Result | Failure") -> None:
        if isinstance(outcome, Posed):
            self._exam.posed[self._exam.current.card] = outcome
            self._view.verdict.hide()
            self._view.pose(outcome)
        else:
            self._view.verdict.say(f"{outcome.detail} This question will not be counted.")
        self.refresh_bindings()

    def _restore(self, answer: Answer | None) -> None:
        match answer:
            case Written(text=text):
                self._view.resume(text)
            case Ticked(options=options):
                self._view.options.tick(options)
            case Graded():
                self.action_show_answer()

    def _keep(self) -> None:
        """Take what is typed or ticked as the answer."""
        if faces.has_field(self._card):
            self._exam.give(self._written())
        elif self._card.kind == "choice" and self._view.options.picked:
            self._exam.give(Ticked(frozenset(self._view.options.picked)))

    def _written(self) -> Written | None:
        text = self._view.typed
        posed = self._exam.posed.get(self._exam.current.card)
        start = posed.code if posed is not None and not isinstance(self._card, Predict) else ""
        if isinstance(self._card, Repair):
            start = self._card.broken
        return Written(text) if text.strip() and text.strip() != (start or "").strip() else None

    async def _next(self) -> None:
        """Go on to the next question; after the last one, ask whether that is all."""
        if self._exam.move(1):
            await self._show_question()
        else:
            self.action_finish()

    # ---- what the keys do

    async def action_go(self, step: int) -> None:
        """Go to the question after or before."""
        self._keep()
        if step > 0:
            await self._next()
        elif self._exam.move(step):
            await self._show_question()

    async def action_hand_in(self) -> None:
        """Take the answer and go on."""
        self._keep()
        await self._next()

    @on(AnswerField.HandedIn)
    async def _handed_in(self, message: AnswerField.HandedIn) -> None:
        message.stop()
        await self.action_hand_in()

    async def on_options_decided(self) -> None:
        """Take what was ticked and go on."""
        await self.action_hand_in()

    def on_options_empty(self) -> None:
        """Say what to do first."""
        self._desk.say("Tick what is right first, by its number; or press n to leave it for later.")

    def action_show_answer(self) -> None:
        """Show the answer of a card that the learner grades."""
        self._shown = True
        self._view.show_answer()
        given = self._exam.answers.get(self._exam.current.card)
        grade = None
        if isinstance(given, Graded):
            grade = Grade.GOOD if given.right else Grade.WRONG
        self.query_one(GradeBar).show({}, grade, "")
        self.refresh_bindings()
        self.call_after_refresh(self._view.bring_answer_into_sight)

    async def action_number(self, number: int) -> None:
        """Tick an option, or grade."""
        if self._card.kind == "choice":
            self._view.options.pick(number - 1)
        elif self._shown and number <= len(SELF_GRADES):
            await self._grade(SELF_GRADES[number - 1].grade)

    @on(GradeBar.Graded)
    async def _clicked_grade(self, message: GradeBar.Graded) -> None:
        message.stop()
        await self._grade(message.grade)

    async def _grade(self, grade: Grade) -> None:
        self._exam.give(Graded(grade >= Grade.GOOD))
        await self._next()

    def action_leave_field(self) -> None:
        """Make the keys of the screen work again."""
        self.set_focus(None)

    def action_enter_field(self) -> None:
        """Go back to typing."""
        self._view.focus_field()

    def action_open_editor(self) -> None:
        """Write the answer in the learner's own editor."""
        editing.answer_in_editor(self._desk, self._card, self._view)

    def action_help(self) -> None:
        """Show every key."""
        self._desk.show_help()

    def action_page(self, direction: int) -> None:
        """Scroll the card by a page."""
        (self._view.scroll_page_down if direction > 0 else self._view.scroll_page_up)(animate=False)

    def action_scroll_card(self, direction: int) -> None:
        """Scroll the card by a line."""
        (self._view.scroll_down if direction > 0 else self._view.scroll_up)(animate=False)

    def action_scroll_code(self, columns: int) -> None:
        """Scroll wide code sideways."""
        self._view.scroll_code(columns)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Say whether a key does something now; the key line shows those that do."""
        if self._marking:
            return False
        typing = isinstance(self.focused, AnswerField) and not self.focused.disabled
        match action:
            case "show_answer":
                return self._self_graded and not self._shown
            case "hand_in":
                return isinstance(self._card, (Predict, Implement, Repair))
            case "leave_field":
                return typing
            case "open_editor":
                return isinstance(self._card, (Predict, Implement, Repair))
            case "enter_field":
                return faces.has_field(self._card) and not typing
            case "number":
                return not typing
            case "go":
                return not typing and (parameters[0] == 1 or self._exam.at > 0)
            case "page":
                return not typing and (self._shown or not self._self_graded)
            case "finish" | "scroll_code" | "scroll_card":
                return not typing
        return True

    @property
    def _self_graded(self) -> bool:
        return self._card.kind in ("basic", "cloze")

    # ---- the end

    def tick(self) -> None:
        """Show how much time is left; hand in when there is none."""
        left = self._exam.seconds_left(self._desk.clock())
        if self._marking:
            return
        self._show_place(left)
        if left is not None and left <= 0:
            self._keep()
            self._mark(time_up=True)

    def _show_place(self, left: float | None) -> None:
        exam, question = self._exam, self._exam.current
        title = self._study.library.decks()[question.deck].title
        place = Content.assemble(
            (clean_line(text_in(title, self._study.settings.language)), "bold"), (f"  {question.kind}", MUTED)
        )
        count = len(exam.questions)
        progress = bar(count - exam.open, count) + Content.styled(f"  {question.number} of {count}", MUTED)
        if left is not None:
            progress += Content.styled(f"  {clock_text(left)}", CAUTION if left <= _HURRY else MUTED)
        self.query_one(TopLine).show(place, progress)

    def action_finish(self) -> None:
        """Ask whether that is all."""
        from studykit.tui.screens.confirm import ConfirmScreen

        self._keep()
        left = self._exam.open
        text = {0: "Every question is answered.", 1: "One question has no answer."}.get(
            left, f"{left} questions have no answer."
        )
        confirm = ConfirmScreen("Hand the paper in?", text, "hand in", "go back to the questions")
        self._desk.push_screen(confirm, self._confirmed)

    def _confirmed(self, yes: bool | None) -> None:
        if yes:
            self._mark(time_up=False)

    def _mark(self, *, time_up: bool) -> None:
        if self._marking:
            return
        self._marking = True
        self._errands.cancel()
        self._desk.runs.cancel()
        while self._desk.screen is not self:  # the question whether to finish, answered by the clock
            self._desk.pop_screen()
        self.set_focus(None)
        self._view.disabled = True
        self.query_one(GradeBar).display = False
        self.refresh_bindings()
        exam, now, done = self._exam, self._desk.clock(), [0]
        bench = DeskBench(self._desk.runs)
        began = exam.began or now

        def work() -> Outcome:
            marked = mark_sitting(
                self._study, exam.questions, exam.posed, exam.answers, bench, lambda n: done.__setitem__(0, n)
            )
            seconds = max(0.0, (now - began).total_seconds())
            return Outcome(exam.terms, marked, exam.left_out, at=now, seconds=seconds, time_up=time_up)

        self._errands.start(work, self._marked, lambda _tick, _seconds: self._show_marking(done[0]))

    def _show_marking(self, done: int) -> None:
        count = len(self._exam.questions)
        progress = bar(done, count) + Content.styled(f"  {done} of {count}", MUTED)
        self.query_one(TopLine).show(Content.styled("Marking …", "bold"), progress)

    def _marked(self, outcome: Outcome) -> None:
        self._done(self._exam, outcome)
