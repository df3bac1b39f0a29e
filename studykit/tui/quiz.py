"""The program as `studykit quiz` opens it: one paper, its result, and a walk through what was wrong."""

from typing import TYPE_CHECKING, Any

from textual.screen import Screen

from studykit.tui.app import StudyApp, _now
from studykit.tui.exam import Exam
from studykit.tui.sitting import Clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from studykit.quiz.drawing import Pool
    from studykit.quiz.paper import Terms
    from studykit.quiz.score import Outcome
    from studykit.study import Study


class QuizApp(StudyApp):
    """Asks, marks, shows the result; writes nothing to schedule or log."""

    def __init__(
        self,
        study: "Study",
        found: "Pool",
        terms: "Terms",
        *,
        minutes: float | None = None,
        cram: bool = False,
        at: Clock = _now,
    ) -> None:
        super().__init__(study, at=at)
        self._exam = Exam.of(found, terms, minutes)
        self.cram = cram
        self.outcome: Outcome | None = None
        """The result of the first round; None if the quiz was left before."""

    def get_default_screen(self) -> Screen[Any]:
        """Return the first question."""
        return self._question(self._exam)

    def _question(self, exam: Exam) -> Screen[Any]:
        from studykit.tui.screens.quiz import QuizScreen

        return QuizScreen(self, exam, self._marked)

    def _marked(self, exam: Exam, outcome: "Outcome") -> None:
        from studykit.tui.screens.quiz_result import QuizResultScreen

        if self.outcome is None:
            self.outcome = outcome
        again: Callable[[], None] | None = None
        if outcome.missed:
            missed = frozenset(one.put.question.card for one in outcome.missed)
            again = lambda: self._show(self._question(exam.again(missed)))  # noqa: E731 - said once
        self._show(QuizResultScreen(self, outcome, again))
