"""FSRS: the package itself, used directly, is the oracle; where it begins, the published formulas are."""

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import fsrs
import pytest
from fsrs.scheduler import DEFAULT_PARAMETERS
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studykit.scheduling import sm2
from studykit.scheduling.fsrs import review
from studykit.scheduling.sm2 import Grade, Memory

TODAY = date(2026, 3, 1)

law = settings(deadline=None)
grades = st.sampled_from(Grade)
memories = st.builds(
    Memory,
    due=st.dates(date(2000, 1, 1), date(2100, 1, 1)),
    interval=st.integers(1, 36_500),
    repetitions=st.integers(0, 30),
    ease=st.integers(130, 400),
    stability=st.floats(0.001, 36_500),
    difficulty=st.floats(1, 10),
)

RATINGS = [fsrs.Rating(rating) for rating in (1, 1, 1, 2, 3, 4)]
"""What the grades 0 to 5 are to FSRS: Again, Again, Again, Hard, Good, Easy."""


def used_directly(history: list[tuple[Grade, int]]) -> list[tuple[int, float, float]]:
    """Answer a card with the package alone, each grade so many days after the one before."""
    scheduler = fsrs.Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    card, at, found = fsrs.Card(card_id=1), datetime(2026, 3, 1, 12, tzinfo=UTC), []
    for grade, days in history:
        at += timedelta(days=days)
        card, _ = scheduler.review_card(card, RATINGS[grade], at)
        assert card.stability is not None
        assert card.difficulty is not None
        found.append(((card.due - at).days, card.stability, card.difficulty))
    return found


@pytest.mark.parametrize(
    ("grade", "interval", "stability", "difficulty"),
    [
        (Grade.BLACKOUT, 1, 0.212, 6.4133),
        (Grade.WRONG, 1, 0.212, 6.4133),
        (Grade.NEARLY, 1, 0.212, 6.4133),
        (Grade.HARD, 1, 1.2931, 6.4133 - math.exp(0.8334) + 1),
        (Grade.GOOD, 2, 2.3065, 6.4133 - math.exp(0.8334 * 2) + 1),
        (Grade.EASY, 8, 8.2956, 1.0),
    ],
)
def test_the_first_answer_follows_the_published_formulas(
    grade: Grade, interval: int, stability: float, difficulty: float
) -> None:
    memory = review(None, grade, TODAY)
    assert memory.interval == interval
    assert memory.due == TODAY + timedelta(days=interval)
    assert memory.stability == pytest.approx(stability, abs=1e-12)
    assert memory.difficulty == pytest.approx(difficulty, abs=1e-9)


def test_a_review_in_time_follows_the_published_formulas() -> None:
    memory = Memory(due=TODAY, interval=10, repetitions=2, stability=10.0, difficulty=5.0)
    after = review(memory, Grade.GOOD, TODAY)
    decay = -0.1542
    recall = (1 + (0.9 ** (1 / decay) - 1) * 10 / 10) ** decay
    grown = 10 * (1 + math.exp(1.8722) * (11 - 5) * 10**-0.1666 * (math.exp((1 - recall) * 0.796) - 1))
    easiest = 6.4133 - math.exp(0.8334 * 3) + 1
    assert recall == pytest.approx(0.9)
    assert after.stability == pytest.approx(grown)
    assert after.interval == round(grown) == 32
    assert after.difficulty == pytest.approx(0.001 * easiest + 0.999 * 5)


def test_a_lapse_follows_the_published_formulas() -> None:
    memory = Memory(due=TODAY, interval=10, repetitions=2, stability=10.0, difficulty=5.0)
    after = review(memory, Grade.WRONG, TODAY)
    left = 1.4835 * 5**-0.0614 * (11**0.2629 - 1) * math.exp(0.1 * 1.6483)
    easiest = 6.4133 - math.exp(0.8334 * 3) + 1
    harder = 5 + (10 - 5) / 9 * 3.0194 * 2
    assert after.stability == pytest.approx(left)
    assert after.interval == round(left) == 1
    assert after.difficulty == pytest.approx(0.001 * easiest + 0.999 * harder)


def test_known_sequences_stay_as_they_are() -> None:
    memory, intervals = None, []
    for grade in (4, 4, 4, 2, 4, 5, 3):
        memory = review(memory, Grade(grade), memory.due if memory else TODAY)
        intervals.append(memory.interval)
    assert intervals == [2, 11, 46, 3, 8, 28, 52]


def test_the_parameters_are_the_packages_own() -> None:
    assert tuple(DEFAULT_PARAMETERS) == (
        *(0.212, 1.2931, 2.3065, 8.2956, 6.4133, 0.8334, 3.0194),
        *(0.001, 1.8722, 0.1666, 0.796, 1.4835, 0.0614, 0.2629),
        *(1.6483, 0.6014, 1.8729, 0.5425, 0.0912, 0.0658, 0.1542),
    )


