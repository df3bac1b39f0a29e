"""Keys, grades and how long until a card comes again."""

import pytest

from studykit.scheduling.sm2 import Grade
from studykit.tui.grades import duration_text, grade_keys, interval_text, name_of, offered, outcome_text


def test_four_keys_give_again_hard_good_easy() -> None:
    keys = [(key.key, int(key.grade), key.name) for key in grade_keys("four")]
    assert keys == [("1", 1, "Again"), ("2", 3, "Hard"), ("3", 4, "Good"), ("4", 5, "Easy")]


def test_six_keys_give_their_own_number() -> None:
    assert [(key.key, int(key.grade)) for key in grade_keys("six")] == [(str(n), n) for n in range(6)]


@pytest.mark.parametrize(
    ("grade", "four", "six"), [(0, 1, 0), (1, 1, 1), (2, 1, 2), (3, 3, 3), (4, 4, 4), (5, 5, 5)]
)
def test_a_proposal_becomes_a_key_that_exists(grade: int, four: int, six: int) -> None:
    assert offered(Grade(grade), "four") == four
    assert offered(Grade(grade), "six") == six


def test_names_follow_the_setting() -> None:
    assert name_of(Grade.BLACKOUT, "four") == "Again"
    assert name_of(Grade.BLACKOUT, "six") == "Blackout"


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "today"),
        (1, "1 d"),
        (6, "6 d"),
        (30, "30 d"),
        (31, "1.0 mo"),
        (36, "1.2 mo"),
        (364, "12.0 mo"),
        (400, "1.1 y"),
    ],
)
def test_intervals_read_as_people_say_them(days: int, text: str) -> None:
    assert interval_text(days) == text


def test_a_grade_below_good_says_that_the_card_comes_back_today() -> None:
    assert outcome_text(Grade.HARD, 6, drill=False) == "↻ 6 d"
    assert outcome_text(Grade.HARD, 6, drill=True) == "↻ today"
    assert outcome_text(Grade.GOOD, 6, drill=False) == "6 d"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59, "59 s"), (90, "2 min"), (3600, "1 h 0 min"), (4800, "1 h 20 min")]
)
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text
