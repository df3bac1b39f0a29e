"""The scheduler, checked against sequences worked out by hand."""

from datetime import date, timedelta
from fractions import Fraction
from math import ceil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studykit.scheduling.sm2 import Grade, Memory, review

TODAY = date(2026, 3, 1)

law = settings(deadline=None)
grades = st.sampled_from(Grade)
passes = st.sampled_from([Grade.HARD, Grade.GOOD, Grade.EASY])
memories = st.builds(
    Memory,
    due=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    interval=st.integers(1, 20_000),
    repetitions=st.integers(0, 30),
    ease=st.integers(130, 400),
)


def studied(answers: str) -> list[Memory]:
    """Answer a new card when it is due, once for each digit."""
    history: list[Memory] = []
    for digit in answers:
        before = history[-1] if history else None
        history.append(review(before, Grade(int(digit)), before.due if before else TODAY))
    return history


@pytest.mark.parametrize(
    ("answers", "intervals"),
    [
        ("444", [1, 6, 15]),
        ("44334", [1, 6, 15, 34, 76]),
        ("333", [1, 6, 13]),
        ("44444444", [1, 6, 15, 38, 95, 238, 595, 1488]),
        ("4545543", [1, 6, 16, 44, 124, 348, 926]),
        ("55555", [1, 6, 17, 50, 150]),
        ("455555", [1, 6, 17, 48, 140, 420]),
        ("33333333", [1, 6, 13, 26, 47, 79, 121, 167]),
        ("3333333333", [1, 6, 13, 26, 47, 79, 121, 167, 218, 284]),
        ("444044", [1, 6, 15, 1, 1, 6]),
        ("4442444", [1, 6, 15, 1, 1, 6, 15]),
        ("014", [1, 1, 1]),
    ],
)
def test_reviews_space_out(answers: str, intervals: list[int]) -> None:
    assert [memory.interval for memory in studied(answers)] == intervals


def test_the_published_days_of_a_new_card() -> None:
    assert [memory.due for memory in studied("44334")] == [
        date(2026, 3, 2),
        date(2026, 3, 8),
        date(2026, 3, 23),
        date(2026, 4, 26),
        date(2026, 7, 11),
    ]


@pytest.mark.parametrize(
    ("answers", "eases"),
    [
        ("444", [250, 250, 250]),
        ("555", [260, 270, 280]),
        ("333333333", [236, 222, 208, 194, 180, 166, 152, 138, 130]),
        ("3333333335", [236, 222, 208, 194, 180, 166, 152, 138, 130, 140]),
        ("0125", [250, 250, 250, 260]),
    ],
)
def test_ease_follows_the_grade(answers: str, eases: list[int]) -> None:
    assert [memory.ease for memory in studied(answers)] == eases


def test_float_noise_does_not_add_a_day() -> None:
    memory = Memory(due=TODAY, interval=50, repetitions=5, ease=220)
    assert review(memory, Grade.GOOD, TODAY).interval == 110


def test_the_floor_holds_before_the_ease_is_used() -> None:
    memory = Memory(due=TODAY, interval=100, repetitions=5, ease=130)
    assert review(memory, Grade.HARD, TODAY) == Memory(
        due=TODAY + timedelta(days=130), interval=130, repetitions=6, ease=130
    )


def test_the_new_ease_makes_the_interval() -> None:
    memory = Memory(due=TODAY, interval=100, repetitions=2, ease=250)
    assert review(memory, Grade.HARD, TODAY).interval == 236
    assert review(memory, Grade.EASY, TODAY).interval == 260


def test_a_fraction_of_a_day_is_rounded_up() -> None:
    memory = Memory(due=TODAY, interval=13, repetitions=3, ease=208)
    assert review(memory, Grade.GOOD, TODAY).interval == 28  # 27.04


