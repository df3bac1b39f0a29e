"""A quiz: one paper, its result, and once more what was wrong; from the list of decks, or as a program."""

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from studykit.errors import StudykitError
from studykit.quiz import DEFAULT_COUNT
from studykit.quiz.drawing import Pool, pool
from studykit.quiz.paper import Terms
from studykit.quiz.report import left_out_lines
from studykit.tui.app import StudyApp, _now
from studykit.tui.exam import Exam
from studykit.tui.screens.quiz import QuizScreen
from studykit.tui.screens.quiz_result import QuizResultScreen
from studykit.tui.sitting import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from studykit.quiz.score import Outcome
    from studykit.study import Study


class Rounds:
    """One paper after the other, shown by `show`; writes nothing to schedule or log."""

    def __init__(self, desk: StudyApp, show: "Callable[[Screen[Any]], None]") -> None:
        self._desk = desk
        self._show = show
        self.outcome: Outcome | None = None
        """The result of the first round; None if the quiz was left before."""

    def question(self, exam: Exam) -> Screen[Any]:
        """Return the first question."""
        return QuizScreen(self._desk, exam, self._marked)

    def _marked(self, exam: Exam, outcome: "Outcome") -> None:
        if self.outcome is None:
            self.outcome = outcome
        again: Callable[[], None] | None = None
        if outcome.missed:
            missed = frozenset(one.put.question.card for one in outcome.missed)
            again = lambda: self._show(self.question(exam.again(missed)))  # noqa: E731 - said once
        self._show(QuizResultScreen(self._desk, outcome, again))


def drawn(study: "Study", decks: "Sequence[str]", seed: int) -> Exam:
    """Return a paper as `studykit quiz` draws it, without a time limit. Raises StudykitError for none."""
    terms = Terms(seed, DEFAULT_COUNT, tuple(decks), ())
    found = pool(study, terms.decks)
    if not found.candidates:
        why = "".join(f"\n\nLeft out: {line}" for line in left_out_lines(found.left_out))
        raise StudykitError(f"There is no card to ask.{why}")
    return Exam.of(found, terms, None)


class QuizApp(StudyApp):
    """The program as `studykit quiz` opens it; it ends with the quiz."""

    def __init__(
        self,
        study: "Study",
        found: Pool,
        terms: Terms,
        *,
        minutes: float | None = None,
        cram: bool = False,
        at: Clock = _now,
    ) -> None:
        super().__init__(study, at=at)
        self._exam = Exam.of(found, terms, minutes)
        self._rounds = Rounds(self, self._show)
        self.cram = cram

    @property
    def outcome(self) -> "Outcome | None":
        """The result of the first round; None if the quiz was left before."""
        return self._rounds.outcome

    def get_default_screen(self) -> Screen[Any]:
        """Return the first question."""
        return self._rounds.question(self._exam)

    def leave_quiz(self) -> None:
        """End with the quiz."""
        self.exit()
