"""The learner's record, from a log that is written out."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from studykit.scheduling.sm2 import Grade
from studykit.statistics import Hard, Retention, as_json, statistics, streak
from studykit.store.records import Brief
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
    found = statistics(store.briefs(), store.records(), KINDS, date(2026, 5, 1))
    assert found.answers == 7
    assert found.seconds == 2.5
    assert found.days[date(2026, 3, 1)] == 2
    assert found.days[date(2026, 4, 30)] == 2
    assert found.streak == 1
    assert found.retention == {"all": Retention(4, 3), "young": Retention(3, 3), "mature": Retention(1, 0)}
    assert found.retention["all"].share == 0.75
    assert found.grades == {"basic": {1: 1, 4: 5}, "choice": {5: 1}}
    assert found.hardest == [Hard("t/d/a", lapses=1, reviews=4, ease=2.5, leech=False)]
    assert found.time == {date(2026, 3, 1): 2.5}
    assert found.time_by_kind == {"basic": 2.0, "choice": 0.5}
    assert (found.streak, found.longest_streak) == (1, 2)
    assert found.cards == {"new": 0, "young": 2, "mature": 0, "suspended": 0}


def test_what_was_taken_back_does_not_count(store: Store) -> None:
    answer(store, "t/d/a", 4, date(2026, 3, 1))
    store.undo(day=date(2026, 3, 1), at=datetime(2026, 3, 1, tzinfo=UTC))
    assert statistics(store.briefs(), store.records(), KINDS, date(2026, 3, 1)).answers == 0


def test_an_empty_log_has_no_retention(store: Store) -> None:
    found = statistics(store.briefs(), store.records(), KINDS, date(2026, 3, 1))
    assert (found.answers, found.streak, found.retention["all"].share) == (0, 0, None)


@pytest.mark.parametrize(("today", "length"), [(4, 3), (3, 3), (5, 0)])
def test_a_streak_lasts_until_a_whole_day_is_missed(store: Store, today: int, length: int) -> None:
    for day in (1, 2, 3):
        answer(store, "t/d/a", 4, date(2026, 3, day))
    found = statistics(store.briefs(), store.records(), KINDS, date(2026, 3, today))
    assert (found.streak, found.longest_streak) == (length, 3)
    assert streak(store.studied_on, date(2026, 3, today)) == length


def test_a_day_whose_answers_were_taken_back_breaks_the_chain(store: Store) -> None:
    answer(store, "t/d/a", 4, date(2026, 3, 1))
    answer(store, "t/d/b", 4, date(2026, 3, 2))
    assert streak(store.studied_on, date(2026, 3, 2)) == 2
    store.undo(day=date(2026, 3, 2), at=datetime(2026, 3, 2, tzinfo=UTC))
    assert streak(store.studied_on, date(2026, 3, 3)) == 0


def test_true_retention_counts_what_was_due_as_anki_does(store: Store) -> None:
    """First answers, drill and cramming are left out; 3 is known, 2 is not; 21 days are mature."""
    answer(store, "t/d/a", 2, date(2026, 3, 1))  # new: does not count
    answer(store, "t/d/a", 4, date(2026, 3, 1))  # drill: does not count
    answer(store, "t/d/a", 3, date(2026, 3, 2))  # after 1 day: known
    answer(store, "t/d/a", 5, date(2026, 3, 2))  # drill
    answer(store, "t/d/a", 0, date(2026, 3, 2))  # cram
    answer(store, "t/d/a", 4, date(2026, 3, 3))  # after 1 day, known; comes again after 6
    answer(store, "t/d/a", 4, date(2026, 3, 9))  # after 6 days, known; comes again after 15
    answer(store, "t/d/a", 5, date(2026, 3, 24))  # after 15 days, known; comes again after 40
    answer(store, "t/d/a", 2, date(2026, 5, 3))  # after 40 days, forgotten
    found = statistics(store.briefs(), store.records(), KINDS, date(2026, 5, 3))
    assert found.answers == 9
    reviews = {(first, last): (kept.reviews, kept.passed) for first, last, kept in found.by_interval}
    assert reviews[1, 1][0] + reviews[2, 6][0] + reviews[7, 20][0] == found.retention["young"].reviews
    assert reviews[21, 59] == (1, 0)
    assert reviews[60, 179] == reviews[180, None] == (0, 0)
    assert found.retention["mature"] == Retention(1, 0)
    assert found.retention["all"].reviews == found.retention["young"].reviews + 1


@pytest.mark.parametrize(
    ("interval", "place"),
    [(1, 0), (2, 1), (6, 1), (7, 2), (20, 2), (21, 3), (59, 3), (60, 4), (179, 4), (180, 5), (36_500, 5)],
)
def test_every_interval_has_its_place(interval: int, place: int) -> None:
    row = Brief("t/d/a", date(2026, 3, 1), "review", 4, None, interval)
    found = statistics([row], {}, KINDS, date(2026, 3, 1))
    assert [kept.reviews for _, _, kept in found.by_interval] == [int(i == place) for i in range(6)]
    assert found.retention["young"].reviews == int(interval < 21)


def test_periods_end_today_and_yesterday_is_a_day_of_its_own() -> None:
    def review(day: date, grade: int) -> Brief:
        return Brief("t/d/a", day, "review", grade, None, 30)

    rows = [
        review(date(2025, 3, 2), 4),  # 365 days ago: not within the year
        review(date(2025, 3, 3), 4),
        review(date(2026, 1, 31), 4),  # 30 days ago: not within the month
        review(date(2026, 2, 1), 1),
        review(date(2026, 2, 23), 4),  # 7 days ago: not within the week
        review(date(2026, 2, 24), 4),
        review(date(2026, 3, 1), 1),
        review(date(2026, 3, 2), 4),
        review(date(2026, 3, 2), 1),
    ]
    found = statistics(rows, {}, KINDS, date(2026, 3, 2))
    counts = {name: (ages["all"].reviews, ages["all"].passed) for name, ages in found.by_period.items()}
    assert counts == {
        "today": (2, 1),
        "yesterday": (1, 0),
        "week": (4, 2),
        "month": (6, 3),
        "year": (8, 5),
        "all_time": (9, 6),
    }
    assert found.by_period["today"]["young"] == Retention(0, 0)


def test_cards_are_new_young_or_mature_and_suspended_beside_that(store: Store) -> None:
    for day in (1, 2, 8, 25):
        answer(store, "t/d/a", 5, date(2026, 3, day))
    answer(store, "t/d/b", 4, date(2026, 3, 1))
    store.suspend("t/d/b", day=date(2026, 3, 1), at=datetime(2026, 3, 1, tzinfo=UTC))
    kinds = {**KINDS, "t/d/c": "basic"}
    found = statistics(store.briefs(), store.records(), kinds, date(2026, 3, 25), store.marks())
    assert found.cards == {"new": 1, "young": 1, "mature": 1, "suspended": 1}
    found = statistics(store.briefs(), store.records(), kinds, date(2026, 3, 25), store.marks(), ("t/d/b",))
    assert found.cards == {"new": 1, "young": 0, "mature": 1, "suspended": 0}
    assert found.answers == 5


def test_answers_in_brief_follow_a_rename(store: Store) -> None:
    answer(store, "t/d/old", 4, date(2026, 3, 1))
    store.rename({"t/d/old": "t/d/a"}, day=date(2026, 3, 2), at=datetime(2026, 3, 2, tzinfo=UTC))
    assert list(store.briefs()) == [Brief("t/d/a", date(2026, 3, 1), "new", 4, None, 0)]


def test_scripts_get_all_of_it(store: Store) -> None:
    answer(store, "t/d/a", 4, date(2026, 3, 1), 1_500)
    answer(store, "t/d/a", 1, date(2026, 3, 2), 500)
    document = as_json(statistics(store.briefs(), store.records(), KINDS, date(2026, 3, 2)))
    assert document["time"] == {"2026-03-01": 1.5, "2026-03-02": 0.5}
    assert document["retention_by_interval"][0] == {"from": 1, "to": 1, "reviews": 1, "passed": 0}  # type: ignore[index]
    assert document["retention_by_interval"][-1]["to"] is None  # type: ignore[index]
    assert document["retention_by_period"]["today"]["all"] == {"reviews": 1, "passed": 0}  # type: ignore[index]
    assert document["hardest"] == [{"card": "t/d/a", "lapses": 1, "reviews": 1, "ease": 2.5, "leech": False}]
