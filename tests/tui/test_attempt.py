"""What happened while answering becomes evidence."""

from datetime import UTC, datetime, timedelta

from studykit.scheduling.sm2 import Grade
from studykit.tui.attempt import Attempt

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = BEGAN + timedelta(seconds=80)


def attempt(**changes: bool) -> Attempt:
    return Attempt(kind="compute", seed=7, began=BEGAN, **changes)


def test_tries_are_counted_and_the_last_one_decides() -> None:
    evidence = attempt().tried(right=False).tried(right=True).evidence(LATER)
    assert (evidence.attempts, evidence.passed, evidence.seconds) == (2, True, 80.0)


def test_a_right_answer_after_giving_up_is_no_giving_up() -> None:
    assert attempt(gave_up=True).tried(right=True).gave_up is False


def test_a_try_ends_a_block() -> None:
    assert attempt(blocked=True).tried(right=False).blocked is False


def test_the_proposal_is_one_of_the_keys() -> None:
    given_up = attempt(gave_up=True)
    assert given_up.with_proposal(LATER, "four").proposal.grade == Grade.WRONG
    assert given_up.with_proposal(LATER, "six").proposal.grade == Grade.BLACKOUT


def test_nothing_is_proposed_when_nothing_could_be_run() -> None:
    proposal = attempt(blocked=True, gave_up=True).with_proposal(LATER, "four").proposal
    assert proposal.grade is None
    assert "says nothing about you" in proposal.reason


def test_quick_against_the_learners_own_time() -> None:
    passed = attempt().tried(right=True)
    assert passed.with_proposal(LATER, "four", usual_seconds=200.0).proposal.grade == Grade.EASY
    assert passed.with_proposal(LATER, "four", usual_seconds=100.0).proposal.grade == Grade.GOOD


def test_the_log_holds_plain_data() -> None:
    assert attempt(hint_used=True).tried(right=True).as_log(LATER) == {
        "attempts": 1,
        "passed": True,
        "hint_used": True,
        "solution_seen": False,
        "gave_up": False,
        "seconds": 80.0,
    }
