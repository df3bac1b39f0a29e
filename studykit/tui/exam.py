"""A quiz being sat: which question is on screen, what was answered, how much time is left. No widgets."""

import math
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from studykit.quiz.drawing import Pool, questions
from studykit.quiz.paper import LeftOut, Question, Terms
from studykit.running.verdicts import Result, Verdict
from studykit.tui.runs import Failure

if TYPE_CHECKING:
    from studykit.library.cards import RunIt
    from studykit.quiz.marking import Answer
    from studykit.running.exercises import Posed
    from studykit.tui.runs import Runs


@dataclass(slots=True)
class Exam:
    """One paper in front of a learner."""

    terms: Terms
    questions: tuple[Question, ...]
    left_out: tuple[LeftOut, ...] = ()
    minutes: float | None = None
    began: datetime | None = None
    at: int = 0
    """The question on screen, counted from 0."""

    answers: "dict[str, Answer]" = field(default_factory=dict)
    posed: "dict[str, Posed]" = field(default_factory=dict)

    @classmethod
    def of(cls, found: Pool, terms: Terms, minutes: float | None) -> "Exam":
        """Draw a paper."""
        return cls(terms, questions(found, terms), found.left_out, minutes)

    def again(self, cards: "frozenset[str]") -> "Exam":
        """Return a paper of some of these questions with other numbers, and all the time in the world."""
        terms = replace(self.terms, seed=self.terms.seed + 1, count=len(cards))
        kept = [one for one in self.questions if one.card in cards]
        renewed = (replace(one, number=i, seed=one.seed + 1) for i, one in enumerate(kept, 1))
        return Exam(terms, tuple(renewed))

    @property
    def current(self) -> Question:
        """The question on screen."""
        return self.questions[self.at]

    @property
    def open(self) -> int:
        """How many questions have no answer yet."""
        return sum(one.card not in self.answers for one in self.questions)

    def give(self, answer: "Answer | None") -> None:
        """Keep an answer to the question on screen; None takes it away."""
        if answer is None:
            self.answers.pop(self.current.card, None)
        else:
            self.answers[self.current.card] = answer

    def move(self, step: int) -> bool:
        """Go to another question; tell whether there is one."""
        if not 0 <= self.at + step < len(self.questions):
            return False
        self.at += step
        return True

    def seconds_left(self, now: datetime) -> float | None:
        """Return how much time is left; None without a limit."""
        if self.minutes is None or self.began is None:
            return None
        return (self.began + timedelta(minutes=self.minutes) - now).total_seconds()


def clock_text(seconds: float) -> str:
    """Return the time left as people read it: `12:05 left`, `1:02:05 left`."""
    whole = max(0, math.ceil(seconds))
    hours, minutes = divmod(whole // 60, 60)
    head = f"{hours}:{minutes:02d}" if hours else f"{minutes}"
    return f"{head}:{whole % 60:02d} left"


@dataclass(frozen=True, slots=True)
class DeskBench:
    """Runs the code of a quiz where the review runs its own."""

    runs: "Runs"

    def pose(self, card_id: str, seed: int) -> "Posed | Result":
        """Draw the numbers of a card."""
        outcome = self.runs.pose(card_id, seed)
        return _as_result(outcome) if isinstance(outcome, Failure) else outcome

    def judge(self, card_id: str, answer: str | None, seed: int) -> Result:
        """Run an answer against the reference, or with None the reference itself."""
        outcome = self.runs.judge(card_id, answer, seed)
        return _as_result(outcome) if isinstance(outcome, Failure) else outcome

    def solution(self, card_id: str, card: "RunIt") -> str:
        """Return the reference function, of a card that asks for one."""
        if card.kind not in ("implement", "repair"):
            return ""
        outcome = self.runs.solution(card_id, card, 0)
        return outcome if isinstance(outcome, str) else ""


def _as_result(failure: Failure) -> Result:
    return Result(Verdict.UNAVAILABLE, detail=failure.detail)