@law
@given(st.lists(st.tuples(grades, st.integers(0, 400)), min_size=1, max_size=12))
def test_every_history_is_what_the_package_says(history: list[tuple[Grade, int]]) -> None:
    memory, today, found = None, TODAY, []
    for grade, days in history:
        today += timedelta(days=days)
        memory = review(memory, grade, today)
        found.append((memory.interval, memory.stability, memory.difficulty))
        assert memory.due == today + timedelta(days=memory.interval)
    assert found == used_directly(history)


def test_being_late_and_knowing_it_still_counts_for_more() -> None:
    memory = review(review(None, Grade.GOOD, TODAY), Grade.GOOD, date(2026, 3, 3))
    in_time = review(memory, Grade.GOOD, memory.due)
    late = review(memory, Grade.GOOD, memory.due + timedelta(days=30))
    assert in_time.interval == 46
    assert late.interval > 46


def test_a_second_review_on_the_same_day_changes_little() -> None:
    memory = Memory(due=TODAY + timedelta(days=10), interval=10, stability=10.0, difficulty=5.0)
    again = review(memory, Grade.GOOD, TODAY)
    assert again.stability == pytest.approx(
        10 * max(1.0, math.exp(0.5425 * (3 - 3 + 0.0912)) * 10**-0.0658), abs=1e-9
    )


def test_a_clock_put_back_makes_it_a_review_on_the_same_day() -> None:
    memory = Memory(due=TODAY + timedelta(days=10), interval=10, stability=10.0, difficulty=5.0)
    earlier = TODAY - timedelta(days=90)
    for grade in Grade:
        back, same = review(memory, grade, earlier), review(memory, grade, TODAY)
        assert (back.interval, back.stability) == (same.interval, same.stability)
        assert back.due > earlier


def test_repetitions_are_counted_and_the_ease_is_left_alone() -> None:
    memory, counts = Memory(due=TODAY, ease=222), []
    for grade in (4, 3, 5, 2, 0, 4, 4):
        memory = review(memory, Grade(grade), memory.due)
        counts.append(memory.repetitions)
        assert memory.ease == 222
    assert counts == [1, 2, 3, 0, 0, 1, 2]


def test_a_card_that_comes_from_sm2_keeps_what_it_has() -> None:
    memory = Memory(due=TODAY, interval=100, repetitions=5, ease=250)
    good = review(memory, Grade.GOOD, TODAY)
    assert good.interval == 250  # as SM-2 would have it
    assert review(memory, Grade.HARD, TODAY).interval < 250 < review(memory, Grade.EASY, TODAY).interval
    hard_card = Memory(due=TODAY, interval=100, repetitions=5, ease=130)
    assert review(hard_card, Grade.GOOD, TODAY).interval < 250


def test_a_learner_can_go_back_to_sm2_and_return() -> None:
    memory = None
    for _ in range(3):
        memory = review(memory, Grade.GOOD, memory.due if memory else TODAY)
    assert memory is not None
    assert (memory.interval, memory.repetitions, memory.ease) == (46, 3, 250)
    back = sm2.review(memory, Grade.GOOD, memory.due)
    assert (back.interval, back.repetitions, back.ease) == (115, 4, 250)
    assert review(back, Grade.GOOD, back.due).interval > 115


def test_an_interval_ends_at_a_century() -> None:
    memory = Memory(due=TODAY, interval=36_500, repetitions=9, stability=90_000.0, difficulty=1.0)
    assert review(memory, Grade.EASY, TODAY).interval == 36_500


def test_the_calendar_ends_without_a_crash() -> None:
    memory = Memory(due=date.min, interval=1, stability=5.0, difficulty=5.0)
    for grade in Grade:
        assert review(memory, grade, date.max).due == date.max
        assert review(None, grade, date.min).due > date.min
    memory = Memory(due=date.max, interval=1, stability=5.0, difficulty=5.0)
    assert review(memory, Grade.GOOD, date.min).due > date.min


@law
@given(memories, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_better_grade_never_means_an_earlier_day(memory: Memory, today: date) -> None:
    for worse, better in pairwise(review(memory, grade, today) for grade in Grade):
        assert worse.due <= better.due
        assert worse.interval >= 1
        assert worse.due > today


@law
@given(memories, grades, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_passed_card_stays_away_no_shorter_than_it_is_remembered(
    memory: Memory, grade: Grade, today: date
) -> None:
    assume(grade >= Grade.HARD)
    after = review(memory, grade, today)
    assert after.stability is not None
    assert memory.stability is not None
    assert after.stability >= memory.stability
    assert after.interval <= 36_500


@law
@given(st.one_of(st.none(), memories), grades, st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_the_same_answer_always_gives_the_same_memory(
    memory: Memory | None, grade: Grade, today: date
) -> None:
    assert review(memory, grade, today) == review(memory, grade, today)
