"""What the coming days bring."""

from datetime import date, timedelta

from studykit.scheduling.forecast import forecast
from studykit.scheduling.session import Standing
from studykit.scheduling.sm2 import Memory

TODAY = date(2026, 3, 1)


def due_in(days: int, *, suspended: bool = False, buried: int | None = None) -> Standing:
    until = None if buried is None else TODAY + timedelta(days=buried)
    memory = Memory(due=TODAY + timedelta(days=days), interval=5)
    return Standing(memory, suspended=suspended, buried_until=until)


def test_every_day_has_its_reviews_and_today_what_is_overdue() -> None:
    standings = {"a": due_in(-40), "b": due_in(0), "c": due_in(1), "d": due_in(4), "e": due_in(5)}
    assert forecast(standings, TODAY, days=5) == [2, 1, 0, 0, 1]


def test_a_month_is_shown_unless_asked_otherwise() -> None:
    assert forecast({}, TODAY) == [0] * 30
    assert forecast({"a": due_in(0)}, TODAY, days=0) == []


def test_suspended_cards_do_not_count_and_buried_ones_do_when_they_are_back() -> None:
    standings = {
        "away": due_in(0, suspended=True),
        "tomorrow": due_in(-3, buried=1),
        "long back": due_in(2, buried=-9),
    }
    assert forecast(standings, TODAY, days=3) == [0, 1, 1]
