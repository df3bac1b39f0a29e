"""`studykit stats`: what was learned, and how well it holds."""

import argparse
from collections.abc import Sequence

from studykit.commands._shared import add_at, add_decks, add_json, open_study, print_json, print_table
from studykit.wording import printable

EXAMPLE = "studykit stats --json"

SHOWN_DAYS = 14
BAR = 40


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
    if arguments.json:
        print_json(
            {
                "answers": found.answers,
                "seconds": round(found.seconds, 3),
                "streak": found.streak,
                "days": {day.isoformat(): count for day, count in found.days.items()},
                "retention": {
                    name: {"reviews": kept.reviews, "passed": kept.passed}
                    for name, kept in found.retention.items()
                },
                "grades": {
                    kind: {str(grade): n for grade, n in by.items()} for kind, by in found.grades.items()
                },
                "hardest": [{"card": card, "lapses": lapses} for card, lapses in found.hardest],
                "forecast": forecast,
            }
        )
        return 0
    if not found.answers:
        print("No answers yet. Start with `studykit review`.")
        return 0
    minutes = f"{found.seconds / 60:.0f} min"
    print(f"{found.answers} answers on {len(found.days)} days, {minutes}, streak {found.streak}\n")
    _print_days(list(found.days.items())[-SHOWN_DAYS:])
    print()
    rows = [
        (name, kept.reviews, "" if kept.share is None else f"{kept.share:.0%}")
        for name, kept in found.retention.items()
    ]
    print_table(rows, ("due cards", "reviews", "known"))
    print()
    kinds = [(kind, *(by.get(grade, 0) for grade in range(6))) for kind, by in found.grades.items()]
    print_table(kinds, ("kind", "0", "1", "2", "3", "4", "5"))
    print(f"\nDue today {forecast[0]}, in the next 7 days {sum(forecast[:7])}, in 30 days {sum(forecast)}")
    if found.hardest:
        print("\nForgotten most often:")
        for card, lapses in found.hardest:
            print(printable(f"  {lapses:3d}  {card}"))
    return 0


def _print_days(days: Sequence[tuple[object, int]]) -> None:
    most = max(count for _, count in days)
    for day, count in days:
        print(f"{day}  {'█' * max(1, round(BAR * count / most))} {count}")
