"""The learner's record, from a log that is written out."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studykit.scheduling.sm2 import Grade
from studykit.statistics import Retention, statistics
from studykit.store.store import Store

KINDS = {"t/d/a": "basic", "t/d/b": "choice"}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(f"sqlite:///{tmp_path / 's.db'}")


def answer(store: Store, card: str, grade: int, day: date, milliseconds: int | None = None) -> None:
    at = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    store.answer(card, Grade(grade), day=day, at=at, duration_ms=milliseconds)


def test_a_log_is_summed_up(store: Store) -> None:
    answer(store, "t/d/a", 4, date(2026, 3, 1), 2_000)
    answer(store, "t/d/b", 5, date(2026, 3, 1), 500)
    answer(store, "t/d/a", 4, date(2026, 3, 2))
    answer(store, "t/d/a", 4, date(2026, 3, 8))
    answer(store, "t/d/a", 4, date(2026, 3, 23))
    answer(store, "t/d/a", 1, date(2026, 4, 30))
    answer(store, "t/d/a", 4, date(2026, 4, 30))
    found = statistics(store.log(), store.records(), KINDS, date(2026, 5, 1))
    assert found.answers == 7
    assert found.seconds == 2.5
    assert found.days[date(2026, 3, 1)] == 2
    assert found.days[date(2026, 4, 30)] == 2
    assert found.streak == 1
    assert found.retention == {"all": Retention(4, 3), "young": Retention(3, 3), "mature": Retention(1, 0)}
    assert found.retention["all"].share == 0.75
    assert found.grades == {"basic": {1: 1, 4: 5}, "choice": {5: 1}}
    assert found.hardest == [("t/d/a", 1)]


def test_what_was_taken_back_does_not_count(store: Store) -> None:
    answer(store, "t/d/a", 4, date(2026, 3, 1))
    store.undo(day=date(2026, 3, 1), at=datetime(2026, 3, 1, tzinfo=UTC))
    assert statistics(store.log(), store.records(), KINDS, date(2026, 3, 1)).answers == 0


def test_an_empty_log_has_no_retention(store: Store) -> None:
    found = statistics(store.log(), store.records(), KINDS, date(2026, 3, 1))
    assert (found.answers, found.streak, found.retention["all"].share) == (0, 0, None)


@pytest.mark.parametrize(("today", "streak"), [(4, 3), (3, 3), (5, 0)])
def test_a_streak_lasts_until_a_whole_day_is_missed(store: Store, today: int, streak: int) -> None:
    for day in (1, 2, 3):
        answer(store, "t/d/a", 4, date(2026, 3, day))
    assert statistics(store.log(), store.records(), KINDS, date(2026, 3, today)).streak == streak
