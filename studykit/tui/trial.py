"""One card being tried: from the question to a grade that is proposed."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from studykit.library.cards import Card, Predict, Typed
from studykit.scheduling.sm2 import Grade
from studykit.tui import faces
from studykit.tui.attempt import Attempt
from studykit.tui.sitting import Clock
from studykit.tui.widgets.card_view import CardView

if TYPE_CHECKING:
    from studykit.running.runner import Posed
    from studykit.running.verdicts import Result
    from studykit.tui.errands import Errands
    from studykit.tui.grades import Scheme
    from studykit.tui.runs import Failure, Runs

_LEARNERS_TO_MEND = "error"
"""An exception: not counted, but mended by the learner rather than by the machine's owner."""


@dataclass(slots=True)
class Trial:
    """Joins a card, its view and what happened so far; `changed` is called after every step."""

    card_id: str
    card: Card
    attempt: Attempt
    view: CardView
    clock: Clock
    scheme: "Scheme"
    runs: "Callable[[], Runs]"
    errands: "Errands"
    usual_seconds: Callable[[], float | None]
    say: Callable[[str], None]
    changed: Callable[[], None]
    graded: bool = False
    """Done with: nothing of it is to be kept."""

    typed: str = ""
    """What stands in the field, noted at every change: when the program ends, the field is gone first."""

    _start: str = field(default="")
    """What stood in the field before anything was typed."""

    _solution: str | None = field(default=None)
    _drawn: bool = field(default=False)

    @property
    def runs_code(self) -> bool:
        """Whether the answer is computed by running code."""
        return faces.runs(self.card)

    @property
    def machine_graded(self) -> bool:
        """Whether the grade comes from evidence."""
        return isinstance(self.card, faces.MACHINE_GRADED)

    @property
    def has_field(self) -> bool:
        """Whether the answer is typed."""
        return faces.has_field(self.card)

    @property
    def writes_lines(self) -> bool:
        """Whether the answer has room for more than a line."""
        return isinstance(self.card, (Predict, *faces.CODE))

    @property
    def typed_something(self) -> bool:
        """Whether the field holds anything the learner wrote."""
        typed = self.typed.strip()
        return self.has_field and bool(typed) and typed != self._start.strip()

    @property
    def solution_on_screen(self) -> bool:
        """Whether the solution is shown."""
        return self._solution is not None

    @property
    def proposed(self) -> Grade | None:
        """The grade the evidence speaks for."""
        return self.attempt.proposal.grade if self.attempt.proposal else None

    @property
    def busy(self) -> bool:
        """Whether code runs for this card."""
        return self.errands.busy

    def begin(self, draft: str = "") -> None:
        """Draw numbers, or get the first lines of code, where the card has any; go on with `draft`."""
        self._start = self.typed = self.view.typed
        if draft:
            self.typed = draft
            self.view.resume(draft)
        self.view.focus_field()
        if self.attempt.shown:
            self.view.show_answer(self._solution)
            self.changed()
        elif faces.needs_posing(self.card):
            self._pose()

    def _pose(self) -> None:
        what = "drawing new numbers" if faces.needs_drawing(self.card) else "getting ready"
        seed = self.attempt.seed
        self.errands.start(lambda: self.runs().pose(self.card_id, seed), self._posed, self._spin(what))

    def hand_in(self, text: str) -> None:
        """Judge a typed answer, or run it."""
        if not text.strip():
            self.say("Type an answer first; or press escape, then space to give up.")
        elif isinstance(self.card, Typed):
            self._judge_typed(self.card, text)
        else:
            self.run()

    def judge_choice(self) -> None:
        """Judge what is ticked."""
        self._judged(right=self.view.options.judge())

    def run(self) -> None:
        """Run what the learner wrote."""
        answer = self.view.typed
        if self.busy:
            self.say("Still running: escape cancels it.")
        elif faces.needs_drawing(self.card) and not self._drawn:
            self._pose()
            self.changed()
        elif not answer.strip():
            self.say("Write an answer first, then run it.")
        else:
            seed = self.attempt.seed
            self.errands.start(
                lambda: self.runs().judge(self.card_id, answer, seed), self._verdict, self._spin("running")
            )
            self.changed()

    def cancel(self) -> None:
        """Stop what runs; nothing is counted."""
        self.errands.cancel()
        self.runs().cancel()
        self.view.stop_spinning()
        if faces.needs_drawing(self.card) and not self._drawn:
            self.attempt = replace(self.attempt, blocked=True)
            self.view.verdict.say("The numbers were not drawn: ctrl+r draws them.")
        self.changed()

    def show_hint(self) -> None:
        """Show the hint; for a card that runs code it counts."""
        self.attempt = replace(self.attempt, hint_used=True)
        self.view.show_hint()
        self.changed()

    def show_solution(self) -> None:
        """Show the solution while the learner goes on; it counts."""
        self._fetch_solution(self._solution_arrived)

    def look_up(self, *, solution: bool) -> str:
        """Count that the answer is looked up before it is given; return as what, if it counts."""
        if self.attempt.shown or not self.machine_graded:
            return ""
        if solution and self.runs_code:
            if self.attempt.solution_seen:
                return ""
            self.attempt = replace(self.attempt, solution_seen=True)
            what = "seeing the solution"
        else:
            if self.attempt.hint_used:
                return ""
            self.attempt = replace(self.attempt, hint_used=True)
            what = "a hint"
        self.changed()
        return what

    def give_up(self) -> None:
        """Show the answer of a card that was not solved."""
        if self.runs_code:
            self._fetch_solution(self._given_up)
        else:
            self._given_up("")

    def show_answer(self) -> None:
        """Show the answer; a card that the machine grades gets a proposal."""
        self.attempt = replace(self.attempt, shown=True)
        if self.machine_graded:
            self.attempt = self.attempt.with_proposal(self.clock(), self.scheme, self.usual_seconds())
        self.view.show_answer(self._solution)
        self.changed()

    def draw_picture(self) -> None:
        """Draw what the snippet has to show, below the card."""
        if self.busy:
            self.say("Still running: escape cancels it.")
            return
        seed = self.attempt.seed

        def arrived(outcome: "dict[str, Any] | Result | Failure") -> None:
            self.view.show_picture(outcome)
            self.changed()

        self.errands.start(lambda: self.runs().picture(self.card_id, seed), arrived, self.view.spin_picture)
        self.changed()

    # ---- what comes back

    def _judge_typed(self, card: Typed, text: str) -> None:
        from studykit.running.grading import judge_typed

        right = judge_typed(card, text)
        if not right:
            from studykit.tui.text.diff import closest, difference

            self.view.show_difference(difference(text, closest(text, card.accept)))
        self._judged(right=right)

    def _judged(self, *, right: bool) -> None:
        self.attempt = self.attempt.tried(right=right)
        # A verdict on a value shows the right one: only code can be tried again.
        if right or not isinstance(self.card, faces.CODE):
            self.show_answer()
        else:
            self.changed()

    def _posed(self, outcome: "Posed | Result | Failure") -> None:
        from studykit.running.runner import Posed

        if isinstance(outcome, Posed):
            self._drawn = True
            self.attempt = replace(self.attempt, blocked=False)
            self.view.verdict.hide()
            self._start = outcome.code or "" if isinstance(self.card, faces.CODE) else ""
            self.view.pose(outcome)
            self.changed()
        else:
            self._blocked(outcome)

    def _verdict(self, outcome: "Result | Failure") -> None:
        from studykit.tui.runs import Failure

        if isinstance(outcome, Failure):
            self._blocked(outcome)
        elif outcome.verdict.counts:
            self._show_verdict(outcome)
            self._judged(right=outcome.verdict == "pass")
        elif outcome.verdict == _LEARNERS_TO_MEND:
            self._show_verdict(outcome)
            self.changed()
        else:
            self._blocked(outcome)

    def _blocked(self, outcome: "Result | Failure") -> None:
        from studykit.tui.runs import Failure

        self.attempt = replace(self.attempt, blocked=True)
        if isinstance(outcome, Failure):
            self.view.verdict.say(outcome.detail)
        else:
            self._show_verdict(outcome)
        self.changed()

    def _show_verdict(self, outcome: "Result") -> None:
        self.view.verdict.show(outcome)
        self.view.call_after_refresh(self.view.bring_verdict_into_sight)

    def _fetch_solution(self, done: Callable[[str], None]) -> None:
        card = faces.as_run_it(self.card)
        if self.busy or card is None:
            self.say("Still running: escape cancels it.")
        elif self._solution is not None:
            done(self._solution)
        else:
            seed = self.attempt.seed

            def arrived(outcome: "str | Result | Failure") -> None:
                if isinstance(outcome, str):
                    self._solution = outcome
                    self.view.verdict.hide()
                    done(outcome)
                else:
                    self._blocked(outcome)

            self.errands.start(
                lambda: self.runs().solution(self.card_id, card, seed), arrived, self._spin("looking it up")
            )
            self.changed()

    def _solution_arrived(self, solution: str) -> None:
        self.attempt = replace(self.attempt, solution_seen=True)
        self.view.show_solution(solution)
        self.changed()
        self.view.call_after_refresh(self.view.bring_answer_into_sight)

    def _given_up(self, _solution: str) -> None:
        self.attempt = replace(self.attempt, gave_up=True)
        self.view.judge_options()
        self.show_answer()

    def _spin(self, what: str) -> Callable[[int, float], None]:
        return lambda tick, seconds: self.view.verdict.spin(tick, seconds, what)
