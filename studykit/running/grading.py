"""From what happened to a grade, with its reason.

| what happened | grade |
|---|---|
| right the first time, and quickly | 5 |
| right the first time | 4 |
| right after retries, or with the hint | 3 |
| right after seeing the solution; wrong, where there is no second try | 1 |
| gave up | 0 |
| nothing could be run | none: that says nothing about the learner |

Quickly is less than 0.6 of the usual time. The usual time is the median of the card's own passes once there
are three; until then it is a guess by kind (`EXPECTED_SECONDS`), generous for reading and thinking.
"""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from studykit.running.answers import judge_choice, judge_typed
from studykit.scheduling.sm2 import Grade

__all__ = ["EXPECTED_SECONDS", "Evidence", "judge_choice", "judge_typed", "propose", "usual_seconds"]

EXPECTED_SECONDS = {
    "choice": 15.0,
    "typed": 20.0,
    "predict": 60.0,
    "compute": 90.0,
    "repair": 180.0,
    "implement": 300.0,
}
QUICK = 0.6
LEAST_HISTORY = 3


@dataclass(frozen=True, slots=True)
class Evidence:
    """What happened while one card was answered."""

    attempts: int
    """Answers that were judged right or wrong; errors, time limits and the like are none."""
    passed: bool
    hint_used: bool = False
    solution_seen: bool = False
    gave_up: bool = False
    seconds: float = 0.0
    usual_seconds: float | None = None
    """How long the card usually takes this learner: see `usual_seconds`."""
    kind: str = ""
    """The card's kind, for a guess where there is no history; unknown: no answer is quick."""
    blocked: bool = False
    """The last run ended for a reason that says nothing about the learner."""


def usual_seconds(passes: Sequence[float]) -> float | None:
    """Return how long a card usually takes, from the seconds of earlier passes; None if there are too few."""
    return statistics.median(passes) if len(passes) >= LEAST_HISTORY else None


def propose(evidence: Evidence) -> tuple[Grade | None, str]:
    """Return the grade that the evidence speaks for, None if it speaks for none, and the reason."""
    if evidence.passed:
        return _passed(evidence)
    if evidence.blocked:
        return None, "Nothing could be run, which says nothing about you; no grade is proposed."
    if evidence.gave_up:
        return Grade.BLACKOUT, "You gave up on this one."
    if evidence.solution_seen:
        return Grade.WRONG, "You looked at the solution and have not solved it since."
    if evidence.attempts:
        return Grade.WRONG, "Your answer was wrong."
    return None, "Nothing was answered yet; no grade is proposed."


def _passed(evidence: Evidence) -> tuple[Grade, str]:
    if evidence.solution_seen:
        return Grade.WRONG, "Right, after seeing the solution."
    if evidence.hint_used:
        return Grade.HARD, "Right, with the hint."
    if evidence.attempts > 1:
        return Grade.HARD, f"Right at attempt {evidence.attempts}."
    usual, whose = _usual(evidence)
    if usual is None or evidence.seconds >= QUICK * usual:
        return Grade.GOOD, "Right the first time."
    took = f"{evidence.seconds:.0f} s instead of the {usual:.0f} s {whose}"
    return Grade.EASY, f"Right the first time, and quickly: {took}."


def _usual(evidence: Evidence) -> tuple[float | None, str]:
    if evidence.usual_seconds is not None:
        return evidence.usual_seconds, "it usually takes you"
    return EXPECTED_SECONDS.get(evidence.kind), "that such a card may take"
