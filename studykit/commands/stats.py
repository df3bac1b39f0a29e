"""`studykit stats`: what was learned, and how well it holds."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from studykit.commands._shared import add_at, add_decks, add_json, open_study, print_json, print_table
from studykit.wording import counted, printable

if TYPE_CHECKING:
    from studykit.statistics import Retention, Statistics

EXAMPLE = "studykit stats --json"

_BAR = 30
_HEIGHT = 5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `stats` takes."""
    add_decks(parser)
    add_at(parser)
    add_json(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the statistics of the chosen decks."""
    study, at = open_study(arguments)
    with study:
        found = study.statistics(at, arguments.decks)
        forecast = study.forecast(at, arguments.decks)
        today = study.calendar.day_of(at)
    if arguments.json:
        from studykit.statistics import as_json

        print_json(as_json(found) | {"forecast": forecast})
    elif not found.answers:
        print("No answers yet. Start with `studykit review`.")
    else:
        _print(found, forecast, today)
    return 0


def _print(found: "Statistics", forecast: Sequence[int], today: date) -> None:
    from studykit.tui.grades import duration_text

    time = duration_text(found.seconds)
    streaks = f"streak {found.streak} (longest {found.longest_streak})"
    given, days = counted(found.answers, "answer"), counted(len(found.days), "day")
    print(f"{given} on {days}, {time}, {streaks}")
    cards = ", ".join(f"{count} {name}" for name, count in found.cards.items() if count)
    print(f"cards: {cards}\n")
    _print_year(found, today)
    print("\nTrue retention: of the cards that were due, how many were still known")
    print_table(_by_interval(found), ("interval", "reviews", "known", ""))
    print()
    print_table(_by_period(found), ("period", "young", "of", "mature", "of", "all", "of"))
    print()
    rows = [
        (kind, *(by.get(grade, 0) for grade in range(6)), _time(found, kind))
        for kind, by in found.grades.items()
    ]
    print_table(rows, ("kind", "0", "1", "2", "3", "4", "5", "time"))
    _print_forecast(forecast)
    if found.hardest:
        print("\nForgotten most often:")
        for hard in found.hardest:
            leech = "  leech" if hard.leech else ""
            print(printable(f"  {hard.lapses:3d} of {hard.reviews:3d}  {hard.card}{leech}"))


def _print_year(found: "Statistics", today: date) -> None:
    from studykit.tui.text.plots import SHADES, level, months, quartiles, year

    limits = quartiles(list(found.days.values()))
    print(f"     {months(today, 1)}")
    for name, row in zip(("Mon", "", "Wed", "", "Fri", "", "Sun"), year(found.days, today), strict=True):
        cells = "".join(" " if count is None else SHADES[level(count, limits)] for count in row)
        print(f"{name:<4} {cells}".rstrip())


def _by_interval(found: "Statistics") -> Iterator[tuple[object, ...]]:
    from studykit.tui.text.plots import bar

    for first, last, kept in found.by_interval:
        name = f"{first} d" if first == last else f"{first}+ d" if last is None else f"{first}-{last} d"
        share = kept.share
        yield name, kept.reviews, _percent(kept), "" if share is None else "".join(bar(share, _BAR))


def _by_period(found: "Statistics") -> Iterator[tuple[object, ...]]:
    for name, ages in found.by_period.items():
        cells = [
            cell for age in ("young", "mature", "all") for cell in (_percent(ages[age]), ages[age].reviews)
        ]
        yield name.replace("_", " "), *cells


def _percent(kept: "Retention") -> str:
    return "" if kept.share is None else f"{kept.share:.0%}"


def _time(found: "Statistics", kind: str) -> str:
    from studykit.tui.grades import duration_text

    return duration_text(found.time_by_kind.get(kind, 0))


def _print_forecast(forecast: Sequence[int]) -> None:
    from studykit.tui.text.plots import columns

    print(f"\nDue today {forecast[0]}, in the next 7 days {sum(forecast[:7])}, in 30 days {sum(forecast)}")
    if any(forecast):
        for line in columns([n for n in forecast for _ in range(2)], _HEIGHT):
            print(f"  {line}".rstrip())
        print("  " + "today".ljust(2 * len(forecast) - 8) + f"+{len(forecast) - 1} days")
