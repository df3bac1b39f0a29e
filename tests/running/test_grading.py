"""The grade that the evidence speaks for, and the sentence that says why."""

import pytest

from studykit.running.grading import Evidence, propose, usual_seconds

QUICKLY = "Right the first time, and quickly: 50 s instead of the 100 s it usually takes you."
NONE = "Nothing could be run, which says nothing about you; no grade is proposed."


@pytest.mark.parametrize(
    ("evidence", "grade", "reason"),
    [
        (Evidence(1, True, seconds=50, usual_seconds=100), 5, QUICKLY),
        (Evidence(1, True, seconds=59.9, usual_seconds=100), 5, "and quickly"),
        (Evidence(1, True, seconds=60, usual_seconds=100), 4, "Right the first time."),
        (Evidence(1, True, seconds=900, usual_seconds=100), 4, "Right the first time."),
        (Evidence(1, True, seconds=1), 4, "Right the first time."),
        (Evidence(1, True, seconds=5, kind="choice"), 5, "the 15 s that such a card may take."),
        (Evidence(1, True, seconds=9, kind="choice"), 4, "Right the first time."),
        (Evidence(1, True, seconds=170, kind="implement"), 5, "170 s instead of the 300 s"),
        (Evidence(1, True, seconds=170, kind="implement", usual_seconds=200), 4, "Right the first time."),
        (Evidence(3, True, seconds=1, kind="predict"), 3, "Right at attempt 3."),
        (Evidence(1, True, hint_used=True, seconds=1, kind="predict"), 3, "Right, with the hint."),
        (Evidence(1, True, hint_used=True, solution_seen=True), 1, "Right, after seeing the solution."),
        (Evidence(4, True, solution_seen=True), 1, "Right, after seeing the solution."),
        (Evidence(0, False, gave_up=True), 0, "You gave up on this one."),
        (Evidence(5, False, gave_up=True, solution_seen=True), 0, "You gave up on this one."),
        (Evidence(1, False), 1, "Your answer was wrong."),
        (Evidence(2, False, solution_seen=True), 1, "You looked at the solution and have not"),
        (Evidence(0, False), None, "Nothing was answered yet; no grade is proposed."),
        (Evidence(0, False, blocked=True), None, NONE),
        (Evidence(0, False, blocked=True, gave_up=True), None, NONE),
        (Evidence(2, True, blocked=True), 3, "Right at attempt 2."),
    ],
)  # fmt: skip
def test_grade_and_reason(evidence: Evidence, grade: int | None, reason: str) -> None:
    proposed, why = propose(evidence)
    assert proposed == grade
    assert reason in why


@pytest.mark.parametrize(
    ("passes", "usual"), [([], None), ([10, 20], None), ([10, 20, 90], 20), ([10, 20, 30, 90], 25)]
)
def test_three_passes_make_a_habit(passes: list[float], usual: float | None) -> None:
    assert usual_seconds(passes) == usual
