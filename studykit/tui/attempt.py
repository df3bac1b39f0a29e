"""What happens between seeing a card and grading it, as values."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from studykit.scheduling.sm2 import Grade
from studykit.tui.grades import Scheme, offered

if TYPE_CHECKING:
    from studykit.running.grading import Evidence


@dataclass(frozen=True, slots=True)
class Proposal:
    """The grade the evidence speaks for, if it speaks for any, and why."""

    grade: Grade | None
    reason: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One card in front of the learner."""

    kind: str
    seed: int
    began: datetime
    tries: int = 0
    passed: bool = False
    hint_used: bool = False
    solution_seen: bool = False
    gave_up: bool = False
    shown: bool = False
    """The answer is on screen: the card can be graded."""
    blocked: bool = False
    """The last run ended for a reason that says nothing about the learner."""
    proposal: Proposal | None = None

    def tried(self, *, right: bool) -> "Attempt":
        """Return the attempt after an answer was judged."""
        return replace(
            self, tries=self.tries + 1, passed=right, blocked=False, gave_up=self.gave_up and not right
        )

    def seconds(self, now: datetime) -> float:
        """Return how long the card has been on screen; never negative, whatever the clock did."""
        return max(0.0, (now - self.began).total_seconds())

    def evidence(self, now: datetime, usual_seconds: float | None = None) -> "Evidence":
        """Return what happened, for the grade it proposes and for the log."""
        from studykit.running.grading import Evidence

        return Evidence(
            attempts=self.tries,
            passed=self.passed,
            hint_used=self.hint_used,
            solution_seen=self.solution_seen,
            gave_up=self.gave_up,
            seconds=self.seconds(now),
            usual_seconds=usual_seconds,
            kind=self.kind,
            blocked=self.blocked,
        )

    def with_proposal(self, now: datetime, scheme: Scheme, usual_seconds: float | None = None) -> "Attempt":
        """Return the attempt with the grade that the evidence proposes, as `scheme` offers it."""
        from studykit.running.grading import propose

        grade, reason = propose(self.evidence(now, usual_seconds))
        return replace(self, proposal=Proposal(None if grade is None else offered(grade, scheme), reason))

    def as_log(self, now: datetime) -> dict[str, object]:
        """Return the evidence as plain data for the review log."""
        return {
            "attempts": self.tries,
            "passed": self.passed,
            "hint_used": self.hint_used,
            "solution_seen": self.solution_seen,
            "gave_up": self.gave_up,
            "seconds": round(self.seconds(now), 1),
        }