@pytest.mark.parametrize("grade", [Grade.BLACKOUT, Grade.WRONG, Grade.NEARLY])
def test_a_lapse_restarts_but_keeps_the_ease(grade: Grade) -> None:
    memory = Memory(due=TODAY, interval=34, repetitions=4, ease=222)
    lapsed = review(memory, grade, TODAY)
    assert lapsed == Memory(due=date(2026, 3, 2), interval=1, repetitions=0, ease=222)
    again = review(lapsed, Grade.GOOD, lapsed.due)
    assert (again.interval, again.repetitions) == (1, 1)
    assert review(again, Grade.GOOD, again.due).interval == 6


def test_lateness_is_ignored() -> None:
    memory = Memory(due=TODAY, interval=15, repetitions=3, ease=250)
    for late in (-3, 0, 400):
        day = TODAY + timedelta(days=late)
        assert review(memory, Grade.GOOD, day) == Memory(
            due=day + timedelta(days=38), interval=38, repetitions=4, ease=250
        )


def test_an_interval_ends_at_a_century() -> None:
    memory = Memory(due=TODAY, interval=20_000, repetitions=9, ease=250)
    assert review(memory, Grade.GOOD, TODAY).interval == 36_500
    assert review(review(memory, Grade.GOOD, TODAY), Grade.EASY, TODAY).interval == 36_500


def test_a_longer_interval_that_came_from_elsewhere_does_not_shrink() -> None:
    memory = Memory(due=TODAY, interval=40_000, repetitions=9, ease=250)
    assert review(memory, Grade.GOOD, TODAY).interval == 40_000


def test_the_calendar_ends_without_a_crash() -> None:
    memory = Memory(due=date.max, interval=300, repetitions=9, ease=250)
    assert review(memory, Grade.GOOD, date.max).due == date.max
    assert review(None, Grade.BLACKOUT, date.max - timedelta(days=1)).due == date.max


def test_what_fsrs_knew_is_dropped() -> None:
    memory = Memory(due=TODAY, interval=6, repetitions=2, stability=6.2, difficulty=5.0)
    after = review(memory, Grade.GOOD, TODAY)
    assert (after.stability, after.difficulty) == (None, None)


@law
@given(memories, grades, grades, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_better_grade_never_means_an_earlier_day_or_less_ease(
    memory: Memory, one: Grade, other: Grade, today: date
) -> None:
    worse, better = (review(memory, grade, today) for grade in sorted((one, other)))
    assert worse.due <= better.due
    if one >= Grade.HARD and other >= Grade.HARD:
        assert worse.ease <= better.ease


@law
@given(memories, passes)
def test_ease_falls_only_by_a_pass_with_effort(memory: Memory, grade: Grade) -> None:
    after = review(memory, grade, TODAY)
    assert after.ease >= 130
    assert (after.ease < memory.ease) == (grade == Grade.HARD and memory.ease > 130)


@law
@given(memories, passes)
def test_a_passed_card_stays_away_longer_than_before(memory: Memory, grade: Grade) -> None:
    after = review(memory, grade, TODAY)
    if memory.repetitions >= 2:
        assert after.interval > memory.interval or after.interval == 36_500
    assert after.due == TODAY + timedelta(days=after.interval)


@law
@given(st.lists(grades, max_size=12))
def test_every_history_follows_the_published_formulas(history: list[Grade]) -> None:
    ease, interval, repetitions = Fraction("2.5"), 0, 0
    memory = None
    for grade in history:
        q = int(grade)
        memory = review(memory, grade, TODAY)
        if q < 3:
            interval, repetitions = 1, 0
        else:
            change = Fraction("0.1") - (5 - q) * (Fraction("0.08") + (5 - q) * Fraction("0.02"))
            ease = max(Fraction("1.3"), ease + change)
            interval = (1, 6)[repetitions] if repetitions < 2 else ceil(interval * ease)
            repetitions += 1
        assert (memory.interval, memory.repetitions, memory.ease) == (
            min(interval, 36_500),
            repetitions,
            int(ease * 100),
        )
        interval = memory.interval
