"""Plots of plain characters, drawn out."""

from datetime import date

import pytest

from studykit.tui.text.plots import bar, columns, level, months, quartiles, spark, year


@pytest.mark.parametrize(
    ("share", "drawn"),
    [(0, "╌╌╌╌╌╌╌╌╌╌"), (0.5, "━━━━━╌╌╌╌╌"), (1, "━━━━━━━━━━"), (1.2, "━━━━━━━━━━"), (-1, "╌╌╌╌╌╌╌╌╌╌")],
)
def test_a_bar_is_as_long_as_its_share(share, drawn):
    assert "".join(bar(share, 10)) == drawn


def test_a_spark_shows_whatever_is_above_nothing():
    assert spark([0, 1, 50, 100]) == "·▁▄█"
    assert spark([0, 0]) == "··"
    assert spark([]) == ""


def test_columns_stand_on_the_ground():
    assert columns([0, 1, 8, 16], 2) == ["   █", " ▁██"]
    assert columns([0.001, 1000], 2) == [" █", "▁█"]
    assert columns([0, 0], 2) == ["  ", "  "]
    assert columns([], 2) == ["", ""]


def test_shades_are_quarters_of_the_days_studied():
    limits = quartiles([0, 1, 2, 3, 4, 5, 6, 7, 8])
    assert limits == (3, 5, 7)
    assert [level(count, limits) for count in (0, 1, 3, 4, 5, 6, 7, 8)] == [0, 1, 1, 2, 2, 3, 3, 4]
    assert quartiles([]) == (1, 1, 1)


def test_a_year_is_53_weeks_from_monday_and_ends_today():
    rows = year({date(2026, 3, 2): 7, date(2025, 3, 3): 1}, date(2026, 3, 3))
    assert [len(row) for row in rows] == [53] * 7
    assert [row[-1] for row in rows] == [7, 0, None, None, None, None, None]
    assert rows[0][0] == 1


def test_months_stand_above_their_first_monday():
    assert months(date(2026, 3, 3), 1) == "Mar  Apr May Jun  Jul Aug Sep  Oct Nov Dec  Jan Feb"
    assert months(date(2026, 3, 3), 2).split() == [
        *("Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb"),
    ]
